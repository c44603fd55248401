"""The time of the city, passed in wherever a rule needs it (DESIGN.md, decision 8).

A simulated clock is a setting that every process of a run shares: where it starts, how fast it goes,
and the wall time at which it started. Signatures, tokens, retries and TTLs use wall time instead.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

CITY_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """The present moment, with time zone UTC, in whole milliseconds (what MongoDB keeps)."""
        ...


def in_milliseconds(moment: datetime) -> datetime:
    """`moment` in UTC, cut to whole milliseconds, so that what was stored equals what was meant."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return in_milliseconds(datetime.now(UTC))


class SimulatedClock(msgspec.Struct, frozen=True):
    """A clock that showed `start` when wall time was `epoch` (seconds since 1970) and runs `speed` times as fast."""

    start: datetime
    speed: float
    epoch: float
    wall: Callable[[], float] = time.time

    def now(self) -> datetime:
        """See `Clock.now`. Never before `start`."""
        elapsed = max(0.0, self.wall() - self.epoch)
        return in_milliseconds(self.start + timedelta(seconds=elapsed * self.speed))


class FixedClock:
    """A clock for tests: stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        self._now = in_milliseconds(start)

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by `by` (or back, where a test needs a clock that jumps)."""
        self._now += by


def parse_clock(setting: str) -> Clock:
    """The clock that a setting names: `wall`, or `simulated:<ISO start>,<speed>,<epoch>`, e.g.
    `simulated:2026-03-02T08:30:00+08:00,600,1772411400.0`.

    Raises ValueError where it is neither.
    """
    if setting == "wall":
        return WallClock()
    kind, _, rest = setting.partition(":")
    parts = rest.split(",")
    if kind != "simulated" or len(parts) != 3:
        raise ValueError(f"not a clock: {setting!r}; expected 'wall' or 'simulated:<ISO start>,<speed>,<epoch>'")
    start = datetime.fromisoformat(parts[0])
    if start.tzinfo is None:
        raise ValueError(f"the start of a simulated clock needs a time zone: {parts[0]!r}")
    return SimulatedClock(start=start, speed=float(parts[1]), epoch=float(parts[2]))
