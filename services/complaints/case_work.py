"""The unit's work on a case: the case stands where its task stands, is checked, sent back or closed."""

from datetime import datetime
from typing import Any, ClassVar

from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord
from services.complaints.case_states import TRANSITIONS, Step, way
from services.complaints.contracts import CaseStatus, Closing, LimitGiven
from services.complaints.officers_words import said
from services.complaints.reply_templates import complete
from services.complaints.task_following import rework_asked, seen, standing
from services.tasks.contracts import TaskState


class CaseWork(CaseRecord):
    """From the assignment to the end."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def follow(
        self,
        task: TaskState,
        sequence: int,
        *,
        next_unit: str | None = None,
        result: str | None = None,
        why: str = "",
        at: datetime,
        cause: str,
    ) -> bool:
        """Stand where the task's event number `sequence` says, if it is the newest; False where it is no news.

        Whatever the order in which events come, the last state is the same. An ended case only remembers the mark.
        """
        marks = seen(self.tasks, task, sequence, next_unit=next_unit, result=result)
        if marks is self.tasks:
            return False
        self.tasks = marks
        if not self.has_ended:
            self._stand_as_the_task(why, at, cause)
        return True

    def _stand_as_the_task(self, why: str, at: datetime, cause: str) -> None:
        before, now = self.state(), standing(self.tasks, self.rounds_done)
        steps = way(CaseStatus(self.status), now.status) if now.status else []
        for step in steps or []:
            self._take(step)
        self.task_id, self.responsible_unit = now.task_id, now.responsible_unit
        self.inside_units = unit_path.ancestors(now.responsible_unit) if now.responsible_unit else []
        self.dispatches, self.returns = now.dispatches, now.returns
        self.proposed_reply = now.proposed_reply
        if self.state() != before:
            what = "、".join(TRANSITIONS[step].zh for step in steps or []) or "重新派遣"
            same_duty = now.dispatches in (1, before.dispatches)  # the next unit is told how the case stands
            since = self.unchanged_since if same_duty else 0
            event = contracts.CaseRevised(case=self.state(), what=what, unchanged_since=since)
            self._tell(event, what, SYSTEM, at, cause, why)

    def request_rework(self, by: str, reason: str, *, at: datetime, cause: str) -> None:
        """返工: the check failed, the same unit again. Raises Refused, InvalidInput."""
        reason = said(reason, "reason")
        self._take(Step.REWORK)
        self.reworks += 1
        if self.task_id in self.tasks:
            self.tasks = rework_asked(self.tasks, self.task_id)
        self._tell(contracts.CaseReworkRequested(case=self.state(), reason=reason), "返工", by, at, cause, reason)

    def close(self, by: str, condition: str, reply: str, why: str = "", *, at: datetime, cause: str) -> None:
        """结案: the check passed; names the closing condition, replies to the citizen. A condition that is none
        of the row's that gave it its limit needs to say `why`. Raises Refused, InvalidInput."""
        condition, reply = said(condition, "condition"), complete(said(reply, "reply"))
        _check_condition(condition, why, self.limit_given)
        self._take(Step.CLOSE)
        self.closing_condition, self.reply = condition, reply
        self.closed_at = self.replied_at = at
        self.closings = [*self.closings, Closing(condition=condition, reply=reply, by=by, at=at, why=why)]
        words = f"{condition}（{why}）" if why else condition
        self._tell(contracts.CaseClosed(case=self.state(), condition=condition), "结案", by, at, cause, words)


def _check_condition(condition: str, why: str, given: LimitGiven | None) -> None:
    """Raises InvalidInput. Where the row, of whichever table, names no condition the officer's words will do."""
    known = given.closing_conditions if given is not None else []
    if known and condition not in known and not why.strip():
        raise InvalidInput(
            f"not a closing condition of its row ({' / '.join(known)}); say why it is closed like that",
            f"不是该案件适用的结案条件（{'；'.join(known)}），请说明理由",
            field="condition",
        )
