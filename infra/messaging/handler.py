"""`@handles(CaseFiled, …)`: a service method that is called for events of other (or its own) services.

nameko's own event handler drops an event whose method raises; here it is retried, and rests in the dead letters when
retries are exhausted (DESIGN.md, decision 3).
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from nameko.extensions import register_entrypoint

from infra.messaging.consumer import Plan
from infra.messaging.event import Event
from infra.messaging.queue_entrypoint import RETRY_DELAYS_KEY, QueueEntrypoint
from infra.messaging.rebuild import Projection
from infra.messaging.retry import RetryPolicy
from infra.messaging.topology import ConsumerQueue
from infra.settings import RETRY_DELAYS

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ("RETRY_DELAYS_KEY", "Handler", "handles")


def handles(
    *events: type[Event],
    queue: str | None = None,
    batch: int = 1,
    prefetch: int = 50,
    pace: float = 0.0,
    retry: RetryPolicy = RetryPolicy(),  # noqa: B008 (immutable)
    rebuild: Projection | None = None,
    rehears: bool = False,
) -> Callable[[F], F]:
    """Have the decorated method called for every event of these types.

    `queue` names the queue within the service, by default after the (only) type of event. With `batch` = 1 the method
    takes one `Received`, and runs several times at once; with more it takes a list of at most so many, and where that
    call raises, every event is handed in again as a list of one. `prefetch` is how many are in hand at most (with
    batches never less than two of them). `pace` is for what may lag a little: no call begins sooner than so many
    seconds after the one before unless a whole batch is there; an event after a quiet time is handled at once.
    `rebuild` is what it keeps, where that can be rebuilt from the event log; `rehears` says that it may be told again
    all that the log holds (rehearing.py).
    Raises ValueError where several types have no queue name.
    """
    if queue is None and len(events) != 1:
        raise ValueError("a handler of several types of event needs a name for its queue: queue='…'")

    def register(method: F) -> F:
        named = queue or events[0].type()
        register_entrypoint(method, Handler(events, named, batch, prefetch, retry, rebuild, pace, rehears))
        return method

    return register


class Handler(QueueEntrypoint):
    """The entrypoint behind `@handles`."""

    def __init__(
        self,
        events: Sequence[type[Event]],
        queue: str,
        batch: int,
        prefetch: int,
        retry: RetryPolicy,
        rebuild: Projection | None = None,
        pace: float = 0.0,
        rehears: bool = False,
    ) -> None:
        super().__init__(batch)
        self.events, self.queue, self.prefetch, self.retry = events, queue, prefetch, retry
        self.rebuild, self.pace, self.rehears = rebuild, pace, rehears

    def consumer_queue(self, service: str, delays: tuple[int, ...] = RETRY_DELAYS) -> ConsumerQueue:
        """The queue of this handler in `service`."""
        bindings = tuple((event.source, event.type()) for event in self.events)
        own = self.retry.delays
        return ConsumerQueue(f"{service}.{self.queue}", bindings, tuple(delays) if own is None else own)

    def plan(self) -> Plan:
        """See QueueEntrypoint."""
        return Plan(
            handler=self.full_name,
            queue=self.own_queue,
            kinds={event.type(): event for event in self.events},
            policy=self.retry,
            batch=self.batch,
            prefetch=self.prefetch,
            pace=self.pace,
            seal=self.seal,
        )
