"""Working time as a list of minutes: slow and obvious, and nothing of the product's arithmetic.

The calendar of 2026 is published in the midst of the simulated year; until then its days go by rule.
"""

from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import cache

import chinese_calendar

ZONE = timedelta(hours=8)
MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
DAY_OF_WORK = timedelta(hours=8)


STATUTORY = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}  # of 2026, known beforehand


class Known:
    """What is known of 2026."""

    published = True


def is_worked(day: date) -> bool:
    """Whether the city works on that day, as far as is known now."""
    if Known.published or day.year < 2026:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and (day.month, day.day) not in STATUTORY


def worked() -> list[datetime]:
    """Every minute of 2025 and 2026 (UTC) in which the city works, as far as is known now."""
    return _worked(Known.published)


@cache
def _worked(published: bool) -> list[datetime]:  # by what is known: it is counted once for each
    found: list[datetime] = []
    day = date(2025, 1, 1)
    while day.year < 2027:
        if is_worked(day):
            midnight = datetime(day.year, day.month, day.day) - ZONE
            hours = (*range(8, 12), *range(14, 18))
            found += [midnight + timedelta(hours=hour, minutes=minute) for hour in hours for minute in range(60)]
        day += timedelta(days=1)
    return found


def after(start: datetime, span: timedelta) -> datetime:
    """The moment (both naive, UTC) at which so much working time has passed since `start`."""
    if not span:
        return start
    end = _until(start) + span
    begun = -(-end // MINUTE)
    return worked()[begun - 1] + (end - (begun - 1) * MINUTE)


def between(a: datetime, b: datetime) -> timedelta:
    """How much working time lies between the moments."""
    return max(timedelta(), _until(b) - _until(a))


def _until(moment: datetime) -> timedelta:
    """The working time since the list begins: the minutes that have begun, the last one as far as it has gone."""
    begun = bisect_right(worked(), moment)
    return begun * MINUTE - max(timedelta(), worked()[begun - 1] + MINUTE - moment)
