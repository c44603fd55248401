"""The clock of a task through its life: what is left after a check or a suspension, how far it can be extended."""

from datetime import datetime, timedelta

from infra.calendar import LENGTHS, ClockUnit, Deadline, WorkingCalendar
from infra.clock import in_milliseconds
from services.tasks import deadlines
from services.tasks.clock_ledger import first_deadline
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Limit
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

    def again(self, task: TaskRecord, at: datetime) -> Deadline | None:
        """The deadline where the unit goes on at that moment, after a check that failed or a suspension; None where it
        stays: it was with the unit, or submitted too late."""
        if task.status == TaskStatus.SUSPENDED:
            return self.resumed(task, at)
        if task.status != TaskStatus.SUBMITTED or task.overdue or task.submitted_at is None:
            return None
        return deadlines.after_rework(self.calendar, at, task.submitted_at, task.deadline, limit_given(task))

    def resumed(self, task: TaskRecord, at: datetime) -> Deadline:
        """The deadline of a suspended task when its clock runs again at that moment, or ran again at the chosen end:
        the time that was left, by the clock of its limit."""
        moment = min(at, task.resume_at)
        return deadlines.rest(self.calendar, moment, task.suspended_at, task.deadline, limit_given(task))

    def latest_extension(self, task: TaskRecord) -> datetime:
        """The latest deadline of the next extension: one original limit after the present one."""
        return self.extended(task).at

    def extended(self, task: TaskRecord, until: datetime | None = None) -> Deadline:
        """The deadline `until` (by default one original limit after the present one), and whether that is certain."""
        most = deadlines.due(self.calendar, task.deadline, original_limit(task))
        return most if until is None else Deadline(in_milliseconds(until), most.provisional and until > task.deadline)

    def part_until(self, whole: TaskRecord, at: datetime, share: float) -> datetime:
        """The deadline of a part that is given at that moment: that share of the time that is left of the whole."""
        left = max(whole.deadline - at, timedelta())
        return in_milliseconds(at + left * share)
