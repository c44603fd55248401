"""派遣: makes the task of a case, and the next one when a unit gives it back. Ids follow from case and round, so that
nothing is ever assigned twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from infra.organisation.registry import Registry
from services.complaints.contracts import CaseState, CaseStatus
from services.tasks import deadlines, routing
from services.tasks.contracts import TaskSource
from services.tasks.deadlines import Limit
from services.tasks.routing import Route, RoutingRow
from services.tasks.task import SYSTEM, Task

NOT_FILED = frozenset({CaseStatus.RECEIVED, CaseStatus.VERIFYING})


def task_id(case_id: str, round_: int) -> str:
    """The id of the task for the `round_`-th assignment of a case."""
    return f"{case_id}-{round_}"


def needs_task(case: CaseState) -> bool:
    """Whether the case is, or was, to be put right by a unit: every event of a case that was filed says so."""
    return case.filed_at is not None and case.status not in NOT_FILED


class Assigner:
    """Decides who gets a case and by when; it asks nobody and writes nothing."""

    def __init__(self, registry: Registry, calendar: WorkingCalendar, table: Sequence[RoutingRow]) -> None:
        self.registry, self.calendar, self._table = registry, calendar, table

    def first(self, case: CaseState, cause: str) -> Task:
        """The first task of a filed case, issued at the moment of its filing."""
        assert case.filed_at is not None
        at, on = case.filed_at, case.filed_at.astimezone(CITY_ZONE).date()
        route = routing.route(self._table, self.registry, category=case.category, place_path=case.place_path, on=on)
        facts = {
            "id": task_id(case.case_id, 1),
            "source": TaskSource.CASE,
            "title": self._title(case, routing.category_name(self._table, case.category, on)),
            "place_path": case.place_path,
            "case_id": case.case_id,
            "case_number": case.number,
            "category": case.category,
        }
        return self._issue(facts, route, deadlines.limit_of(case, at), at, SYSTEM, cause)

    def next_unit(self, task: Task) -> Route | None:
        """Who gets the case of `task` when its unit gives it back now; None for a task without a case."""
        if task.source != TaskSource.CASE:
            return None
        return routing.route_after_return(self.registry, task.responsible_unit, task.round)

    def next(self, returned: Task, route: Route, by: str, at: datetime, cause: str) -> Task:
        """The task after `returned`, for the unit that `route` names; the same limit runs anew."""
        same = ("source", "title", "place_path", "case_id", "case_number", "category", "case_sequence", "case_reworks")
        facts = {name: getattr(returned, name) for name in same}
        facts |= {"id": task_id(returned.case_id, returned.round + 1), "round": returned.round + 1}
        limit = Limit(returned.limit_amount, deadlines.ClockUnit(returned.limit_clock))
        return self._issue(facts, route, limit, at, by, cause)

    def _issue(self, facts: dict[str, Any], route: Route, limit: Limit, at: datetime, by: str, cause: str) -> Task:
        due = deadlines.due(self.calendar, at, limit)
        duty = {
            "responsible_unit": route.unit,
            "routed_because": route.because,
            "issued_at": at,
            "deadline": due.at,
            "deadline_provisional": due.provisional,
            "answer_by": deadlines.answer_by(self.calendar, at),
            "limit_amount": limit.amount,
            "limit_clock": limit.clock.value,
        }
        return Task.issue(facts | duty, by=by, cause=cause)

    def _title(self, case: CaseState, category: str) -> str:
        return f"{category}（{self.registry.name(case.place_path)}）"
