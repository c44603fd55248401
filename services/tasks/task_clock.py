"""延期 and 挂账: asked for by the unit, answered by whom it answers to; and the clock that stops and runs on.

What may be asked and granted stands in request_rules.py, which deadline follows in timekeeping.py.
"""

from datetime import datetime
from typing import Any, ClassVar

from infra.problem import Refused
from services.tasks import contracts
from services.tasks.clock_ledger import Turn
from services.tasks.deadlines import Due
from services.tasks.request_rules import (
    ASK_ZH,
    Ask,
    check_extension,
    check_in_time,
    check_none_waits,
    check_suspension,
    waiting,
)
from services.tasks.task_record import TaskRecord, require_text
from services.tasks.task_states import Step

BY_ITSELF = "挂账到期，自动恢复"


class TaskClock(TaskRecord):
    """Extended, suspended, resumed."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def ask_extension(
        self,
        by: str,
        until: datetime,
        reason: str,
        at: datetime,
        cause: str,
        *,
        latest: datetime,
        bound: datetime | None = None,
        by_unit: str | None = None,
    ) -> None:
        """申请延期 to `until`, at most `latest`, and not after `bound`. Raises InvalidInput or Refused."""
        self._may_ask(Step.ASK_EXTENSION, reason, "申请延期必须说明理由")
        check_in_time(Ask.EXTENSION, at, self.deadline)
        check_extension(self.requests, until, at, deadline=self.deadline, latest=latest, bound=bound)
        self._ask(Ask.EXTENSION, Step.ASK_EXTENSION, by, until, reason, at, cause, by_unit=by_unit)

    def ask_suspension(
        self,
        by: str,
        until: datetime,
        reason: str,
        at: datetime,
        cause: str,
        *,
        bound: datetime | None = None,
        by_unit: str | None = None,
    ) -> None:
        """申请挂账 to `until`, within one year and not after `bound`. Raises InvalidInput or Refused."""
        self._may_ask(Step.ASK_SUSPENSION, reason, "申请挂账必须说明理由")
        check_suspension(self.requests, until, at, deadline=self.deadline, bound=bound)
        self._ask(Ask.SUSPENSION, Step.ASK_SUSPENSION, by, until, reason, at, cause, by_unit=by_unit)

    def grant(
        self,
        by: str,
        why: str,
        at: datetime,
        cause: str,
        *,
        until: Due,
        bound: datetime | None = None,
        by_unit: str | None = None,
    ) -> None:
        """批准 the request that waits, as it was asked; `until` is the deadline that an extension gives. The rules hold
        now as they did when it was asked; only that an extension was asked in time stays so. Raises Refused, also where
        nothing was asked or who asked decides."""
        asked = self._asked(by_unit)
        if asked["kind"] == Ask.EXTENSION:
            self._extend(asked, by, why, at, cause, until, bound, by_unit)
        else:
            assert asked["kind"] == Ask.SUSPENSION, "a raise is granted by raise_to"
            check_suspension(self.requests, asked["until"], at, deadline=self.deadline, bound=bound)
            self._suspend(asked, by, why, at, cause, by_unit)

    def refuse(self, by: str, why: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """不予批准, with a reason; it does not count. Raises InvalidInput, and Refused as `grant` does."""
        require_text(why, "why", "不予批准必须说明理由")
        asked = self._asked(by_unit)
        self._move(Step.REFUSE, at)
        self._answer(by, False, why, at, by_unit)
        self._settle()
        self._note(Step.REFUSE, by, f"不同意{ASK_ZH[Ask(asked['kind'])]}：{why}", at, cause, by_unit=by_unit)

    def resume(
        self, by: str, reason: str, until: Due | None, at: datetime, cause: str, *, by_unit: str | None = None
    ) -> None:
        """恢复办理: the clock runs again, since the chosen end where that has passed; `until` is the deadline that this
        gives (None: it had passed before). Raises Refused where it is not suspended, or stands still with its whole."""
        self._may(Step.RESUME)
        if self.stopped_with:
            raise Refused(
                f"{self.stopped_with}, of which it is a part, is suspended: it goes on with that",
                "主办或上级任务挂账期间，随其一并恢复",
                whole=self.stopped_with,
            )
        moment = self.goes_on_at(at)
        self._move(Step.RESUME, at)
        if until is None:
            self._turn(Turn.RESUMED, moment, self.deadline)
        else:
            self._due(until, Turn.RESUMED, moment)
        event = contracts.TaskResumed(task=self.state(), by=by, reason=reason)
        self._tell(Step.RESUME, event, by, at, cause, reason, by_unit=by_unit)

    def must_resume(self, at: datetime) -> bool:
        """Whether the chosen end of its suspension has come, and no whole keeps it."""
        return self.resume_at is not None and self.stopped_with is None and at >= self.resume_at

    def _may_ask(self, step: Step, reason: str, detail_zh: str) -> None:
        """Raises InvalidInput without a reason, Refused where nothing may be asked for, or another request waits."""
        require_text(reason, "reason", detail_zh)
        self._may(step)
        check_none_waits(self.requests)

    def _ask(
        self, kind: Ask, step: Step, by: str, until: Any, reason: str, at: datetime, cause: str, *, by_unit: Any
    ) -> None:
        self._move(step, at)
        asked = {"kind": kind.value, "by": by, "by_unit": by_unit, "at": at, "reason": reason, "until": until}
        self.requests = [*self.requests, asked]
        self._settle()
        self._note(step, by, reason, at, cause, by_unit=by_unit)

    def _asked(self, by_unit: str | None) -> dict[str, Any]:
        """The request that waits. Raises Refused where there is none, or the unit that asked would decide."""
        asked = waiting(self.requests)
        if asked is None:
            raise Refused("no request waits for an answer", "没有待答复的申请")
        if by_unit is not None and asked["by_unit"] == by_unit:
            raise Refused(
                f"{by_unit} asked for it: another unit decides", "本单位提出的申请不能由本单位批准", unit=by_unit
            )
        return dict(asked)

    def _answer(self, by: str, granted: bool, why: str, at: datetime, by_unit: str | None) -> None:
        answer = {"granted": granted, "decided_by": by, "decided_by_unit": by_unit, "decided_at": at, "why": why}
        *before, last = self.requests
        self.requests = [*before, {**last, **answer}]

    def _extend(
        self,
        asked: dict[str, Any],
        by: str,
        why: str,
        at: datetime,
        cause: str,
        until: Due,
        bound: datetime | None,
        by_unit: str | None,
    ) -> None:
        """What was late only because the answer was has not been late: overdue is what is late by the new deadline."""
        check_extension(self.requests, until.at, asked["at"], deadline=self.deadline, latest=until.at, bound=bound)
        self._move(Step.EXTEND, at)
        self._answer(by, True, why, at, by_unit)
        before, self.extensions = self.deadline, self.extensions + 1
        self._due(until, Turn.EXTENDED, at)
        self._judge_by_deadline(before, at)
        self.due_soon = self.overdue  # what is late by the new deadline too was warned of
        event = contracts.TaskExtended(task=self.state(), by=by, reason=asked["reason"], deadline_before=before)
        self._tell(Step.EXTEND, event, by, at, cause, why or asked["reason"], by_unit=by_unit)

    def _suspend(self, asked: dict[str, Any], by: str, why: str, at: datetime, cause: str, by_unit: str | None) -> None:
        self._may(Step.SUSPEND)
        before = self.status
        self._answer(by, True, why, at, by_unit)
        self._move(Step.SUSPEND, at)
        self.status_before, self.suspended_at = before, at
        self.suspended_until = self.resume_at = asked["until"]
        self._turn(Turn.STOPPED, at, self.resume_at)
        self._settle()
        event = contracts.TaskSuspended(task=self.state(), by=by, reason=asked["reason"])
        self._tell(Step.SUSPEND, event, by, at, cause, why or asked["reason"], by_unit=by_unit)
