"""Working time as a list of minutes: slow and obvious, and nothing of the product's arithmetic."""

from bisect import bisect_left
from datetime import date, datetime, timedelta
from functools import cache

import chinese_calendar

ZONE = timedelta(hours=8)
MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
DAY_OF_WORK = 480  # minutes


@cache
def worked() -> list[datetime]:
    """Every minute of 2025 and 2026 (UTC) in which the city works."""
    found: list[datetime] = []
    day = date(2025, 1, 1)
    while day.year < 2027:
        if chinese_calendar.is_workday(day):
            midnight = datetime(day.year, day.month, day.day) - ZONE
            hours = (*range(8, 12), *range(14, 18))
            found += [midnight + timedelta(hours=hour, minutes=minute) for hour in hours for minute in range(60)]
        day += timedelta(days=1)
    return found


def after(start: datetime, minutes: int) -> datetime:
    """The moment (both naive, UTC) at which so many working minutes have passed since `start`."""
    return worked()[bisect_left(worked(), start) + minutes - 1] + MINUTE if minutes else start


def between(a: datetime, b: datetime) -> int:
    """How many working minutes lie between the moments."""
    return max(0, bisect_left(worked(), b) - bisect_left(worked(), a))
