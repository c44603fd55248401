"""交办: the headquarters' office gives a duty that comes from no plan and no case: a meeting's resolution, a leader's
instruction, a supervision."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from infra.calendar import ClockUnit
from infra.clock import Clock, in_milliseconds
from infra.messaging.store import Store
from infra.organisation import unit_path
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, Refused
from services.tasks import deadlines, rights
from services.tasks.assignment import Assigner, task_id
from services.tasks.breakdown import Code, Moment, Text
from services.tasks.contracts import TaskSource, TaskView
from services.tasks.deadlines import Limit
from services.tasks.sharing_rules import dutiable
from services.tasks.task import Task
from services.tasks.task_views import views_of

SOURCES = (TaskSource.MEETING, TaskSource.LEADER_INSTRUCTION, TaskSource.SUPERVISION)


class GivenLimit(msgspec.Struct, frozen=True, kw_only=True):
    """So much time by that clock, from the issue on."""

    amount: Annotated[float, msgspec.Meta(gt=0, le=1000)]
    clock: ClockUnit


class Instruction(msgspec.Struct, frozen=True, kw_only=True):
    """A duty as the office gives it: by a `deadline` or with a `limit`; `place` where it is not the unit's own."""

    id: Code
    source: TaskSource
    title: Text
    unit: str
    because: Text
    deadline: Moment | None = None
    limit: GivenLimit | None = None
    place: str | None = None
    case_id: Code | None = None
    difficult: bool = False


class Instructions:
    """Issues duties for the office, each once."""

    def __init__(self, store: Store, assigner: Assigner, clock: Clock) -> None:
        self._store, self._assigner, self._clock = store, assigner, clock

    def issue(self, body: dict[str, Any], by: dict[str, Any], cause: str) -> TaskView:
        """The task that `body` describes, issued now, or as it is where it was issued before. Raises Forbidden,
        InvalidInput naming the field, Refused where the id is in use for something else."""
        officer, given = Officer.from_json(by), read_instruction(body)
        rights.require_office(officer)
        task = self._task(given, officer.name, in_milliseconds(self._clock.now()), cause)
        if not self._store.insert(task):
            task = _same(Task.objects(pk=task.pk).exclude("outbox").first(), task)
        return views_of([task])[0]

    def _task(self, given: Instruction, by: str, at: datetime, cause: str) -> Task:
        unit = dutiable(self._assigner.registry, given.unit, field="unit")
        facts = {
            "id": task_id(given.id, 1),
            "source": given.source,
            "title": given.title,
            "responsible_unit": unit.path,
            "place_path": self._place(given, unit.path, territory=unit.kind.is_territory),
            "case_id": given.case_id,
            "issued_at": at,
            "routed_because": given.because,
            "difficult": given.difficult,
        }
        facts |= deadlines.answer_facts(self._assigner.calendar, at)
        return Task.issue(facts | self._time(given, at), by=by, cause=cause)

    def _place(self, given: Instruction, unit: str, *, territory: bool) -> str:
        registry = self._assigner.registry
        if given.place is None:
            return unit if territory else unit_path.parent(unit) or registry.city.path
        if registry.get(given.place) is None:
            raise InvalidInput(f"{given.place} is not known", f"没有“{given.place}”这个地点", field="place")
        return given.place

    def _time(self, given: Instruction, at: datetime) -> dict[str, Any]:
        if (given.deadline is None) == (given.limit is None):
            raise InvalidInput("give a deadline or a limit", "应给出期限或时限之一", field="deadline")
        if given.limit is not None:
            limit = Limit(given.limit.amount, given.limit.clock)
            due = deadlines.due(self._assigner.calendar, at, limit)
            clock = {"limit_amount": limit.amount, "limit_clock": limit.clock.value}
            return deadlines.due_facts(due) | clock
        assert given.deadline is not None
        if given.deadline <= at:
            raise InvalidInput("the deadline lies in the past", "期限已过", field="deadline")
        return {"deadline": in_milliseconds(given.deadline)}


def read_instruction(body: Any) -> Instruction:
    """The instruction in an RPC argument. Raises InvalidInput naming the field."""
    try:
        given = msgspec.convert(body, Instruction)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$.") or None
        raise InvalidInput(f"not a task: {error}", f"交办内容有误：{reason}", field=field) from error
    if given.source not in SOURCES:
        raise InvalidInput(f"source must be one of {', '.join(SOURCES)}", "任务来源有误", field="source")
    return given


def _same(stored: Task, wanted: Task) -> Task:
    facts = ("source", "title", "responsible_unit", "place_path", "case_id", "limit_amount", "limit_clock")
    if any(getattr(stored, name) != getattr(wanted, name) for name in facts):
        raise Refused(f"{stored.pk} was issued with another content", "该编号的任务已下达且内容不同", field="id")
    return stored
