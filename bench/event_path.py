"""Events a second from save to effect: record → relay → queue → handler → MongoDB, in two processes.

Beside it, in the same run and on the same broker and database: nameko's dispatcher and handler with the same inserts
and the same effect, and raw kombu without any database. They take turns. Latency: from before the save to after the
effect, at a tenth of the rate that was reached.
"""

import time
from collections.abc import Callable
from statistics import median

from bench import raw_kombu
from bench.arena import running
from bench.measurement import Measurement, percentile
from infra.messaging.rpc_client import call_once

ROUNDS = 3
OURS, PLAIN, RAW = 8_000, 1_000, 10_000  # events of one round
WARM, STEADY = 500, 1_000
PATIENCE = 60.0  # seconds for the last effect after the last save


class Path:
    """From a source to a target service, both running; items are numbered through."""

    def __init__(self, amqp_url: str, kind: str) -> None:
        self._url, self._source, self._target, self._next = amqp_url, f"{kind}_source", f"{kind}_target", 1

    def times(self, count: int, at: float | None = None) -> list[tuple[float, float]]:
        """Save and effect, in seconds, of `count` new items, made `at` so many a second. Raises RuntimeError."""
        first, self._next = self._next, self._next + count
        saved = call_once(self._url, self._source, "make", first, count, at, timeout=PATIENCE * 2)
        done: dict[str, float] = {}
        deadline = time.monotonic() + PATIENCE
        while len(done) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{count - len(done)} of {count} items have no effect after {PATIENCE} s")
            time.sleep(0.1)
            done |= call_once(self._url, self._target, "effects")
        return [(saved[number], done[number]) for number in saved]

    def rate(self, count: int) -> float:
        """Events a second, first save to last effect."""
        times = self.times(count)
        return count / (max(done for _, done in times) - min(saved for saved, _ in times))


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    with running("OurTarget", "PlainTarget", "OurSource", "PlainSource") as amqp_url:
        ours, plain = Path(amqp_url, "our"), Path(amqp_url, "plain")
        ours.times(WARM), plain.times(WARM // 5)
        rounds = [(ours.rate(OURS), plain.rate(PLAIN), raw_kombu.rate(amqp_url, RAW)) for _ in range(ROUNDS)]
        our_rate, plain_rate, raw_rate = (median(one) for one in zip(*rounds, strict=True))
        taken = [(done - saved) * 1000 for saved, done in ours.times(STEADY, at=our_rate / 10)]
    say(f"plain nameko {plain_rate:.0f}/s, raw kombu {raw_rate:.0f}/s")
    say(f"latency of {STEADY} events at {our_rate / 10:.0f}/s")
    return {
        "event_path_per_s": our_rate,
        "event_path_vs_nameko": median(ours / plain for ours, plain, _ in rounds),
        "event_path_vs_raw": median(ours / raw for ours, _, raw in rounds),
        "event_p50_ms": percentile(taken, 0.5),
        "event_p99_ms": percentile(taken, 0.99),
    }


NAMES = ("event_path_per_s", "event_path_vs_nameko", "event_path_vs_raw", "event_p50_ms", "event_p99_ms")
MEASUREMENTS = [Measurement("event_path", NAMES, run)]
