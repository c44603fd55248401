"""The clock of a task through its life: what is left after a check or a suspension, how far it can be extended."""

from datetime import datetime, timedelta

from infra.calendar import LENGTHS, ClockUnit, Deadline, WorkingCalendar
from infra.clock import in_milliseconds
from services.tasks import deadlines
from services.tasks.clock_ledger import first_deadline
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Due, Limit
from services.tasks.task_record import TaskRecord

A_DAY = LENGTHS[ClockUnit.NATURAL_DAY]


def limit_given(task: TaskRecord) -> Limit | None:
    """The limit with which it was issued; None where it was given a deadline."""
    return Limit(task.limit_amount, ClockUnit(task.limit_clock)) if task.limit_clock else None


def original_limit(task: TaskRecord) -> Limit:
    """The limit with which it was issued; where it was given a deadline, the natural days until that."""
    first = first_deadline(task.clock_ledger, task.deadline)
    return limit_given(task) or Limit((first - task.issued_at) / A_DAY, ClockUnit.NATURAL_DAY)


class Timekeeper:
    """Deadlines of tasks by the city's working calendar; it changes none."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar

    def again(self, task: TaskRecord, at: datetime, bound: Deadline | None = None) -> Due | None:
        """The deadline where the unit goes on at that moment, after a check that failed or a suspension, of a part
        within `bound`; None where it stays: it was with the unit, or submitted too late."""
        if task.status == TaskStatus.SUSPENDED:
            return self.resumed(task, at, bound)
        if task.status != TaskStatus.SUBMITTED or task.overdue or task.submitted_at is None:
            return None
        moment = max(at, task.submitted_at)  # what its case said before that is heard late
        own = deadlines.after_rework(self.calendar, moment, task.submitted_at, _deadline(task), limit_given(task))
        return self._given(task, own, bound, moment)

    def resumed(self, task: TaskRecord, at: datetime, bound: Deadline | None = None) -> Due:
        """The deadline of a suspended task when its clock runs again at that moment, or ran again at the chosen end:
        the time that was left, by the clock of its limit, of a part within `bound`."""
        moment, given = task.goes_on_at(at), self.time_given(task)
        own = deadlines.rest(self.calendar, moment, task.suspended_at, _deadline(task), limit_given(task), given)
        return self._given(task, own, bound, moment)

    def bounded(self, part: TaskRecord, bound: Deadline, at: datetime) -> Due:
        """The deadline of a part whose whole is due at `bound` from that moment on: its own, but never after that."""
        provisional = part.deadline_provisional and bound.provisional  # nothing but its whole moves it
        own = Due(part.deadline, provisional, part.due_soon_at, self.time_given(part))
        return self.within(part, own, bound, at)

    def answer_again(self, task: TaskRecord, at: datetime) -> datetime:
        """Until when a unit may accept in time, or return, what stood still before it was accepted and goes on at that
        moment: the working time that was left."""
        left = self.calendar.working_time_between(task.suspended_at, task.answer_by)
        return in_milliseconds(self.calendar.add_working(at, left))

    def _given(self, task: TaskRecord, own: Due, bound: Deadline | None, at: datetime) -> Due:
        """The deadline of what a unit gets back `at` that moment. Where the whole was due before that it bounds nothing
        any more: nobody is given a deadline that has passed."""
        return own if bound is None or bound.at <= at else self.within(task, own, bound, at)

    def within(self, task: TaskRecord, own: Due, bound: Deadline | None, at: datetime) -> Due:
        """The deadline `own` of a part, counted from `at`, but never after `bound`, that of its whole."""
        given = limit_given(task)
        return deadlines.within(self.calendar, own, bound, at, given and given.clock)

    def latest_extension(self, task: TaskRecord) -> datetime:
        """The latest deadline of the next extension: one original limit after the present one."""
        return self.extended(task).at

    def extended(self, task: TaskRecord, until: datetime | None = None, at: datetime | None = None) -> Due:
        """The deadline `until` (by default one original limit after the present one), and whether that is certain;
        granted `at` that moment, so most of its time has gone no earlier."""
        most = deadlines.due(self.calendar, task.deadline, original_limit(task))
        end = most.at if until is None else in_milliseconds(until)
        given = limit_given(task)
        clock = given and given.clock
        whole = self.time_given(task) + deadlines.time_between(self.calendar, task.deadline, end, clock)
        provisional = most.provisional and end > task.deadline
        return deadlines.until(self.calendar, at or task.issued_at, end, clock, provisional=provisional, whole=whole)

    def time_given(self, task: TaskRecord) -> timedelta:
        """How much time the present deadline gives altogether, by the clock of its limit."""
        if task.time_given is not None:
            return timedelta(seconds=task.time_given)
        given = limit_given(task)
        return deadlines.time_between(self.calendar, task.issued_at, task.deadline, given and given.clock)

    def part_until(self, whole: TaskRecord, at: datetime, share: float) -> datetime:
        """The deadline of a part that is given at that moment: that share of the time that is left of the whole."""
        left = max(whole.deadline - at, timedelta())
        return in_milliseconds(at + left * share)


def _deadline(task: TaskRecord) -> Deadline:
    return Deadline(task.deadline, task.deadline_provisional)
