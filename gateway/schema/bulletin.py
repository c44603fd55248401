"""Bulletins: numbered, published documents."""

from typing import Any

import graphene

from gateway.guarded import known, part_of
from gateway.inquiry import inquiry, then
from gateway.permissions import KNOWN_TO_ALL
from gateway.schema.enums import BulletinKind, DeliveryStatus
from gateway.schema.node import Node, findable
from gateway.schema.unit_name import UnitName, unit_name
from services.notify.contracts import BulletinView


@part_of(KNOWN_TO_ALL)
class Deliveries(graphene.ObjectType):
    """How many mails of a bulletin are in one state."""

    status = graphene.Field(DeliveryStatus, required=True)
    number = graphene.Int(required=True)


class Bulletin(graphene.ObjectType):
    """通报 / 公示: a numbered document."""

    class Meta:
        interfaces = (Node,)
        possible_types = (BulletinView,)

    bulletin_id = known(graphene.String, required=True, description="the domain's own id")
    number = known(graphene.String, required=True, description="文号")
    kind = known(BulletinKind, required=True)
    title = known(graphene.String, required=True)
    issued_at = known(graphene.DateTime, required=True)
    units = known(graphene.List(graphene.NonNull(UnitName)), required=True, description="to whom it is addressed")
    text = known(graphene.String, description="null in lists: ask for bulletin(id:)")
    html = known(graphene.String, description="null in lists: ask for bulletin(id:)")
    deliveries = known(graphene.List(graphene.NonNull(Deliveries)), required=True)

    def resolve_id(self: BulletinView, info: graphene.ResolveInfo) -> str:
        return self.bulletin_id

    def resolve_units(self: BulletinView, info: graphene.ResolveInfo) -> list[Any]:
        return [unit_name(path, info) for path in self.units]

    def resolve_text(self: BulletinView, info: graphene.ResolveInfo) -> str | None:
        return self.text or None

    def resolve_html(self: BulletinView, info: graphene.ResolveInfo) -> str | None:
        return self.html or None

    def resolve_deliveries(self: BulletinView, info: graphene.ResolveInfo) -> list[Deliveries]:
        return [Deliveries(status=status, number=number) for status, number in self.deliveries.items()]


@part_of(KNOWN_TO_ALL)
class BulletinConnection(graphene.relay.Connection):
    """The newest bulletins, newest first. There is no `after`: what is older is found by number."""

    class Meta:
        node = Bulletin


def newest(unit: str, first: int, info: Any) -> Any:
    """The `first` newest bulletins addressed to `unit`, as a connection."""
    return then(inquiry(info).loaders.recent_bulletins(unit, first + 1), lambda found: _connect(found, first))


def _connect(found: list[BulletinView], first: int) -> BulletinConnection:
    edges = [BulletinConnection.Edge(node=one, cursor=one.bulletin_id) for one in found[:first]]
    info = {
        "has_next_page": len(found) > first,
        "has_previous_page": False,
        "start_cursor": edges[0].cursor if edges else None,
        "end_cursor": edges[-1].cursor if edges else None,
    }
    return BulletinConnection(edges=edges, page_info=info)


@findable("Bulletin")
def find_bulletin(bulletin_id: str, info: Any) -> Any:
    """The bulletin with the domain's id, text included."""
    return inquiry(info).loaders.bulletin(bulletin_id)
