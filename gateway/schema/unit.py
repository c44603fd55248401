"""Units and their picture: city, districts and zones, streets, communities, departments."""

from typing import Any

import graphene

from gateway.cursor import connect, decode
from gateway.guarded import Guarded, known
from gateway.inquiry import inquiry, then
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.page_request import CaseScope, PageRequest, TaskScope
from gateway.permissions import SEE_FIGURES, SEE_WORK
from gateway.schema.assessment import Standing
from gateway.schema.bulletin import BulletinConnection, newest
from gateway.schema.case import CaseConnection
from gateway.schema.counts import (
    OVERDUE,
    CaseCounts,
    ChannelCount,
    NamedCount,
    TaskCounts,
    case_counts,
    channel_counts,
    named_counts,
    task_counts,
)
from gateway.schema.enums import (
    CaseStatus,
    Coordinate,
    CoordinateName,
    Grade,
    TaskGrouping,
    TaskSource,
    TaskStatus,
    UnitKind,
)
from gateway.schema.indicator import Indicator
from gateway.schema.node import Node, findable
from gateway.schema.plan import Plan, plan_led_by
from gateway.schema.task import TaskConnection
from infra.organisation import unit_path
from infra.organisation.unit import Unit as UnitRecord
from infra.organisation.unit import UnitKind as Kind
from infra.problem import InvalidInput

_COORDINATE = graphene.Argument(Coordinate, description="default: PLACE for a territory, RESPONSIBLE for a department")


def _figure(type_: Any, **kwargs: Any) -> Guarded:
    return Guarded(type_, permission=SEE_FIGURES, **kwargs)


def _page(connection: Any, status: Any, **filters: Any) -> Guarded:
    return Guarded(
        connection,
        permission=SEE_WORK,
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        after=graphene.String(description="a cursor"),
        statuses=graphene.List(graphene.NonNull(status), description="default: all"),
        coordinate=_COORDINATE,
        **filters,
    )


