"""Who asks."""

from typing import Any

import graphene
from graphene.utils.str_converters import to_camel_case

from gateway.guarded import known
from gateway.inquiry import inquiry
from gateway.schema.enums import Role
from gateway.schema.unit import Unit
from infra.organisation import officer


class Me(graphene.ObjectType):
    """The officer whom the token vouches for."""

    name = known(graphene.String, required=True)
    role = known(Role, required=True)
    unit = known(Unit, description="null where the registry does not know the token's unit")
    may = known(
        graphene.List(graphene.NonNull(graphene.String)),
        required=True,
        description="the mutations that the role allows at all; each has its rule about the unit besides",
    )

    def resolve_unit(self: officer.Officer, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).registry.get(self.unit)

    def resolve_may(self: officer.Officer, info: graphene.ResolveInfo) -> list[str]:
        commands = info.schema.mutation_type.graphene_type._meta.fields
        return [to_camel_case(name) for name, field in commands.items() if self.role in field.permission.roles]
