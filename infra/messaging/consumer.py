"""The consumer of one queue: one connection, one (green) thread that alone reads and writes it.

It takes what is there, lets the handler work, sends on what failed (with confirm) and only then acknowledges.
A queue that is slow delays no other queue.
"""

import logging
import queue as queues
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import kombu
import msgspec

from infra.messaging import broker
from infra.messaging.delivery import Delivery
from infra.messaging.event import Envelope, Event, Received, Undecodable
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.retry import RetryPolicy
from infra.messaging.topology import SEEN_TWICE, ConsumerQueue, declare

PATIENCE = 0.25  # seconds to wait for a first message before looking whether to stop
CONCURRENCY = 8  # calls of a handler at the same time, where it takes events one by one

# Calls the handler with these events, in a (green) thread of its own, and reports None or the exception that it raised.
Call = Callable[[Sequence[Received[Event]], Callable[[BaseException | None], None]], None]

log = logging.getLogger(__name__)


class Plan(msgspec.Struct, frozen=True):
    """How a queue is consumed."""

    handler: str
    queue: ConsumerQueue
    kinds: Mapping[str, type[Event]]
    policy: RetryPolicy
    batch: int = 1
    prefetch: int = 50


class Consumer:
    """Consumes the queue of `plan` and its `.alone` companion from the broker at `amqp_url`, calling `call`."""

    def __init__(self, amqp_url: str, plan: Plan, call: Call) -> None:
        self._url, self._plan, self._call = amqp_url, plan, call
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask it to finish what it has in hand and end."""
        self._stopping.set()

    def run(self) -> None:
        """Consume until stopped; a lost connection is opened again, and what was in hand comes back."""
        while not self._stopping.is_set():
            connection = broker.connect(self._url, self._plan.queue.name, self._stopping)
            try:
                if connection is not None:
                    _Round(connection, self._plan, self._call).repeat(self._stopping)
            except broker.LOST as error:
                log.warning("%s lost the broker: %s", self._plan.queue.name, error)
                self._stopping.wait(0.2)
            finally:
                broker.close(connection)


class _Round:
    """What is done again and again on one live connection."""

    def __init__(self, connection: kombu.Connection, plan: Plan, call: Call) -> None:
        self._connection, self._plan, self._call = connection, plan, call
        self._inbox: list[Delivery] = []
        self._channel = connection.channel()
        declare(self._channel, plan.queue)
        self._publisher = Publisher(connection)
        self._consume(plan.queue.name, max(plan.prefetch, plan.batch))
        self._consume(plan.queue.alone, 1)

    def repeat(self, stopping: threading.Event) -> None:
        """Rounds until `stopping` is set."""
        while not stopping.is_set():
            taken = self._take()
            if taken:
                self._work_on(taken)
            self._connection.heartbeat_check()

    def _consume(self, queue: str, prefetch: int) -> None:
        self._channel.basic_qos(0, prefetch, False)
        self._channel.basic_consume(queue, callback=lambda message: self._inbox.append(Delivery(message, queue)))

    def _take(self) -> list[Delivery]:
        """The first message (within PATIENCE) and all that is there with it."""
        try:
            if not self._inbox:
                self._connection.drain_events(timeout=PATIENCE)
            while len(self._inbox) < self._plan.prefetch:
                self._connection.drain_events(timeout=0)
        except (socket.timeout, TimeoutError, BlockingIOError):
            pass  # nothing more is there
        taken, self._inbox = self._inbox, []
        return taken

    def _work_on(self, taken: list[Delivery]) -> None:
        # Settled is only what the broker has confirmed to hold elsewhere, or what was handled.
        sorted_ = [(one, self._set_aside(one)) for one in taken]
        self._send_on([(one, parcel) for one, parcel in sorted_ if parcel is not None])
        crowd = [one for one, parcel in sorted_ if parcel is None and one.queue == self._plan.queue.name]
        alone = [one for one, parcel in sorted_ if parcel is None and one.queue != self._plan.queue.name]
        for start in range(0, len(crowd), self._plan.batch if self._plan.batch > 1 else len(crowd) or 1):
            self._handle(crowd[start : start + self._plan.batch] if self._plan.batch > 1 else crowd)
        for one in alone:
            self._handle([one])

    def _set_aside(self, delivery: Delivery) -> Parcel | None:
        """Where a delivery goes that is not to be handled now; decodes the others."""
        if delivery.queue == self._plan.queue.name and delivery.headers.get("x-delivery-count", 0) >= SEEN_TWICE:
            log.error("%s was in flight when a process died: handled alone", delivery.key)
            return delivery.moved_to(self._plan.queue.alone)
        try:
            envelope = Envelope.from_message(delivery.headers, delivery.body)
            delivery.received = Received(event=envelope.open(self._plan.kinds), envelope=envelope)
        except Undecodable as error:
            return self._given_up(delivery, f"not understood: {error}", delivery.failures)
        return None

    def _handle(self, deliveries: list[Delivery]) -> None:
        """Call the handler; what fails is sent on, then all of `deliveries` is acknowledged."""
        failed: list[tuple[Delivery, BaseException]] = []
        if self._plan.batch > 1 and len(deliveries) > 1:
            if any(error is not None for error in self._called([deliveries]).values()):
                failed = self._failures(self._called([[one] for one in deliveries]), deliveries)
        else:
            failed = self._failures(self._called([[one] for one in deliveries]), deliveries)
        self._send_on([(one, self._next(one, error)) for one, error in failed])
        lost = {id(one) for one, _ in failed}
        self._acknowledge([one for one in deliveries if id(one) not in lost])

    def _called(self, calls: list[list[Delivery]]) -> dict[int, BaseException | None]:
        """Make every call, at most CONCURRENCY at a time; index of the call → what it raised."""
        done: queues.Queue[tuple[int, BaseException | None]] = queues.Queue()
        outcomes: dict[int, BaseException | None] = {}
        todo = list(enumerate(calls))[::-1]
        while len(outcomes) < len(calls):
            while todo and len(calls) - len(todo) - len(outcomes) < CONCURRENCY:
                index, events = todo.pop()
                self._call([one.received for one in events if one.received], lambda e, i=index: done.put((i, e)))  # type: ignore[misc]
            try:
                index, error = done.get(timeout=1.0)
                outcomes[index] = error
            except queues.Empty:
                self._connection.heartbeat_check()
        return outcomes

    def _failures(
        self, outcomes: dict[int, BaseException | None], deliveries: list[Delivery]
    ) -> list[tuple[Delivery, BaseException]]:
        return [(deliveries[index], error) for index, error in sorted(outcomes.items()) if error is not None]

    def _next(self, delivery: Delivery, error: BaseException) -> Parcel:
        """Where an event goes whose handler raised `error`."""
        failures = delivery.failures + 1
        wait = self._plan.policy.wait(failures, error, self._plan.queue.delays)
        if wait is None:
            return self._given_up(delivery, f"{type(error).__name__}: {error}", failures)
        log.warning(
            "%s failed in %s (%s), again in %d ms", delivery.key, self._plan.handler, type(error).__name__, wait
        )
        return delivery.delayed(wait, error)

    def _given_up(self, delivery: Delivery, reason: str, failures: int) -> Parcel:
        # The reason may quote the event's content: it goes with the letter, not into the log.
        log.error("%s goes to %s after %d attempts", delivery.key, self._plan.queue.dead, failures)
        return delivery.dead(self._plan.queue.dead, reason, self._plan.handler, failures)

    def _send_on(self, moves: list[tuple[Delivery, Parcel]]) -> None:
        """Publish with confirm, then acknowledge. Raises ConnectionError where the broker refuses: all comes back."""
        if not moves:
            return
        refused = self._publisher.publish([parcel for _, parcel in moves])
        self._acknowledge([delivery for delivery, _ in moves if delivery.key not in refused])
        if refused:
            raise ConnectionError(f"{len(refused)} messages could not be sent on: {set(refused.values())}")

    def _acknowledge(self, deliveries: list[Delivery]) -> None:
        for one in deliveries:
            self._channel.basic_ack(one.tag)


def kinds_of(events: Sequence[type[Event]]) -> dict[str, type[Any]]:
    """Type → class."""
    return {kind.type(): kind for kind in events}
