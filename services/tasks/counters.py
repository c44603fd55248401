"""Counts of tasks per place and per responsible unit, kept as the tasks' own events arrive (DESIGN.md, decision 7).

What is counted of a task and what is read again stands in count_labels.py. The counters of categories are documents of
their own: what is read most, states and sources, stays small.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pymongo.database import Database

from infra.messaging.event import Received
from infra.problem import InvalidInput
from infra.tally import Difference, State, Tally
from infra.tally_rebuild import TallyRebuild
from services.tasks import count_labels
from services.tasks.contracts import OPEN_STATUSES, TaskSource, TaskState, TaskStatus
from services.tasks.count_labels import BY, COORDINATES, DUTY, OVERDUE, Counted
from services.tasks.task import Task
from services.tasks.task_views import STATE_FIELDS, state_of

TALLY = "task_tally"


def counted(task: TaskState, sequence: int) -> State:
    """What the task counts for after its event number `sequence`."""
    paths = {"place": task.place_path, "responsible": task.responsible_unit}
    return State(task.task_id, sequence, paths, count_labels.labels(task), count_labels.by_category(task, paths))


class TaskCounters:
    """The counters in the database of tasks."""

    def __init__(self, db: Database[dict[str, Any]], city: str) -> None:
        self._tally, self._city = Tally(db, TALLY), city

    def count(self, batch: Iterable[Received[Any]]) -> None:
        """Count what the tasks' events say; older and repeated events change nothing."""
        self._tally.apply([_counted_event(one) for one in batch])

    def counts(self, units: Sequence[str], coordinate: str) -> dict[str, dict[str, int]]:
        """Unit → state → number of tasks at or inside it, parts included; `overdue`, `due_soon` and the cards are
        further facts of these tasks. Raises InvalidInput (coordinate)."""
        return self.counts_by(units, coordinate, "state")

    def counts_by(
        self, units: Sequence[str], coordinate: str, by: str, state: str | None = None
    ) -> dict[str, dict[str, int]]:
        """Unit → what `by` says → number of tasks at or inside it, of all states or of `state` alone.

        By `state` every task counts; by `source` and by `category` (where it has one) duties, not the parts of them
        that units gave to others; by `role` duties beside their parts and assists. Raises InvalidInput.
        """
        _check(coordinate, by, state)
        sums = self._tally.sum_under(f"{coordinate}:{by}" if by == "category" else coordinate, units)
        return {unit: dict(_grouped(sums[unit], by, state)) for unit in units}

    def totals(self) -> dict[str, int]:
        """The whole city's numbers: tasks, case_tasks and plan_tasks (duties, without their parts), open, overdue."""
        sums = self._tally.sum_under("responsible", [self._city])[self._city]
        states, sources = _grouped(sums, "state", None), _grouped(sums, "source", None)
        return {
            "tasks": sum(states[status] for status in TaskStatus),
            "case_tasks": sources[TaskSource.CASE],
            "plan_tasks": sources[TaskSource.PLAN],
            "open": sum(states[status] for status in OPEN_STATUSES),
            "overdue": states[OVERDUE],
        }

    def recount(self, *, mend: bool = False) -> list[Difference]:
        """Compare with the tasks themselves; see Tally.recount. No event may be counted meanwhile (on a running system:
        `wenming recount`)."""
        return self._tally.recount(all_tasks(), mend=mend)


def _check(coordinate: object, by: object, state: object) -> None:
    if coordinate not in COORDINATES:
        raise InvalidInput(
            f"not a coordinate: {coordinate!r}; place or responsible", "统计口径有误", field="coordinate"
        )
    if by not in BY:
        raise InvalidInput(f"by must be one of {', '.join(BY)}, not {by!r}", "统计维度有误", field="by")
    if state is not None and state not in count_labels.STATES:
        raise InvalidInput(f"not a state of tasks: {state!r}", "任务状态有误", field="state")


def _grouped(sums: dict[str, int], by: str, state: str | None) -> Counter[str]:
    """The sums of the labels by what they say; of all states each task once."""
    found: Counter[str] = Counter()
    for label, n in sums.items():
        one = Counted.read(label) if by != "category" else count_labels.read_category(label)
        of_all = count_labels.STATES if by == "state" else count_labels.STATUSES
        wanted = one.state == state if state else one.state in of_all
        if wanted and (by in ("state", "role", "category") or one.role == DUTY):
            found[getattr(one, by)] += n
    return found


def all_tasks(subjects: Sequence[str] | None = None) -> Iterator[State]:
    """Every task as it counts (of `subjects`, ids, those that there are), read from the documents: for a recount."""
    query = {} if subjects is None else {"_id": {"$in": list(subjects)}}
    for document in Task._get_collection().find(query, STATE_FIELDS | {"sequence": 1}):
        yield counted(state_of(document), document["sequence"])


def _counted_event(received: Received[Any]) -> State:
    return counted(received.event.task, received.envelope.sequence)


REBUILD = TallyRebuild(TALLY, _counted_event, all_tasks)
