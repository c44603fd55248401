"""One delivery of an event to a handler's queue, and the letters by which it travels on when it was not handled.

Our own headers, beside those of the event: `wenming_attempts` (how often a handler raised), `wenming_first_failed_at`,
`wenming_last_failed_at` (ISO, wall time), `wenming_reason`, `wenming_handler`, `wenming_queue`, and `wenming_detail`,
the text of the exception, sealed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import amqp
import msgspec

from infra.messaging.event import ATTRIBUTES, Envelope, Event, unseal
from infra.messaging.publisher import Parcel
from infra.messaging.retry import is_outage
from infra.messaging.topology import delay_of

PREFIX = "wenming_"
LONGEST_REASON = 2000  # characters: headers must fit into one frame, or the broker closes the connection
MARKS = ("attempts", "first_failed_at", "last_failed_at", "reason", "handler", "queue", "detail")
# Everything else stays behind: x-delivery-count, x-death and their like tell of the queue that a message is in, and
# what a stranger wrote beside the attributes is nobody's business.
_KEPT = frozenset({*ATTRIBUTES, *(PREFIX + mark for mark in MARKS)})


class Delivery(msgspec.Struct):
    """A message as it was received from `queue`; `received` is what the handler gets, once `read` was called."""

    NOTHING: ClassVar[dict[str, Any]] = {}

    message: amqp.Message
    queue: str
    received: Any = None

    def read(self, kinds: Mapping[str, type[Event]]) -> None:
        """Decode it: an event, one of `kinds`. Raises Undecodable."""
        self.received = unseal(Envelope.from_message(self.headers, self.body), kinds)

    @property
    def tag(self) -> int:
        """The delivery tag, by which it is acknowledged."""
        return self.message.delivery_info["delivery_tag"]

    @property
    def headers(self) -> dict[str, Any]:
        """All headers."""
        return self.message.headers or self.NOTHING

    @property
    def key(self) -> str:
        """The id of the event, or of the message where it is not an event."""
        if self.received is not None:
            return str(self.received.envelope.id)
        return str(self.message.properties.get("message_id") or f"{self.queue}:{self.tag}")

    @property
    def returns(self) -> int:
        """How often it came back to the queue unacknowledged, as the broker counts."""
        count = self.headers.get("x-delivery-count", 0)
        return count if isinstance(count, int) else 0

    @property
    def failures(self) -> int:
        """How often a handler raised on it."""
        attempts = self.headers.get(PREFIX + "attempts", 0)
        return max(0, attempts) if isinstance(attempts, int) else 0

    @property
    def refusal(self) -> str:
        """Why the handler, which did not raise, would not have it: then it goes to the dead letters. Empty for none."""
        return ""

    @property
    def in_clear(self) -> bool:
        """Whether it holds what must not become a dead letter as it is. Events never do."""
        return False

    def answer(self) -> Parcel | None:
        """What the handler answered to its sender."""
        return None

    @property
    def body(self) -> bytes:
        """The body as bytes (py-amqp decodes it where the message names an encoding)."""
        body = self.message.body
        return body.encode() if isinstance(body, str) else bytes(body)

    def moved_to(self, queue: str) -> Parcel:
        """The same, for another queue."""
        return self._parcel("", queue, {})

    def delayed(self, milliseconds: int, error: BaseException) -> Parcel:
        """To come back to its queue after a while."""
        return self._parcel(delay_of(milliseconds), self.queue, self._failed(error))

    def dead(self, queue: str, reason: str, handler: str, failures: int, detail: str = "") -> Parcel:
        """For the dead letters, with everything that the operator wants to know; `detail` is sealed."""
        now = _now()
        marks = {
            "reason": reason[:LONGEST_REASON],
            "handler": handler,
            "queue": self.queue.removesuffix(".alone"),
            "attempts": failures,
            **({"detail": detail} if detail else {}),
        }
        first = self.headers.get(PREFIX + "first_failed_at", now)
        return self._parcel("", queue, marks | {"first_failed_at": first, "last_failed_at": now})

    def _failed(self, error: BaseException) -> dict[str, Any]:
        now = _now()
        first = self.headers.get(PREFIX + "first_failed_at", now)
        marks = {"attempts": self.failures + (not is_outage(error)), "first_failed_at": first, "last_failed_at": now}
        return marks | {"reason": type(error).__name__}

    def _parcel(self, exchange: str, routing_key: str, marks: dict[str, Any]) -> Parcel:
        kept = {name: value for name, value in self.headers.items() if name in _KEPT and isinstance(value, str | int)}
        headers = kept | {PREFIX + name: value for name, value in marks.items()}
        return Parcel(self.key, exchange, routing_key, headers, self.body)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
