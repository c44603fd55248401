"""How every command goes: who asks and what they saw is read, the task is loaded, what is due happens first, the right
is checked, the step is taken, and everything that follows is written with it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import More, Store
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, NotFound, Stale
from services.tasks import routing
from services.tasks.assignment import Assigner
from services.tasks.contracts import TaskView
from services.tasks.materials.attaching import attach
from services.tasks.parts import hold_whole, keep_parts, runs_on
from services.tasks.rights import Duty
from services.tasks.supervising import end_with
from services.tasks.task import Task
from services.tasks.task_record import with_materials
from services.tasks.task_views import views_of
from services.tasks.waking import hold_wholes, wake

R = TypeVar("R")
Right = Callable[[Officer, Duty], None]
By = dict[str, Any]


class CommandRoom:
    """What all commands share. A command returns a task as it is now, or raises NotFound, Forbidden (not this officer's
    unit), Stale (somebody was faster: who, when, what), InvalidInput (a field) or Refused (a rule says no)."""

    def __init__(self, store: Store, assigner: Assigner, clock: Clock) -> None:
        self._store, self._assigner, self._clock = store, assigner, clock

    def _take(
        self, task_id: str, seen: int, by: By, right: Right, step: Callable[[Task, Officer, datetime], None]
    ) -> TaskView:
        """The task after a `step` from which no other follows."""

        def alone(task: Task, officer: Officer, at: datetime) -> Sequence[Task]:
            step(task, officer, at)
            return ()

        return views_of([self._replace(task_id, seen, by, right, alone)[0]])[0]

    def _take_with(
        self,
        materials: Sequence[str],
        task_id: str,
        seen: int,
        by: By,
        right: Right,
        step: Callable[[Task, Officer, datetime, list[str]], None],
    ) -> TaskView:
        """As `_take`; `step` is told the names of the materials, which belong to the task from then on."""
        if not with_materials((), materials):
            return self._take(task_id, seen, by, right, lambda task, who, at: step(task, who, at, []))
        officer, at = read_officer(by, seen), self._clock.now()

        def work(session: ClientSession) -> Task:
            hold_wholes(self._store, [task_id], at, session)

            def take(task: Task) -> Task:
                step(task, officer, at, attach(task.pk, materials, session))
                return task

            task = self._change(task_id, seen, officer, right, at, take, session=session)
            keep_parts(self._store, [task], self._assigner.time, session)
            return task

        return views_of([self._store.in_transaction(work)])[0]

    def _replace(
        self,
        task_id: str,
        seen: int,
        by: By,
        right: Right,
        step: Callable[[Task, Officer, datetime], Sequence[Task]],
    ) -> tuple[Task, Sequence[Task]]:
        """The task after `step` and the new ones that follow from it; all of it, and what its parts have to do with it,
        is written together."""
        officer, at = read_officer(by, seen), self._clock.now()

        def take(task: Task) -> tuple[Task, Sequence[Task]]:
            following = step(task, officer, at)
            return task, following

        def more(done: tuple[Task, Sequence[Task]]) -> More | None:
            task, following = done
            bounded = runs_on(task)
            if not (following or task.parts or task.supervisions or bounded):
                return None  # a step that concerns one task alone, as most do, needs no transaction

            def write(session: ClientSession) -> None:
                if bounded:
                    hold_whole(self._store, task, self._assigner.time, session)
                self._store.insert_many(following, session=session)
                end_with(self._store, [task], session)
                keep_parts(self._store, [task], self._assigner.time, session)

            return write

        return self._change(task_id, seen, officer, right, at, take, more=more)

    def _change(
        self,
        task_id: str,
        seen: int,
        officer: Officer,
        right: Right,
        at: datetime,
        step: Callable[[Task], R],
        *,
        more: Callable[[R], More | None] | None = None,
        session: ClientSession | None = None,
    ) -> R:
        named = self._assigner.registry.name

        def decide(task: Task) -> R:
            right(officer, duty_of(task)._replace(named=named))
            wake(task, self._assigner.time, at, session)
            return step(task)

        try:
            return self._store.change(Task, task_id, decide, seen=seen, more=more, session=session)
        except Stale:
            right(officer, _duty(task_id)._replace(named=named))  # who changed what is not for everybody
            raise


def duty_of(task: Task) -> Duty:
    """What rights ask of `task`."""
    return Duty(task.responsible_unit, task.answers_to or routing.unit_above(task.responsible_unit), task.is_part)


def read_moment(text: object, field: str) -> datetime:
    """The moment in an RPC argument (ISO 8601 with its zone). Raises InvalidInput (field)."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput(f"{field} is no moment with a zone: {text!r}", "时间格式有误，应含时区", field=field)
    return found


def read_officer(by: By, seen: Any) -> Officer:
    """Who asks, having seen a version. Raises InvalidInput."""
    if not isinstance(seen, int) or isinstance(seen, bool):
        raise InvalidInput("seen must be the version that you saw", "必须注明所见版本号", field="seen")
    return Officer.from_json(by)


def _duty(task_id: str) -> Duty:
    found = Task.objects(pk=task_id).exclude("outbox", "history").first()
    if found is None:
        raise NotFound(f"there is no task {task_id}", f"没有编号为{task_id}的任务", field="task_id")
    return duty_of(found)
