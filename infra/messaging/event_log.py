"""The event log: every event that was published, in a durable RabbitMQ stream, for auditors and for rebuilding.

The relay copies what it publishes, a batch as one message (a *bundle*, one event per line of JSON), through an exchange
of the log's own: were the stream bound to the services' exchanges, no event would ever be without a queue, and
"nobody hears it" (`mandatory`) could not be noticed. The copy travels in the same pipelined batch and is confirmed
with it; an event leaves its outbox only when the log has it too. An event that was published twice stands in the log
twice, under one id. What is oldest goes when the log grows beyond its size or age.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import amqp
import msgspec

from infra.messaging.event import Envelope
from infra.messaging.publisher import Parcel
from infra.messaging.stream import last_message, messages_from

LOG = "event-log"  # the name of the exchange and of the stream
LONGEST_BUNDLE = 512 * 1024  # bytes, about
LOGGED_AT = "wenming_logged_at"  # header: milliseconds since 1970, wall time
REFUSED = "the event log did not take it"


class Retention(msgspec.Struct, frozen=True):
    """How much the log keeps: `bytes` at most, and nothing older than `age` (RabbitMQ's notation: 365D, 12h)."""

    bytes: int = 10 * 1024**3
    age: str = "365D"

    def arguments(self) -> dict[str, Any]:
        """The arguments of the stream. What is too old goes by whole segments, so those are small."""
        segment = max(min(self.bytes // 10, 100 * 1024**2), 64 * 1024)
        return {
            "x-queue-type": "stream",
            "x-max-length-bytes": self.bytes,
            "x-max-age": self.age,
            "x-stream-max-segment-size-bytes": segment,
        }


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it stands in the log: the attributes of its envelope and its body as JSON."""

    id: str
    type: str
    source: str
    time: datetime
    subject: str
    sequence: int
    cause: str
    dataversion: int
    body: msgspec.Raw

    def envelope(self) -> Envelope:
        """The envelope in which it was published."""
        attributes = {name: getattr(self, name) for name in self.__struct_fields__ if name != "body"}
        return Envelope(**attributes, mandatory=True, data=bytes(self.body))


class Logged(msgspec.Struct, frozen=True):
    """An entry, the offset of its bundle, and the (wall) time at which it was written."""

    entry: Entry
    offset: int
    at: datetime


class Bundle(msgspec.Struct, frozen=True):
    """A message for the log, and the ids of the events in it."""

    parcel: Parcel
    ids: list[str]


def declare(connection: amqp.Connection, retention: Retention | None = None) -> None:
    """Make sure that the log is there; one that exists keeps the retention with which it was made."""
    try:
        with connection.channel() as channel:
            channel.queue_declare(LOG, passive=True)
    except amqp.exceptions.NotFound:
        with connection.channel() as channel:
            arguments = (retention or Retention()).arguments()
            channel.queue_declare(LOG, durable=True, auto_delete=False, arguments=arguments)
    with connection.channel() as channel:
        channel.exchange_declare(LOG, "fanout", durable=True, auto_delete=False)
        channel.queue_bind(LOG, LOG)


def bundles(envelopes: Sequence[Envelope]) -> list[Bundle]:
    """The copies of `envelopes` for the log, in as few messages as is reasonable."""
    made: list[Bundle] = []
    lines: list[bytes] = []
    ids: list[str] = []
    size = 0
    for envelope in envelopes:
        lines.append(msgspec.json.encode(_entry(envelope)))
        ids.append(envelope.id)
        size += len(lines[-1])
        if size > LONGEST_BUNDLE:
            made.append(_bundle(lines, ids, len(made)))
            lines, ids, size = [], [], 0
    return [*made, _bundle(lines, ids, len(made))] if lines else made


def refusals(copied: Iterable[Bundle], refused: Mapping[str, str]) -> dict[str, str]:
    """Of what the broker refused (see Publisher.publish) the events: also those that the log alone did not take."""
    unlogged = {id: REFUSED for bundle in copied if bundle.parcel.key in refused for id in bundle.ids}
    return unlogged | {key: reason for key, reason in refused.items() if not key.startswith(_KEY)}


def read(
    connection: amqp.Connection, since: datetime | None = None, *, offset: int | None = None, follow: bool = False
) -> Iterator[Logged]:
    """What was written since `since` (wall time), or from the bundle at `offset` on, or all; oldest first.

    Ends where the log ends now, or never where it is to be followed: then what comes is given as it comes.
    """
    last = None if follow else _last(connection)
    if not follow and (last is None or (since and last.at < since) or (offset or 0) > last.offset):
        return
    start: Any = offset if offset is not None else (since.astimezone(UTC) if since else "first")
    start = "next" if follow and start == "first" else start
    with messages_from(connection, LOG, start, follow=True) as found:  # ends with the bundle that was the last
        for bundle in found:
            yield from (one for one in _entries(bundle) if since is None or one.at >= since)
            if last is not None and _offset(bundle) >= last.offset:
                return


def end(connection: amqp.Connection) -> int | None:
    """The offset of the last bundle, None where there is none."""
    last = _last(connection)
    return None if last is None else last.offset


_KEY = "event-log/"


def _entry(envelope: Envelope) -> Entry:
    attributes = {name: getattr(envelope, name) for name in Entry.__struct_fields__ if name != "body"}
    return Entry(**attributes, body=msgspec.Raw(envelope.data))


def _bundle(lines: list[bytes], ids: list[str], number: int) -> Bundle:
    now = int(datetime.now(UTC).timestamp() * 1000)
    parcel = Parcel(f"{_KEY}{number}", LOG, "", {LOGGED_AT: now}, b"\n".join(lines), content_type="application/jsonl")
    return Bundle(parcel, ids)


def _entries(bundle: amqp.Message) -> Iterator[Logged]:
    offset, at = _offset(bundle), _logged_at(bundle)
    for line in bytes(bundle.body).splitlines():
        yield Logged(msgspec.json.decode(line, type=Entry), offset, at)


def _offset(bundle: amqp.Message) -> int:
    return int(bundle.headers["x-stream-offset"])


def _logged_at(bundle: amqp.Message) -> datetime:
    return datetime.fromtimestamp(bundle.headers[LOGGED_AT] / 1000, UTC)


class _Last(msgspec.Struct, frozen=True):
    offset: int
    at: datetime


def _last(connection: amqp.Connection) -> _Last | None:
    bundle = last_message(connection, LOG)
    return None if bundle is None else _Last(_offset(bundle), _logged_at(bundle))
