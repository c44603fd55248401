"""The clock of a part follows that of its whole (part: what a unit gave to others, or a plan to the level below).

* While the whole is suspended (挂账), its parts stand still, and theirs; they go on when it does, each at its own end
  where it was suspended itself for longer. One whose own suspension is over by then has gone on before.
* A running part is due when its own clock says, but never after its running whole; where that is extended, the part
  keeps its own deadline. A whole whose deadline had passed when the part got its time (sent back, or going on) bounds
  it no more: nobody is given a deadline that has passed.
* What waits for its check has no running clock, and what has ended has none.

Pure rules: whoever changes a duty calls `follow_whole` for its parts (parts.py); once done, again changes nothing.
"""

from datetime import datetime

from infra.calendar import Deadline
from services.tasks.clock_ledger import given_at, running_since
from services.tasks.contracts import OPEN_STATUSES, TaskStatus
from services.tasks.task import SYSTEM, Task
from services.tasks.task_clock import BY_ITSELF
from services.tasks.timekeeping import Timekeeper


def bound_of(whole: Task | None) -> Deadline | None:
    """When a part of `whole` is due at the latest; None where there is no whole, or no clock of it runs."""
    if whole is None or whole.status not in OPEN_STATUSES or whole.status == TaskStatus.SUSPENDED:
        return None
    return Deadline(whole.deadline, whole.deadline_provisional)


def follow_whole(part: Task, whole: Task, time: Timekeeper, at: datetime, cause: str) -> None:
    """Let the clock of `part` stand, run and end as that of its `whole` does `at` that moment."""
    if part.status not in OPEN_STATUSES or whole.status not in OPEN_STATUSES:
        return
    bound = Deadline(whole.deadline, whole.deadline_provisional)
    stands_still = whole.status == TaskStatus.SUSPENDED
    if part.stopped_with is not None and not stands_still:
        _go_on(part, bound, running_since(whole.clock_ledger) or at, time, at, cause)
    if part.must_resume(at):
        part.resume(SYSTEM, BY_ITSELF, time.resumed(part, at, bound), at, cause)
    if stands_still:
        part.stand_still_with(whole.pk, whole.suspended_until, at, cause)
    elif part.status != TaskStatus.SUSPENDED and outlasts(part, bound):
        part.bound(time.bounded(part, bound, at), at, cause)


def outlasts(part: Task, bound: Deadline) -> bool:
    """Whether `part` is due after its whole, which is due at `bound`, and got its time before that."""
    return part.deadline > bound.at and given_at(part.clock_ledger) < bound.at


def _go_on(part: Task, bound: Deadline, whole_since: datetime, time: Timekeeper, at: datetime, cause: str) -> None:
    """The whole runs since that moment, the part with it: not before it stood still itself, as where it was sent back
    while nobody had looked yet whether the suspension of its whole was over."""
    since = max(whole_since, part.suspended_at)
    if part.resume_at is not None and part.resume_at > since:
        part.keep_own_suspension(at, cause)
        return
    until = None if part.overdue else time.resumed(part, since, bound)
    unanswered = part.status_before == TaskStatus.ISSUED and part.answer_by > part.suspended_at
    answer_by = min(time.answer_again(part, since), until.at) if unanswered and until else None
    part.go_on_with_whole(until, answer_by, since, at, cause)
