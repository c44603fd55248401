"""Waiting on a condition, never on time alone."""

import time
from collections.abc import Callable

INTERVAL = 0.05


def holds_within(seconds: float, condition: Callable[[], bool], *, every: float = INTERVAL) -> bool:
    """Whether `condition` becomes true within `seconds` (asked at once, then again `every` so many seconds)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
