"""签收 and 退回: what a unit says to a duty that it was given."""

from datetime import datetime
from typing import Any, ClassVar

from infra.problem import Refused
from services.tasks import contracts
from services.tasks.contracts import TaskSource
from services.tasks.request_figures import returns_until_office
from services.tasks.routing import is_office
from services.tasks.task_record import TaskRecord, require_text
from services.tasks.task_states import Step


class TaskAnswer(TaskRecord):
    """Accepted, or given back."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def accept(self, by: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """签收. Raises Refused in a state that does not allow it."""
        self._move(Step.ACCEPT, at)
        self.accepted_at, self.accepted_in_time = at, at <= self.answer_by
        self._tell(Step.ACCEPT, contracts.TaskAccepted(task=self.state(), by=by), by, at, cause, by_unit=by_unit)

    def check_returnable(self, reason: str, at: datetime) -> None:
        """The guards of 退回: a reason, in time, and not what the office decides. Raises InvalidInput or Refused."""
        require_text(reason, "reason", "退回必须说明理由")
        self._may(Step.RETURN)
        if self.is_decided:
            raise Refused("the headquarters' office has decided it: it stays", "已由总指挥部办公室裁定，不能再退回")
        if self.source == TaskSource.PLAN and self.parent_id is None:
            raise Refused("the plan names this unit as lead: it cannot give it back", "分解表确定的牵头任务不能退回")
        if at > self.answer_by:
            until = self.answer_by.isoformat()
            raise Refused(
                f"the working day for returning ended at {until}: who received it first is responsible",
                "已超过下达后一个工作日的退回时限，按首接负责制由本单位办理",
                until=until,
            )

    def give_back(
        self, by: str, reason: str, next_unit: str | None, at: datetime, cause: str, *, by_unit: str | None = None
    ) -> None:
        """退回: another task goes to `next_unit`. Raises as `check_returnable` does."""
        self.check_returnable(reason, at)
        self._move(Step.RETURN, at)
        self.returns += 1
        event = contracts.TaskReturned(task=self.state(), by=by, reason=reason, next_unit=next_unit)
        self._tell(Step.RETURN, event, by, at, cause, reason, by_unit=by_unit)

    @property
    def is_decided(self) -> bool:
        """Whether it lies with the headquarters' office, or came back so often that it stays where it is."""
        return self.is_settled or is_office(self.responsible_unit)

    @property
    def is_settled(self) -> bool:
        """Whether it stays where it is even when the case is corrected: the office named the unit, or has to."""
        return self.decided or self.returns >= returns_until_office(self.issued_at)
