"""办理: what a unit does with a duty between acceptance and submission: progress, self-check, parts given to others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from infra.problem import InvalidInput
from services.tasks import contracts
from services.tasks.task_record import TaskRecord, require_text, with_materials, with_names
from services.tasks.task_states import Step


class TaskWork(TaskRecord):
    """Reported on, self-checked, shared with others."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def report_progress(
        self,
        by: str,
        percent: int,
        words: str,
        at: datetime,
        cause: str,
        *,
        materials: Sequence[str] = (),
        named: Sequence[str] = (),
        by_unit: str | None = None,
    ) -> None:
        """报告进展: how far it is in per cent (0..100) and in words, with the ids and the names of materials. Raises
        InvalidInput, and Refused in a state that does not allow it."""
        if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
            raise InvalidInput("percent must be 0 to 100", "进展应为0至100的整数", field="percent")
        require_text(words, "words", "报告进展必须说明情况")
        known = with_materials(self.materials, materials)
        self._move(Step.PROGRESS, at)
        self.progress_percent, self.materials = percent, known
        self._note(Step.PROGRESS, by, with_names(f"{percent}%：{words}", named), at, cause, by_unit=by_unit)

    def add_materials(
        self, by: str, materials: Sequence[str], named: Sequence[str], at: datetime, cause: str, *, by_unit: str
    ) -> None:
        """补充材料: these belong to it from now on. Raises InvalidInput, and Refused where it has ended."""
        known = with_materials(self.materials, materials)
        self.check_can(Step.ADD_MATERIALS)
        self.notice(at)
        self.materials = known
        self._note(Step.ADD_MATERIALS, by, "、".join(named), at, cause, by_unit=by_unit)

    def self_check(
        self, by: str, passed: bool, result: str, problems: str, at: datetime, cause: str, *, by_unit: str | None = None
    ) -> None:
        """自查, published: `passed` with a `result`; where it did not, with the problems found and what is done about
        them. Only what passed can be submitted. Raises InvalidInput, and Refused."""
        if not isinstance(passed, bool):
            raise InvalidInput("passed must be true or false", "应说明自查是否合格", field="passed")
        require_text(result, "result", "自查必须说明结果")
        if not passed:
            require_text(problems, "problems", "自查不合格必须说明问题和整改措施")
        step = Step.SELF_CHECK if passed else Step.SELF_CHECK_FAILED
        self._move(step, at)
        self.self_checks, self.self_checked_at = self.self_checks + 1, at
        event = contracts.SelfCheckPublished(
            task=self.state(),
            by=by,
            number=self.self_checks,
            passed=passed,
            result=result,
            problems=problems or "",
        )
        self._tell(step, event, by, at, cause, problems or result, by_unit=by_unit)

    def share(self, step: Step, units: int, words: str, by: str, at: datetime, cause: str, *, by_unit: str) -> None:
        """分解 (Step.DELEGATE) or 请求协办 (Step.ASK_ASSIST): so many parts were given. Raises Refused."""
        self._move(step, at)
        self.parts += units
        self._note(step, by, words, at, cause, by_unit=by_unit)
