"""上报提级: a unit asks that its duty move upward, with reasons; granted, the next task of the duty has it."""

from datetime import datetime
from typing import Any, ClassVar

from infra.problem import Refused
from services.tasks.raising_rules import check_raisable
from services.tasks.request_rules import Ask, check_in_time, check_none_waits
from services.tasks.task_clock import TaskClock
from services.tasks.task_end import TaskEnd
from services.tasks.task_record import require_text
from services.tasks.task_states import Step


class TaskRaise(TaskEnd, TaskClock):
    """Raised; a refusal is TaskClock.refuse."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def ask_raise(
        self, by: str, reason: str, at: datetime, cause: str, *, decided: bool, by_unit: str | None = None
    ) -> None:
        """申请上报提级 with a reason; `decided`: the office has decided whose duty it is. Raises InvalidInput or
        Refused (raising_rules.py)."""
        require_text(reason, "reason", "上报提级必须说明理由")
        check_raisable(self.responsible_unit, self.source, part=self.is_part, decided=decided)
        self._may(Step.ASK_RAISE)
        check_none_waits(self.requests)
        check_in_time(Ask.RAISE, at, self.deadline)
        self._ask(Ask.RAISE, Step.ASK_RAISE, by, None, reason, at, cause, by_unit=by_unit)

    def raise_to(self, by: str, why: str, because: str, at: datetime, cause: str, *, by_unit: str | None = None) -> str:
        """The raise is granted, and another task has the duty from now on; the reason that the unit gave. Raises
        Refused where nothing of the kind was asked, or who asked decides."""
        asked = self._asked(by_unit)
        if asked["kind"] != Ask.RAISE:
            raise Refused("no raise waits for an answer", "没有待答复的上报提级申请")
        self._may(Step.WITHDRAW)
        self._answer(by, True, why, at, by_unit)
        self.pass_on(by, because, at, cause, by_unit=by_unit)
        return str(asked["reason"])
