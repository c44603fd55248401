"""派遣: makes the task of a case, and the next one when a unit gives it back, a correction moves it, or the office
names another unit; and with each the tasks of those who assist (协办). Ids follow from case and round, so that nothing
is ever assigned twice; an edit of the routing table moves nothing that was assigned."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from infra.organisation.registry import Registry
from infra.problem import Refused
from services.complaints.contracts import CaseState
from services.tasks import deadlines, routing
from services.tasks.contracts import TaskRole, TaskSource, TaskStatus
from services.tasks.deadlines import Due, Limit
from services.tasks.parts import TIME_BELOW, make_parts
from services.tasks.raising_rules import check_new_unit, check_reroutable
from services.tasks.routing import Route, is_beside, is_office, matter_of
from services.tasks.routing_table.rows import Matter, RoutingTable
from services.tasks.sharing_rules import dutiable
from services.tasks.task import SYSTEM, Task
from services.tasks.task_states import WITH_THE_UNIT, Step
from services.tasks.timekeeping import Timekeeper, original_limit

# What the next task of a case has from the one before.
_STAYS = (
    *("source", "case_id", "case_sequence", "case_reworks", "case_reopenings", "case_restorations", "returns"),
    "unsolved_heard",
)


def task_id(stem: str, round_: int) -> str:
    """The id of the task for the `round_`-th assignment of a case (or of another duty that can be assigned anew)."""
    return f"{stem}-{round_}"


def needs_task(case: CaseState) -> bool:
    """Whether the case is, or was, to be put right by a unit: every event of a case that was filed says so, also where
    the filing was undone."""
    return case.filed_at is not None


class Assigner:
    """Decides who gets a case and by when; it asks nobody and writes nothing."""

    def __init__(self, registry: Registry, calendar: WorkingCalendar, table: Callable[[], RoutingTable]) -> None:
        self.registry, self.calendar, self._table = registry, calendar, table
        self.time = Timekeeper(calendar)

    def first(self, case: CaseState, cause: str) -> Task:
        """The first task of a filed case, issued at the moment of its filing."""
        assert case.filed_at is not None
        facts = self._facts(case, case.filed_at) | {"id": task_id(case.case_id, 1)}
        route, limit = self._route(matter_of(case), case.filed_at), deadlines.limit_of(case, case.filed_at)
        return self._issue(facts, route, limit, case.filed_at, SYSTEM, cause)

    def next_unit(self, task: Task) -> Route | None:
        """Who gets the duty of `task` when its unit gives it back now; None where it falls back to the task of which it
        is a part, or to the office's plan."""
        if task.whole_id is not None or task.source == TaskSource.PLAN:
            return None
        return routing.route_after_return(self.registry, task.responsible_unit, task.returns + 1, task.issued_at)

    def office_choice(self, task: Task, unit: str) -> Route:
        """The unit that the headquarters' office names for a case's task that lies with it, before anybody is done with
        it. Raises InvalidInput (unit) where no such unit can have a duty, and Refused."""
        found = dutiable(self.registry, unit, field="unit")
        if task.source == TaskSource.PLAN or task.whole_id is not None or not routing.is_office(task.responsible_unit):
            raise Refused("only a task that lies with the office is assigned by it", "该任务不由总指挥部办公室指定")
        task.check_can(Step.RETURN)  # as long as a unit may still give it away
        return Route(found.path, f"总指挥部办公室裁定，由{found.short_name}承办")

    def next(self, before: Task, route: Route, by: str, at: datetime, cause: str, **changed: Any) -> Task:
        """The task after `before`, for the unit that `route` names; the same limit runs anew. `changed` are facts that
        are otherwise than before (`decided`, `difficult`)."""
        same = ("title", "place_path", "case_number", "category", "difficult", "decided", "matter")
        facts = {name: getattr(before, name) for name in same} | changed
        if route.row is None:  # no row has decided: lead and assisting units are those that the table named before
            route = route._replace(lead=before.lead_unit, assists=tuple(before.co_units), row=before.route_row)
        return self._issue(_handed_on(before) | facts, route, original_limit(before), at, by, cause)

    def assists(self, whole: Task, units: Collection[str] | None = None, at: datetime | None = None) -> list[Task]:
        """协办: a part for each unit that the table names to assist `whole` (or for `units` of them), made with it;
        none once it has ended, or while it lies with the office."""
        if whole.status not in WITH_THE_UNIT or is_office(whole.responsible_unit):
            return []
        paths = whole.co_units if units is None else units
        found = [self.registry.get(path) for path in paths if is_beside(whole.responsible_unit, path)]
        helping, moment = [unit for unit in found if unit is not None], at or whole.issued_at
        if not helping:
            return []
        whole.parts += len(helping)
        until = self.time.part_until(whole, moment, TIME_BELOW)
        words = f"派遣路由表列为协办，主办{self.registry.name(whole.responsible_unit)}"
        return make_parts(whole, helping, TaskRole.ASSIST, until, words, moment, SYSTEM, self.calendar)

    def with_assists(self, whole: Task) -> list[Task]:
        """`whole` and who assists it."""
        return [whole, *self.assists(whole)]

    def reroute(self, task: Task, reason: object, returned_by: Collection[str], at: datetime) -> Route:
        """Whose duty the task of a case is by the table in force now. Raises Refused (raising_rules.py)."""
        assignment = task.state().stands_for_its_case
        check_reroutable(task.status, reason, assignment=assignment, settled=task.is_settled)
        kept = matter_kept(task)
        route = self._route(kept._replace(difficult=kept.difficult or task.difficult), at)
        check_new_unit(self.registry, task.responsible_unit, route.unit, returned_by)
        return route

    def lead_of(self, task: Task, at: datetime) -> str | None:
        """The lead department (牵头) of a duty: as it was assigned, else as the table says now."""
        if task.lead_unit or not task.category:
            return task.lead_unit
        return self._route(matter_kept(task), at).lead

    def reopened(self, before: Task, case: CaseState, at: datetime, cause: str) -> Task:
        """The task after `before`, which had ended, of a case that is to be put right (again): the same unit, where the
        case lies as it did, with the limit of the case from that moment."""
        facts, limit, matter = self._facts(case, at), deadlines.limit_of(case, at), matter_of(case)
        same = _lies_as_before(matter, before)
        stays = Route(before.responsible_unit, "案件重办或恢复，由原承办单位办理", before.lead_unit)
        stays = stays._replace(assists=tuple(before.co_units), row=before.route_row)
        route = stays if same else self._route(matter, at)
        own = {
            "case_reworks": case.reworks,
            "case_reopenings": case.reopenings,
            "case_restorations": case.restorations,
            "decided": before.decided and same,
            "difficult": case.difficult or (same and before.difficult),
        }
        return self._issue(_after(before) | facts | own, route, limit, at, SYSTEM, cause)

    def correct(self, task: Task, case: CaseState, at: datetime, cause: str) -> list[Task]:
        """Let a task that nobody has accepted stand as its case does now: the deadline counts from the same issue. The
        next task where that makes it another unit's duty (then the office has not decided), and who newly assists. What
        turns out key and difficult (疑难) moves also once it was accepted."""
        matter, kept = matter_of(case), matter_kept(task)
        issued, limit = task.status == TaskStatus.ISSUED, deadlines.limit_of(case, task.issued_at)
        harder = matter.difficult and not kept.difficult and task.status in WITH_THE_UNIT
        route = self._route(matter, at) if matter != kept and (issued or harder) else None
        facts = self._facts(case, at) | {"difficult": case.difficult or (task.difficult and not kept.difficult)}
        if route is not None and route.unit != task.responsible_unit and not task.is_settled:
            task.pass_on(SYSTEM, f"案件信息更正，改由{self.registry.name(route.unit)}承办", at, cause)
            limit = deadlines.limit_of(case, at)
            moved = self._issue(_handed_on(task) | facts, route, limit, at, SYSTEM, task.outbox[-1].id)
            return self.with_assists(moved)
        if not issued or (route is None and limit == original_limit(task)):
            return []
        named = {} if route is None else {"lead_unit": route.lead, "co_units": list(route.assists)}
        helped, until = set(task.co_units), deadlines.due(self.calendar, task.issued_at, limit)
        task.correct(facts | limit_facts(limit) | named, until, "案件信息更正", at, cause)
        return self.assists(task, [unit for unit in task.co_units if unit not in helped], at)

    def again(self, task: Task, at: datetime) -> Due | None:
        """See Timekeeper."""
        return self.time.again(task, at)

    def _route(self, matter: Matter, at: datetime) -> Route:
        return routing.route(self._table(), self.registry, matter, at.astimezone(CITY_ZONE).date())

    def _facts(self, case: CaseState, at: datetime) -> dict[str, Any]:
        category = self._table().name(case.category, at.astimezone(CITY_ZONE).date())
        return {
            "source": TaskSource.CASE,
            "title": f"{category}（{self.registry.name(case.place_path)}）",
            "place_path": case.place_path,
            "case_id": case.case_id,
            "case_number": case.number,
            "category": case.category,
            "difficult": case.difficult,
            "matter": matter_of(case)._asdict(),
        }

    def _issue(self, facts: dict[str, Any], route: Route, limit: Limit, at: datetime, by: str, cause: str) -> Task:
        due = deadlines.due(self.calendar, at, limit)
        duty = {
            "responsible_unit": route.unit,
            "routed_because": route.because,
            "route_row": route.row,
            "lead_unit": route.lead,
            "co_units": list(route.assists),
            "issued_at": at,
        }
        duty |= deadlines.answer_facts(self.calendar, at)
        return Task.issue(facts | duty | deadlines.due_facts(due) | limit_facts(limit), by=by, cause=cause)


