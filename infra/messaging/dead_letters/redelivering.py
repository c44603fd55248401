"""Redelivering dead letters: back to their queue, as if they had never failed."""

from collections.abc import Sequence

import amqp
import msgspec

from infra.messaging.dead_letters.letter import Choice, content_type, everything, is_unread, these
from infra.messaging.dead_letters.settling import settle
from infra.messaging.delivery import PREFIX, Delivery
from infra.messaging.publisher import Parcel
from infra.messaging.sealing import CannotOpen, Seal
from infra.messaging.unread import opened


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
    return settle(connection, queue, chosen, lambda delivery, _: _as_new(delivery, queue, seal))


def _as_new(delivery: Delivery, queue: str, seal: Seal | None) -> Parcel | None:
    """The message as it first came to `queue`; None where it cannot be had any more."""
    if not is_unread(delivery):
        parcel = delivery.moved_to(queue)
        headers = {name: value for name, value in parcel.headers.items() if not name.startswith(PREFIX)}
        return msgspec.structs.replace(parcel, headers=headers)
    try:
        contents = opened(content_type(delivery), delivery.body, seal)
    except (CannotOpen, ValueError):
        return None
    if contents.unreadable:
        return None
    return Parcel(
        contents.message_id or delivery.key,
        "",
        queue,
        contents.headers,
        contents.body,
        content_type=contents.content_type or "application/octet-stream",
        reply_to=contents.reply_to,
        correlation_id=contents.correlation_id,
    )
