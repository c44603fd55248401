"""A dead letter as the operator sees it, read from the message that rests in the queue; and how he chooses some."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from infra.messaging.delivery import PREFIX, Delivery
from infra.messaging.event import HEADER_PREFIX
from infra.messaging.topology import DEAD
from infra.messaging.unread import PACKED, SEALED

DIED = "the process died each time it was delivered"


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


Choice = Callable[[DeadLetter], bool]


def everything(_: DeadLetter) -> bool:
    """The choice of all letters."""
    return True


def these(ids: Iterable[str]) -> Choice:
    """The choice of the letters with these ids."""
    wanted = frozenset(ids)
    return lambda letter: letter.id in wanted


def letter_of(delivery: Delivery, queue: str) -> DeadLetter:
    """The letter that `delivery` is, given up for the handler queue `queue`."""
    headers, died, unread = delivery.headers, _death(delivery.headers), is_unread(delivery)
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


def content_type(delivery: Delivery) -> str:
    """What its message says that it is; empty where it says nothing."""
    return str(delivery.message.properties.get("content_type", ""))


def is_unread(delivery: Delivery) -> bool:
    """Whether it was not an event: then it rests packed, and sealed where there is a key."""
    return content_type(delivery) in (SEALED, PACKED)


def _death(headers: dict[str, Any]) -> str:
    """When the broker itself gave the letter up, as ISO text; empty where a handler did."""
    for death in headers.get("x-death", ()):
        if death.get("reason") == "delivery_limit" and not death.get("queue", "").endswith(DEAD):
            return death["time"].isoformat()
    return ""
