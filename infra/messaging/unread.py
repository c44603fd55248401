"""Letters of messages that are not events: random bytes, an unknown version, a body that does not decode.

Nobody knows what is in them, so the whole message (headers and body) is sealed: only its queue, the reason and the
times can be read. Attributes are kept in sight where they are those of an event of this queue, and fit one another.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from infra.messaging.delivery import PREFIX, Delivery
from infra.messaging.event import Envelope, Event, Undecodable
from infra.messaging.incoming import UNREADABLE
from infra.messaging.publisher import Parcel
from infra.messaging.sealing import Seal

SEALED = "application/vnd.wenming.sealed"  # content type of a sealed message
PACKED = "application/vnd.wenming.packed"  # the same where there is no key to seal it with
_LONGEST = 200  # characters of an attribute
_PROPERTIES = ("content_type", "content_encoding", "message_id", "reply_to", "correlation_id")


class Contents(msgspec.Struct, frozen=True):
    """A message as it came. `headers` are its headers as far as they are plain; `unreadable` those that are not."""

    body: bytes
    headers: dict[str, Any]
    content_type: str
    content_encoding: str
    message_id: str
    unreadable: bytes = b""
    reply_to: str = ""
    correlation_id: str = ""


def unread_letter(
    delivery: Delivery, reason: str, handler: str, queue: str, kinds: Mapping[str, type[Event]], seal: Seal | None
) -> Parcel:
    """The letter for the dead letters of `queue` about a message that could not be decoded, and `reason`."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    body, content_type = closed(contents_of(delivery), seal)
    attributes = _attributes(delivery, kinds)
    marks = {
        "reason": reason,
        "handler": handler,
        "queue": queue,
        "attempts": delivery.failures,
        "first_failed_at": now,
        "last_failed_at": now,
    }
    return Parcel(
        key=attributes.get("cloudEvents_id") or f"unread/{uuid.uuid4().hex}",
        exchange="",
        routing_key=queue + ".dead",
        headers=attributes | {PREFIX + name: value for name, value in marks.items()},
        body=body,
        content_type=content_type,
    )


def closed(contents: Contents, seal: Seal | None) -> tuple[bytes, str]:
    """The body and the content type of a message that holds `contents` where nobody can read them."""
    packed = msgspec.msgpack.encode(contents)
    return (seal.close(packed), SEALED) if seal else (packed, PACKED)


def opened(content_type: str, body: bytes, seal: Seal | None) -> Contents:
    """What is in a letter of these. Raises CannotOpen (see sealing.py); ValueError where it is sealed and no key is."""
    if content_type == SEALED:
        if seal is None:
            raise ValueError("the letter is sealed and this instance has no master key")
        body = seal.open(body)
    return msgspec.msgpack.decode(body, type=Contents)


def contents_of(delivery: Delivery) -> Contents:
    """The message of `delivery` as it came."""
    properties = delivery.message.properties
    texts = {name: _text(properties.get(name)) for name in _PROPERTIES}
    raw = delivery.headers.get(UNREADABLE, b"")
    headers = {name: value for name, value in delivery.headers.items() if _plain(name) and _plain(value)}
    return Contents(delivery.body, headers, **texts, unreadable=raw if isinstance(raw, bytes) else b"")


def _attributes(delivery: Delivery, kinds: Mapping[str, type[Event]]) -> dict[str, Any]:
    try:
        envelope = Envelope.from_message(delivery.headers, b"")
    except Undecodable:
        return {}
    fitting = envelope.id == f"{envelope.source}/{envelope.subject}#{envelope.sequence}"
    ours = envelope.type in kinds and kinds[envelope.type].source == envelope.source
    short = max(len(envelope.id), len(envelope.cause)) <= _LONGEST
    return envelope.headers() if fitting and ours and short else {}


def _plain(value: object) -> bool:
    """Whether it can be packed and published again."""
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    return value is None or (isinstance(value, int) and -(2**63) <= value < 2**63)


def _text(value: object) -> str:
    return value if isinstance(value, str) and _plain(value) else ""
