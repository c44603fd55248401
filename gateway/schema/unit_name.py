"""A unit by name: what everybody may know of any unit, and what needs no service to tell."""

import graphene

from gateway.guarded import part_of
from gateway.inquiry import inquiry
from gateway.permissions import KNOWN_TO_ALL
from gateway.schema.enums import UnitKind
from infra.organisation.unit import Unit as UnitRecord


@part_of(KNOWN_TO_ALL)
class UnitName(graphene.ObjectType):
    """A unit that something belongs to. Its figures are asked for by `unit(path:)`, as far as the token reaches."""

    path = graphene.String(required=True, description="e.g. 5301/530102/530102001; of a department 5301/~psb")
    name = graphene.String(required=True, description="official name")
    short_name = graphene.String(required=True, description="what officers write")
    kind = graphene.Field(UnitKind, description="null for a unit that the registry in force does not know any more")


def unit_name(path: str | None, info: graphene.ResolveInfo) -> UnitRecord | UnitName | None:
    """The unit at `path`; only its path where the registry does not know it (any more)."""
    if path is None:
        return None
    return inquiry(info).registry.get(path) or UnitName(path=path, name=path, short_name=path, kind=None)
