"""Names and declarations of exchanges and queues.

    <source>.events    topic exchange per service; routing key is the type of the event
    <service>.<name>   a handler's queue: quorum, without length limit (a full one would stall the producer for all)
    <queue>.alone      events that were in flight when a process died, handled one by one
    <queue>.dead       events that were given up, for the operator
    <exchange>         topic exchange to which systems outside send letters, see letters.py
    event-log          the stream of all events, see event_log.py
    delay.<ms>         fanout exchange and queue: a message rests there, then returns to the queue of its routing key

`python -m infra.messaging.topology services.tasks.service:TasksService …` declares all before anything publishes.
"""

import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import amqp
import msgspec
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from infra.messaging import broker, event_log
from infra.settings import RETRY_DELAYS, Settings

SEEN_TWICE = 2  # a delivery with this x-delivery-count was in flight when a process died
ALONE_LIMIT = 3  # a message that is delivered alone and comes back more often than this is given up by the broker
BACKSTOP_LIMIT = 20  # the same for a queue whose consumers never live long enough to move it
NO_LIMIT = 1_000_000  # looking at a dead letter is a delivery too; RabbitMQ 4 would drop it after 20 looks

ALONE, DEAD = ".alone", ".dead"


class ConsumerQueue(msgspec.Struct, frozen=True):
    """The queue of one handler and what it listens to: pairs of (source, type of event).

    `outside` names what systems outside send to instead (see letters.py): pairs of (exchange, routing key).
    """

    name: str
    bindings: tuple[tuple[str, str], ...]
    delays: tuple[int, ...] = RETRY_DELAYS
    outside: tuple[tuple[str, str], ...] = ()

    @property
    def alone(self) -> str:
        """The queue of those that are handled one by one."""
        return self.name + ALONE

    @property
    def dead(self) -> str:
        """The queue of those that were given up."""
        return self.name + DEAD


def exchange_of(source: str) -> str:
    """The exchange on which the service `source` publishes."""
    return f"{source}.events"


def delay_of(milliseconds: int) -> str:
    """The exchange (and the queue behind it) in which a message rests that long."""
    return f"delay.{milliseconds}"


def declare(channel: amqp.Channel, queue: ConsumerQueue) -> None:
    """Declare the queue, its companions, its delays and its bindings; harmless where they exist.

    Raises amqp.PreconditionFailed where one exists with other arguments.
    """
    for milliseconds in queue.delays:
        _declare_delay(channel, milliseconds)
    _declare_queue(channel, queue.dead, {"x-delivery-limit": NO_LIMIT})
    _declare_queue(channel, queue.alone, _dead_lettering_to(queue.dead) | {"x-delivery-limit": ALONE_LIMIT})
    # What came from outside is sealed before it is handled alone: only so may it become a dead letter (letters.py).
    backstop = queue.alone if queue.outside else queue.dead
    _declare_queue(channel, queue.name, _dead_lettering_to(backstop) | {"x-delivery-limit": BACKSTOP_LIMIT})
    for source, type_ in queue.bindings:
        channel.exchange_declare(exchange_of(source), "topic", durable=True, auto_delete=False)
        channel.queue_bind(queue.name, exchange_of(source), routing_key=type_)
    for exchange, address in queue.outside:
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        channel.queue_bind(queue.name, exchange, routing_key=address)


def queues_of(service: type, delays: tuple[int, ...] = RETRY_DELAYS) -> list[ConsumerQueue]:
    """The queues of all handlers of a service class. Raises ValueError where two handlers share one."""
    found: dict[str, ConsumerQueue] = {}
    for handler in handlers_of(service):
        queue = handler.consumer_queue(service.name, delays)  # type: ignore[attr-defined]
        if queue.name in found:
            raise ValueError(f"two handlers consume {queue.name}")
        found[queue.name] = queue
    return [found[name] for name in sorted(found)]


def handlers_of(service: type) -> Iterator[Any]:
    """The handlers (see handler.py) that a service class declares."""
    for _, method in inspect.getmembers(service, inspect.isfunction):
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
            if hasattr(entrypoint, "consumer_queue"):
                yield entrypoint


def declare_all(
    amqp_url: str,
    services: Iterable[type],
    delays: tuple[int, ...] = RETRY_DELAYS,
    retention: event_log.Retention | None = None,
) -> list[ConsumerQueue]:
    """Declare the event log, every queue and binding of `services`; waits for the broker. Returns the queues."""
    connection = broker.connect(amqp_url, "topology")
    assert connection is not None
    with connection:
        event_log.declare(connection, retention)
        channel = connection.channel()
        queues = [queue for kind in services for queue in queues_of(kind, delays)]
        for queue in queues:
            declare(channel, queue)
    return queues


def _declare_queue(channel: amqp.Channel, name: str, arguments: dict[str, Any]) -> None:
    channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"} | arguments)


def _declare_delay(channel: amqp.Channel, milliseconds: int) -> None:
    # The TTL belongs to the queue, not to the message: only the head of a queue expires, so one long TTL in front
    # would hold all shorter ones behind it. No dead-letter routing key: the message keeps its own, where to return to.
    name = delay_of(milliseconds)
    channel.exchange_declare(name, "fanout", durable=True, auto_delete=False)
    _declare_queue(channel, name, _dead_lettering() | {"x-message-ttl": milliseconds})
    channel.queue_bind(name, name)


def _dead_lettering() -> dict[str, Any]:
    """Arguments that make dead-lettering through the default exchange safe (it is at-most-once otherwise)."""
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _dead_lettering_to(queue: str) -> dict[str, Any]:
    return _dead_lettering() | {"x-dead-letter-routing-key": queue}


def load(path: str) -> type:
    """The service class that `module:Class` names."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    settings = Settings.from_environment()
    kept = event_log.Retention(settings.event_log_bytes, settings.event_log_age)
    for declared in declare_all(settings.amqp_url, map(load, sys.argv[1:]), settings.retry_delays, kept):
        print(declared.name, *(f"{source}/{type_}" for source, type_ in declared.bindings + declared.outside))
