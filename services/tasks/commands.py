"""What officers do with tasks. A command names the version that they saw; refused, it changes and tells nothing."""

from collections.abc import Sequence
from datetime import datetime

from infra.organisation.officer import Officer
from infra.problem import Refused
from services.tasks import rights
from services.tasks.command_room import By, CommandRoom
from services.tasks.contracts import TaskView
from services.tasks.parts import open_parts, whole_of
from services.tasks.request_commands import RequestCommands
from services.tasks.task import SYSTEM, Task
from services.tasks.task_record import require_text
from services.tasks.task_views import views_of
from services.tasks.whole_and_part import bound_of, follow_whole
from services.tasks.work_commands import WorkCommands


class AnswerCommands(CommandRoom):
    """From acceptance to the end."""

    def accept(self, task_id: str, seen: int, by: By, cause: str) -> TaskView:
        """签收."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            task.accept(who.name, at, cause, by_unit=rights.acting_unit(who))

        return self._take(task_id, seen, by, rights.require_unit, step)

    def submit(
        self, task_id: str, seen: int, by: By, result: str, cause: str, materials: Sequence[str] = ()
    ) -> TaskView:
        """申报完成 with what was done, and ids of materials. A parent waits for its children, a lead for who assists
        it."""

        def step(task: Task, who: Officer, at: datetime, named: list[str]) -> None:
            below, assists = open_parts(task)
            task.submit(
                who.name,
                result,
                at,
                cause,
                by_unit=rights.acting_unit(who),
                unfinished_below=below,
                assists_open=assists,
                materials=materials,
                named=named,
            )

        return self._take_with(materials, task_id, seen, by, rights.require_unit, step)

    def verify(self, task_id: str, seen: int, by: By, passed: bool, note: str | None, cause: str) -> TaskView:
        """验收 by whom the task answers to, never by the unit that submitted: passed, and with that done; or not, and
        the same unit rectifies (with a reason)."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            unit = rights.acting_unit(who)
            if passed:
                task.verify(who.name, note, at, cause, by_unit=unit)
            else:
                self._fail(task, who.name, note or "", at, cause, unit)
            return ()

        return views_of([self._replace(task_id, seen, by, rights.require_above, step)[0]])[0]

    def _fail(self, task: Task, by: str, note: str, at: datetime, cause: str, by_unit: str) -> None:
        """A part that is sent back is due within its whole, and stands still where that does."""
        whole, time = whole_of(task), self._assigner.time
        task.fail(by, note, at, cause, by_unit=by_unit, until=time.again(task, at, bound_of(whole)))
        if whole is not None:
            follow_whole(task, whole, time, at, task.outbox[-1].id)

    def give_back(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """退回 with a reason; the next task of the duty comes to be in the same transaction. A part falls back to the
        unit that gave it."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            route = self._assigner.next_unit(task)
            next_unit = route.unit if route else task.answers_to if task.whole_id else None
            task.give_back(who.name, reason, next_unit, at, cause, by_unit=rights.acting_unit(who))
            if route is None:
                return ()
            return self._assigner.with_assists(self._assigner.next(task, route, SYSTEM, at, task.outbox[-1].id))

        return views_of([self._replace(task_id, seen, by, rights.require_unit, step)[0]])[0]

    def assign(self, task_id: str, seen: int, by: By, unit: str, cause: str) -> TaskView:
        """裁定: the headquarters' office names the unit of a task that came to it; there it stays. Withdrawn and issued
        anew in one transaction; the view is the new task's."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            route = self._assigner.office_choice(task, unit)
            task.pass_on(who.name, route.because, at, cause, by_unit=rights.acting_unit(who))
            following = self._assigner.next(task, route, who.name, at, task.outbox[-1].id, decided=True)
            return self._assigner.with_assists(following)

        return views_of(self._replace(task_id, seen, by, rights.require_office, step)[1][:1])[0]

    def withdraw(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """撤回 with a reason, by the office, or of a part by the unit that gave it (解除协办); its own parts end with
        it. The assignment of a case is never withdrawn here: the case decides."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            if task.state().stands_for_its_case:
                raise Refused("its case decides: void or merge that", "案件派遣的任务随案件作废或并案撤回")
            require_text(reason, "reason", "撤回必须说明理由")
            task.withdraw(who.name, reason, at, cause, by_unit=rights.acting_unit(who))
            return ()

        return views_of([self._replace(task_id, seen, by, rights.require_issuer, step)[0]])[0]


class Commands(AnswerCommands, WorkCommands, RequestCommands):
    """Every command of officers."""
