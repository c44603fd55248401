"""延期 and 挂账: asked for by the unit, answered by the level above, the office, or who gave the part."""

from datetime import datetime

from infra.organisation.officer import Officer
from infra.problem import InvalidInput
from services.tasks import rights
from services.tasks.command_room import By, CommandRoom, read_moment
from services.tasks.contracts import TaskView
from services.tasks.request_rules import Ask, waiting
from services.tasks.task import Task
from services.tasks.task_record import require_text
from services.tasks.task_states import Step


class RequestCommands(CommandRoom):
    """Requests, their answers, and early resumption."""

    def ask_extension(self, task_id: str, seen: int, by: By, until: str, reason: str, cause: str) -> TaskView:
        """申请延期 to `until`."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            moment, latest = read_moment(until, "until"), self._assigner.time.latest_extension(task)
            unit, bound = rights.acting_unit(who), _bound(task)
            task.ask_extension(who.name, moment, reason, at, cause, latest=latest, bound=bound, by_unit=unit)

        return self._take(task_id, seen, by, rights.require_unit, step)

    def ask_suspension(self, task_id: str, seen: int, by: By, until: str, reason: str, cause: str) -> TaskView:
        """申请挂账 to `until`."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            moment, unit = read_moment(until, "until"), rights.acting_unit(who)
            task.ask_suspension(who.name, moment, reason, at, cause, by_unit=unit)

        return self._take(task_id, seen, by, rights.require_unit, step)

    def answer_request(self, task_id: str, seen: int, by: By, granted: bool, why: str, cause: str) -> TaskView:
        """Grant or refuse the request that waits; a refusal says why."""
        if not isinstance(granted, bool):
            raise InvalidInput("granted must be true or false", "应说明是否同意", field="granted")

        def step(task: Task, who: Officer, at: datetime) -> None:
            unit, asked = rights.acting_unit(who), waiting(task.requests)
            if not granted:
                task.refuse(who.name, why, at, cause, by_unit=unit)
                return
            until = asked["until"] if asked and asked["kind"] == Ask.EXTENSION else None
            given = self._assigner.time.extended(task, until)
            task.grant(who.name, why, at, cause, until=given, bound=_bound(task), by_unit=unit)

        return self._take(task_id, seen, by, rights.require_above, step)

    def resume(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """恢复办理 before the chosen end, with a reason."""
        require_text(reason, "reason", "提前恢复必须说明理由")

        def step(task: Task, who: Officer, at: datetime) -> None:
            task.check_can(Step.RESUME)
            until = self._assigner.time.resumed(task, at)
            task.resume(who.name, reason, until, at, cause, by_unit=rights.acting_unit(who))

        return self._take(task_id, seen, by, rights.require_unit, step)


def _bound(task: Task) -> datetime | None:
    """The deadline of the duty of which `task` is a part."""
    found = task.whole_id and Task._get_collection().find_one({"_id": task.whole_id}, {"deadline": 1})
    return found["deadline"] if found else None