def _after(before: Task) -> dict[str, Any]:
    """What the next task of a duty has of `before`."""
    number, stem = before.round + 1, before.pk.rpartition("-")[0]
    return {name: getattr(before, name) for name in _STAYS} | {"id": task_id(stem, number), "round": number}


def _handed_on(before: Task) -> dict[str, Any]:
    """The same where the duty goes on with another unit: what a follow-up wants supervised stays wanted."""
    wanted = before.supervise_because is not None
    pushed = {"supervise_at": before.supervise_at, "supervise_because": before.supervise_because} if wanted else {}
    return _after(before) | pushed


def matter_kept(task: Task) -> Matter:
    """What routing was asked when the task was issued."""
    known = {"category": task.category or "", "place_path": task.place_path, "difficult": task.difficult}
    return Matter(**known | task.matter)


def _lies_as_before(matter: Matter, before: Task) -> bool:
    """Whether a case is of the category, at the place and as difficult as when `before` was issued."""
    kept = matter_kept(before)
    same = (matter.category, matter.place_path) == (kept.category, kept.place_path)
    return same and matter.difficult <= kept.difficult


def limit_facts(limit: Limit) -> dict[str, Any]:
    """`limit` as a task keeps it."""
    return {"limit_amount": limit.amount, "limit_clock": limit.clock.value}
