"""What a unit does with its duty between acceptance and submission: progress, self-check, parts for others."""

from collections.abc import Sequence
from datetime import datetime

from infra.organisation.officer import Officer
from services.tasks import rights, sharing_rules
from services.tasks.command_room import By, CommandRoom, read_moment
from services.tasks.contracts import TaskRole, TaskView
from services.tasks.parts import TIME_BELOW, make_parts, units_with_parts
from services.tasks.task import Task
from services.tasks.task_record import require_text
from services.tasks.task_states import Step
from services.tasks.task_views import views_of


class WorkCommands(CommandRoom):
    """Reported on, self-checked, shared."""

    def report_progress(
        self, task_id: str, seen: int, by: By, percent: int, words: str, materials: list[str], cause: str
    ) -> TaskView:
        """报告进展: per cent, words, ids of materials."""

        def step(task: Task, who: Officer, at: datetime, named: list[str]) -> None:
            unit = rights.acting_unit(who)
            task.report_progress(who.name, percent, words, at, cause, materials=materials, named=named, by_unit=unit)

        return self._take_with(materials, task_id, seen, by, rights.require_unit, step)

    def self_check(
        self, task_id: str, seen: int, by: By, passed: bool, result: str, problems: str, cause: str
    ) -> TaskView:
        """自查, whose result is published."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            task.self_check(who.name, passed, result, problems, at, cause, by_unit=rights.acting_unit(who))

        return self._take(task_id, seen, by, rights.require_unit, step)

    def delegate(
        self, task_id: str, seen: int, by: By, units: list[str], deadline: str | None, words: str, cause: str
    ) -> TaskView:
        """分解: a part for each of the units directly below, due by `deadline` (by default nine tenths of what is
        left); the unit stays responsible for the whole. The view is the whole's."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            busy = units_with_parts(task, TaskRole.LEAD)
            below = sharing_rules.check_below(self._assigner.registry, task.responsible_unit, units, busy)
            names = "、".join(unit.short_name for unit in below)
            return self._share(task, who, at, Step.DELEGATE, below, deadline, words, f"分解给{names}", cause)

        return views_of([self._replace(task_id, seen, by, rights.require_unit, step)[0]])[0]

    def ask_assist(
        self, task_id: str, seen: int, by: By, unit: str, deadline: str | None, words: str, cause: str
    ) -> TaskView:
        """请求协办: a part for a peer, due by `deadline` (by default nine tenths of what is left). The view is the
        lead's."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            busy = units_with_parts(task, TaskRole.ASSIST)
            registry, own = self._assigner.registry, task.responsible_unit
            peer = sharing_rules.check_peer(registry, own, unit, busy, task.role)
            because = f"请{peer.short_name}协办"
            return self._share(task, who, at, Step.ASK_ASSIST, [peer], deadline, words, because, cause)

        return views_of([self._replace(task_id, seen, by, rights.require_unit, step)[0]])[0]

    def _share(
        self,
        task: Task,
        who: Officer,
        at: datetime,
        step: Step,
        units: sharing_rules.Units,
        deadline: str | None,
        words: str,
        because: str,
        cause: str,
    ) -> Sequence[Task]:
        require_text(words, "words", "应说明交办的内容")
        task.check_can(step)
        until = self._assigner.time.part_until(task, at, TIME_BELOW)
        until = until if deadline is None else read_moment(deadline, "deadline")
        sharing_rules.check_part_deadline(until, at, task.deadline)
        role = TaskRole.ASSIST if step == Step.ASK_ASSIST else TaskRole.LEAD
        said, calendar = f"{because}：{words}", self._assigner.calendar
        task.share(step, len(units), said, who.name, at, cause, by_unit=rights.acting_unit(who))
        return make_parts(task, units, role, until, said, at, who.name, calendar)
