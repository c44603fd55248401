"""延期, 挂账 and 上报提级: asked for by the unit, answered by the level above, the office, or who gave the part."""

from collections.abc import Sequence
from datetime import datetime

from infra.organisation.officer import Officer
from infra.problem import InvalidInput
from services.tasks import rights
from services.tasks.command_room import By, read_moment
from services.tasks.contracts import TaskView
from services.tasks.moving_commands import MovingCommands
from services.tasks.parts import whole_of
from services.tasks.request_rules import Ask, waiting
from services.tasks.task import Task
from services.tasks.task_record import require_text
from services.tasks.task_states import Step
from services.tasks.task_views import views_of
from services.tasks.whole_and_part import bound_of


class RequestCommands(MovingCommands):
    """Requests, their answers, and early resumption."""

    def ask_extension(self, task_id: str, seen: int, by: By, until: str, reason: str, cause: str) -> TaskView:
        """申请延期 to `until`."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            moment, latest = read_moment(until, "until"), self._assigner.time.latest_extension(task)
            unit, bound = rights.acting_unit(who), _latest(task)
            task.ask_extension(who.name, moment, reason, at, cause, latest=latest, bound=bound, by_unit=unit)

        return self._take(task_id, seen, by, rights.require_unit, step)

    def ask_suspension(self, task_id: str, seen: int, by: By, until: str, reason: str, cause: str) -> TaskView:
        """申请挂账 to `until`."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            moment, unit, bound = read_moment(until, "until"), rights.acting_unit(who), _latest(task)
            task.ask_suspension(who.name, moment, reason, at, cause, bound=bound, by_unit=unit)

        return self._take(task_id, seen, by, rights.require_unit, step)

    def answer_request(
        self, task_id: str, seen: int, by: By, granted: bool, why: str, cause: str, unit: str | None = None
    ) -> TaskView:
        """Grant or refuse the request that waits; a refusal says why. A raise that is granted moves the duty to `unit`,
        by default to the lead department of the routing table: then the view is the new task's."""
        if not isinstance(granted, bool):
            raise InvalidInput("granted must be true or false", "应说明是否同意", field="granted")

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            decider, asked = rights.acting_unit(who), waiting(task.requests)
            if not granted:
                task.refuse(who.name, why, at, cause, by_unit=decider)
                return ()
            if asked and asked["kind"] == Ask.RAISE:
                return self._granted(task, who, unit, why, at, cause)
            until = asked["until"] if asked and asked["kind"] == Ask.EXTENSION else None
            given = self._assigner.time.extended(task, until, at)
            task.grant(who.name, why, at, cause, until=given, bound=_latest(task), by_unit=decider)
            return ()

        task, following = self._replace(task_id, seen, by, rights.require_above, step)
        return views_of([following[0] if following else task])[0]

    def resume(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """恢复办理 before the chosen end, with a reason."""
        require_text(reason, "reason", "提前恢复必须说明理由")

        def step(task: Task, who: Officer, at: datetime) -> None:
            task.check_can(Step.RESUME)
            until = self._assigner.time.resumed(task, at, bound_of(whole_of(task)))
            task.resume(who.name, reason, until, at, cause, by_unit=rights.acting_unit(who))

        return self._take(task_id, seen, by, rights.require_unit, step)


def _latest(task: Task) -> datetime | None:
    """When `task` is due at the latest where it is a part."""
    bound = bound_of(whole_of(task))
    return bound.at if bound else None
