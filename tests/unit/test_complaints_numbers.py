"""Numbers come from blocks: unique, readable, of the present year."""

from datetime import UTC, datetime, timedelta
from typing import Any

from infra.clock import FixedClock
from services.complaints.numbers import BLOCK, CaseNumbers, receipts


class Ledger:
    """Stands for infra/numbering.py: blocks one after another, per series and year."""

    def __init__(self) -> None:
        self.last_of: dict[tuple[str, int], int] = {}

    def allot(self, series: str, year: int, count: int) -> range:
        """See Numbering.allot."""
        first = self.last_of.get((series, year), 0) + 1
        self.last_of[series, year] = first + count - 1
        return range(first, first + count)

    def last(self, series: str, year: int) -> int:
        """See Numbering.last."""
        return self.last_of.get((series, year), 0)


def series(make: Any, clock: FixedClock, *arguments: str) -> Any:
    """A series over a ledger of its own."""
    return make(Ledger(), clock, *arguments)


NEW_YEARS_EVE = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)  # one second before midnight in the city


def test_receipts_and_case_numbers_read_as_people_write_them() -> None:
    clock = FixedClock(NEW_YEARS_EVE)

    assert series(receipts, clock).take(2) == ["HZ-2026-0000001", "HZ-2026-0000002"]
    assert CaseNumbers(Ledger(), clock, "昆明市").ahead().take() == "昆创案〔2026〕000001"  # type: ignore[arg-type]


def test_numbers_go_on_across_blocks_without_repeating() -> None:
    numbers = series(receipts, FixedClock(NEW_YEARS_EVE))

    taken = [number for count in (1, BLOCK, 3, 2 * BLOCK) for number in numbers.take(count)]

    assert len(set(taken)) == len(taken) == 3 * BLOCK + 4


def test_at_the_citys_new_year_the_count_begins_anew() -> None:
    clock = FixedClock(NEW_YEARS_EVE)
    numbers = series(receipts, clock)
    numbers.take(1)

    clock.advance(timedelta(seconds=1))

    assert numbers.take(1) == ["HZ-2027-0000001"]


def test_nothing_asked_is_nothing_taken() -> None:
    assert series(receipts, FixedClock(NEW_YEARS_EVE)).take(0) == []
