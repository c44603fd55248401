"""上报提级 and 改派: a unit raises its duty, the office has one routed anew by the table as it reads now."""

from collections.abc import Sequence
from datetime import datetime

from infra.organisation.officer import Officer, Role
from services.tasks import rights
from services.tasks.command_room import By, CommandRoom
from services.tasks.contracts import TaskStatus, TaskView
from services.tasks.raising_rules import raised_to
from services.tasks.task import Task
from services.tasks.task_views import views_of


class MovingCommands(CommandRoom):
    """Raised, rerouted."""

    def raise_task(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """申请上报提级 with a reason; whom the task answers to, or the office, answers it."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            unit = rights.acting_unit(who)
            task.ask_raise(who.name, reason, at, cause, decided=task.is_decided, by_unit=unit)

        return self._take(task_id, seen, by, rights.require_unit, step)

    def reroute(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """改派 by the office: withdrawn and issued to the unit that the table names now, in one transaction; once
        accepted only with a reason. The view is the new task's."""

        def step(task: Task, who: Officer, at: datetime) -> Sequence[Task]:
            route = self._assigner.reroute(task, reason, _returned_by(task), at)
            note = f"按现行路由表改派给{self._assigner.registry.name(route.unit)}"
            note = f"{note}：{reason}" if reason else note
            task.pass_on(who.name, note, at, cause, by_unit=rights.acting_unit(who))
            following = self._assigner.next(task, route, who.name, at, task.outbox[-1].id)
            return self._assigner.with_assists(following)

        return views_of(self._replace(task_id, seen, by, rights.require_office, step)[1][:1])[0]

    def _granted(self, task: Task, who: Officer, unit: object, why: str, at: datetime, cause: str) -> Sequence[Task]:
        """The tasks that follow from a raise that is granted: the place stays, the same limit runs anew; what the
        office grants stays decided."""
        lead = self._assigner.lead_of(task, at)
        route = raised_to(self._assigner.registry, task.responsible_unit, lead, unit, who)
        own = self._assigner.registry.name(task.responsible_unit)
        reason = task.raise_to(who.name, why, route.because, at, cause, by_unit=rights.acting_unit(who))
        route = route._replace(because=f"{own}{route.because}（{reason}）")
        decided = task.decided or who.role == Role.CITY_OFFICE
        by, because_of = who.name, task.outbox[-1].id
        following = self._assigner.next(task, route, by, at, because_of, decided=decided, difficult=True)
        return self._assigner.with_assists(following)


def _returned_by(task: Task) -> set[str]:
    """The units that have given the duty back before."""
    own = {"case_id": task.case_id, "source": task.source.value, "parent_id": None, "lead_task_id": None}
    query = own | {"status": TaskStatus.RETURNED.value}
    return {one["responsible_unit"] for one in Task._get_collection().find(query, {"responsible_unit": 1})}
