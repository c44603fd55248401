"""Whole lives a second: push, filing, assignment, acceptance, submission, closing, at 10⁴, 10⁵ and 10⁶ stored cases.

One system for each size, seeded by `insert_many` (reports, cases, tasks, with their counters). Bursts of new cases are
pushed to them in turns, the others idle, and led to their end by officers who act at once: a burst counts from its
first push to its last `case_closed`. `lifecycle_half_open` does the same with ten thousand cases and a million of
which half are open, as no city has them.
"""

from collections.abc import Callable, Mapping
from functools import partial

import psutil

from bench.life import Officers
from bench.measurement import Measurement
from bench.orders import orders
from bench.pushing import push_all
from bench.seeding import seed_to
from bench.system import measuring, system
from bench.under_way import Open

Stored = Mapping[str, tuple[int, Open]]
STORED: Stored = {"10k": (10_000, Open.RECENT), "100k": (100_000, Open.RECENT), "1m": (1_000_000, Open.RECENT)}
HALF_OPEN: Stored = {"10k": (10_000, Open.HALF), "1m": (1_000_000, Open.HALF)}
WARM, BURST, ROUNDS = 100, 400, 4
THREADS = 8
PATIENCE = 300.0  # seconds for the last closing
MEGABYTE = 2**20


def seconds(series: str, count: int) -> float:
    """How long a burst of `count` lives took."""
    officers = Officers()
    try:
        times = push_all(orders(count, series), threads=THREADS)
        officers.await_closed(count, PATIENCE)
    finally:
        officers.stop()
    return max(officers.closed.values()) - min(sent for sent, _ in times)


def memory_mb() -> dict[str, float]:
    """Megabytes of resident memory of each of the product's processes."""
    running = {name: process.found() for name, (process, _) in system().processes().items()}
    return {
        f"memory_mb_{name}": psutil.Process(found.pid).memory_info().rss / MEGABYTE
        for name, found in running.items()
        if found is not None and name in ("complaints", "tasks", "assessment", "notify", "gateway")
    }


def prepare(size: int, may_be_open: Open, say: Callable[[str], None]) -> None:
    """Fill the system that is measured now up to `size` cases, and let all of it run once."""
    seed_to(size, may_be_open)
    seconds("WARM", WARM)
    say(f"{size} cases are stored, open: {may_be_open.name.lower()}")


def run(called: str, stored: Stored, say: Callable[[str], None]) -> dict[str, float]:
    """See the module; what is found is named after `called`."""
    for name, (size, may_be_open) in stored.items():
        with measuring(name):
            prepare(size, may_be_open, say)
    spent = dict.fromkeys(stored, 0.0)
    for turn in range(ROUNDS):
        for name in stored:
            with measuring(name):
                took = seconds(f"LIFE{turn}", BURST)
            spent[name] += took
            say(f"{name}: {BURST / took:.1f} lives/s")
    found = {f"{called}_per_s_{name}": ROUNDS * BURST / took for name, took in spent.items()}
    found[f"{called}_flat_1m_vs_10k"] = found[f"{called}_per_s_1m"] / found[f"{called}_per_s_10k"]
    with measuring("1m"):
        return found | memory_mb()


def _measurement(called: str, stored: Stored) -> Measurement:
    names = (*(f"{called}_per_s_{name}" for name in stored), f"{called}_flat_1m_vs_10k")
    return Measurement(called, names, partial(run, called, stored))


MEASUREMENTS = [_measurement("lifecycle", STORED), _measurement("lifecycle_half_open", HALF_OPEN)]
