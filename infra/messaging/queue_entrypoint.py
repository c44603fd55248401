"""What `@handles` (handler.py) and `@takes_in` (letters.py) have in common: a method that is called from a queue."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from nameko.containers import WorkerContext
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from infra.messaging.consumer import Consumer, Plan
from infra.messaging.sealing import Seal, seal_of
from infra.messaging.topology import ConsumerQueue
from infra.settings import RETRY_DELAYS

RETRY_DELAYS_KEY = "RETRY_DELAYS"  # in nameko's config


class QueueEntrypoint(Entrypoint):
    """Consumes one queue in a (green) thread of its own, by its `plan`, and calls its method: with a list where
    `batch` is more than 1, else with what one message holds."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch
        self._consumer: Consumer | None = None
        self._started, self._ended = False, threading.Event()

    def consumer_queue(self, service: str, delays: tuple[int, ...] = RETRY_DELAYS) -> ConsumerQueue:
        """The queue of this entrypoint in `service`."""
        raise NotImplementedError

    def plan(self) -> Plan:
        """How it is consumed."""
        raise NotImplementedError

    @property
    def full_name(self) -> str:
        """Service and method."""
        return f"{self.container.service_name}.{self.method_name}"

    @property
    def own_queue(self) -> ConsumerQueue:
        """Its queue in this container's service, with the delays of its settings."""
        delays = self.container.config.get(RETRY_DELAYS_KEY, RETRY_DELAYS)
        return self.consumer_queue(self.container.service_name, delays)

    @property
    def seal(self) -> Seal | None:
        """The seal of this process."""
        settings = self.container.config.get("SETTINGS")
        return seal_of(settings.secret) if settings else None

    def setup(self) -> None:
        """See nameko's Extension.setup."""
        self._consumer = Consumer(self.container.config["AMQP_URI"], self.plan(), self._call)

    def start(self) -> None:
        """See nameko's Extension.start."""
        self._started = True
        self.container.spawn_managed_thread(self._run, identifier=f"{self.own_queue.name} consumer")

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

    def _call(self, contents: Sequence[Any], report: Callable[[BaseException | None], None]) -> None:
        def handle_result(_: WorkerContext, result: Any, exc_info: Any) -> tuple[Any, Any]:
            report(exc_info[1] if exc_info else None)
            return result, exc_info

        argument = contents[0] if self.batch == 1 else list(contents)
        try:
            self.container.spawn_worker(self, (argument,), {}, handle_result=handle_result)
        except ContainerBeingKilled as error:
            raise ConnectionError("the service is being killed: what is in hand goes back") from error
