"""The consumer of one queue: one connection, one (green) thread that alone reads and writes it.

It takes what is there, lets the handler work, sends on what failed (with confirm) and only then acknowledges.
A queue that is slow delays no other queue.
"""

import logging
import queue as queues
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import amqp
import msgspec

from infra.messaging import broker
from infra.messaging.delivery import Delivery
from infra.messaging.event import Event, Undecodable
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.reasons import reason_of
from infra.messaging.retry import RetryPolicy
from infra.messaging.sealing import Seal, sealed_text
from infra.messaging.topology import SEEN_TWICE, ConsumerQueue, declare
from infra.messaging.unread import unread_letter

PATIENCE = 0.5  # seconds to wait for a first message before looking whether to stop
CONCURRENCY = 8  # calls of a handler at the same time, where it takes events one by one

# Calls the handler with what these deliveries hold (a Received, or a Letter), in a (green) thread of its own, and
# reports None or the exception that it raised.
Call = Callable[[Sequence[Any], Callable[[BaseException | None], None]], None]

log = logging.getLogger(__name__)


class Plan(msgspec.Struct, frozen=True):
    """How a queue is consumed. `delivery` makes of a message and the name of its queue what is handled."""

    handler: str
    queue: ConsumerQueue
    kinds: Mapping[str, type[Event]]
    policy: RetryPolicy
    batch: int = 1
    prefetch: int = 50
    pace: float = 0.0  # seconds from one call to the next, in which events gather
    seal: Seal | None = None
    delivery: Callable[[amqp.Message, str], Delivery] = Delivery

    @property
    def in_hand(self) -> int:
        """How many messages are in hand at most: with batches, the next one arrives while one is handled."""
        return self.prefetch if self.batch == 1 else max(self.prefetch, 2 * self.batch)


