"""The task of a case follows it: what one event of the case makes of its task."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from infra.calendar import Deadline
from services.complaints.contracts import CaseState, CaseStatus
from services.tasks.contracts import TaskStatus
from services.tasks.task_check import TaskCheck
from services.tasks.task_record import SYSTEM
from services.tasks.task_states import ENDED

FELL_AWAY = frozenset({CaseStatus.VOIDED, CaseStatus.ANSWERED, CaseStatus.MERGED})

TimeAgain = Callable[[Any, datetime], Deadline | None]


class TaskFollow(TaskCheck):
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
        if missed > 0:
            self.case_reworks = case.reworks
            until = again(self, at) if again else None
            self.rectify(SYSTEM, note or "核查未通过，返工", at, cause, times=missed, until=until)
        if case.status == CaseStatus.CLOSED:
            self.close(SYSTEM, note or "案件结案", case.closed_at or at, cause)
        elif case.status in FELL_AWAY:
            self.withdraw(SYSTEM, note or "案件不再需要办理", at, cause)
