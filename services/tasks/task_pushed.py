"""督办 of a task, as the task sees it: when one is to be opened, that it was, and how often."""

from datetime import datetime
from typing import Any, ClassVar

from infra.calendar import Deadline
from services.tasks import card_rules, contracts
from services.tasks.clock_ledger import Turn
from services.tasks.deadlines import Due
from services.tasks.task_record import SYSTEM, TaskRecord
from services.tasks.task_states import ENDED, WITH_THE_UNIT, Step

OVERDUE_ZH = "超过办理期限仍未办结"


class TaskPushed(TaskRecord):
    """Supervised."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def must_supervise(self, at: datetime) -> bool:
        """Whether the moment has come at which the unit is to be pushed by itself."""
        return self.supervise_at is not None and at > self.supervise_at and self.status in WITH_THE_UNIT

    def await_supervision(self, because: str, at: datetime) -> None:
        """A follow-up found its case unsolved: let the scanner open a supervision at its next look after that moment,
        once, whoever has the duty meanwhile and however often it is told."""
        if self.unsolved_heard == self.case_reopenings:
            return
        self.unsolved_heard = self.case_reopenings
        self.supervise_at, self.supervise_because = at, because
        self._settle()

    def supervise(self, by: str, because: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """督办: another order was opened. Raises Refused where the duty has ended."""
        self._may(Step.SUPERVISE)
        self.notice(at)
        self.supervisions += 1
        self.forgo_supervision()
        self._note(Step.SUPERVISE, by, because, at, cause, by_unit=by_unit)

    def await_next_supervision(self, at: datetime) -> None:
        """The last order that pushed it was closed `at` that moment: what is late and still undone is pushed again so
        long after that (card_rules.py), by a clock that stands still where the task's does; nothing where that is to
        happen already."""
        self.notice(at)
        if self.overdue and self.status not in ENDED and self.supervise_at is None:
            self.supervise_at = self._ran_until(at) + card_rules.supervised_again_after(at)
            self._settle()

    def recalculate(
        self, until: Due | None, version: int, at: datetime, cause: str, *, answer: Deadline | None = None
    ) -> bool:
        """The calendar came, as of `version`: the deadline is `until` and the end of the time for acceptance
        `answer` from now on (None: it stays, as it never depended on a calendar), what was warned of stays said.
        False where the deadline does not change."""
        self.answer_provisional = answer is not None and answer.provisional
        self.answer_by = answer.at if answer is not None else self.answer_by
        before, provisional = self.deadline, self.deadline_provisional
        if until is not None:
            self._count_to(until)
        else:
            self.deadline_provisional = False
        self.provisional_under = version if self.deadline_provisional or self.answer_provisional else None
        self._judge_by_deadline(before, at)
        if (before, provisional) == (self.deadline, self.deadline_provisional):
            return False
        self._turn(Turn.RECALCULATED, at, self.deadline)
        event = contracts.TaskRecalculated(task=self.state(), deadline_before=before)
        self._tell(Step.RECALCULATE, event, SYSTEM, at, cause, "节假日安排公布，重新核定期限")
        return True

    def forgo_supervision(self) -> None:
        """None is due any more: it was opened, or there is nobody who could."""
        self.supervise_at = self.supervise_because = None
        self._settle()
