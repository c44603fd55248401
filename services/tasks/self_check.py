"""自查: at least quarterly, with a public notice of the result (四型机关, 目标考核机制)."""

from datetime import datetime, time, timedelta

from infra.clock import CITY_ZONE


def end_of_quarter(at: datetime, quarters_later: int = 0) -> datetime:
    """The first moment (UTC) after the quarter of the city's calendar in which `at` lies, or one so many later."""
    local = at.astimezone(CITY_ZONE)
    index = local.year * 4 + (local.month - 1) // 3 + 1 + quarters_later
    return datetime.combine(local.date().replace(index // 4, index % 4 * 3 + 1, 1), time(), CITY_ZONE)


def self_check_by(issued_at: datetime, last: datetime | None, deadline: datetime) -> datetime:
    """Until when the next self-check is due: by the end of the quarter of issue, then of the quarter after the last
    one; never later than the deadline."""
    quarter = end_of_quarter(issued_at) if last is None else end_of_quarter(last, 1)
    return min(quarter - timedelta(milliseconds=1), deadline)
