"""Cases: the matter itself."""

from typing import Any

import graphene

from gateway.cursor import connect, decode
from gateway.guarded import Guarded, part_of
from gateway.inquiry import inquiry, then
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.page_request import ReportsRequest
from gateway.permissions import KNOWN_TO_ALL, OPEN_WORK, SEE_WORK
from gateway.schema.case_life import (
    AbsorbedCase,
    Appeal,
    CaseLimit,
    CasePhoto,
    Closing,
    DismissedDuplicate,
    FactsAsked,
    Rating,
    SuggestedDuplicate,
    Verification,
)
from gateway.schema.case_report import CaseReportConnection
from gateway.schema.enums import CaseStatus, Channel, DeskKind, RequestKind, Urgency
from gateway.schema.masked import MASKED, MASKED_REPLY
from gateway.schema.node import Node, findable
from gateway.schema.unit_name import UnitName, unit_name
from gateway.schema.work_field import work, work_in
from services.complaints.contracts import CaseStep as CaseStepView
from services.complaints.contracts import CaseView

_of_life = work_in("life")


def _many(type_: Any) -> Any:
    return graphene.List(graphene.NonNull(type_))


@part_of(SEE_WORK)
class Reason(graphene.ObjectType):
    """Why an automatic decision came out as it did."""

    decision = graphene.String(required=True, description="what was decided, e.g. category")
    text = graphene.String(required=True, description="in Chinese")
    evidence = graphene.List(graphene.NonNull(graphene.String), required=True)


@part_of(SEE_WORK)
class CaseStep(graphene.ObjectType):
    """One step in a case's life."""

    version = graphene.Int(required=True, description="that the step made")
    what = graphene.String(required=True)
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    why = graphene.String(description="null where nothing was said")

    def resolve_why(self: CaseStepView, info: graphene.ResolveInfo) -> str | None:
        return self.why or None


class Case(graphene.ObjectType):
    """案件: one matter, from one or more reports. The caller's name and number are not in it."""

    class Meta:
        interfaces = (Node,)
        possible_types = (CaseView,)

    case_id = work(graphene.String, required=True, description="the domain's own id")
    version = work(graphene.Int, required=True, description="what a command must name as seenVersion")
    number = work(graphene.String, required=True, description="案件编号")
    status = work(CaseStatus, required=True)
    title = work(graphene.String, required=True, description=MASKED)
    text = work(graphene.String, required=True, description=f"what was said; {MASKED}")
    address = work(graphene.String, required=True, description=f"where the sender said it is; {MASKED}")
    category = work(graphene.String, required=True)
    category_name = work(graphene.String, required=True)
    place = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True, description="where it is")
    responsible_unit = Guarded(UnitName, permission=KNOWN_TO_ALL, description="whose duty it is; null before dispatch")
    urgency = work(Urgency, required=True)
    request_kind = work(RequestKind, required=True)
    channels = work(graphene.List(graphene.NonNull(Channel)), required=True)
    receipts = work(graphene.List(graphene.NonNull(graphene.String)), required=True, description="of its reports")
    reports = work(
        CaseReportConnection,
        required=True,
        description="what each of its reports says, as they joined; of a merged case those that it brought",
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        after=graphene.String(description="a cursor"),
    )
    received_at = work(graphene.DateTime, required=True)
    filed_at = work(graphene.DateTime)
    closed_at = work(graphene.DateTime)
    reworks = work(graphene.Int, required=True, description="how often the check failed")
    proposed_reply = work(
        graphene.String, description=f"what the unit said it did when it last submitted; {MASKED_REPLY}"
    )
    reply = work(graphene.String, description=f"to the citizen; {MASKED_REPLY}")
    reasons = work(graphene.List(graphene.NonNull(Reason)), required=True)
    history = work(graphene.List(graphene.NonNull(CaseStep)), required=True, description="the oldest step first")
    limit = work(CaseLimit, description="the row that gave its limit; null until it is filed")
    photos = work(_many(CasePhoto), required=True, description="by reference: open one only when a person asks for it")
    difficult = work(graphene.Boolean, required=True, description="疑难: key and difficult")
    heat = work(graphene.Float, description="how hot; null where there is one report and nobody's liking")
    demanded_by = work(graphene.DateTime, description="the earliest moment until when a sender wants something of it")
    ends_after_demand = work(graphene.Boolean, required=True, description="its task's deadline lies behind demandedBy")
    desk = _of_life(_many(DeskKind), "desk", required=True, description="why it needs a person, most pressing first")
    verification = _of_life(Verification, "verification")
    facts_asked = _of_life(FactsAsked, "facts_asked")
    answered_as = _of_life(graphene.String, "answered_as", description="code of the reply template")
    void_code = _of_life(graphene.String, "void_code", description="code of the reason for which it is void")
    closings = _of_life(_many(Closing), "closings", required=True, description="the first closing first")
    reopenings = _of_life(graphene.Int, "reopenings", required=True, description="重办: how often")
    appeal = _of_life(Appeal, "appeal")
    excused = _of_life(graphene.Boolean, "excused", required=True, description="its appeal was granted")
    ratings = _of_life(_many(Rating), "ratings", required=True, description="回访 and the citizen's own answers")
    merged_into = Guarded("gateway.schema.case.Case", permission=OPEN_WORK, description="the case of which it is part")
    absorbed = _of_life(_many(AbsorbedCase), "absorbed", required=True, description="cases merged into it")
    suggestions = _of_life(_many(SuggestedDuplicate), "suggestions", required=True)
    dismissed = _of_life(_many(DismissedDuplicate), "dismissed", required=True, description="非重复, as officers found")
    confirmed = _of_life(
        graphene.Boolean, "confirmed", required=True, description="研判不明: an officer found it right"
    )
    revised = _of_life(_many(graphene.String), "revised", required=True, description="receipts: new to the desk")
    escalated_by = _of_life(
        _many(graphene.String),
        "escalated_by",
        required=True,
        description="催办升级: receipts, new to the desk, of what is more urgent, or says more than an officer decided",
    )
    task = Guarded("gateway.schema.task.Task", permission=OPEN_WORK, description="the task it is handled by now")

    def resolve_id(self: CaseView, info: graphene.ResolveInfo) -> str:
        return self.case_id

    def resolve_place(self: CaseView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.place_path, info)

    def resolve_responsible_unit(self: CaseView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.responsible_unit, info)

    def resolve_reasons(self: CaseView, info: graphene.ResolveInfo) -> list[Reason]:
        return [
            Reason(decision=decision, text=reason.text_zh, evidence=reason.evidence)
            for decision, reason in self.reasons.items()
        ]

    def resolve_reports(self: CaseView, info: graphene.ResolveInfo, first: int, after: str | None = None) -> Any:
        start = decode(after)
        request = ReportsRequest(self.case_id, page_length(first) + start.skip, start.after)
        page = inquiry(info).loaders.case_reports(request)
        return then(page, lambda found: connect(CaseReportConnection, found, start, total_count=found.total))

    def resolve_merged_into(self: CaseView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.related_case(self.life.merged_into) if self.life.merged_into else None

    def resolve_task(self: CaseView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.task(self.task_id) if self.task_id else None


@part_of(SEE_WORK)
class CaseConnection(graphene.relay.Connection):
    """Cases, newest first."""

    class Meta:
        node = Case

    total_count = graphene.Int(required=True, description="of the whole list")


@findable("Case")
def find_case(case_id: str, info: Any) -> Any:
    """The case with the domain's id."""
    return inquiry(info).loaders.case(case_id)
