"""A provisional deadline counted again when the calendar of a year has come: the ledger of the task's clock is gone
through from its issue, as if the calendar had been known all along. What was warned of stays said."""

from datetime import datetime

import msgspec

from infra.calendar import Deadline, WorkingCalendar
from services.tasks import deadlines
from services.tasks.clock_ledger import Turn
from services.tasks.deadlines import Due, Limit
from services.tasks.task import Task
from services.tasks.task_states import Step
from services.tasks.timekeeping import Timekeeper, limit_given


def recalculated(task: Task, time: Timekeeper, whole: Task | None = None) -> Due:
    """The deadline that the ledger gives by the calendar as it is now, without regard to that of its `whole`. The date
    that a part was given stays; it is certain once its whole is."""
    limit, stopped_at = limit_given(task), task.issued_at
    due = _first(time.calendar, task, limit, task.deadline)
    for turn in task.clock_ledger:
        at, what = turn["at"], Turn(turn["what"])
        if what in (Turn.STARTED, Turn.CORRECTED):
            due = _first(time.calendar, task, limit, turn["until"])
        elif what == Turn.STOPPED:
            stopped_at = at
        elif what != Turn.RECALCULATED:
            due = _after(what, at, turn["until"], task, time, due, stopped_at, limit)
    depends = whole is not None and task.is_part and task.deadline_provisional and whole.deadline_provisional
    return msgspec.structs.replace(due, provisional=due.provisional or depends)


def answer_again(task: Task, time: Timekeeper) -> Deadline | None:
    """Until when a unit may accept in time, or return, what it has not accepted yet, by the calendar as it is now; None
    where that stays (also where it stood still with its whole)."""
    stood = any(turn["what"] == Turn.STOPPED for turn in task.clock_ledger)
    return None if task.accepted_at or stood else deadlines.answer_by(time.calendar, task.issued_at)


def _first(calendar: WorkingCalendar, task: Task, limit: Limit | None, given: datetime) -> Due:
    """What it was issued with: its limit counted, else (as a part) the date that it was `given`."""
    if limit is None or task.is_part:
        return deadlines.until(calendar, task.issued_at, given, limit and limit.clock)
    return deadlines.due(calendar, task.issued_at, limit)


def _after(
    what: Turn,
    at: datetime,
    until: datetime,
    task: Task,
    time: Timekeeper,
    due: Due,
    stopped_at: datetime,
    limit: Limit | None,
) -> Due:
    calendar, clock = time.calendar, limit and limit.clock
    if what == Turn.RESUMED and until < at:
        return due  # it was late when it stopped, with its whole, and stayed so
    if what == Turn.RESUMED:
        return deadlines.rest(calendar, at, stopped_at, due, limit, due.whole)
    if what == Turn.REWORKED:
        return deadlines.after_rework(calendar, at, _submitted_before(task, at), due, limit)
    if what == Turn.BOUNDED:
        return deadlines.within(calendar, due, Deadline(until, provisional=False), at, clock)
    end = max(until, due.at)  # a date that was granted stays; the limit itself gives no less
    more = deadlines.time_between(calendar, due.at, end, clock)
    provisional = due.provisional and end == due.at
    return deadlines.until(calendar, at, end, clock, provisional=provisional, whole=due.whole + more)


def _submitted_before(task: Task, at: datetime) -> datetime:
    said = [step["at"] for step in task.history if step["what"] == Step.SUBMIT and step["at"] <= at]
    return said[-1] if said else at
