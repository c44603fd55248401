"""The records of what was discarded: the letter, by whom, when and why, in a stream that nothing is taken out of."""

from collections.abc import Iterator

import amqp
import msgspec

from infra.messaging.dead_letters.letter import DeadLetter, content_type, letter_of
from infra.messaging.delivery import PREFIX, Delivery
from infra.messaging.publisher import Parcel
from infra.messaging.stream import messages_from

STREAM = "dead-letters.discarded"
STREAM_BYTES = 512 * 1024 * 1024


class Discarded(msgspec.Struct, frozen=True, kw_only=True):
    """The record of a letter that was discarded."""

    letter: DeadLetter
    because: str
    by: str
    at: str


def declare(connection: amqp.Connection) -> None:
    """Make sure that the stream is there."""
    with connection.channel() as channel:
        arguments = {"x-queue-type": "stream", "x-max-length-bytes": STREAM_BYTES}
        channel.queue_declare(STREAM, durable=True, auto_delete=False, arguments=arguments)


def record(delivery: Delivery, letter: DeadLetter, because: str, by: str, at: str) -> Parcel:
    """The record of `letter`, which `delivery` brought: the whole message with these marks, for the stream."""
    marks = {
        "reason": letter.reason,
        "first_failed_at": letter.first_failed_at,
        "last_failed_at": letter.last_failed_at,
        "queue": letter.queue,
        "discarded_because": because,
        "discarded_by": by,
        "discarded_at": at,
    }
    parcel = delivery.moved_to(STREAM)
    headers = parcel.headers | {PREFIX + name: value for name, value in marks.items()}
    return msgspec.structs.replace(parcel, headers=headers, content_type=content_type(delivery))


def discarded(connection: amqp.Connection) -> Iterator[Discarded]:
    """The records of all letters that were discarded, oldest first."""
    declare(connection)
    with messages_from(connection, STREAM, "first") as found:
        for one in found:
            yield _read(Delivery(one, STREAM))


def _read(delivery: Delivery) -> Discarded:
    headers = delivery.headers
    because, by, at = (str(headers.get(f"{PREFIX}discarded_{name}", "")) for name in ("because", "by", "at"))
    return Discarded(letter=letter_of(delivery, str(headers.get(PREFIX + "queue", ""))), because=because, by=by, at=at)