class Unit(graphene.ObjectType):
    """A unit and its whole picture. What a service tells is null, with an error, while that service is down."""

    class Meta:
        interfaces = (Node,)
        possible_types = (UnitRecord,)

    path = known(graphene.String, required=True, description="e.g. 5301/530102/530102001; of a department 5301/~psb")
    code = known(graphene.String, required=True, description="division code, e.g. 530102001")
    name = known(graphene.String, required=True, description="official name")
    short_name = known(graphene.String, required=True, description="what officers write")
    kind = known(UnitKind, required=True)
    tier = known(graphene.Int, required=True, description="1 city, 2 district or zone, 3 street, 4 community")
    children = known(
        graphene.List(graphene.NonNull(lambda: Unit)),
        required=True,
        kind=graphene.Argument(UnitKind),
        description="the territories directly below",
    )
    departments = known(graphene.List(graphene.NonNull(lambda: Unit)), required=True, description="and bureaus")
    case_counts = _figure(CaseCounts, description="by place; null for a department: its work is taskCounts")
    case_channels = _figure(
        graphene.List(graphene.NonNull(ChannelCount)), description="案件来源, by place; null for a department"
    )
    task_counts = _figure(TaskCounts, coordinate=_COORDINATE)
    task_counts_by = _figure(
        graphene.List(graphene.NonNull(NamedCount)),
        by=graphene.Argument(TaskGrouping, required=True),
        coordinate=_COORDINATE,
        overdue=graphene.Boolean(default_value=False, description="only what is open and past its deadline"),
        description="the largest first; duties without the parts of them that were given to others",
    )
    overdue = _figure(graphene.Int, coordinate=_COORDINATE, description="open tasks past their deadline")
    standing = _figure(Standing, description="in the latest published round; null where it was in none")
    score = _figure(graphene.Float, description="of the standing")
    rank = _figure(graphene.Int, description="of the standing")
    grade = _figure(Grade, description="of the standing")
    change = _figure(graphene.Int, description="of the standing")
    indicators = _figure(
        graphene.List(graphene.NonNull(Indicator)),
        period=graphene.String(required=True, description="a quarter 2026-Q1 or a month 2026-03; one per request"),
        description="运行指标: operational indicators",
    )
    bulletins = _figure(BulletinConnection, first=graphene.Int(required=True, default_value=5))
    cases = _page(CaseConnection, CaseStatus)
    tasks = _page(TaskConnection, TaskStatus, source=graphene.Argument(TaskSource), overdue=graphene.Boolean())
    plan_progress = _figure(
        Plan, plan_id=graphene.String(required=True), description="the plan's rows that it, or one inside it, leads"
    )

    def resolve_id(self: UnitRecord, info: graphene.ResolveInfo) -> str:
        return self.path

    def resolve_children(self: UnitRecord, info: graphene.ResolveInfo, kind: Kind | None = None) -> list[UnitRecord]:
        below = inquiry(info).registry.children(self.path, kind=kind)
        return [unit for unit in below if unit.kind.is_territory]

    def resolve_departments(self: UnitRecord, info: graphene.ResolveInfo) -> tuple[UnitRecord, ...]:
        return inquiry(info).registry.children(self.path, kind=Kind.DEPARTMENT)

    def resolve_case_counts(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        if not self.kind.is_territory:
            return None
        return then(inquiry(info).loaders.case_counts(self.path), case_counts)

    def resolve_case_channels(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        if not self.kind.is_territory:
            return None
        return then(inquiry(info).loaders.case_counts_by_channel(self.path), channel_counts)

    def resolve_task_counts(self: UnitRecord, info: graphene.ResolveInfo, coordinate: Any = None) -> Any:
        return then(inquiry(info).loaders.task_counts(self.path, _coordinate(self, coordinate)), task_counts)

    def resolve_task_counts_by(
        self: UnitRecord, info: graphene.ResolveInfo, by: Any, overdue: bool, coordinate: Any = None
    ) -> Any:
        wanted = (_coordinate(self, coordinate), by.value, OVERDUE if overdue else None)
        return then(inquiry(info).loaders.task_counts_by(self.path, *wanted), named_counts)

    def resolve_overdue(self: UnitRecord, info: graphene.ResolveInfo, coordinate: Any = None) -> Any:
        counts = inquiry(info).loaders.task_counts(self.path, _coordinate(self, coordinate))
        return then(counts, lambda found: found.get(OVERDUE, 0))

    def resolve_standing(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.standing(self.path)

    def resolve_score(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        return _of_standing(self, info, "score")

    def resolve_rank(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        return _of_standing(self, info, "rank")

    def resolve_grade(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        return _of_standing(self, info, "grade")

    def resolve_change(self: UnitRecord, info: graphene.ResolveInfo) -> Any:
        return _of_standing(self, info, "change")

    def resolve_indicators(self: UnitRecord, info: graphene.ResolveInfo, period: str) -> Any:
        return inquiry(info).loaders.indicators(self.path, period)

    def resolve_bulletins(self: UnitRecord, info: graphene.ResolveInfo, first: int) -> Any:
        return newest(self.path, page_length(first), info)

    def resolve_cases(
        self: UnitRecord,
        info: graphene.ResolveInfo,
        first: int,
        after: str | None = None,
        coordinate: Any = None,
        statuses: list[Any] | None = None,
    ) -> Any:
        scope = CaseScope(**_scope(self, coordinate), statuses=_many(statuses))
        return _list(CaseConnection, inquiry(info).loaders.case_page, scope, first, after)

    def resolve_tasks(
        self: UnitRecord,
        info: graphene.ResolveInfo,
        first: int,
        after: str | None = None,
        coordinate: Any = None,
        statuses: list[Any] | None = None,
        **filters: Any,
    ) -> Any:
        scope = TaskScope(**_scope(self, coordinate), statuses=_many(statuses), **filters)
        return _list(TaskConnection, inquiry(info).loaders.task_page, scope, first, after)

    def resolve_plan_progress(self: UnitRecord, info: graphene.ResolveInfo, plan_id: str) -> Any:
        return plan_led_by(self.path, plan_id, info)


def _coordinate(unit: UnitRecord, asked: Any) -> str:
    """The coordinate to count by. Raises InvalidInput for the place of a department: it is no place."""
    department = unit_path.is_department(unit.path)
    if asked is None:
        return "responsible" if department else "place"
    if department and asked is CoordinateName.PLACE:
        raise InvalidInput("a department is not a place", "部门没有属地，请用 RESPONSIBLE", field="coordinate")
    return asked.value


def _scope(unit: UnitRecord, asked: Any) -> dict[str, Any]:
    return {"place" if _coordinate(unit, asked) == "place" else "unit": unit.path}


def _many(values: list[Any] | None) -> tuple[Any, ...] | None:
    return tuple(values) if values is not None else None


def _list(connection: Any, load: Any, scope: CaseScope | TaskScope, first: int, after: str | None) -> Any:
    start = decode(after)
    request = PageRequest(scope, page_length(first) + start.skip, start.after)
    return then(load(request), lambda page: connect(connection, page, start, total_count=page.total))


def _of_standing(unit: UnitRecord, info: Any, name: str) -> Any:
    return then(inquiry(info).loaders.standing(unit.path), lambda found: getattr(found, name) if found else None)


@findable("Unit")
def find_unit(path: str, info: Any) -> UnitRecord:
    """The unit at the path."""
    return inquiry(info).registry.unit(path)
