"""When a task is due: the limit that its case gives, counted by the right clock from the moment of issue; and when most
of that time has gone.

Limits that no case gives stand in data/limits.csv, each with the day from which it holds.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from infra.calendar import LENGTHS, ClockUnit, Deadline, WorkingCalendar
from infra.clock import CITY_ZONE, in_milliseconds
from infra.effective import NamedRules
from services.complaints.contracts import CaseState
from services.tasks import card_rules

ANSWER = "answer"
REWORK = "rework"
CASE_WITHOUT_LIMIT = "case_without_limit"


class Limit(NamedTuple):
    """So much time by that clock."""

    amount: float
    clock: ClockUnit


_LIMITS = NamedRules(
    Path(__file__).parent / "data" / "limits.csv",
    lambda line: Limit(float(line["amount"]), ClockUnit(line["clock"])),
)


def limit_named(name: str, at: datetime) -> Limit:
    """The limit `name` of data/limits.csv in force `at` that moment. Raises KeyError where there is none."""
    return _LIMITS.at(name, at)


def limit_of(case: CaseState, at: datetime) -> Limit:
    """The limit that the case standard gave the case, else the one for cases without."""
    if case.limit_amount is None or case.limit_clock is None:
        return limit_named(CASE_WITHOUT_LIMIT, at)
    return Limit(case.limit_amount, ClockUnit(case.limit_clock))


def answer_by(calendar: WorkingCalendar, issued_at: datetime) -> Deadline:
    """Until when a unit may accept in time, or return, what was issued then (DOMAIN.md §4: one working day)."""
    return due(calendar, issued_at, limit_named(ANSWER, issued_at))


def answer_facts(calendar: WorkingCalendar, issued_at: datetime) -> dict[str, Any]:
    """The same as a new task keeps it."""
    until = answer_by(calendar, issued_at)
    return {"answer_by": until.at, "answer_provisional": until.provisional}


class Due(Deadline, frozen=True):
    """A deadline with the moment at which most of the time until then has gone, by the clock of the limit (`soon`), and
    how much time that is (`whole`)."""

    soon: datetime
    whole: timedelta


def due_facts(until: Due) -> dict[str, Any]:
    """`until` as a new task keeps it."""
    return {
        "deadline": until.at,
        "deadline_provisional": until.provisional,
        "due_soon_at": until.soon,
        "time_given": until.whole.total_seconds(),
    }


def after_rework(
    calendar: WorkingCalendar, at: datetime, submitted_at: datetime, before: Deadline, own: Limit | None
) -> Due:
    """Until when a unit rectifies what it had submitted in time, `before` that deadline, and gets back `at` that time.

    The check's time is not the unit's: what was left when it submitted runs on from `at`, by the clock of the task's
    `own` limit (natural time where it has none); at least one working day, or the own limit where that is shorter.
    Where the clock runs in natural time, the calendar still decides which of these is the longest.
    """
    least, left = due(calendar, at, limit_named(REWORK, at)), rest(calendar, at, submitted_at, before, own)
    whole = due(calendar, at, own) if own else None
    most = max(min(least, whole or least, key=_end), left, key=_end)
    clock = own and own.clock
    open_choice = least.provisional and (whole is None or left.at < whole.at) and not _is_working(clock)
    return until(calendar, at, most.at, clock, provisional=most.provisional or left.provisional or open_choice)


def rest(
    calendar: WorkingCalendar,
    at: datetime,
    stopped_at: datetime,
    before: Deadline,
    own: Limit | None,
    whole: timedelta | None = None,
) -> Due:
    """The deadline of a clock that stopped at one moment, `before` that deadline, and runs on from `at`, by the clock
    of the task's `own` limit (natural time where it has none). `whole` is the time that it had altogether."""
    clock = own and own.clock
    left = time_between(calendar, stopped_at, before.at, clock)
    end = in_milliseconds(_later(calendar, at, left, clock))
    beyond = _is_working(clock) and end.astimezone(CITY_ZONE).date() > calendar.published_until
    return until(calendar, at, end, clock, provisional=before.provisional or beyond, whole=whole)


def within(calendar: WorkingCalendar, own: Due, bound: Deadline | None, at: datetime, clock: ClockUnit | None) -> Due:
    """The deadline `own` of a part, set `at` that moment, but never after `bound`, that of its whole: what is cut off
    was never given."""
    if bound is None or own.at <= bound.at:
        return own
    given = max(own.whole - time_between(calendar, bound.at, own.at, clock), timedelta())
    return until(calendar, at, bound.at, clock, provisional=bound.provisional, whole=given)


def _end(deadline: Deadline) -> datetime:
    return deadline.at


def due(calendar: WorkingCalendar, start: datetime, limit: Limit) -> Due:
    """The end of `limit`, counted from `start`; provisional where the calendar of that year is not published yet."""
    exact = calendar.deadline(start, limit.amount, limit.clock)
    whole = limit.amount * LENGTHS[limit.clock]
    end = in_milliseconds(exact.at)
    return until(calendar, start, end, limit.clock, provisional=exact.provisional, whole=whole)


def until(
    calendar: WorkingCalendar,
    at: datetime,
    end: datetime,
    clock: ClockUnit | None,
    *,
    provisional: bool = False,
    whole: timedelta | None = None,
) -> Due:
    """The deadline `end`, towards which a clock runs from `at` on; `whole` is the time that it has altogether, by
    default from then on. Most of it has gone when so little is left as card_rules.py says, but never before `at`."""
    left = time_between(calendar, at, end, clock)
    whole = left if whole is None else whole
    before = left - (1 - card_rules.due_soon_share(at)) * whole
    soon = _later(calendar, at, before, clock) if before > timedelta() else at
    return Due(end, provisional, in_milliseconds(soon), whole)


def time_between(calendar: WorkingCalendar, start: datetime, end: datetime, clock: ClockUnit | None) -> timedelta:
    """The time from `start` to `end` by that clock (natural time where it is None); nothing where `end` is earlier."""
    if _is_working(clock):
        return calendar.working_time_between(start, end)
    return max(end - start, timedelta())


def _later(calendar: WorkingCalendar, at: datetime, span: timedelta, clock: ClockUnit | None) -> datetime:
    return calendar.add_working(at, span) if _is_working(clock) else at + span


def _is_working(clock: ClockUnit | None) -> bool:
    return clock is not None and clock.counts_working_time
