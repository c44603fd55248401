"""The task of a case follows it: what one event of the case makes of its task."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from services.complaints.contracts import CaseState, CaseStatus
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Due
from services.tasks.task_check import TaskCheck
from services.tasks.task_clock import BY_ITSELF, TaskClock
from services.tasks.task_record import SYSTEM
from services.tasks.task_states import ENDED

FELL_AWAY = frozenset(
    {CaseStatus.VOIDED, CaseStatus.ANSWERED, CaseStatus.MERGED, CaseStatus.RECEIVED, CaseStatus.VERIFYING}
)  # the last two: its filing was undone

TimeAgain = Callable[[Any, datetime], Due | None]


class TaskFollow(TaskCheck, TaskClock):
    """Reworked, closed or withdrawn as its case says."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def follow(
        self, case: CaseState, sequence: int, note: str, at: datetime, cause: str, again: TimeAgain | None = None
    ) -> bool:
        """Do what the case's event number `sequence` makes necessary; older and repeated events do nothing.

        The event carries the case's full state, so the newest says it all; `again` tells the deadline after a rework.
        False where this task was given back or passed on: then the case's next task must be told.
        """
        if self.status == TaskStatus.RETURNED or self.reassigned:
            return False
        if sequence <= self.case_sequence:
            return True
        self.case_sequence = sequence
        if self.status not in ENDED:
            self._follow(case, note, at, cause, again)
        return True

    def _follow(self, case: CaseState, note: str, at: datetime, cause: str, again: TimeAgain | None) -> None:
        missed = case.reworks - self.case_reworks
        ends = case.status == CaseStatus.CLOSED or case.status in FELL_AWAY
        if again and self.status == TaskStatus.SUSPENDED and (missed > 0 or ends):
            self._resume_for(again, at, cause)
        if missed > 0:
            self.case_reworks = case.reworks
            until = again(self, at) if again else None
            self.rectify(SYSTEM, note or "核查未通过，返工", at, cause, times=missed, until=until)
        if case.status == CaseStatus.CLOSED:
            self.close(SYSTEM, note or "案件结案", case.closed_at or at, cause)
        elif case.status in FELL_AWAY:
            self.withdraw(SYSTEM, note or "案件不再需要办理", at, cause)

    def ended_before(self, case: CaseState, at: datetime, cause: str, again: TimeAgain | None = None) -> bool:
        """Whether the duty had ended before `case` was reopened or restored: then its next task has it from now on.

        What the news of the closing or merging has not ended yet ends now, as of then.
        """
        if self.status not in ENDED:
            self._catch_up(case, at, cause, again)
        self.reassigned = self.reassigned or self.status in ENDED
        return bool(self.reassigned)

    def _catch_up(self, case: CaseState, at: datetime, cause: str, again: TimeAgain | None) -> None:
        reopened, then = case.reopenings > self.case_reopenings, case.last_ended_at or at
        if not reopened and case.restorations <= (self.case_restorations or 0):
            return
        if again and self.status == TaskStatus.SUSPENDED:
            self._resume_for(again, then, cause)
        if reopened:
            self.close(SYSTEM, "案件结案后重办", then, cause)
        else:
            self.withdraw(SYSTEM, "案件曾并入其他案件", then, cause)

    def _resume_for(self, again: TimeAgain, at: datetime, cause: str) -> None:
        """What its case decides about a suspended task is judged by a clock that runs."""
        until = again(self, at)
        assert until is not None
        self.resume(SYSTEM, BY_ITSELF if self.must_resume(at) else "案件已有核查结论，恢复计时", until, at, cause)
