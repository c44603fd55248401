"""Numbers that people read: receipts (HZ-2026-0000123) and cases (昆创案〔2026〕000123). Unique; gaps are allowed."""

import threading
from collections.abc import Callable

from infra.clock import CITY_ZONE, Clock
from infra.numbering import Numbering

BLOCK = 200


class NumberSeries:
    """One series of running numbers per year, taken from the database in blocks so that a number costs no write."""

    def __init__(self, numbering: Numbering, series: str, clock: Clock, written: Callable[[int, int], str]) -> None:
        self._numbering, self._series, self._clock, self._written = numbering, series, clock, written
        self._lock = threading.Lock()
        self._year, self._left = 0, range(0)

    def take(self, count: int) -> list[str]:
        """The next `count` numbers as they are written, of the city's present year."""
        if count == 0:
            return []
        year = self._clock.now().astimezone(CITY_ZONE).year
        with self._lock:
            if year != self._year or len(self._left) < count:
                self._year, self._left = year, self._numbering.allot(self._series, year, max(BLOCK, count))
            taken, self._left = self._left[:count], self._left[count:]
        return [self._written(year, number) for number in taken]


def receipts(numbering: Numbering, clock: Clock) -> NumberSeries:
    """The receipts that senders get (回执)."""
    return NumberSeries(numbering, "receipt", clock, lambda year, number: f"HZ-{year}-{number:07}")


def case_numbers(numbering: Numbering, clock: Clock, city_name: str) -> NumberSeries:
    """The numbers of the cases of the city called `city_name`: 昆创案〔2026〕000123 in 昆明市."""
    return NumberSeries(numbering, "case", clock, lambda year, number: f"{city_name[0]}创案〔{year}〕{number:06}")
