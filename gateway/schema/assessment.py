"""A unit's place in the latest published round."""

import graphene

from gateway.guarded import part_of
from gateway.permissions import SEE_FIGURES
from gateway.schema.enums import Grade


@part_of(SEE_FIGURES)
class Standing(graphene.ObjectType):
    """A unit's place among the units of its tier."""

    round_id = graphene.String(required=True)
    title = graphene.String(required=True, description="of the round")
    published_at = graphene.DateTime(required=True)
    score = graphene.Float(description="0..100, null where nothing was scored")
    rank = graphene.Int(description="equal scores share a rank")
    grade = graphene.Field(Grade)
    change = graphene.Int(description="places won since the round before, null where there is none to compare")
    sites = graphene.Int(required=True, description="how many sites were assessed")
    deductions = graphene.Int(required=True)
