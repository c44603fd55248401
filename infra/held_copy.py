"""A table of rules that lives in the database, as every process holds it: read anew only when its version changed."""

import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

LOOK_EVERY = 2.0  # seconds of wall time between two looks at the version


class Versioned(Protocol):
    """What is held knows which version it is."""

    version: int


T = TypeVar("T", bound=Versioned)


class HeldCopy(Generic[T]):
    """What `load` returned; at most one small question (`version`) every LOOK_EVERY seconds tells whether to load it
    anew, so that all replicas follow a change within that time. `wall` counts seconds."""

    def __init__(
        self, load: Callable[[], T], version: Callable[[], int], wall: Callable[[], float] = time.monotonic
    ) -> None:
        self._load, self._version, self._wall = load, version, wall
        self._held: T | None = None
        self._looked = 0.0

    def newest(self) -> T:
        """The newest state known to this process."""
        now, held = self._wall(), self._held
        if held is None or now - self._looked >= LOOK_EVERY:
            self._looked = now
            if held is None or held.version != self._version():
                self._held = held = self._load()
        return held  # even where another thread forgets it at this moment

    def forget(self) -> None:
        """Read anew next time: this process has changed something."""
        self._held = None
