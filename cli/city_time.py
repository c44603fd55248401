"""Moments as people read them: the city's time, to the second, in every command the same."""

from datetime import datetime

from infra.clock import CITY_ZONE


def city_time(moment: datetime | str | None) -> str:
    """`2026-03-02 09:15:00` in the city's zone of a moment or its ISO text; "" where there is none."""
    if not moment:
        return ""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
