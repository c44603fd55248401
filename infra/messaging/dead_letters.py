"""Dead letters: messages that were given up. They rest in `<queue>.dead` until somebody redelivers or discards them.

The functions take a live connection (`broker.open_connection`) and the name of a handler's queue. Looking leaves a
letter where it is, in its order; while somebody looks, nobody else sees the letters that he holds. A letter leaves only
when the broker has confirmed its copy: in the handler's queue, or in the stream `dead-letters.discarded`.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import amqp
import msgspec

from infra.messaging.delivery import PREFIX, Delivery
from infra.messaging.event import HEADER_PREFIX
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.sealing import CannotOpen, Seal, opened_text
from infra.messaging.stream import messages_from
from infra.messaging.topology import DEAD
from infra.messaging.unread import PACKED, SEALED, Contents, opened

DIED = "the process died each time it was delivered"
DISCARDED = "dead-letters.discarded"  # a stream: what was discarded, by whom, and why; nothing is ever taken out of it
DISCARDED_BYTES = 512 * 1024 * 1024
A_FEW = 8  # letters that are put back together; beyond 32 RabbitMQ collects them and loses their order
AT_ONCE = 200  # letters in memory at a time
COME_BACK = 2.0  # seconds at most until a few letters are back in their queue


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator sees. Times are ISO texts in wall time.

    `body` is the event's JSON as it came; it is empty where the message was not an event (`unread`): what it held is
    sealed, and `raw` opens it. Such a letter has an id of its own, and a type and subject only if they can be trusted.
    """

    id: str
    type: str
    subject: str
    queue: str
    reason: str
    attempts: int
    handler: str
    first_failed_at: str
    last_failed_at: str
    body: str
    unread: bool = False


class Discarded(msgspec.Struct, frozen=True, kw_only=True):
    """The record of a letter that was discarded."""

    letter: DeadLetter
    because: str
    by: str
    at: str


Choice = Callable[[DeadLetter], bool]


def everything(_: DeadLetter) -> bool:
    """The choice of all letters."""
    return True


def these(ids: Iterable[str]) -> Choice:
    """The choice of the letters with these ids."""
    wanted = frozenset(ids)
    return lambda letter: letter.id in wanted


def count(connection: amqp.Connection, queue: str) -> int:
    """How many dead letters the handler queue `queue` has. Raises amqp.NotFound where there is no such queue."""
    with connection.channel() as channel:
        return channel.queue_declare(queue + DEAD, passive=True).message_count


def read(connection: amqp.Connection, queue: str, limit: int | None = None) -> list[DeadLetter]:
    """The dead letters of the handler queue `queue` (the first `limit`), oldest first."""
    return sorted(each(connection, queue), key=_given_up)[:limit]


def each(connection: amqp.Connection, queue: str) -> Iterator[DeadLetter]:
    """The dead letters of the handler queue `queue` as they lie there, `AT_ONCE` in memory, each such page oldest
    first. They are held until the iterator ends: close it (contextlib.closing)."""
    with _looking(connection, queue) as (_, deliveries):
        while page := list(islice(deliveries, AT_ONCE)):
            yield from (_letter(delivery, queue) for delivery in _in_order(page, queue))


def raw(
    connection: amqp.Connection, queue: str, id: str, seal: Seal | None
) -> tuple[DeadLetter, Contents | None, str] | None:
    """The letter `id`, what it holds if it was not an event, and what the exception said (empty: not kept).

    None where there is no such letter. Raises CannotOpen, and ValueError where there is no key.
    """
    with _looking(connection, queue) as (_, deliveries):
        found = [one for one in deliveries if _letter(one, queue).id == id]
    if not found:
        return None
    letter, detail = _letter(found[0], queue), found[0].headers.get(PREFIX + "detail", "")
    contents = opened(_content_type(found[0]), found[0].body, seal) if letter.unread else None
    return letter, contents, opened_text(seal, detail) if detail and seal else ""


