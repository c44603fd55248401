"""Operational indicators (运行指标) of a unit."""

import graphene

from gateway.guarded import part_of
from gateway.permissions import SEE_FIGURES

_NAMES = (
    "closing_rate, on_time_closing_rate, on_time_acceptance, dispatch_accuracy, rework_rate, response_rate, "
    "resolution_rate, satisfaction_rate, miss_rate"
)


@part_of(SEE_FIGURES)
class Indicator(graphene.ObjectType):
    """One operational indicator of a unit and everything inside it, in one period: by the responsible unit, but
    miss_rate by the place."""

    name = graphene.String(required=True, description=_NAMES)
    period = graphene.String(required=True)
    numerator = graphene.Int(required=True)
    denominator = graphene.Int(required=True)
    rate = graphene.Float(description="0..1, null where the denominator is 0")

    def resolve_name(self, info: graphene.ResolveInfo) -> str:
        return self.indicator
