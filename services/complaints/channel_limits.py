"""How much a channel may send, and how fast: data/channel_limits.csv, or the file that WENMING_CHANNEL_LIMITS names.

One row per channel; the row `*` is for all others. Items count, not requests: an array of 100 costs what 100 single
pushes cost. A push costs no question to the database: each process counts for itself (infra/rate.py), and of n
processes behind one address each lets through an n-th (`share`). WENMING_INTAKE_PROCESSES says how many they are.
"""

import csv
import math
from pathlib import Path

import msgspec

from infra.problem import TooLarge, TooMany
from infra.rate import Bucket, Rate

DEFAULTS = Path(__file__).with_name("data") / "channel_limits.csv"
EVERY_OTHER = "*"


class ChannelLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One row: items pushed and questions asked, per second and at once; `body_bytes` and
    `items_per_body` bound one push."""

    channel: str
    items_per_s: float
    items_at_once: int
    asks_per_s: float
    asks_at_once: int
    body_bytes: int
    items_per_body: int

    def share(self, processes: int) -> "ChannelLimit":
        """What one of so many processes lets through. A full body and one question pass even where the share is less:
        at once, then, a little more than the whole may come, for ever never."""
        return msgspec.structs.replace(
            self,
            items_per_s=self.items_per_s / processes,
            items_at_once=max(self.items_at_once // processes, self.items_per_body),
            asks_per_s=self.asks_per_s / processes,
            asks_at_once=max(self.asks_at_once // processes, 1),
        )

    def __post_init__(self) -> None:
        """Raises ValueError for what could never pass."""
        if min(self.items_per_s, self.asks_per_s, self.asks_at_once, self.body_bytes) <= 0:
            raise ValueError(f"the limits of {self.channel} must be above 0")
        if not 0 < self.items_per_body <= self.items_at_once:
            raise ValueError(f"{self.channel}: a full body (items_per_body) must fit into items_at_once")


def read_limits(path: Path | None = None) -> dict[str, ChannelLimit]:
    """The limits by channel in the CSV at `path` (default: the package's). Raises msgspec.ValidationError for a row
    that is none, ValueError where a limit lets nothing pass or the row `*` is missing."""
    with (path or DEFAULTS).open(encoding="utf-8-sig", newline="") as file:
        rows = [msgspec.convert(row, ChannelLimit, strict=False) for row in csv.DictReader(file)]
    found = {row.channel: row for row in rows}
    if EVERY_OTHER not in found:
        raise ValueError("the limits need a row * for every other channel")
    return found


class Turnstile:
    """Lets through what may come in, as one of so many `processes`. `seconds` is a clock that never runs back, passed
    with every question."""

    def __init__(self, limits: dict[str, ChannelLimit], processes: int = 1) -> None:
        self._limits = {channel: limit.share(processes) for channel, limit in limits.items()}
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def of(self, channel: str) -> ChannelLimit:
        """The limits of the channel in this process."""
        return self._limits.get(channel) or self._limits[EVERY_OTHER]

    def let_items(self, channel: str, count: int, seconds: float) -> None:
        """Let `count` items in. Raises TooLarge for more than a body may hold, TooMany."""
        limit = self.of(channel)
        if count > limit.items_per_body:
            most = limit.items_per_body
            raise TooLarge(f"more than {most} items in one body", f"一次最多{most}条", field="body")
        self._let(channel, "items", Rate(limit.items_per_s, limit.items_at_once), count, seconds)

    def let_ask(self, channel: str, seconds: float) -> None:
        """Let one question through. Raises TooMany."""
        limit = self.of(channel)
        self._let(channel, "asks", Rate(limit.asks_per_s, limit.asks_at_once), 1, seconds)

    def wait_for_items(self, channel: str, count: int, seconds: float) -> float:
        """Let `count` items in and return 0.0, or for how many seconds to wait first: for who is not to be refused."""
        limit = self.of(channel)
        return self._take(channel, "items", Rate(limit.items_per_s, limit.items_at_once), count, seconds)

    def _take(self, channel: str, what: str, rate: Rate, count: int, seconds: float) -> float:
        return self._buckets.setdefault((channel, what), Bucket(rate)).take(count, seconds)

    def _let(self, channel: str, what: str, rate: Rate, count: int, seconds: float) -> None:
        wait = self._take(channel, what, rate, count, seconds)
        if wait:
            later = math.ceil(wait)
            raise TooMany(
                f"{channel} sends more {what} a second than the {rate.per_second:g} let in here; again in {later} s",
                f"报送过快，请{later}秒后重发",
                retry_after=later,
            )