def redeliver(
    connection: amqp.Connection,
    queue: str,
    ids: Sequence[str] | None = None,
    *,
    choice: Choice | None = None,
    seal: Seal | None = None,
) -> int:
    """Send letters back to their queue as if they had never failed: the events `ids`, or those of `choice`, or all.

    Returns how many. The event keeps its id. A letter that cannot be opened (with `seal`) stays where it is.
    """
    chosen = choice or (everything if ids is None else these(ids))
    return _settle(connection, queue, chosen, lambda delivery: _as_new(delivery, queue, seal))


def discard(
    connection: amqp.Connection,
    queue: str,
    ids: Sequence[str],
    *,
    reason: str,
    by: str = "",
) -> int:
    """Take the letters `ids` away for good, with a record of them; how many were there.

    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a letter is not discarded without a reason")
    _declare_discarded(connection)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    marks = {"queue": queue, "discarded_because": reason, "discarded_by": by, "discarded_at": now}
    return _settle(connection, queue, these(ids), lambda delivery: _record(delivery, queue, marks))


def discarded(connection: amqp.Connection) -> Iterator[Discarded]:
    """The records of all letters that were discarded, oldest first."""
    _declare_discarded(connection)
    with messages_from(connection, DISCARDED, "first") as records:
        for record in records:
            yield _discarded(Delivery(record, DISCARDED))


def _settle(
    connection: amqp.Connection, queue: str, choice: Choice, parcel_of: Callable[[Delivery], Parcel | None]
) -> int:
    """Publish a parcel for every chosen letter; those that the broker has confirmed are removed. How many."""
    publisher = Publisher(connection)
    with _looking(connection, queue) as (held, deliveries):
        chosen = [one for one in _in_order(deliveries, queue) if choice(_letter(one, queue))]
        meant = [(one, parcel) for one in chosen if (parcel := parcel_of(one)) is not None]
        groups = [meant[start : start + AT_ONCE] for start in range(0, len(meant), AT_ONCE)]
        return sum(_move(held, queue, publisher, group) for group in groups)


def _in_order(deliveries: Iterable[Delivery], queue: str) -> list[Delivery]:
    """By the time at which they were given up: the broker may have mixed up letters that were looked at before."""
    return sorted(deliveries, key=lambda delivery: _given_up(_letter(delivery, queue)))


def _given_up(letter: DeadLetter) -> str:
    return letter.last_failed_at


def _move(held: "_Held", queue: str, publisher: Publisher, meant: list[tuple[Delivery, Parcel]]) -> int:
    refused = publisher.publish([parcel for _, parcel in meant])
    confirmed = [delivery for delivery, parcel in meant if parcel.key not in refused]
    held.settle(confirmed, queue + DEAD)
    return len(confirmed)


@contextmanager
def _looking(connection: amqp.Connection, queue: str) -> "Iterator[tuple[_Held, Iterator[Delivery]]]":
    """The letters that are there now; those not settled go back at the end of the block.

    All are taken, also where the block ends before: the broker puts what is returned behind what was returned before,
    so only all keep their order.
    """
    channel = connection.channel()
    channel.auto_decode = False
    there: int = channel.queue_declare(queue + DEAD, passive=True).message_count
    held = _Held(channel)
    deliveries = _taken(held, queue, there)
    try:
        yield held, deliveries
    finally:
        deque(deliveries, maxlen=0)
        held.put_back(queue + DEAD)
        channel.close()


class _Held:
    """The letters that were taken and not settled."""

    def __init__(self, channel: amqp.Channel) -> None:
        self.channel, self.tags = channel, set[int]()

    def take(self, queue: str) -> amqp.Message | None:
        """The next letter of the queue."""
        message = self.channel.basic_get(queue)
        if message is not None:
            self.tags.add(message.delivery_tag)
        return message

    def put_back(self, queue: str) -> None:
        """Return all in their order, a few at a time: of many at once the broker loses the order."""
        tags = sorted(self.tags)
        others = self._count(queue) if tags else 0
        for start in range(0, len(tags), A_FEW):
            few = tags[start : start + A_FEW]
            for tag in few:
                self.channel.basic_reject(tag, requeue=True)
            end = time.monotonic() + COME_BACK
            while self._count(queue) < others + start + len(few) and time.monotonic() < end:
                time.sleep(0.001)

    def _count(self, queue: str) -> int:
        # On the same channel: while its process answers this, it also learns which of its returns are done.
        return int(self.channel.queue_declare(queue, passive=True).message_count)

    def settle(self, settled: Sequence[Delivery], queue: str) -> None:
        """Remove them; a few at a time too, for what is returned afterwards waits behind them."""
        for number, delivery in enumerate(settled, start=1):
            self.channel.basic_ack(delivery.tag)
            self.tags.discard(delivery.tag)
            if number % A_FEW == 0:
                self._count(queue)


def _taken(held: "_Held", queue: str, limit: int) -> Iterator[Delivery]:
    for _ in range(limit):
        message = held.take(queue + DEAD)
        if message is None:
            return
        yield Delivery(message, queue + DEAD)


def _as_new(delivery: Delivery, queue: str, seal: Seal | None) -> Parcel | None:
    """The message as it first came to `queue`; None where it cannot be had any more."""
    if not _is_unread(delivery):
        parcel = delivery.moved_to(queue)
        headers = {name: value for name, value in parcel.headers.items() if not name.startswith(PREFIX)}
        return msgspec.structs.replace(parcel, headers=headers)
    try:
        contents = opened(_content_type(delivery), delivery.body, seal)
    except (CannotOpen, ValueError):
        return None
    if contents.unreadable:
        return None
    content_type = contents.content_type or "application/octet-stream"
    return Parcel(
        contents.message_id or delivery.key,
        "",
        queue,
        contents.headers,
        contents.body,
        content_type=content_type,
        reply_to=contents.reply_to,
        correlation_id=contents.correlation_id,
    )


def _record(delivery: Delivery, queue: str, marks: dict[str, Any]) -> Parcel:
    parcel = delivery.moved_to(DISCARDED)
    letter = _letter(delivery, queue)
    told = {
        "reason": letter.reason,
        "first_failed_at": letter.first_failed_at,
        "last_failed_at": letter.last_failed_at,
    }
    headers = parcel.headers | {PREFIX + name: value for name, value in (told | marks).items()}
    return msgspec.structs.replace(parcel, headers=headers, content_type=_content_type(delivery))


def _declare_discarded(connection: amqp.Connection) -> None:
    with connection.channel() as channel:
        arguments = {"x-queue-type": "stream", "x-max-length-bytes": DISCARDED_BYTES}
        channel.queue_declare(DISCARDED, durable=True, auto_delete=False, arguments=arguments)


def _discarded(delivery: Delivery) -> Discarded:
    headers = delivery.headers
    because, by, at = (str(headers.get(f"{PREFIX}discarded_{name}", "")) for name in ("because", "by", "at"))
    return Discarded(letter=_letter(delivery, str(headers.get(PREFIX + "queue", ""))), because=because, by=by, at=at)


def _letter(delivery: Delivery, queue: str) -> DeadLetter:
    headers, died, unread = delivery.headers, _death(delivery.headers), _is_unread(delivery)
    return DeadLetter(
        id=str(headers.get(HEADER_PREFIX + "id", delivery.key)),
        type=str(headers.get(HEADER_PREFIX + "type", "")),
        subject=str(headers.get(HEADER_PREFIX + "subject", "")),
        queue=queue,
        reason=str(headers.get(PREFIX + "reason", "")) if not died else DIED,
        attempts=delivery.failures,
        handler=str(headers.get(PREFIX + "handler", "")),
        first_failed_at=str(headers.get(PREFIX + "first_failed_at", died)),
        last_failed_at=str(headers.get(PREFIX + "last_failed_at", died)),
        body="" if unread else delivery.body.decode("utf-8", "replace"),
        unread=unread,
    )


def _content_type(delivery: Delivery) -> str:
    return str(delivery.message.properties.get("content_type", ""))


def _is_unread(delivery: Delivery) -> bool:
    return _content_type(delivery) in (SEALED, PACKED)


def _death(headers: dict[str, Any]) -> str:
    """When the broker itself gave the letter up, as ISO text; empty where a handler did."""
    for death in headers.get("x-death", ()):
        if death.get("reason") == "delivery_limit" and not death.get("queue", "").endswith(DEAD):
            return death["time"].isoformat()
    return ""
