"""The reports of a case: what each of them says."""

import graphene

from gateway.guarded import part_of
from gateway.permissions import SEE_WORK
from gateway.schema.enums import Channel
from gateway.schema.masked import MASKED
from services.complaints.contracts import CaseReport as CaseReportView


@part_of(SEE_WORK)
class SenderDeadline(graphene.ObjectType):
    """Until when a sender wants something, under the channel's own name for it."""

    name = graphene.String(required=True, description="区级办理期限, 整改期限 …")
    until = graphene.DateTime(required=True)


@part_of(SEE_WORK)
class SenderFact(graphene.ObjectType):
    """What a sender says beside the matter, under the channel's own name for it."""

    name = graphene.String(required=True, description="批示内容, 承办要求, 整改要求 …")
    said = graphene.String(required=True, description=MASKED)


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
    handed_over_at = graphene.DateTime(description="交办时间")
    deadlines = graphene.List(
        graphene.NonNull(SenderDeadline),
        required=True,
        description="until when the sender wants it; that of city and district are two",
    )
    facts = graphene.List(graphene.NonNull(SenderFact), required=True, description="what else the sender says")

    def resolve_deadlines(self: CaseReportView, info: graphene.ResolveInfo) -> list[SenderDeadline]:
        return [SenderDeadline(name=name, until=until) for name, until in self.deadlines.items()]

    def resolve_facts(self: CaseReportView, info: graphene.ResolveInfo) -> list[SenderFact]:
        return [SenderFact(name=name, said=said) for name, said in self.facts.items()]


@part_of(SEE_WORK)
class CaseReportConnection(graphene.relay.Connection):
    """The reports of a case, as they joined."""

    class Meta:
        node = CaseReport

    total_count = graphene.Int(required=True, description="of the whole list")
