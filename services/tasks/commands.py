"""What officers do with tasks. A command names the version that they saw; refused, it changes and tells nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, NotFound, Stale
from services.tasks import rights
from services.tasks.assignment import Assigner
from services.tasks.contracts import TaskView
from services.tasks.task import SYSTEM, Task
from services.tasks.work_list import unfinished_below, views

R = TypeVar("R")
Right = Callable[[Officer, str], None]
By = dict[str, Any]


class Commands:
    """Every command returns the task as it is now, or raises NotFound, Forbidden (not this officer's unit), Stale
    (somebody was faster: who, when, what), InvalidInput (a field) or Refused (a rule says no)."""

    def __init__(self, store: Store, assigner: Assigner, clock: Clock) -> None:
        self._store, self._assigner, self._clock = store, assigner, clock

    def accept(self, task_id: str, seen: int, by: By, cause: str) -> TaskView:
        """签收."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            task.accept(who.name, at, cause, by_unit=rights.acting_unit(who))

        return self._take(task_id, seen, by, rights.require_unit, step)

    def submit(self, task_id: str, seen: int, by: By, result: str, cause: str) -> TaskView:
        """申报完成 with what was done. A parent waits for its children."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            open_below, unit = unfinished_below(task_id), rights.acting_unit(who)
            task.submit(who.name, result, at, cause, by_unit=unit, unfinished_below=open_below)

        return self._take(task_id, seen, by, rights.require_unit, step)

    def verify(self, task_id: str, seen: int, by: By, passed: bool, note: str | None, cause: str) -> TaskView:
        """验收 by the level above, never by the unit that submitted: passed, and with that done; or not, and the same
        unit rectifies (with a reason)."""

        def step(task: Task, who: Officer, at: datetime) -> None:
            unit = rights.acting_unit(who)
            if passed:
                task.verify(who.name, note, at, cause, by_unit=unit)
            else:
                task.fail(who.name, note or "", at, cause, by_unit=unit, until=self._assigner.again(task, at))

        return self._take(task_id, seen, by, rights.require_above, step)

    def give_back(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """退回 with a reason; the case's next task comes to be in the same transaction."""

        def step(task: Task, who: Officer, at: datetime) -> Task | None:
            route = self._assigner.next_unit(task)
            next_unit = route.unit if route else None
            task.give_back(who.name, reason, next_unit, at, cause, by_unit=rights.acting_unit(who))
            return self._assigner.next(task, route, SYSTEM, at, task.outbox[-1].id) if route else None

        return views([self._replace(task_id, seen, by, rights.require_unit, step)[0]])[0]

    def assign(self, task_id: str, seen: int, by: By, unit: str, cause: str) -> TaskView:
        """裁定: the headquarters' office names the unit of a case's task that came to it; there it stays. Withdrawn and
        issued anew in one transaction; the view is the new task's."""

        def step(task: Task, who: Officer, at: datetime) -> Task:
            route = self._assigner.office_choice(task, unit)
            task.pass_on(who.name, route.because, at, cause, by_unit=rights.acting_unit(who))
            return self._assigner.next(task, route, who.name, at, task.outbox[-1].id, decided=True)

        following = self._replace(task_id, seen, by, lambda who, _: rights.require_office(who), step)[1]
        assert following is not None
        return views([following])[0]

    def _replace(
        self, task_id: str, seen: int, by: By, right: Right, step: Callable[[Task, Officer, datetime], Task | None]
    ) -> tuple[Task, Task | None]:
        """The task after `step` and the one that follows it, both written in one transaction."""
        officer, at = _officer(by, seen), self._clock.now()

        def take(task: Task) -> tuple[Task, Task | None]:
            following = step(task, officer, at)
            return task, following

        def work(session: ClientSession) -> tuple[Task, Task | None]:
            task, following = self._change(task_id, seen, officer, right, take, session)
            if following is not None:
                self._store.insert(following, session=session)
            return task, following

        return self._store.in_transaction(work)

    def _take(
        self, task_id: str, seen: int, by: By, right: Right, step: Callable[[Task, Officer, datetime], None]
    ) -> TaskView:
        officer, at = _officer(by, seen), self._clock.now()

        def take(task: Task) -> Task:
            step(task, officer, at)
            return task

        return views([self._change(task_id, seen, officer, right, take)])[0]

    def _change(
        self,
        task_id: str,
        seen: int,
        officer: Officer,
        right: Right,
        step: Callable[[Task], R],
        session: ClientSession | None = None,
    ) -> R:
        def decide(task: Task) -> R:
            right(officer, task.responsible_unit)
            return step(task)

        try:
            return self._store.change(Task, task_id, decide, seen=seen, session=session)
        except Stale:
            right(officer, _unit_of(task_id))  # who changed what is not for everybody
            raise


def _officer(by: By, seen: Any) -> Officer:
    if not isinstance(seen, int) or isinstance(seen, bool):
        raise InvalidInput("seen must be the version that you saw", "必须注明所见版本号", field="seen")
    return Officer.from_json(by)


def _unit_of(task_id: str) -> str:
    found = Task._get_collection().find_one({"_id": task_id}, {"responsible_unit": 1})
    if found is None:
        raise NotFound(f"there is no task {task_id}", f"没有编号为{task_id}的任务", field="task_id")
    return str(found["responsible_unit"])