class Consumer:
    """Consumes the queue of `plan` and its `.alone` companion from the broker at `amqp_url`, calling `call`."""

    def __init__(self, amqp_url: str, plan: Plan, call: Call) -> None:
        self._url, self._plan, self._call = amqp_url, plan, call
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask it to finish what it has begun and end."""
        self._stopping.set()

    def run(self) -> None:
        """Consume until stopped; a lost connection is opened again, and what was in hand comes back."""
        while not self._stopping.is_set():
            connection = broker.connect(self._url, self._plan.queue.name, self._stopping)
            try:
                if connection is not None:
                    _Rounds(connection, self._plan, self._call, self._stopping).repeat()
            except broker.LOST as error:
                broker.say_lost(self._plan.queue.name, error)
                self._stopping.wait(0.2)
            finally:
                broker.close(connection)


class _Rounds:
    """What is done again and again on one live connection."""

    def __init__(self, connection: amqp.Connection, plan: Plan, call: Call, stopping: threading.Event) -> None:
        self._connection, self._plan, self._call, self._stopping = connection, plan, call, stopping
        self._inbox: list[Delivery] = []
        self._next_call = 0.0
        self._all_up_to = 0  # every delivery up to this tag is acknowledged,
        self._settled: set[int] = set()  # and these beyond it
        self._channel = connection.channel()
        self._channel.auto_decode = False  # a body is bytes, whatever encoding its sender claims
        declare(self._channel, plan.queue)
        self._publisher = Publisher(connection)
        self._consume(plan.queue.name, plan.in_hand)
        self._consume(plan.queue.alone, 1)

    def repeat(self) -> None:
        """Rounds until the consumer is stopped."""
        while not self._stopping.is_set():
            ready = [delivery for delivery in self._take() if self._is_ready(delivery)]
            crowd = [delivery for delivery in ready if delivery.queue == self._plan.queue.name]
            for group in _groups(crowd, self._plan.batch):
                self._handle_group(group)
            self._handle([delivery for delivery in ready if delivery.queue == self._plan.queue.alone])
            self._connection.heartbeat_tick()

    def _consume(self, queue: str, prefetch: int) -> None:
        self._channel.basic_qos(0, prefetch, False)
        deliver = self._plan.delivery
        self._channel.basic_consume(queue, callback=lambda message: self._inbox.append(deliver(message, queue)))

    def _take(self) -> list[Delivery]:
        """The first message (within PATIENCE) and all that is there with it, none where nothing comes."""
        self._read(0.0 if self._inbox else PATIENCE)
        if self._inbox:
            self._keep_pace()
        taken, self._inbox = self._inbox, []
        return taken

    def _read(self, patience: float) -> None:
        broker.take_what_is_there(self._connection, patience, lambda: len(self._inbox) >= self._plan.in_hand)

    def _keep_pace(self) -> None:
        """Let events gather where the last call was a moment ago, until a batch is full."""
        while (early := self._next_call - time.monotonic()) > 0 and not self._stopping.is_set():
            if len(self._inbox) >= self._plan.batch:
                break
            self._read(min(early, PATIENCE))
        self._next_call = time.monotonic() + self._plan.pace

    def _is_ready(self, delivery: Delivery) -> bool:
        """Decode it. One that is not to be handled now is sent where it belongs, and acknowledged."""
        try:
            delivery.read(self._plan.kinds)
        except Undecodable as error:
            self._send_on([(delivery, self._unread(delivery, f"not understood: {error}"))])
            return False
        suspect = delivery.queue == self._plan.queue.name and delivery.returns >= SEEN_TWICE
        if suspect or (delivery.queue == self._plan.queue.alone and delivery.in_clear):
            log.warning("%s was in flight twice when a process ended: it is handled alone", delivery.key)
            self._send_on([(delivery, delivery.moved_to(self._plan.queue.alone))])
            return False
        return True

    def _handle_group(self, group: list[Delivery]) -> None:
        """Call the handler once for all of them; where that fails, once for each."""
        if len(group) > 1 and self._plan.batch > 1:
            outcomes = self._called([group])
            if not outcomes or outcomes[0] is None:
                self._finish(group if outcomes else [])
                return
        self._handle(group)

    def _handle(self, deliveries: list[Delivery]) -> None:
        """Call the handler for each; acknowledge those that it handled, send on those on which it raised."""
        outcomes = self._called([[one] for one in deliveries])
        self._finish([deliveries[index] for index, error in outcomes.items() if error is None])
        failed = [(deliveries[index], error) for index, error in outcomes.items() if error is not None]
        self._send_on([(delivery, self._next(delivery, error)) for delivery, error in failed])

    def _finish(self, handled: list[Delivery]) -> None:
        """Send what the handler answered, move what it refused to the dead letters, acknowledge."""
        answers = [parcel for delivery in handled if (parcel := delivery.answer()) is not None]
        if answers and (lost := self._publisher.publish(answers)):
            log.warning("%d answers of %s found no taker: %s", len(lost), self._plan.queue.name, set(lost.values()))
        self._send_on([(one, self._refused(one)) for one in handled if one.refusal])
        self._acknowledge([one for one in handled if not one.refusal])

    def _refused(self, delivery: Delivery) -> Parcel:
        plan = self._plan
        log.error("%s goes to %s: %s", delivery.key, plan.queue.dead, delivery.refusal)
        return delivery.dead(plan.queue.dead, delivery.refusal, plan.handler, delivery.failures)

    def _called(self, calls: list[list[Delivery]]) -> dict[int, BaseException | None]:
        """Make every call, at most CONCURRENCY at a time; index of the call → what it raised.

        Once the consumer is stopping no further call is begun: those have no outcome, and their events go back.
        """
        done: queues.Queue[tuple[int, BaseException | None]] = queues.Queue()
        outcomes: dict[int, BaseException | None] = {}
        begun = 0
        while len(outcomes) < begun or (begun < len(calls) and not self._stopping.is_set()):
            if begun < len(calls) and begun - len(outcomes) < CONCURRENCY and not self._stopping.is_set():
                self._begin(begun, calls[begun], done)
                begun += 1
            else:
                outcomes.update(self._finished(done))
        return outcomes

    def _begin(
        self, index: int, deliveries: list[Delivery], done: "queues.Queue[tuple[int, BaseException | None]]"
    ) -> None:
        self._call([one.received for one in deliveries], lambda error: done.put((index, error)))

    def _finished(
        self, done: "queues.Queue[tuple[int, BaseException | None]]"
    ) -> list[tuple[int, BaseException | None]]:
        """The next call that has ended; none within a second, in which the connection is kept alive."""
        try:
            return [done.get(timeout=1.0)]
        except queues.Empty:
            broker.pulse(self._connection)
            return []

    def _next(self, delivery: Delivery, error: BaseException) -> Parcel:
        """Where an event goes whose handler raised `error`."""
        failures = delivery.failures + 1
        wait = self._plan.policy.wait(failures, error, self._plan.queue.delays)
        if wait is None:
            return self._given_up(delivery, error, failures)
        log.warning("%s: %s in %s, again in %d ms", delivery.key, type(error).__name__, self._plan.handler, wait)
        return delivery.delayed(wait, error)

    def _given_up(self, delivery: Delivery, error: BaseException, failures: int) -> Parcel:
        log.error("%s goes to %s after %d attempts", delivery.key, self._plan.queue.dead, failures)
        # What an exception says may quote what somebody wrote: it is sealed, where there is a key.
        detail = sealed_text(self._plan.seal, str(error))
        return delivery.dead(self._plan.queue.dead, reason_of(error), self._plan.handler, failures, detail)

    def _unread(self, delivery: Delivery, reason: str) -> Parcel:
        plan = self._plan
        letter = unread_letter(delivery, reason, plan.handler, plan.queue.name, plan.kinds, plan.seal)
        log.error("%s goes to %s: %s", letter.key, plan.queue.dead, reason)
        return letter

    def _send_on(self, moves: list[tuple[Delivery, Parcel]]) -> None:
        """Publish with confirm, then acknowledge. Raises ConnectionError where the broker refuses: all comes back."""
        refused = self._publisher.publish([parcel for _, parcel in moves])
        self._acknowledge([delivery for delivery, parcel in moves if parcel.key not in refused])
        if refused:
            raise ConnectionError(f"{len(refused)} messages could not be sent on: {set(refused.values())}")

    def _acknowledge(self, deliveries: list[Delivery]) -> None:
        """Acknowledge them: in one frame as far as everything before them is, one by one beyond."""
        tags = {delivery.tag for delivery in deliveries}
        self._settled |= tags
        while self._all_up_to + 1 in self._settled:
            self._all_up_to += 1
            self._settled.discard(self._all_up_to)
        together = [tag for tag in tags if tag <= self._all_up_to]
        if together:
            self._channel.basic_ack(max(together), multiple=True)
        for tag in tags.difference(together):
            self._channel.basic_ack(tag)


def _groups(deliveries: list[Delivery], batch: int) -> list[list[Delivery]]:
    """Cut into calls of at most `batch`; one group of all where the handler takes them one by one."""
    size = batch if batch > 1 else max(1, len(deliveries))
    return [deliveries[start : start + size] for start in range(0, len(deliveries), size)]
