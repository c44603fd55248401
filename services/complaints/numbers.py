"""Numbers that people read: receipts (HZ-2026-0000123), where a gap means nothing, and cases (昆创案〔2026〕000123),
which are registered one after another, without gaps and from 1 each year."""

import threading
from collections import deque
from collections.abc import Callable

from pymongo.client_session import ClientSession

from infra.clock import CITY_ZONE, Clock
from infra.numbering import Numbering

BLOCK = 500
CASES = "case"


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


class NumbersTaken(Exception):
    """Others have registered cases since these numbers were read: read again."""


class CaseNumbers:
    """The register of cases: a number is given by the transaction that creates its case, or not at all."""

    def __init__(self, numbering: Numbering, clock: Clock, city_name: str) -> None:
        self._numbering, self._clock, self._city = numbering, clock, city_name

    def next(self, count: int, session: ClientSession) -> list[str]:
        """The next `count` numbers, taken with the transaction of `session`."""
        year = self._year()
        return [self._written(year, n) for n in self._numbering.next_many(CASES, year, count, session)]

    def ahead(self) -> "NumbersAhead":
        """The numbers that come next if nobody else takes them: to be confirmed with those that were used."""
        year = self._year()
        return NumbersAhead(self._numbering, year, self._numbering.last(CASES, year), self._written)

    def _year(self) -> int:
        return self._clock.now().astimezone(CITY_ZONE).year

    def _written(self, year: int, number: int) -> str:
        return f"{self._city[0]}创案〔{year}〕{number:06}"


class NumbersAhead:
    """Numbers that are written into cases before these are stored."""

    def __init__(self, numbering: Numbering, year: int, last: int, written: Callable[[int, int], str]) -> None:
        self._numbering, self._year, self._last, self._written = numbering, year, last, written
        self.used = 0

    def take(self) -> str:
        """The next one."""
        self.used += 1
        return self._written(self._year, self._last + self.used)

    def confirm(self, session: ClientSession) -> None:
        """Give all that were taken, in the transaction that creates their cases. Raises NumbersTaken."""
        if self.used and not self._numbering.take_after(CASES, self._year, self._last, self.used, session):
            raise NumbersTaken(f"numbers after {self._last} of {self._year} are taken")


def receipts(numbering: Numbering, clock: Clock) -> NumberSeries:
    """The receipts that senders get (回执)."""
    return NumberSeries(numbering, "receipt", clock, lambda year, number: f"HZ-{year}-{number:07}")
