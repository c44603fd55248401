"""Batching over a whole request: keys are gathered until the request is quiet, then each loader asks once.

aiodataloader dispatches a batch a tick after its first key. GraphQL reaches deeper levels ticks later, and what
depends on an answer later still, so that a loader would ask several times. Here nothing is dispatched before the
request stands still: no new key for `QUIET_TICKS` turns of the loop, and every answer of the wave before has landed.
The first wave is whatever can be named without asking (units come from the registry, in memory), the second what the
first one named.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiodataloader import DataLoader, Loader, dispatch_queue_batch

QUIET_TICKS = 20  # measured: one is enough for an answer to reach the resolvers below it; the rest is margin

BatchLoad = Callable[[list[Any]], Coroutine[Any, Any, list[Any]]]


class Waves:
    """The loaders of one request that wait for their turn."""

    def __init__(self) -> None:
        self._waiting: dict[WaveLoader, list[Any]] = {}
        self._keys = 0
        self._running: asyncio.Task[None] | None = None

    def enqueue(self, loader: "WaveLoader", queued: Any) -> None:
        """Hold a key of `loader` for the next wave."""
        self._waiting.setdefault(loader, []).append(queued)
        self._keys += 1
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Ask nothing more: the request is over."""
        if self._running is not None:
            self._running.cancel()

    async def _run(self) -> None:
        while self._waiting:
            await self._quiet()
            wave, self._waiting = self._waiting, {}
            await asyncio.gather(*(dispatch_queue_batch(loader, queue) for loader, queue in wave.items()))

    async def _quiet(self) -> None:
        still = 0
        while still < QUIET_TICKS:
            before = self._keys
            await asyncio.sleep(0)
            still = still + 1 if self._keys == before else 0


class WaveLoader(DataLoader[Any, Any]):
    """A data loader that is dispatched with the wave."""

    def __init__(self, waves: Waves, load: BatchLoad) -> None:
        """`load` gets the keys and returns as many values (an exception as value fails that key alone)."""
        super().__init__(batch_load_fn=load)
        self._waves = waves

    def do_resolve_reject(self, key: Any, future: "asyncio.Future[Any]") -> None:
        """See DataLoader: hand the key to the wave instead of scheduling a dispatch."""
        future.add_done_callback(_retrieve)
        self._waves.enqueue(self, Loader(key=key, future=future))


def _retrieve(future: "asyncio.Future[Any]") -> None:
    """Take note of an error that nobody waits for any more, so that asyncio does not report it as lost."""
    if not future.cancelled():
        future.exception()
