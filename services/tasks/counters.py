"""Counts of tasks per place and per responsible unit, kept as the tasks' own events arrive (DESIGN.md, decision 7).

Labels: the status, `overdue` for an open task past its deadline, and `source:<source>`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pymongo.database import Database

from infra.messaging.event import Received
from infra.problem import InvalidInput
from infra.tally import Difference, State, Tally
from infra.tally_rebuild import TallyRebuild
from services.tasks.contracts import OPEN_STATUSES, TaskSource, TaskState, TaskStatus
from services.tasks.task import Task

COORDINATES = ("place", "responsible")
OVERDUE = "overdue"
TALLY = "task_tally"
SHOWN = frozenset({*TaskStatus, OVERDUE})


def labels(task: TaskState) -> list[str]:
    """Under what a task is counted."""
    late = [OVERDUE] if task.overdue and task.status in OPEN_STATUSES else []
    return [task.status.value, *late, _source_label(task.source)]


def counted(task: TaskState, sequence: int) -> State:
    """What the task counts for after its event number `sequence`."""
    paths = {"place": task.place_path, "responsible": task.responsible_unit}
    return State(task.task_id, sequence, paths, labels(task))


class TaskCounters:
    """The counters in the database of tasks."""

    def __init__(self, db: Database[dict[str, Any]], city: str) -> None:
        self._tally, self._city = Tally(db, TALLY), city

    def count(self, batch: Iterable[Received[Any]]) -> None:
        """Count what the tasks' events say; older and repeated events change nothing."""
        self._tally.apply([_counted_event(one) for one in batch])

    def counts(self, units: Sequence[str], coordinate: str) -> dict[str, dict[str, int]]:
        """Unit → status → number of tasks at or inside it, and `overdue`. Raises InvalidInput (coordinate)."""
        if coordinate not in COORDINATES:
            raise InvalidInput(
                f"not a coordinate: {coordinate!r}; place or responsible", "统计口径有误", field="coordinate"
            )
        sums = self._tally.sum_under(coordinate, units)
        return {unit: {label: n for label, n in sums[unit].items() if label in SHOWN} for unit in units}

    def totals(self) -> dict[str, int]:
        """The whole city's numbers: tasks, case_tasks, plan_tasks, open, overdue."""
        sums = self._tally.sum_under("responsible", [self._city])[self._city]
        return {
            "tasks": sum(sums.get(status, 0) for status in TaskStatus),
            "case_tasks": sums.get(_source_label(TaskSource.CASE), 0),
            "plan_tasks": sums.get(_source_label(TaskSource.PLAN), 0),
            "open": sum(sums.get(status, 0) for status in OPEN_STATUSES),
            "overdue": sums.get(OVERDUE, 0),
        }

    def recount(self, *, mend: bool = False) -> list[Difference]:
        """Compare with the tasks themselves; see Tally.recount. No event may be counted meanwhile."""
        return self._tally.recount(_as_stored(), mend=mend)


def _as_stored() -> Iterator[State]:
    collection = Task._get_collection()
    for document in collection.find({}, {"outbox": 0, "history": 0}):
        task = Task._from_son(document)
        yield counted(task.state(), task.sequence)


def _counted_event(received: Received[Any]) -> State:
    return counted(received.event.task, received.envelope.sequence)


REBUILD = TallyRebuild(TALLY, _counted_event, _as_stored)


def _source_label(source: TaskSource) -> str:
    return f"source:{source.value}"
