"""A part and the clock of its whole: it stands still with that, goes on with it, and is never due after it.

What the deadlines are stands in timekeeping.py, when which of this happens in whole_and_part.py.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from services.tasks import contracts
from services.tasks.clock_ledger import Turn
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Due
from services.tasks.task_clock import TaskClock
from services.tasks.task_record import SYSTEM
from services.tasks.task_states import WITH_THE_UNIT, Step

WITH_WHOLE = "随主办或上级任务挂账"
ON_WITH_WHOLE = "随主办或上级任务恢复办理"
OWN_GOES_ON = "主办或上级任务已恢复，本任务仍在挂账"
BOUNDED = "主办或上级任务期限提前"


class TaskPart(TaskClock):
    """Suspended, resumed and bounded with its whole."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def stand_still_with(self, whole_id: str, until: datetime, at: datetime, cause: str) -> None:
        """The whole is suspended until that moment: so is the part, whatever its own suspension. What waits for its
        check, or stands still with the whole already, is left as it is."""
        if self.status in WITH_THE_UNIT:
            before = self.status
            self._move(Step.STAND_STILL, at)
            self.status_before, self.suspended_at = before, at
            self._turn(Turn.STOPPED, at, until)
        elif self.status != TaskStatus.SUSPENDED:
            return
        shown = until if self.resume_at is None else max(self.resume_at, until)
        if (self.stopped_with, self.suspended_until) != (whole_id, shown):
            self.stopped_with = whole_id
            self._suspended_to(shown, WITH_WHOLE, at, cause)

    def keep_own_suspension(self, at: datetime, cause: str) -> None:
        """The whole goes on before the part's own suspension ends."""
        self.stopped_with = None
        self._suspended_to(self.resume_at, OWN_GOES_ON, at, cause)

    def go_on_with_whole(
        self, until: Due | None, answer_by: datetime | None, since: datetime, at: datetime, cause: str
    ) -> None:
        """The whole goes on, `since` that moment: so does the part, due `until` (None: it was overdue before and stays
        so), to be accepted until `answer_by` where it had not been."""
        stood = since - self.suspended_at
        self.answer_by = answer_by or self.answer_by
        self.supervise_at = self.supervise_at and self.supervise_at + max(stood, timedelta())
        self.stopped_with, self.resume_at = None, since
        self.resume(SYSTEM, ON_WITH_WHOLE, until, at, cause)

    def bound(self, until: Due, at: datetime, cause: str) -> None:
        """The whole is due earlier now, and the part with it at the latest. Who was warned that most of the time has
        gone is not warned again: now all the more of it has."""
        self.notice(at)
        before = self.deadline
        self._count_to(until)
        self._turn(Turn.BOUNDED, at, until.at)
        self._settle()
        event = contracts.TaskRecalculated(task=self.state(), deadline_before=before)
        self._tell(Step.RECALCULATE, event, SYSTEM, at, cause, BOUNDED)

    def _suspended_to(self, until: datetime, words: str, at: datetime, cause: str) -> None:
        self.suspended_until = until
        self._settle()
        event = contracts.TaskSuspended(task=self.state(), by=SYSTEM, reason=words)
        self._tell(Step.STAND_STILL, event, SYSTEM, at, cause, words)
