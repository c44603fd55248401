"""One step in the life of a task or of an order."""

import graphene

from gateway.schema.unit_name import UnitName, unit_name


class DutyStep:
    """Its fields (see Step of the contracts of tasks); the types that people see inherit them."""

    version = graphene.Int(required=True, description="that the step made")
    what = graphene.String(required=True)
    by = graphene.String(required=True)
    by_unit = graphene.Field(
        UnitName,
        resolver=lambda step, info: unit_name(step.by_unit, info),
        description="for which unit; null where that is not known",
    )
    at = graphene.DateTime(required=True)
    note = graphene.String()
