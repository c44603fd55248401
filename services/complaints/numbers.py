"""Numbers that people read: receipts (HZ-2026-0000123) and cases (昆创案〔2026〕000123). Unique; gaps are allowed."""

import threading
from collections import deque
from collections.abc import Callable

from infra.clock import CITY_ZONE, Clock
from infra.numbering import Numbering

BLOCK = 500


class NumberSeries:
    """One series of running numbers per year, taken from the database in blocks so that a number costs no write.

    Taking from the block needs no lock (a deque's popleft is atomic): a lock that every request wants, even for a
    moment, makes green threads queue for one turn of the hub each.
    """

    def __init__(self, numbering: Numbering, series: str, clock: Clock, written: Callable[[int, int], str]) -> None:
        self._numbering, self._series, self._clock, self._written = numbering, series, clock, written
        self._left: deque[tuple[int, int]] = deque()  # year, number
        self._refilling = threading.Lock()

    def take(self, count: int) -> list[str]:
        """The next `count` numbers as they are written, of the city's present year."""
        year = self._clock.now().astimezone(CITY_ZONE).year
        taken: list[int] = []
        while len(taken) < count:
            try:
                of_year, number = self._left.popleft()
            except IndexError:
                self._refill(year, count - len(taken))
                continue
            if of_year == year:
                taken.append(number)
        return [self._written(year, number) for number in taken]

    def _refill(self, year: int, wanted: int) -> None:
        with self._refilling:
            if not self._left:
                block = self._numbering.allot(self._series, year, max(BLOCK, wanted))
                self._left.extend((year, number) for number in block)


def receipts(numbering: Numbering, clock: Clock) -> NumberSeries:
    """The receipts that senders get (回执)."""
    return NumberSeries(numbering, "receipt", clock, lambda year, number: f"HZ-{year}-{number:07}")


def case_numbers(numbering: Numbering, clock: Clock, city_name: str) -> NumberSeries:
    """The numbers of the cases of the city called `city_name`: 昆创案〔2026〕000123 in 昆明市."""
    return NumberSeries(numbering, "case", clock, lambda year, number: f"{city_name[0]}创案〔{year}〕{number:06}")
