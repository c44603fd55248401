"""When a task is due: the limit that its case gives, counted by the right clock from the moment of issue.

Limits that no case gives stand in data/limits.csv, each with the day from which it holds.
"""

import csv
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from infra.calendar import ClockUnit, Deadline, WorkingCalendar
from infra.clock import CITY_ZONE, in_milliseconds
from infra.effective import in_force
from services.complaints.contracts import CaseState

LIMITS_FILE = Path(__file__).parent / "data" / "limits.csv"
ANSWER = "answer"
REWORK = "rework"
CASE_WITHOUT_LIMIT = "case_without_limit"


class Limit(NamedTuple):
    """So much time by that clock."""

    amount: float
    clock: ClockUnit


class _Row(NamedTuple):
    name: str
    limit: Limit
    effective_from: date


@cache
def _rows(path: Path = LIMITS_FILE) -> tuple[_Row, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_row(line) for line in csv.DictReader(file))


def _row(line: dict[str, str]) -> _Row:
    limit = Limit(float(line["amount"]), ClockUnit(line["clock"]))
    return _Row(line["name"], limit, date.fromisoformat(line["effective_from"]))


def limit_named(name: str, at: datetime) -> Limit:
    """The limit `name` of data/limits.csv in force `at` that moment. Raises KeyError where there is none."""
    on = at.astimezone(CITY_ZONE).date()
    found = in_force((row for row in _rows() if row.name == name), on)
    if found is None:
        raise KeyError(f"no limit {name!r} is in force on {on}")
    return found.limit


def limit_of(case: CaseState, at: datetime) -> Limit:
    """The limit that the case standard gave the case, else the one for cases without."""
    if case.limit_amount is None or case.limit_clock is None:
        return limit_named(CASE_WITHOUT_LIMIT, at)
    return Limit(case.limit_amount, ClockUnit(case.limit_clock))


def answer_by(calendar: WorkingCalendar, issued_at: datetime) -> datetime:
    """Until when a unit may accept in time, or return, what was issued then (DOMAIN.md §4: one working day)."""
    return due(calendar, issued_at, limit_named(ANSWER, issued_at)).at


def after_rework(
    calendar: WorkingCalendar, at: datetime, submitted_at: datetime, deadline: datetime, own: Limit | None
) -> Deadline:
    """Until when a unit rectifies what it had submitted in time, before `deadline`, and gets back `at` that moment.

    The check's time is not the unit's: what was left when it submitted runs on from `at`, by the clock of the task's
    `own` limit (natural time where it has none); at least one working day, or the own limit where that is shorter.
    """
    floors = [due(calendar, at, limit) for limit in (limit_named(REWORK, at), own) if limit is not None]
    return max(min(floors, key=_end), rest(calendar, at, submitted_at, deadline, own), key=_end)


def rest(
    calendar: WorkingCalendar, at: datetime, stopped_at: datetime, deadline: datetime, own: Limit | None
) -> Deadline:
    """The deadline of a clock that stopped at one moment, before `deadline`, and runs on from `at`, by the clock of the
    task's `own` limit (natural time where it has none)."""
    if own is None or not own.clock.counts_working_time:
        return Deadline(in_milliseconds(at + (deadline - stopped_at)), provisional=False)
    end = calendar.add_working(at, calendar.working_time_between(stopped_at, deadline))
    return Deadline(in_milliseconds(end), provisional=end.astimezone(CITY_ZONE).date() > calendar.published_until)


def _end(deadline: Deadline) -> datetime:
    return deadline.at


def due(calendar: WorkingCalendar, start: datetime, limit: Limit) -> Deadline:
    """The end of `limit`, counted from `start`; provisional where the calendar of that year is not published yet."""
    exact = calendar.deadline(start, limit.amount, limit.clock)
    return Deadline(in_milliseconds(exact.at), exact.provisional)
