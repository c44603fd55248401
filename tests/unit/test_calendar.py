"""Deadlines by the four clocks, checked against examples and against counting minute by minute."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.calendar import ClockUnit, Deadline, WorkingCalendar
from infra.clock import CITY_ZONE
from infra.statutory_holidays import statutory_holidays

CALENDAR = WorkingCalendar()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORK_HOUR, WORK_DAY = ClockUnit.WORK_HOUR, ClockUnit.WORK_DAY
URGENT_HOUR, NATURAL_DAY = ClockUnit.URGENT_HOUR, ClockUnit.NATURAL_DAY


def city(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY_ZONE)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        # Monday 2026-03-02 to Monday 2026-03-09
        ("2026-03-02T10:00", 2, WORK_DAY, "2026-03-04T10:00"),
        ("2026-03-02T08:00", 1, WORK_DAY, "2026-03-02T18:00"),
        ("2026-03-02T12:30", 1, WORK_DAY, "2026-03-03T12:00"),
        ("2026-03-02T10:00", 0.5, WORK_DAY, "2026-03-02T16:00"),
        ("2026-03-06T16:00", 1, WORK_DAY, "2026-03-09T16:00"),
        ("2026-03-07T09:00", 1, WORK_DAY, "2026-03-09T18:00"),
        ("2026-03-02T11:00", 4, WORK_HOUR, "2026-03-02T17:00"),
        ("2026-03-02T17:30", 4, WORK_HOUR, "2026-03-03T11:30"),
        ("2026-03-02T23:00", 1, WORK_HOUR, "2026-03-03T09:00"),
        ("2026-03-06T23:30", 2, URGENT_HOUR, "2026-03-07T01:30"),
        ("2026-03-06T16:00", 1, NATURAL_DAY, "2026-03-07T16:00"),
        ("2026-03-07T16:00", 0, WORK_DAY, "2026-03-07T16:00"),
        # Spring Festival 2026: off from 02-15 to 02-23, Saturdays 02-14 and 02-28 are worked
        ("2026-02-13T17:00", 1, WORK_DAY, "2026-02-14T17:00"),
        ("2026-02-14T17:00", 1, WORK_DAY, "2026-02-24T17:00"),
        ("2026-02-27T17:00", 1, WORK_DAY, "2026-02-28T17:00"),
        # National Day 2026: off from 10-01 to 10-07, Saturday 10-10 is worked
        ("2026-09-30T17:00", 1, WORK_DAY, "2026-10-08T17:00"),
        ("2026-09-30T17:00", 4, WORK_DAY, "2026-10-12T17:00"),
        ("2026-09-30T17:00", 7, NATURAL_DAY, "2026-10-07T17:00"),
    ],
)
def test_a_limit_ends_when_its_clock_has_run_out(start: str, amount: float, unit: ClockUnit, end: str) -> None:
    assert CALENDAR.deadline(city(start), amount, unit) == Deadline(city(end).astimezone(UTC), provisional=False)


def test_what_is_returned_is_in_utc() -> None:
    assert CALENDAR.deadline(city("2026-03-02T10:00"), 1, WORK_HOUR).at.isoformat() == "2026-03-02T03:00:00+00:00"


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), 4000])
def test_an_absurd_limit_is_refused(amount: float) -> None:
    with pytest.raises(ValueError, match="a limit must be between"):
        CALENDAR.deadline(city("2026-03-02T10:00"), amount, NATURAL_DAY)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        CALENDAR.deadline(datetime(2026, 3, 2, 10), 1, WORK_HOUR)


def test_working_time_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="cannot be taken back"):
        CALENDAR.add_working(city("2026-03-02T10:00"), -MINUTE)


# A calendar whose published part ends with 2026, whatever the installed library knows by now.
ENDING = WorkingCalendar(published_until=date(2026, 12, 31))


def test_a_deadline_beyond_the_published_calendar_is_provisional() -> None:
    assert not ENDING.deadline(city("2026-12-30T10:00"), 1, WORK_DAY).provisional
    assert ENDING.deadline(city("2026-12-31T10:00"), 1, WORK_DAY).provisional


def test_a_clock_that_runs_through_holidays_is_never_provisional() -> None:
    assert not ENDING.deadline(city("2026-12-31T10:00"), 300, NATURAL_DAY).provisional


def test_beyond_it_weekends_and_statutory_holidays_are_free() -> None:
    assert not CALENDAR.is_working_day(date(2035, 10, 3))
    assert CALENDAR.is_working_day(date(2035, 10, 4))
    assert not CALENDAR.is_working_day(date(2035, 10, 6))


def test_statutory_holidays_are_thirteen_days_with_those_of_the_moon() -> None:
    assert sorted(statutory_holidays(2027)) == [
        date(2027, 1, 1),
        *(date(2027, 2, day) for day in (5, 6, 7, 8)),
        date(2027, 4, 5),
        date(2027, 5, 1),
        date(2027, 5, 2),
        date(2027, 6, 9),
        date(2027, 9, 15),
        *(date(2027, 10, day) for day in (1, 2, 3)),
    ]


def test_outside_the_lunar_table_only_fixed_holidays_are_known() -> None:
    assert len(statutory_holidays(2050)) == 6


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-03-02T09:00", "2026-03-02T09:00"),
        ("2026-03-02T12:00", "2026-03-02T14:00"),
        ("2026-03-02T18:00", "2026-03-03T08:00"),
        ("2026-03-06T18:00", "2026-03-09T08:00"),
        ("2026-02-14T19:00", "2026-02-24T08:00"),
    ],
)
def test_the_next_opening_is_now_or_when_work_begins_again(moment: str, opening: str) -> None:
    assert CALENDAR.next_opening(city(moment)) == city(opening)
    assert CALENDAR.is_open(city(moment)) == (moment == opening)


def test_the_next_working_day_skips_weekend_and_holidays() -> None:
    assert CALENDAR.next_working_day(date(2026, 3, 6)) == date(2026, 3, 9)
    assert CALENDAR.next_working_day(date(2026, 2, 14)) == date(2026, 2, 24)


def test_three_quarters_of_a_limit_have_passed_by_its_own_clock() -> None:
    start, end = city("2026-03-06T14:00"), city("2026-03-09T12:00")

    assert CALENDAR.elapsed_fraction(start, end, city("2026-03-08T20:00"), WORK_HOUR) == 0.5
    assert CALENDAR.elapsed_fraction(start, end, city("2026-03-09T10:00"), WORK_HOUR) == 0.75
    assert CALENDAR.elapsed_fraction(start, end, city("2026-03-09T10:00"), URGENT_HOUR) == pytest.approx(68 / 70)


def test_before_the_start_nothing_has_passed_and_after_the_deadline_more_than_all() -> None:
    start, end = city("2026-03-02T10:00"), city("2026-03-02T12:00")

    assert CALENDAR.elapsed_fraction(start, end, city("2026-03-02T09:00"), WORK_HOUR) == 0.0
    assert CALENDAR.elapsed_fraction(start, end, city("2026-03-02T13:00"), WORK_HOUR) == 1.0
    assert CALENDAR.elapsed_fraction(start, end, city("2026-03-02T16:00"), WORK_HOUR) == 2.0


def test_a_limit_of_nothing_has_passed_as_soon_as_it_begins() -> None:
    start = city("2026-03-07T10:00")

    assert CALENDAR.elapsed_fraction(start, start, start - MINUTE, WORK_HOUR) == 0.0
    assert CALENDAR.elapsed_fraction(start, start, start, WORK_HOUR) == 1.0


# The reference: slow, obvious, minute by minute. A made-up month in which every day is drawn by the test.


def is_work_minute(workdays: frozenset[date], minute: datetime) -> bool:
    local = minute.astimezone(CITY_ZONE)
    in_hours = time(8) <= local.time() < time(12) or time(14) <= local.time() < time(18)
    return in_hours and local.date() in workdays


def reference_add(workdays: frozenset[date], start: datetime, minutes: int) -> datetime:
    at = start
    while minutes:
        minutes -= is_work_minute(workdays, at)
        at += MINUTE
    return at


def reference_between(workdays: frozenset[date], a: datetime, b: datetime) -> timedelta:
    total = timedelta(0)
    while a < b:
        total += MINUTE * is_work_minute(workdays, a)
        a += MINUTE
    return total


FIRST = date(2026, 6, 1)
DAYS = [FIRST + n * DAY for n in range(12)]
workdays_drawn = st.frozensets(st.sampled_from(DAYS)).map(
    lambda days: days | {DAYS[-1] + n * DAY for n in range(1, 40)}
)
moments = st.integers(0, len(DAYS) * 24 * 60).map(lambda n: city("2026-06-01T00:00").astimezone(UTC) + n * MINUTE)


def calendar_of(workdays: frozenset[date]) -> WorkingCalendar:
    return WorkingCalendar(is_workday=workdays.__contains__, published_until=date(2026, 12, 31))


@settings(max_examples=60, deadline=None)
@given(workdays_drawn, moments, st.integers(0, 5 * 480))
def test_adding_working_time_agrees_with_counting_minutes(
    workdays: frozenset[date], start: datetime, minutes: int
) -> None:
    assert calendar_of(workdays).add_working(start, minutes * MINUTE) == reference_add(workdays, start, minutes)


@settings(max_examples=60, deadline=None)
@given(workdays_drawn, moments, moments)
def test_working_time_between_agrees_with_counting_minutes(workdays: frozenset[date], a: datetime, b: datetime) -> None:
    assert calendar_of(workdays).working_time_between(a, b) == reference_between(workdays, a, b)


@given(workdays_drawn, moments, st.integers(1, 5 * 28800))
def test_what_was_added_lies_between(workdays: frozenset[date], start: datetime, seconds: int) -> None:
    calendar, span = calendar_of(workdays), timedelta(seconds=seconds)

    assert calendar.working_time_between(start, calendar.add_working(start, span)) == span


@given(workdays_drawn, moments, st.integers(0, 2400), st.integers(0, 2400))
def test_a_limit_in_two_parts_ends_when_the_whole_ends(
    workdays: frozenset[date], start: datetime, first: int, second: int
) -> None:
    calendar = calendar_of(workdays)
    halfway = calendar.add_working(start, first * MINUTE)

    assert second == 0 or calendar.add_working(halfway, second * MINUTE) == calendar.add_working(
        start, (first + second) * MINUTE
    )
