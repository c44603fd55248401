"""Dead letters: events that were given up. They rest in `<queue>.dead` until the operator redelivers or discards them.

The functions take a live connection (`broker.open_connection`). Reading leaves a letter where it is.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import amqp
import msgspec

from infra.messaging.delivery import PREFIX, Delivery
from infra.messaging.event import HEADER_PREFIX
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.topology import DEAD

DIED = "the process died each time it was delivered"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator sees. Times are ISO texts in wall time, `body` is the event's JSON as it came."""

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


def count(connection: amqp.Connection, queue: str) -> int:
    """How many dead letters the handler queue `queue` has. Raises amqp.NotFound where there is no such queue."""
    with connection.channel() as channel:
        return channel.queue_declare(queue + DEAD, passive=True).message_count


def read(connection: amqp.Connection, queue: str, limit: int = 100) -> list[DeadLetter]:
    """The first `limit` dead letters of the handler queue `queue`, oldest first."""
    with _looking(connection, queue, limit) as (_, deliveries):
        return [_letter(delivery, queue) for delivery in deliveries]


def redeliver(connection: amqp.Connection, queue: str, ids: Sequence[str] | None = None, limit: int = 1000) -> int:
    """Send letters back to their queue as if they had never failed: the events `ids`, or all; how many.

    The event keeps its id. A letter leaves the dead letters only when the broker has confirmed it in the queue.
    """

    def again(publisher: Publisher, deliveries: list[Delivery]) -> dict[str, str]:
        return publisher.publish([_as_new(delivery, queue) for delivery in deliveries])

    return _settle(connection, queue, ids, limit, again)


def discard(connection: amqp.Connection, queue: str, ids: Sequence[str], limit: int = 1000) -> int:
    """Throw the events `ids` away for good; how many were there."""
    return _settle(connection, queue, ids, limit, lambda _publisher, _deliveries: {})


def _settle(
    connection: amqp.Connection,
    queue: str,
    ids: Sequence[str] | None,
    limit: int,
    send: Callable[[Publisher, list[Delivery]], dict[str, str]],
) -> int:
    with _looking(connection, queue, limit) as (channel, deliveries):
        meant = [delivery for delivery in deliveries if ids is None or delivery.key in ids]
        refused = send(Publisher(connection), meant)
        done = [delivery for delivery in meant if delivery.key not in refused]
        for delivery in done:
            channel.basic_ack(delivery.tag)
        return len(done)


@contextmanager
def _looking(connection: amqp.Connection, queue: str, limit: int) -> Iterator[tuple[amqp.Channel, list[Delivery]]]:
    """Letters taken from the queue; those not acknowledged go back to their place at the end of the block."""
    channel = connection.channel()
    try:
        deliveries: list[Delivery] = []
        while len(deliveries) < limit and (message := channel.basic_get(queue + DEAD)) is not None:
            deliveries.append(Delivery(message, queue + DEAD))
        yield channel, deliveries
    finally:
        channel.close()


def _as_new(delivery: Delivery, queue: str) -> Parcel:
    parcel = delivery.moved_to(queue)
    headers = {name: value for name, value in parcel.headers.items() if not name.startswith(PREFIX)}
    return msgspec.structs.replace(parcel, headers=headers)


def _letter(delivery: Delivery, queue: str) -> DeadLetter:
    headers, died = delivery.headers, _death(delivery.headers)
    return DeadLetter(
        id=str(headers.get(HEADER_PREFIX + "id", delivery.key)),
        type=str(headers.get(HEADER_PREFIX + "type", "")),
        subject=str(headers.get(HEADER_PREFIX + "subject", "")),
        queue=queue,
        reason=headers.get(PREFIX + "reason", "") if not died else DIED,
        attempts=int(headers.get(PREFIX + "attempts", 0)),
        handler=headers.get(PREFIX + "handler", ""),
        first_failed_at=headers.get(PREFIX + "first_failed_at", died),
        last_failed_at=headers.get(PREFIX + "last_failed_at", died),
        body=delivery.body.decode("utf-8", "replace"),
    )


def _death(headers: dict[str, Any]) -> str:
    """When the broker itself gave the letter up, as ISO text; empty where a handler did."""
    for death in headers.get("x-death", ()):
        if death.get("reason") == "delivery_limit" and not death.get("queue", "").endswith(DEAD):
            return death["time"].isoformat()
    return ""
