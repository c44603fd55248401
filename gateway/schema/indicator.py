"""Operational indicators (运行指标) of a unit."""

import graphene

from gateway.permissions import SEE_FIGURES, part_of


@part_of(SEE_FIGURES)
class Indicator(graphene.ObjectType):
    """One operational indicator of a unit and everything inside it, by the responsible unit, in one period."""

    name = graphene.String(required=True, description="e.g. closing_rate, on_time_acceptance")
    period = graphene.String(required=True)
    numerator = graphene.Int(required=True)
    denominator = graphene.Int(required=True)
    rate = graphene.Float(description="0..1, null where the denominator is 0")

    def resolve_name(self, info: graphene.ResolveInfo) -> str:
        return self.indicator
