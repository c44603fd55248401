"""What many speak of: hot matters, and places where a matter grew unusually."""

from datetime import datetime
from typing import Any

import graphene
import msgspec

from gateway.guarded import Guarded, part_of
from gateway.inquiry import inquiry
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.permissions import KNOWN_TO_ALL, OPEN_WORK, SEE_HEAT, SEE_WORK
from gateway.schema.enums import CaseStatus
from gateway.schema.unit_name import UnitName, unit_name
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import HotMatter as MatterView
from services.complaints.contracts import HotspotView

_PLACE = graphene.String(required=True, description="path of a territory in sight")


def _seen(type_: Any, **kwargs: Any) -> Guarded:
    return Guarded(type_, permission=SEE_WORK, required=True, **kwargs)


class HotMatter(graphene.ObjectType):
    """热点诉求: a case that many speak of."""

    case_id = _seen(graphene.String)
    number = _seen(graphene.String)
    status = _seen(CaseStatus)
    title = _seen(graphene.String, description="masked")
    category = _seen(graphene.String)
    category_name = _seen(graphene.String)
    place = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True)
    heat = _seen(graphene.Float, description="from people, their further reports, and likes")
    reports = _seen(graphene.Int)
    people = _seen(graphene.Int, description="distinct, as far as their numbers tell")
    likes = _seen(graphene.Int, description="less dislikes")
    first_at = _seen(graphene.DateTime)
    last_at = _seen(graphene.DateTime)
    case = Guarded("gateway.schema.case.Case", permission=OPEN_WORK)

    def resolve_place(self: MatterView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.place_path, info)

    def resolve_case(self: MatterView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.case(self.case_id)


@part_of(SEE_WORK)
class Hotspot(graphene.ObjectType):
    """聚集: a category that grew unusually at a place."""

    category = graphene.String(required=True)
    category_name = graphene.String(required=True)
    place = graphene.Field(UnitName, required=True)
    reports = graphene.Int(required=True, description="the most within the window")
    usual = graphene.Float(required=True, description="what was expected when it began")
    since = graphene.DateTime(required=True)
    until = graphene.DateTime(required=True, description="when it was last unusual")
    episodes = graphene.Int(required=True, description="how often it has been")

    def resolve_place(self: HotspotView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.place_path, info)


class HeatQueries:
    """What can be asked about heat."""

    hot_matters = Guarded(
        graphene.List(graphene.NonNull(HotMatter)),
        permission=SEE_HEAT,
        about="place",
        description="the hottest first, among those whose last report came within the time",
        place=_PLACE,
        since=graphene.DateTime(required=True),
        until=graphene.DateTime(required=True),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
    )
    hotspots = Guarded(
        graphene.List(graphene.NonNull(Hotspot)),
        permission=SEE_HEAT,
        about="place",
        description="the latest first",
        place=_PLACE,
        since=graphene.DateTime(required=True),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
    )

    async def resolve_hot_matters(
        self, info: graphene.ResolveInfo, place: str, since: datetime, until: datetime, first: int
    ) -> list[MatterView]:
        asked = (place, since.isoformat(), until.isoformat(), page_length(first))
        return msgspec.convert(await inquiry(info).desk.ask(COMPLAINTS, "hot_matters", *asked), list[MatterView])

    async def resolve_hotspots(
        self, info: graphene.ResolveInfo, place: str, since: datetime, first: int
    ) -> list[HotspotView]:
        asked = (place, since.isoformat(), page_length(first))
        return msgspec.convert(await inquiry(info).desk.ask(COMPLAINTS, "hotspots", *asked), list[HotspotView])
