"""Whole lives a second: push, filing, assignment, acceptance, submission, closing, at 10⁴, 10⁵ and 10⁶ stored cases.

What is stored was seeded by `insert_many` (reports, cases, tasks, with their counters); the same burst of new cases is
pushed at each size and led to its end by officers who act at once, from the first push to the last `case_closed`.
"""

from collections.abc import Callable

import psutil

from bench.life import Officers
from bench.measurement import Measurement
from bench.orders import orders
from bench.pushing import push_all
from bench.seeding import seed_to
from bench.system import system

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
WARM, BURST = 100, 1_000
THREADS = 8
PATIENCE = 300.0  # seconds for the last closing
MEGABYTE = 2**20


def rate(series: str, count: int) -> float:
    """Lives a second over a burst of `count`."""
    officers = Officers()
    try:
        times = push_all(orders(count, series), threads=THREADS)
        officers.await_closed(count, PATIENCE)
    finally:
        officers.stop()
    return count / (max(officers.closed.values()) - min(sent for sent, _ in times))


def memory_mb() -> dict[str, float]:
    """Megabytes of resident memory of each of the product's processes."""
    running = {name: process.found() for name, (process, _) in system().processes().items()}
    return {
        f"memory_mb_{name}": psutil.Process(found.pid).memory_info().rss / MEGABYTE
        for name, found in running.items()
        if found is not None and name in ("complaints", "tasks", "assessment", "notify", "gateway")
    }


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    found: dict[str, float] = {}
    for name, size in SIZES.items():
        seed_to(size)
        rate(f"WARM{name}", WARM)
        found[f"lifecycle_per_s_{name}"] = rate(f"LIFE{name}", BURST)
        say(f"{name}: {found[f'lifecycle_per_s_{name}']:.1f} lives/s")
    found["lifecycle_flat_1m_vs_10k"] = found["lifecycle_per_s_1m"] / found["lifecycle_per_s_10k"]
    return found | memory_mb()


NAMES = (*(f"lifecycle_per_s_{name}" for name in SIZES), "lifecycle_flat_1m_vs_10k")
MEASUREMENTS = [Measurement("lifecycle", NAMES, run)]
