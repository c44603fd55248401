"""The thresholds by which reports are joined or suggested: data/likeness.csv, each with its reason. A city edits it."""

import csv
import functools
from datetime import timedelta
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "likeness.csv"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Similarities are 0..1 (Jaccard of character bigrams). `…_here` is for one category and one known place."""

    window_days: float
    near_metres: float
    near_hours: float
    join_here: float
    join_anywhere: float
    suggest_here: float
    suggest_anywhere: float
    telling_bigrams: int
    suggestions: int

    @property
    def window(self) -> timedelta:
        """How old an open case may be that a report is compared with."""
        return timedelta(days=self.window_days)

    @property
    def soon(self) -> timedelta:
        """How long after each other two reports at one point are one matter."""
        return timedelta(hours=self.near_hours)


@functools.cache
def thresholds(file: Path = FILE) -> Thresholds:
    """The thresholds of `file`, read once per process. Raises msgspec.ValidationError where one is missing."""
    with file.open(encoding="utf-8", newline="") as rows:
        return msgspec.convert({row["name"]: row["value"] for row in csv.DictReader(rows)}, Thresholds, strict=False)
