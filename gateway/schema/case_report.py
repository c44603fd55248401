"""The reports of a case: what each of them says."""

import graphene

from gateway.guarded import part_of
from gateway.permissions import SEE_WORK
from gateway.schema.enums import Channel
from gateway.schema.masked import MASKED


@part_of(SEE_WORK)
class CaseReport(graphene.ObjectType):
    """来件: what one report of a case says, in its newest version."""

    receipt = graphene.String(required=True)
    channel = graphene.Field(Channel, required=True)
    received_at = graphene.DateTime(required=True)
    revision = graphene.Int(required=True, description="how often it was revised")
    revised_at = graphene.DateTime(description="when last")
    title = graphene.String(required=True, description=MASKED)
    text = graphene.String(required=True, description=f"what was said; {MASKED}")
    address = graphene.String(required=True, description=f"where the sender said it is; {MASKED}")


@part_of(SEE_WORK)
class CaseReportConnection(graphene.relay.Connection):
    """The reports of a case, as they joined."""

    class Meta:
        node = CaseReport

    total_count = graphene.Int(required=True, description="of the whole list")
