"""Operational indicators (运行指标) of units by month, counted as events arrive. Coordinate: the responsible unit.

    closing_rate           of the tasks due in the month, those that were closed
    on_time_closing_rate   of the tasks due in the month, those that were closed and not overdue by then, or whose
                           delay was excused (excuses.py)
    on_time_acceptance     of the tasks issued in the month, those that were accepted in time
    dispatch_accuracy      of the tasks issued in the month, those that were not returned
    rework_rate            of the cases filed in the month and dispatched, those that were reworked
    response_rate          of the closings followed up in the month (回访), those whose citizen was reached in time
    resolution_rate        of these closings, those of which the citizen said that it is solved
    satisfaction_rate      of these closings, those with which the citizen was satisfied
    miss_rate              of the cases filed in the month at a place, those that the public had to report and that
                           were found on site in the month: by place, so that a department has none

Tasks are those of cases. One that was returned is not due from the unit that returned it, one that is suspended not
until it goes on, and one that was withdrawn counts nowhere; but what was overdue when it was returned or passed on is
due still. Of the month that is running only the days up to today count as due. A quarter is the sum of its months.
The counters are a tally: the last state of every subject moves them, so repeated and shuffled events change nothing.
"""

import calendar
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from infra.clock import Clock
from infra.messaging.event import Event, Received
from infra.problem import InvalidInput
from infra.tally import Tally
from services.assessment.contracts import IndicatorValue
from services.assessment.excuses import Excuses
from services.assessment.indicator_states import AT_PLACE, local, states_of

ONLY_AT_PLACE = frozenset({"filed_here", "missed_here"})
FOUR_PLACES = Decimal("0.0001")
_PERIOD = re.compile(r"(?P<year>20\d\d)-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))\Z")


class Indicator(msgspec.Struct, frozen=True):
    """Which counted labels make the numerator and the denominator."""

    name: str
    numerator: str
    denominator: str


INDICATORS = (
    Indicator("closing_rate", "closed", "due"),
    Indicator("on_time_closing_rate", "closed_in_time", "due"),
    Indicator("on_time_acceptance", "accepted_in_time", "dispatched"),
    Indicator("dispatch_accuracy", "kept", "dispatched"),
    Indicator("rework_rate", "case_reworked", "case_dispatched"),
    Indicator("response_rate", "reached", "followed_up"),
    Indicator("resolution_rate", "solved", "followed_up"),
    Indicator("satisfaction_rate", "satisfied", "followed_up"),
    Indicator("miss_rate", "missed_here", "filed_here"),
)


def rate(numerator: int, denominator: int) -> float | None:
    """The quotient to four decimals (96.16 % is 0.9616), halves up; None for a zero denominator."""
    if not denominator:
        return None
    return float((Decimal(numerator) / denominator).quantize(FOUR_PLACES, ROUND_HALF_UP))


def months_of(period: str) -> list[str]:
    """`2026-Q1` → `2026-01`, `2026-02`, `2026-03`; a month → itself. Raises InvalidInput."""
    found = _PERIOD.match(period)
    if found is None:
        raise InvalidInput(
            f"{period!r} is no period; expected 2026-03 or 2026-Q1",
            f"时段应写作“2026-03”或“2026-Q1”：{period}",
            field="period",
        )
    if found["month"]:
        return [period]
    first = 3 * int(found["quarter"]) - 2
    return [f"{found['year']}-{month:02d}" for month in range(first, first + 3)]


def days_until(month: str, today: date) -> int:
    """The last day of `month` that is not after `today`; 0 where the month is yet to come."""
    year, number = int(month[:4]), int(month[5:])
    if (year, number) > (today.year, today.month):
        return 0
    return today.day if (year, number) == (today.year, today.month) else calendar.monthrange(year, number)[1]


class IndicatorBook:
    """The counters of one city's units."""

    def __init__(self, tally: Tally, excuses: Excuses, clock: Clock) -> None:
        self._tally, self._excuses, self._clock = tally, excuses, clock

    def count(self, batch: Sequence[Received[Event]]) -> int:
        """Count what the events tell; how many of the states were news."""
        states = [state for received in batch for state in states_of(received)]
        return self._tally.apply([*states, *self._excuses.heed(batch)])

    def values(self, units: Sequence[str], period: str) -> list[IndicatorValue]:
        """Every indicator of each of `units`, everything below it included. Two queries per month."""
        today = local(self._clock.now()).date()
        sums: dict[str, Counter[str]] = {unit: Counter() for unit in units}
        for month in months_of(period):
            last_day = days_until(month, today)
            for unit, counts in self._tally.sum_under(month, units).items():
                sums[unit].update(_without_days(_only(counts, at_place=False), last_day))
            for unit, counts in self._tally.sum_under(month + AT_PLACE, units).items():
                sums[unit].update(_only(counts, at_place=True))
        return [_value(unit, indicator, period, sums[unit]) for unit in units for indicator in INDICATORS]


def _only(counts: dict[str, int], *, at_place: bool) -> dict[str, int]:
    """The labels that belong to the coordinate: a state carries the same ones under each."""
    return {label: count for label, count in counts.items() if (label in ONLY_AT_PLACE) == at_place}


def _without_days(counts: dict[str, int], last_day: int) -> Counter[str]:
    """Labels with a day (`due_05`) added up to those without (`due`), as far as `last_day`."""
    result: Counter[str] = Counter()
    for label, count in counts.items():
        head, _, day = label.rpartition("_")
        if not day.isdigit():
            result[label] += count
        elif int(day) <= last_day:
            result[head] += count
    return result


def _value(unit: str, indicator: Indicator, period: str, counts: Counter[str]) -> IndicatorValue:
    numerator, denominator = counts[indicator.numerator], counts[indicator.denominator]
    return IndicatorValue(
        unit=unit,
        indicator=indicator.name,
        period=period,
        numerator=numerator,
        denominator=denominator,
        rate=rate(numerator, denominator),
    )
