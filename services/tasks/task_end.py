"""How a duty ends, or becomes another: 办结, 撤回, 改派; and 更正 before it has begun."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from infra.organisation import unit_path
from services.tasks import contracts
from services.tasks.clock_ledger import Turn
from services.tasks.deadlines import Due
from services.tasks.task_record import SYSTEM, TaskRecord
from services.tasks.task_states import Step


class TaskEnd(TaskRecord):
    """Closed, withdrawn, passed on, corrected."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def close(self, by: str, note: str | None, at: datetime, cause: str) -> None:
        """办结. Raises Refused in a state that does not allow it."""
        self._move(Step.CLOSE, at)
        self.closed_at = at
        self._tell(Step.CLOSE, contracts.TaskClosed(task=self.state()), by, at, cause, note)

    def withdraw(self, by: str, reason: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """撤回: the duty fell away. Raises Refused where it has ended already."""
        self._move(Step.WITHDRAW, at)
        self._tell_withdrawn(by, reason, at, cause, by_unit)

    def pass_on(self, by: str, because: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """改派: withdrawn, because the next task of the case has the duty from now on. Raises as `withdraw` does."""
        self._move(Step.WITHDRAW, at)
        self.reassigned = True
        self._tell_withdrawn(by, because, at, cause, by_unit)

    def _tell_withdrawn(self, by: str, reason: str, at: datetime, cause: str, by_unit: str | None) -> None:
        event = contracts.TaskWithdrawn(task=self.state(), reason=reason)
        self._tell(Step.WITHDRAW, event, by, at, cause, reason, by_unit=by_unit)

    def correct(self, facts: Mapping[str, Any], until: Due, note: str, at: datetime, cause: str) -> None:
        """更正: the case's category, place or limit was corrected, the unit stays and has not begun; the assignment is
        told again, with its deadline. Raises Refused where it was accepted."""
        self._move(Step.CORRECT, at)
        for name, value in facts.items():
            setattr(self, name, value)
        self.inside_places = unit_path.ancestors(self.place_path)
        before = self.deadline
        self._due(until, Turn.CORRECTED, at)
        self._judge_by_deadline(before, at)
        self._tell(Step.CORRECT, contracts.TaskAssigned(task=self.state()), SYSTEM, at, cause, note)
