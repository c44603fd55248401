"""The four clocks by which limits are counted (DOMAIN.md §3), as deadline arithmetic.

    urgent_hour   60 minutes      run on through nights, weekends and holidays
    natural_day   24 hours
    work_hour     60 minutes      count working time only
    work_day      8 working hours

Working time is 08:00-12:00 and 14:00-18:00 (working_hours.csv) in the city's zone, on the days that the published
calendar calls working days (holidays and 调休 included). A work day is eight working hours counted from the very moment
of the start and not "the end of the next day", so that a limit is worth the same at whatever hour it begins: two work
days from Monday 10:00 end on Wednesday 10:00. What starts outside working time counts from the next opening; a limit
ends at the earliest moment at which it is used up (one work day from Monday 08:00 ends on Monday 18:00, not on Tuesday
08:00).

The published calendar ends with some year. Beyond it days are weekends and statutory holidays by rule, and a deadline
that depends on such a day is provisional. A calendar that a city imports for a year is taken up while processes run.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

import chinese_calendar
import msgspec

from infra.clock import CITY_ZONE
from infra.statutory_holidays import statutory_holidays

HOURS_FILE = Path(__file__).parent / "working_hours.csv"
SATURDAY = 5
LONGEST = timedelta(days=3660)
PUBLISHED_UNTIL = date(max(chinese_calendar.holidays).year, 12, 31)
_PUBLISHED_FROM = date(min(chinese_calendar.holidays).year, 1, 1)
_NOTHING = timedelta(0)
_DAY = timedelta(days=1)

Interval = tuple[datetime, datetime]


class ClockUnit(StrEnum):
    """A unit in which a limit is counted."""

    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"

    @property
    def counts_working_time(self) -> bool:
        """Whether nights, weekends and holidays do not count."""
        return self in {ClockUnit.WORK_HOUR, ClockUnit.WORK_DAY}


LENGTHS = {
    ClockUnit.URGENT_HOUR: timedelta(hours=1),
    ClockUnit.NATURAL_DAY: timedelta(days=1),
    ClockUnit.WORK_HOUR: timedelta(hours=1),
    ClockUnit.WORK_DAY: timedelta(hours=8),
}


class Deadline(msgspec.Struct, frozen=True):
    """A moment in UTC; `provisional` while the calendar of its year is not published."""

    at: datetime
    provisional: bool


def is_published_workday(day: date) -> bool:
    """Whether people work on `day`: by the published calendar where it reaches, else by rule."""
    if _PUBLISHED_FROM <= day <= PUBLISHED_UNTIL:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY and day not in statutory_holidays(day.year)


class WorkingCalendar:
    """Deadline arithmetic over working days. All moments must bear a time zone; those returned are in UTC.

    `is_workday` and `published_until` say which days are worked and how far that is certain. Working hours are kept per
    day once computed; every operation takes time in proportion to the days it spans.
    """

    def __init__(
        self, is_workday: Callable[[date], bool] = is_published_workday, published_until: date = PUBLISHED_UNTIL
    ) -> None:
        self.published_until, self.version = published_until, 0
        self._first_published, self._is_workday = published_until, is_workday
        self._imported: Mapping[int, Mapping[date, bool]] = {}
        self._intervals: dict[date, tuple[Interval, ...]] = {}

    def take_up(self, years: Mapping[int, Mapping[date, bool]], version: int) -> None:
        """Count from now on with the `years` that were imported: the days off and the weekends that are worked;
        `version` names this state of them. It is certain up to the last year without a gap."""
        last = self._first_published.year
        while last + 1 in years:
            last += 1
        self._imported, self._intervals = years, {}
        self.published_until = max(self._first_published, date(last, 12, 31))
        self.version = version

    def deadline(self, start: datetime, amount: float, unit: ClockUnit) -> Deadline:
        """When a limit of `amount` units that begins at `start` ends. Raises ValueError where `amount` is negative, no
        number or counts more than ten years, or `start` bears no time zone."""
        if not 0 <= amount <= LONGEST / LENGTHS[unit]:
            raise ValueError(f"a limit must be between 0 and {LONGEST.days} days, not {amount} {unit}")
        span = amount * LENGTHS[unit]
        if not unit.counts_working_time:
            return Deadline(_in_utc(start) + span, provisional=False)
        end = self.add_working(start, span)
        return Deadline(end, provisional=_city_date(end) > self.published_until)

    def add_working(self, start: datetime, span: timedelta) -> datetime:
        """The earliest moment at which `span` of working time has passed since `start`; `start` itself where it is
        nothing. Raises ValueError where `span` is negative."""
        if span < _NOTHING:
            raise ValueError(f"working time cannot be taken back: {span}")
        at, left = _in_utc(start), span
        if not left:
            return at
        for opens, closes in self._intervals_from(at):
            begins = max(at, opens)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, _NOTHING)
        raise AssertionError("there is always another working day")

    def working_time_between(self, a: datetime, b: datetime) -> timedelta:
        """The working time from `a` to `b`; nothing where `b` is not later."""
        a, b = _in_utc(a), _in_utc(b)
        total = _NOTHING
        for opens, closes in self._intervals_from(a):
            if opens >= b:
                break
            total += max(min(b, closes) - max(a, opens), _NOTHING)
        return total

    def elapsed_fraction(self, start: datetime, deadline: datetime, now: datetime, unit: ClockUnit) -> float:
        """Which part of the time from `start` to `deadline` has passed at `now` by the clock of `unit`: 0 before the
        start, above 1 after the deadline. A limit of nothing has passed altogether as soon as it begins."""
        measure = self.working_time_between if unit.counts_working_time else _time_between
        whole, gone = measure(start, deadline), measure(start, now)
        if not whole:
            return float(_in_utc(now) >= _in_utc(start))
        return gone / whole

    def is_working_day(self, day: date) -> bool:
        """Whether people work on `day` of the city."""
        return bool(self._hours_of(day))

    def is_open(self, moment: datetime) -> bool:
        """Whether `moment` is working time; the moment of closing is not."""
        at = _in_utc(moment)
        return any(opens <= at < closes for opens, closes in self._hours_of(_city_date(at)))

    def next_opening(self, moment: datetime) -> datetime:
        """`moment` itself during working time, else the next opening."""
        at = _in_utc(moment)
        return max(at, next(opens for opens, closes in self._intervals_from(at) if closes > at))

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return next(after for after in _days_from(day + _DAY) if self._hours_of(after))

    def _intervals_from(self, at: datetime) -> Iterator[Interval]:
        """Working hours without end, from those of the city's day in which `at` lies."""
        for day in _days_from(_city_date(at)):
            yield from self._hours_of(day)

    def _is_worked(self, day: date) -> bool:
        imported = self._imported.get(day.year)
        return self._is_workday(day) if imported is None else imported.get(day, day.weekday() < SATURDAY)

    def _hours_of(self, day: date) -> tuple[Interval, ...]:
        hours = self._intervals.get(day)
        if hours is None:
            hours = tuple(_on(day, span) for span in working_hours(day)) if self._is_worked(day) else ()
            self._intervals[day] = hours
        return hours


@cache
def _hours_rows(path: Path = HOURS_FILE) -> tuple[tuple[date, time, time], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            (date.fromisoformat(row["effective_from"]), row["opens"], row["closes"]) for row in csv.DictReader(file)
        ]
    return tuple((since, time.fromisoformat(opens), time.fromisoformat(closes)) for since, opens, closes in rows)


@cache
def working_hours(day: date) -> tuple[tuple[time, time], ...]:
    """From when to when people work on a working `day`: the rows of working_hours.csv that came into force last."""
    since = max(row[0] for row in _hours_rows() if row[0] <= day)
    return tuple(sorted((opens, closes) for begins, opens, closes in _hours_rows() if begins == since))


def _on(day: date, span: tuple[time, time]) -> Interval:
    opens, closes = (datetime.combine(day, at, CITY_ZONE).astimezone(UTC) for at in span)
    return opens, closes


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += _DAY


def _city_date(moment: datetime) -> date:
    return moment.astimezone(CITY_ZONE).date()


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment}")
    return moment.astimezone(UTC)


def _time_between(a: datetime, b: datetime) -> timedelta:
    return max(_in_utc(b) - _in_utc(a), _NOTHING)
