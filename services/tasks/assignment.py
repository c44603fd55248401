"""派遣: makes the task of a case, and the next one when a unit gives it back, a correction moves it, or the office
names another unit. Ids follow from case and round, so that nothing is ever assigned twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infra.calendar import Deadline, WorkingCalendar
from infra.clock import CITY_ZONE
from infra.organisation.registry import Registry
from infra.problem import Refused
from services.complaints.contracts import CaseState, CaseStatus
from services.tasks import deadlines, routing
from services.tasks.contracts import TaskSource, TaskStatus
from services.tasks.deadlines import Limit
from services.tasks.routing import Route, RoutingRow
from services.tasks.sharing_rules import dutiable
from services.tasks.task import SYSTEM, Task
from services.tasks.task_states import Step
from services.tasks.timekeeping import Timekeeper, original_limit

NOT_FILED = frozenset({CaseStatus.RECEIVED, CaseStatus.VERIFYING})


def task_id(stem: str, round_: int) -> str:
    """The id of the task for the `round_`-th assignment of a case (or of another duty that can be assigned anew)."""
    return f"{stem}-{round_}"


def needs_task(case: CaseState) -> bool:
    """Whether the case is, or was, to be put right by a unit: every event of a case that was filed says so."""
    return case.filed_at is not None and case.status not in NOT_FILED


class Assigner:
    """Decides who gets a case and by when; it asks nobody and writes nothing."""

    def __init__(self, registry: Registry, calendar: WorkingCalendar, table: Sequence[RoutingRow]) -> None:
        self.registry, self.calendar, self._table = registry, calendar, table
        self.time = Timekeeper(calendar)

    def first(self, case: CaseState, cause: str) -> Task:
        """The first task of a filed case, issued at the moment of its filing."""
        assert case.filed_at is not None
        facts = self._facts(case, case.filed_at) | {"id": task_id(case.case_id, 1)}
        route, limit = self._route(case, case.filed_at), deadlines.limit_of(case, case.filed_at)
        return self._issue(facts, route, limit, case.filed_at, SYSTEM, cause)

    def next_unit(self, task: Task) -> Route | None:
        """Who gets the duty of `task` when its unit gives it back now; None where it falls back to the task of which it
        is a part, or to the office's plan."""
        if task.whole_id is not None or task.source == TaskSource.PLAN:
            return None
        return routing.route_after_return(self.registry, task.responsible_unit, task.returns + 1)

    def office_choice(self, task: Task, unit: str) -> Route:
        """The unit that the headquarters' office names for a case's task that lies with it, before anybody is done with
        it. Raises InvalidInput (unit) where no such unit can have a duty, and Refused."""
        found = dutiable(self.registry, unit, field="unit")
        if task.source == TaskSource.PLAN or task.whole_id is not None or not routing.is_office(task.responsible_unit):
            raise Refused("only a task that lies with the office is assigned by it", "该任务不由总指挥部办公室指定")
        task.check_can(Step.RETURN)  # as long as a unit may still give it away
        return Route(found.path, f"总指挥部办公室裁定，由{found.short_name}承办")

    def next(self, before: Task, route: Route, by: str, at: datetime, cause: str, *, decided: bool = False) -> Task:
        """The task after `before`, for the unit that `route` names; the same limit runs anew."""
        same = ("title", "place_path", "case_number", "category", "difficult")
        facts = {name: getattr(before, name) for name in same} | {"decided": decided or before.decided}
        return self._issue(self._after(before) | facts, route, original_limit(before), at, by, cause)

    def reopened(self, before: Task, case: CaseState, at: datetime, cause: str) -> Task:
        """The task after `before`, which had ended, of a case that is to be put right (again): the same unit, where the
        case lies as it did, with the limit of the case from that moment."""
        facts, limit = self._facts(case, at), deadlines.limit_of(case, at)
        same = (case.category, case.place_path) == (before.category, before.place_path)
        route = Route(before.responsible_unit, "案件重办或恢复，由原承办单位办理") if same else self._route(case, at)
        own = {"case_reworks": case.reworks, "case_reopenings": case.reopenings, "decided": before.decided and same}
        return self._issue(self._after(before) | facts | own, route, limit, at, SYSTEM, cause)

    def correct(self, task: Task, case: CaseState, at: datetime, cause: str) -> Task | None:
        """Let a task that nobody has accepted stand as its case does now. The next task where the correction makes it
        another unit's duty (then the office has not decided), else None: the deadline counts from the same issue."""
        if task.status != TaskStatus.ISSUED:
            return None
        facts, limit = self._facts(case, at), deadlines.limit_of(case, task.issued_at)
        moved = (case.category, case.place_path) != (task.category, task.place_path)
        route = self._route(case, at) if moved else None
        if route is not None and route.unit != task.responsible_unit and not task.is_settled:
            task.pass_on(SYSTEM, f"案件信息更正，改由{self.registry.name(route.unit)}承办", at, cause)
            limit = deadlines.limit_of(case, at)
            return self._issue(self._after(task) | facts, route, limit, at, SYSTEM, task.outbox[-1].id)
        if moved or limit != original_limit(task):
            until = deadlines.due(self.calendar, task.issued_at, limit)
            task.correct(facts | limit_facts(limit), until, "案件信息更正", at, cause)
        return None

    def again(self, task: Task, at: datetime) -> Deadline | None:
        """See Timekeeper."""
        return self.time.again(task, at)

    def _route(self, case: CaseState, at: datetime) -> Route:
        on = at.astimezone(CITY_ZONE).date()
        return routing.route(self._table, self.registry, category=case.category, place_path=case.place_path, on=on)

    def _facts(self, case: CaseState, at: datetime) -> dict[str, Any]:
        category = routing.category_name(self._table, case.category, at.astimezone(CITY_ZONE).date())
        return {
            "source": TaskSource.CASE,
            "title": f"{category}（{self.registry.name(case.place_path)}）",
            "place_path": case.place_path,
            "case_id": case.case_id,
            "case_number": case.number,
            "category": case.category,
            "difficult": case.difficult,
        }

    def _after(self, before: Task) -> dict[str, Any]:
        same = ("source", "case_id", "case_sequence", "case_reworks", "case_reopenings", "returns")
        number, stem = before.round + 1, before.pk.rpartition("-")[0]
        return {name: getattr(before, name) for name in same} | {"id": task_id(stem, number), "round": number}

    def _issue(self, facts: dict[str, Any], route: Route, limit: Limit, at: datetime, by: str, cause: str) -> Task:
        due = deadlines.due(self.calendar, at, limit)
        duty = {
            "responsible_unit": route.unit,
            "routed_because": route.because,
            "issued_at": at,
            "deadline": due.at,
            "deadline_provisional": due.provisional,
            "answer_by": deadlines.answer_by(self.calendar, at),
        }
        return Task.issue(facts | duty | limit_facts(limit), by=by, cause=cause)


def limit_facts(limit: Limit) -> dict[str, Any]:
    """`limit` as a task keeps it."""
    return {"limit_amount": limit.amount, "limit_clock": limit.clock.value}
