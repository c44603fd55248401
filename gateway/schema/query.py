"""The entrances: units, single objects by id, and who asks."""

from typing import Any

import graphene

from gateway.guarded import Guarded
from gateway.ids import local_id
from gateway.inquiry import inquiry
from gateway.permissions import KNOWN_TO_ALL, OPEN_BULLETIN, OPEN_WORK, SEE_UNIT
from gateway.schema.bulletin import Bulletin, find_bulletin
from gateway.schema.case import Case, find_case
from gateway.schema.desk import DeskQueries
from gateway.schema.heat import HeatQueries
from gateway.schema.material import MaterialQueries
from gateway.schema.misfit import MisfitQueries
from gateway.schema.node import Node, find_node
from gateway.schema.officer import Me
from gateway.schema.plan import Plan, find_plan
from gateway.schema.report import ReportQueries
from gateway.schema.routing import RoutingQueries
from gateway.schema.standard import StandardQueries
from gateway.schema.supervision import SupervisionQueries
from gateway.schema.task import Task, find_task
from gateway.schema.unit import Unit
from gateway.schema.unit_name import UnitName
from gateway.schema.work_list import WorkListQueries
from gateway.unit_finder import find_named, with_duties
from infra.organisation.officer import Officer
from infra.organisation.unit import SECOND_TIER, UnitKind
from infra.organisation.unit import Unit as UnitRecord

_ID = graphene.Argument(graphene.ID, required=True, description="global id, or the domain's own id")
_PLAN_ID = graphene.Argument(graphene.ID, required=True)
_STREETS = frozenset({UnitKind.STREET})


def _named_unit(description: str, **more: Any) -> Guarded:
    by = {name: graphene.String() for name in ("path", "code", "name")}
    return Guarded(Unit, permission=SEE_UNIT, description=description, args=by | more)


class Query(
    DeskQueries,
    HeatQueries,
    MaterialQueries,
    MisfitQueries,
    ReportQueries,
    RoutingQueries,
    StandardQueries,
    SupervisionQueries,
    WorkListQueries,
    graphene.ObjectType,
):
    """What can be asked. A unit outside the token's sight is an error with the code `forbidden`."""

    city = Guarded(Unit, permission=SEE_UNIT, description="the whole city")
    district = _named_unit("a district or development zone: exactly one of path, code and name")
    street = _named_unit(
        "a street or township: exactly one of path, code and name; `within` a district's path where names repeat",
        within=graphene.String(),
    )
    unit = Guarded(Unit, permission=SEE_UNIT, path=graphene.String(required=True), description="any unit")
    duty_units = Guarded(
        graphene.List(graphene.NonNull(UnitName)),
        permission=KNOWN_TO_ALL,
        description="every unit that can have a duty, by name: to whom one can be given",
    )
    me = Guarded(Me, permission=KNOWN_TO_ALL, required=True, description="who asks")
    case = Guarded(Case, permission=OPEN_WORK, id=_ID)
    task = Guarded(Task, permission=OPEN_WORK, id=_ID)
    bulletin = Guarded(Bulletin, permission=OPEN_BULLETIN, id=_ID, description="one per request, with its text")
    plan = Guarded(Plan, permission=KNOWN_TO_ALL, id=_PLAN_ID, description="one per request; the rows in sight")
    node = Guarded(Node, permission=OPEN_WORK, id=graphene.ID(required=True), description="any object by its global id")

    def resolve_city(self, info: graphene.ResolveInfo) -> UnitRecord:
        return inquiry(info).registry.city

    def resolve_district(self, info: graphene.ResolveInfo, **by: str) -> UnitRecord:
        return _find(info, SECOND_TIER, **by)

    def resolve_street(self, info: graphene.ResolveInfo, **by: str) -> UnitRecord:
        return _find(info, _STREETS, **by)

    def resolve_unit(self, info: graphene.ResolveInfo, path: str) -> UnitRecord:
        return inquiry(info).registry.unit(path)

    def resolve_duty_units(self, info: graphene.ResolveInfo) -> list[UnitRecord]:
        return with_duties(inquiry(info).registry)

    def resolve_me(self, info: graphene.ResolveInfo) -> Officer:
        return inquiry(info).officer

    def resolve_case(self, info: graphene.ResolveInfo, id: str) -> Any:
        return find_case(local_id("Case", id), info)

    def resolve_task(self, info: graphene.ResolveInfo, id: str) -> Any:
        return find_task(local_id("Task", id), info)

    def resolve_bulletin(self, info: graphene.ResolveInfo, id: str) -> Any:
        return find_bulletin(local_id("Bulletin", id), info)

    def resolve_plan(self, info: graphene.ResolveInfo, id: str) -> Any:
        return find_plan(id, info)

    def resolve_node(self, info: graphene.ResolveInfo, id: str) -> Any:
        return find_node(id, info)


def _find(info: Any, kinds: frozenset[UnitKind], **by: str) -> UnitRecord:
    given = {"path": None, "code": None, "name": None, "within": None} | by
    return find_named(inquiry(info).registry, kinds, **given)
