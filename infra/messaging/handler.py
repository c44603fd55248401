"""`@handles(CaseFiled, …)`: a service method that is called for events of other (or its own) services.

nameko's own event handler drops an event whose method raises; here it is retried, and rests in the dead letters when
retries are exhausted (DESIGN.md, decision 3).
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from nameko.containers import WorkerContext
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, register_entrypoint

from infra.messaging.consumer import Consumer, Plan
from infra.messaging.event import Event, Received
from infra.messaging.rebuild import Projection
from infra.messaging.retry import RetryPolicy
from infra.messaging.sealing import seal_of
from infra.messaging.topology import ConsumerQueue
from infra.settings import RETRY_DELAYS

F = TypeVar("F", bound=Callable[..., Any])
RETRY_DELAYS_KEY = "RETRY_DELAYS"  # in nameko's config


def handles(
    *events: type[Event],
    queue: str | None = None,
    batch: int = 1,
    prefetch: int = 50,
    pace: float = 0.0,
    retry: RetryPolicy = RetryPolicy(),  # noqa: B008 (immutable)
    rebuild: Projection | None = None,
) -> Callable[[F], F]:
    """Have the decorated method called for every event of these types.

    `queue` names the queue within the service, by default after the (only) type of event. With `batch` = 1 the method
    takes one `Received`, and runs several times at once; with more it takes a list of at most so many, and where that
    call raises, every event is handed in again as a list of one. `prefetch` is how many are in hand at most (with
    batches never less than two of them). `pace` is for what may lag a little: no call begins sooner than so many
    seconds after the one before unless a whole batch is there; an event after a quiet time is handled at once.
    `rebuild` is what it keeps, where that can be rebuilt from the event log.
    Raises ValueError where several types have no queue name.
    """
    if queue is None and len(events) != 1:
        raise ValueError("a handler of several types of event needs a name for its queue: queue='…'")

    def register(method: F) -> F:
        register_entrypoint(method, Handler(events, queue or events[0].type(), batch, prefetch, retry, rebuild, pace))
        return method

    return register


class Handler(Entrypoint):
    """The entrypoint behind `@handles`. It consumes in a (green) thread of its own."""

    def __init__(
        self,
        events: Sequence[type[Event]],
        queue: str,
        batch: int,
        prefetch: int,
        retry: RetryPolicy,
        rebuild: Projection | None = None,
        pace: float = 0.0,
    ) -> None:
        super().__init__()
        self.events, self.queue, self.batch, self.prefetch, self.retry = events, queue, batch, prefetch, retry
        self.rebuild, self.pace = rebuild, pace
        self._consumer: Consumer | None = None
        self._started, self._ended = False, threading.Event()

    def consumer_queue(self, service: str, delays: tuple[int, ...] = RETRY_DELAYS) -> ConsumerQueue:
        """The queue of this handler in `service`."""
        bindings = tuple((event.source, event.type()) for event in self.events)
        own = self.retry.delays
        return ConsumerQueue(f"{service}.{self.queue}", bindings, tuple(delays) if own is None else own)

    def setup(self) -> None:
        """See nameko's Extension.setup."""
        service, config = self.container.service_name, self.container.config
        plan = Plan(
            handler=f"{service}.{self.method_name}",
            queue=self.consumer_queue(service, config.get(RETRY_DELAYS_KEY, RETRY_DELAYS)),
            kinds={event.type(): event for event in self.events},
            policy=self.retry,
            batch=self.batch,
            prefetch=self.prefetch,
            pace=self.pace,
            seal=seal_of(settings.secret) if (settings := config.get("SETTINGS")) else None,
        )
        self._consumer = Consumer(config["AMQP_URI"], plan, self._call)

    def start(self) -> None:
        """See nameko's Extension.start."""
        self._started = True
        self.container.spawn_managed_thread(self._run, identifier=f"{self.queue} consumer")

    def stop(self) -> None:
        """Finish what is in hand, acknowledge it, close; what is not in hand goes back to the queue."""
        if self._consumer is not None and self._started:
            self._consumer.stop()
            self._ended.wait()

    def _run(self) -> None:
        assert self._consumer is not None
        try:
            self._consumer.run()
        finally:
            self._ended.set()

    def _call(self, received: Sequence[Received[Event]], report: Callable[[BaseException | None], None]) -> None:
        def handle_result(_: WorkerContext, result: Any, exc_info: Any) -> tuple[Any, Any]:
            report(exc_info[1] if exc_info else None)
            return result, exc_info

        argument = received[0] if self.batch == 1 else list(received)
        try:
            self.container.spawn_worker(self, (argument,), {}, handle_result=handle_result)
        except ContainerBeingKilled as error:
            raise ConnectionError("the service is being killed: what is in hand goes back") from error
