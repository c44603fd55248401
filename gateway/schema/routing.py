"""派遣路由表: whose duty a matter is, explained, and edited by the city's office."""

from datetime import date
from typing import Any

import graphene
import msgspec

from gateway.guarded import Guarded, part_of
from gateway.ids import local_id
from gateway.inquiry import Inquiry, inquiry
from gateway.permissions import EDIT_ROUTING, EXPLAIN_ROUTING, KNOWN_TO_ALL, OPEN_WORK, enforce
from gateway.schema.case_commands import text
from gateway.schema.commands import SEEN, mutation, send
from gateway.schema.unit_name import UnitName, unit_name
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import Explanation as ExplanationView
from services.tasks.contracts import RoutingPage, RoutingRowView

_LIST = "paths, or words that name a unit by the place"


def _of_row(name: str, type_: Any = graphene.String, **kwargs: Any) -> Any:
    """A field of the row itself; null for a criterion that fits everything."""
    return graphene.Field(type_, resolver=lambda root, info: _said(getattr(root.row, name)), **kwargs)


def _said(value: Any) -> Any:
    return None if value == "" else value


@part_of(KNOWN_TO_ALL)
class RoutingRow(graphene.ObjectType):
    """A row: which matters it is for, and whose duty they are."""

    number = graphene.Int(required=True, description="in the order of editing")
    category = _of_row("category", description="with all below it")
    name = _of_row("name", description="what people call the category")
    place = _of_row("place", description="with everything inside it")
    kind = _of_row("kind", description="诉求类型")
    subject = _of_row("subject", description="一级主题")
    channel = _of_row("channel")
    difficult = _of_row("difficult", graphene.Boolean, description="疑难")
    goes_to = _of_row("goes_to", description="territory, district, proposed, office, a department or a path")
    lead = _of_row("lead", description="牵头: the department to which what is key and difficult moves")
    assists = _of_row("assists", graphene.List(graphene.NonNull(graphene.String)), required=True, description="协办")
    because = _of_row("because")
    effective_from = _of_row("effective_from", graphene.Date, required=True)
    removed = _of_row("removed", graphene.Boolean, required=True, description="from that day on there is no such row")
    by = graphene.String(required=True, description="empty for what came with the system")
    at = graphene.DateTime()
    why = graphene.String(required=True)


@part_of(KNOWN_TO_ALL)
class RoutingTable(graphene.ObjectType):
    """The rows in force on a day, in the order in which they are tried."""

    version = graphene.Int(required=True, description="what an edit must name as seenVersion")
    day = graphene.Date(required=True)
    routes = graphene.List(graphene.NonNull(RoutingRow), required=True)

    def resolve_routes(self: RoutingPage, info: graphene.ResolveInfo) -> list[RoutingRowView]:
        return self.rows


@part_of(EXPLAIN_ROUTING)
class RowTried(graphene.ObjectType):
    """A row that was considered."""

    row = graphene.Field(RoutingRow, required=True)
    fits = graphene.Boolean(required=True)
    why = graphene.String(required=True)


@part_of(EXPLAIN_ROUTING)
class RoutingExplanation(graphene.ObjectType):
    """Whose duty a matter is by the table in force on a day, and how that came out."""

    day = graphene.Date(required=True)
    version = graphene.Int(required=True)
    unit = graphene.Field(UnitName, required=True)
    because = graphene.String(required=True)
    number = graphene.Int(description="of the row that decided")
    lead = graphene.Field(UnitName, description="牵头")
    assisting = graphene.List(graphene.NonNull(UnitName), required=True, description="协办")
    tried = graphene.List(graphene.NonNull(RowTried), required=True)

    def resolve_unit(self: ExplanationView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.unit, info)

    def resolve_lead(self: ExplanationView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.lead, info)

    def resolve_assisting(self: ExplanationView, info: graphene.ResolveInfo) -> list[Any]:
        return [unit_name(path, info) for path in self.assists]


class RoutingQueries:
    """What can be asked about the routing table."""

    routing_table = Guarded(
        RoutingTable,
        permission=KNOWN_TO_ALL,
        day=graphene.Date(description="default: today"),
        search=graphene.String(),
        description="派遣路由表",
    )
    routing_history = Guarded(
        graphene.List(graphene.NonNull(RoutingRow)),
        permission=KNOWN_TO_ALL,
        category=graphene.String(description="code; default: all"),
        description="every version of every row, the newest first: who changed what, from which day on, why",
    )
    explain_routing = Guarded(
        RoutingExplanation,
        permission=EXPLAIN_ROUTING,
        description="whose duty a matter is, and why: of a case, or of category and place",
        case=graphene.ID(description="of a case in sight; or else:"),
        category=graphene.String(),
        place=graphene.String(description="path"),
        kind=graphene.String(),
        subject=graphene.String(),
        channel=graphene.String(),
        difficult=graphene.Boolean(),
        day=graphene.Date(description="default: today"),
    )

    async def resolve_routing_table(
        self, info: graphene.ResolveInfo, day: date | None = None, search: str | None = None
    ) -> RoutingPage:
        asked = (day.isoformat() if day else None, search)
        return msgspec.convert(await inquiry(info).desk.ask(TASKS, "routing_table", *asked), RoutingPage)

    async def resolve_routing_history(
        self, info: graphene.ResolveInfo, category: str | None = None
    ) -> list[RoutingRowView]:
        answer = await inquiry(info).desk.ask(TASKS, "routing_history", category)
        return msgspec.convert(answer, list[RoutingRowView])

    async def resolve_explain_routing(
        self, info: graphene.ResolveInfo, day: date | None = None, case: str | None = None, **asked: Any
    ) -> ExplanationView:
        asking = inquiry(info)
        if case is not None:
            asked["case"] = local_id("Case", case)
            enforce(OPEN_WORK, asking.officer, await asking.loaders.case(asked["case"]))
        given = {name: value for name, value in asked.items() if value is not None}
        answer = await asking.desk.ask(TASKS, "explain_routing", given, day.isoformat() if day else None)
        return msgspec.convert(answer, ExplanationView)


class RouteGiven(graphene.InputObjectType):
    """A row as it is to be. A criterion that is left out fits everything."""

    category = graphene.String()
    place = graphene.String()
    kind = graphene.String()
    subject = graphene.String()
    channel = graphene.String()
    difficult = graphene.Boolean()
    name = graphene.String()
    goes_to = graphene.String()
    lead = graphene.String()
    assists = graphene.List(graphene.NonNull(graphene.String), description=_LIST)
    because = graphene.String()
    removed = graphene.Boolean(description="from that day on there is no such row")


async def _edit(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    enforce(EDIT_ROUTING, asking.officer, asking.registry.city)
    words["seen"] = words.pop("seen_version")
    page = msgspec.convert(await send(asking, TASKS, "edit_routing", **words), RoutingPage)
    return {"table": page, "changed": len(page.changed)}


class RoutingCommands:
    """What the city's office can do with the routing table."""

    edit_routing = mutation(
        "edit_routing",
        EDIT_ROUTING,
        "修改派遣路由表 from a day on; what is assigned stays",
        {
            "rows": graphene.List(graphene.NonNull(RouteGiven), required=True),
            "effective_from": graphene.Date(required=True),
            "why": text("it stands in the record"),
            "seen_version": graphene.Int(required=True, description=SEEN),
            "trial": graphene.Boolean(default_value=False, description="only say what would change"),
        },
        {"table": graphene.Field(RoutingTable), "changed": graphene.Int(required=True, description="rows")},
        _edit,
    )
