"""What an instance remembers between commands: its ports and its time.

A simulated clock stands still while the instance is down: `stopped_at` is the simulated moment of stopping, and the
next start goes on from there. After a crash there is no such moment, and the clock has gone on: it never goes back.
"""

import time
from datetime import datetime
from pathlib import Path

import msgspec

from infra.clock import SimulatedClock, parse_clock
from infra.local.ports import Ports, completed
from infra.local.trouble import Trouble

WALL = "wall"


class Memory(msgspec.Struct, frozen=True):
    """The contents of `instance.json`. `clock` is a setting as infra/clock.py reads it."""

    ports: Ports
    clock: str = WALL
    stopped_at: datetime | None = None


def recall(file: Path) -> Memory | None:
    """What was remembered, None for an instance that was never started."""
    if not file.exists():
        return None
    found = msgspec.json.decode(file.read_bytes())
    return msgspec.convert(found | {"ports": completed(found["ports"])}, Memory)


def remember(file: Path, memory: Memory) -> None:
    """Write `memory` so that a reader sees either the old or the new one, whole."""
    fresh = file.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(memory))
    fresh.replace(file)


def started_clock(wanted: str | None, memory: Memory | None, *, now: float | None = None) -> str:
    """The clock setting with which an instance starts at wall time `now` (seconds since 1970).

    `wanted` is "wall" or "simulated:<ISO start>,<speed>", None for going on as before. Raises Trouble where it
    cannot be read, or where the instance's time would go back.
    """
    epoch = time.time() if now is None else now
    if wanted is None:
        return _resumed(memory, epoch) if memory else WALL
    setting = wanted if wanted == WALL else f"{wanted},{epoch!r}"
    try:
        clock = parse_clock(setting)
    except ValueError as error:
        raise Trouble(f"{wanted!r} is not a clock; expected wall or simulated:<ISO start with zone>,<speed>") from error
    seen = _last_seen(memory) if memory else None
    if seen is not None and isinstance(clock, SimulatedClock) and clock.start < seen:
        raise Trouble(
            f"this instance has seen {seen.isoformat()}; its time cannot go back to {clock.start.isoformat()}"
        )
    return setting


def stopped(memory: Memory) -> Memory:
    """`memory` at the moment of stopping."""
    return msgspec.structs.replace(memory, stopped_at=_last_seen(memory))


def _resumed(memory: Memory, epoch: float) -> str:
    clock = parse_clock(memory.clock)
    if not isinstance(clock, SimulatedClock) or memory.stopped_at is None:
        return memory.clock
    return f"simulated:{memory.stopped_at.isoformat()},{clock.speed!r},{epoch!r}"


def _last_seen(memory: Memory) -> datetime | None:
    """The latest simulated moment of the instance, None for one that ran on wall time."""
    clock = parse_clock(memory.clock)
    if not isinstance(clock, SimulatedClock):
        return None
    return memory.stopped_at or clock.now()
