"""申报完成 and what follows: the check, 整改 where it fails, 验收 where it does not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from infra.problem import Refused
from services.tasks import contracts
from services.tasks.clock_ledger import Turn
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Due
from services.tasks.sharing_rules import check_parts_done
from services.tasks.task_end import TaskEnd
from services.tasks.task_record import require_text, with_materials, with_names
from services.tasks.task_states import Step


class TaskCheck(TaskEnd):
    """From the submission to the verification."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def submit(
        self,
        by: str,
        result: str,
        at: datetime,
        cause: str,
        *,
        by_unit: str | None = None,
        unfinished_below: int = 0,
        assists_open: int = 0,
        materials: Sequence[str] = (),
        named: Sequence[str] = (),
    ) -> None:
        """申报完成, with what was done. Raises InvalidInput without it, Refused in a state that does not allow it, or
        while parts are open: a parent is complete when its children are, a lead when its assisting units have done
        their part or were released."""
        require_text(result, "result", "申报完成必须说明办理结果")
        check_parts_done(unfinished_below, assists_open)
        known = with_materials(self.materials, materials)
        self._move(Step.SUBMIT, at)
        self.submitted_at, self.materials = at, known
        event = contracts.TaskSubmitted(task=self.state(), by=by, result=result)
        self._tell(Step.SUBMIT, event, by, at, cause, with_names(result, named), by_unit=by_unit)

    def verify(self, by: str, note: str | None, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """验收 passed: verified, and with that closed. Raises Refused for a case's task, in another state, or where
        the unit that submitted it is the one that verifies."""
        self._check_verifier(by_unit)
        self._move(Step.VERIFY, at)
        self._tell(Step.VERIFY, contracts.TaskVerified(task=self.state(), by=by), by, at, cause, note, by_unit=by_unit)
        self.close(by, note, at, cause)

    def rectify(
        self,
        by: str,
        reason: str,
        at: datetime,
        cause: str,
        *,
        by_unit: str | None = None,
        times: int = 1,
        until: Due | None = None,
    ) -> None:
        """整改: the check failed, the same unit again, `until` a new deadline where it gets one (see deadlines.py,
        `after_rework`). Raises InvalidInput without a reason, or Refused."""
        require_text(reason, "reason", "退回整改必须说明理由")
        checked = self._checked_for(at)
        self._move(Step.RECTIFY, at)
        self.reworks += times
        if until is not None:
            self._due(until, Turn.REWORKED, max(at, self.submitted_at or at))
        elif self.supervise_at is not None:  # late already: the time of the check pushes it no sooner
            self.supervise_at += checked
            self._settle()
        event = contracts.TaskRectifying(task=self.state(), reason=reason)
        self._tell(Step.RECTIFY, event, by, at, cause, reason, by_unit=by_unit)

    def fail(
        self,
        by: str,
        reason: str,
        at: datetime,
        cause: str,
        *,
        by_unit: str | None = None,
        until: Due | None = None,
    ) -> None:
        """验收 not passed: the same unit rectifies. Raises as `verify` does, and InvalidInput without a reason."""
        self._check_verifier(by_unit)
        self.rectify(by, reason, at, cause, by_unit=by_unit, until=until)

    def _checked_for(self, at: datetime) -> timedelta:
        """How long the check took by then of what was submitted before it was to be supervised."""
        waits = self.status == TaskStatus.SUBMITTED and self.submitted_at is not None
        before = waits and self.supervise_at is not None and self.supervise_at > self.submitted_at
        return max(at - self.submitted_at, timedelta()) if before else timedelta()

    def _check_verifier(self, by_unit: str | None) -> None:
        """Whoever submitted it does not judge it. An officer is known by the unit for which they act: many officers
        share a name."""
        self._may(Step.VERIFY)
        submitted = next((one for one in reversed(self.history) if one["what"] == Step.SUBMIT), None)
        if by_unit is not None and submitted is not None and submitted.get("by_unit") == by_unit:
            raise Refused(
                f"{by_unit} submitted it and cannot verify it: another unit does",
                "本单位申报完成的任务不能由本单位验收",
                unit=by_unit,
            )
