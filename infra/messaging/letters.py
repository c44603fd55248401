"""Letters: messages of systems outside, in whatever form those speak.

`@takes_in("north", "south", exchange="harbour")`: a service method that is called with the letters of the queues
`<service>.harbour.north` and `<service>.harbour.south`; senders publish to the topic exchange `harbour` with the
address as routing key. Delivery is as for events (consumer.py): at least once, failures are retried, an outage does not
count, what kills the process is handled alone. Three things differ, because nobody knows what a letter holds:

* The handler says of each whether it is what it claims to be: `letter.refuse(reason)` sends it to the dead letters.
* Whenever a letter is sent on (delayed, alone, dead) it is sealed whole, as what is not an event is (unread.py).
* Its sender may be answered: `letter.answer(body)` goes to its `reply_to`, with its `correlation_id`.
"""

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import amqp
import msgspec
from nameko.extensions import register_entrypoint

from infra.messaging.consumer import Plan
from infra.messaging.delivery import MARKS, PREFIX, Delivery
from infra.messaging.event import Event, Undecodable
from infra.messaging.publisher import Parcel
from infra.messaging.queue_entrypoint import QueueEntrypoint
from infra.messaging.rebuild import Projection
from infra.messaging.retry import RetryPolicy
from infra.messaging.sealing import CannotOpen, Seal
from infra.messaging.topology import ConsumerQueue
from infra.messaging.unread import PACKED, SEALED, Contents, closed, contents_of, opened
from infra.settings import RETRY_DELAYS

F = TypeVar("F", bound=Callable[..., Any])
# Whoever may send a letter says where the answer goes. It must not go into a queue of somebody else's.
SENDERS_OWN = ("amq.rabbitmq.reply-to.", "amq.gen-")
_MARKS = frozenset(PREFIX + mark for mark in MARKS)


class Letter:
    """What a handler gets: a message as it came to `address`. `headers` are those that are text or whole numbers."""

    def __init__(self, address: str, contents: Contents) -> None:
        self.address = address
        self.headers = {str(name): str(value) for name, value in contents.headers.items() if value is not None}
        self.body, self.content_type = contents.body, contents.content_type
        self.refusal, self.answered = "", b""

    def refuse(self, reason: str) -> None:
        """It goes to the dead letters, sealed, as soon as the handler has returned. `reason` must quote nothing."""
        self.refusal = reason

    def answer(self, body: bytes) -> None:
        """Send this JSON to its sender, if he wants to hear, as soon as the handler has returned."""
        self.answered = body


def takes_in(
    *addresses: str,
    exchange: str,
    batch: int = 50,
    prefetch: int = 50,
    retry: RetryPolicy = RetryPolicy(),  # noqa: B008
) -> Callable[[F], F]:
    """Have the decorated method called with lists of at most `batch` letters, all of one of these `addresses`.

    Where that call raises, every letter is handed in again as a list of one. `prefetch` is how many are in hand at
    most, and never less than two batches.
    """

    def register(method: F) -> F:
        for address in addresses:
            register_entrypoint(method, Letterbox(address, exchange, max(2, batch), prefetch, retry))
        return method

    return register


class Letterbox(QueueEntrypoint):
    """The entrypoint behind one address of `@takes_in`."""

    events: tuple[type[Event], ...] = ()
    rebuild: Projection | None = None
    rehears = False

    def __init__(self, address: str, exchange: str, batch: int, prefetch: int, retry: RetryPolicy) -> None:
        super().__init__(batch)
        self.address, self.exchange, self.prefetch, self.retry = address, exchange, prefetch, retry
        self.queue = f"{exchange}.{address}"

    def consumer_queue(self, service: str, delays: tuple[int, ...] = RETRY_DELAYS) -> ConsumerQueue:
        """See QueueEntrypoint."""
        own = self.retry.delays
        outside = ((self.exchange, self.address),)
        return ConsumerQueue(f"{service}.{self.queue}", (), tuple(delays) if own is None else own, outside)

    def plan(self) -> Plan:
        """See QueueEntrypoint."""
        seal = self.seal
        return Plan(
            handler=self.full_name,
            queue=self.own_queue,
            kinds={},
            policy=self.retry,
            batch=self.batch,
            prefetch=self.prefetch,
            seal=seal,
            delivery=partial(LetterDelivery.of, self.address, f"{self.exchange}.answers.{self.address}", seal),
        )


class LetterDelivery(Delivery, kw_only=True):
    """One delivery of a letter; `answers` is the queue (and the beginning of queues) that may take its answer."""

    address: str
    answers: str
    seal: Seal | None
    own_key: str
    contents: Contents | None = None

    @staticmethod
    def of(address: str, answers: str, seal: Seal | None, message: amqp.Message, queue: str) -> "LetterDelivery":
        """The delivery of `message` from `queue`."""
        key = f"letter/{uuid.uuid4().hex}"
        return LetterDelivery(message=message, queue=queue, address=address, answers=answers, seal=seal, own_key=key)

    @property
    def key(self) -> str:
        """An id of our own: what a stranger calls it may say who he is."""
        return self.own_key if self.in_clear else str(self.message.properties.get("message_id") or self.own_key)

    @property
    def in_clear(self) -> bool:
        """See Delivery."""
        return self.message.properties.get("content_type") not in (SEALED, PACKED)

    @property
    def failures(self) -> int:
        """See Delivery; what a stranger says of it does not count."""
        return 0 if self.in_clear else super().failures

    def read(self, kinds: Mapping[str, type[Event]]) -> None:
        """Open it where it is sealed. Raises Undecodable where it cannot be opened."""
        try:
            self.contents = contents_of(self) if self.in_clear else self._opened()
        except (CannotOpen, ValueError, msgspec.DecodeError) as error:
            raise Undecodable("it is sealed, and does not open") from error
        self.received = Letter(self.address, self.contents)

    @property
    def refusal(self) -> str:
        """See Delivery."""
        return str(self.received.refusal) if self.received is not None else ""

    def answer(self) -> Parcel | None:
        """See Delivery. None where the sender named no queue of his own."""
        if self.contents is None or not self.received.answered or not self._may_be_answered(self.contents.reply_to):
            return None
        to, about = self.contents.reply_to, self.contents.correlation_id
        return Parcel(self.key, "", to, {}, self.received.answered, mandatory=False, correlation_id=about)

    def _may_be_answered(self, to: str) -> bool:
        return to.startswith((*SENDERS_OWN, self.answers + ".")) or to == self.answers

    def _opened(self) -> Contents:
        return opened(str(self.message.properties["content_type"]), self.body, self.seal)

    def _parcel(self, exchange: str, routing_key: str, marks: dict[str, Any]) -> Parcel:
        body, kind = self.body, str(self.message.properties.get("content_type"))
        kept = {} if self.in_clear else {name: value for name, value in self.headers.items() if name in _MARKS}
        if self.in_clear:
            body, kind = closed(contents_of(self), self.seal)
        headers = kept | {PREFIX + name: value for name, value in marks.items()}
        return Parcel(self.key, exchange, routing_key, headers, body, content_type=kind)
