"""What happened to a case beside its states: limit, verification, closings, appeal, ratings, duplicates."""

from typing import Any

import graphene

from gateway.guarded import Guarded, part_of
from gateway.inquiry import inquiry
from gateway.permissions import OPEN_WORK, SEE_WORK
from gateway.schema.enums import LimitTable, RatingSource
from gateway.schema.unit_name import UnitName, unit_name
from services.complaints.contracts import Absorbed, LimitGiven, Suggestion

_TABLES_ZH = {"standard": "案件标准", "outside": "标准外事项时限表"}


def texts(description: str) -> Any:
    """A list of texts, never null."""
    return graphene.List(graphene.NonNull(graphene.String), required=True, description=description)


@part_of(SEE_WORK)
class CaseLimit(graphene.ObjectType):
    """时限: the row that gave a case its limit, as it was when the case was filed."""

    row_ref = graphene.String(required=True, description="full name of the row, with its edition and edit")
    table = graphene.Field(LimitTable, required=True)
    code = graphene.String(required=True, description="of the row within its table")
    words = graphene.String(required=True, description="the row and what it says, in Chinese")
    why = graphene.String(required=True, description="how the row was chosen, in Chinese")
    amount = graphene.Float(required=True, description="of the clock, after urgency")
    clock = graphene.String(required=True, description="urgent_hour, natural_day, work_hour or work_day")
    factor = graphene.Float(required=True, description="what urgency made of the row's limit")
    effective_from = graphene.Date(required=True)
    filing_condition = graphene.String(required=True, description="立案条件; empty where the table has none")
    closing_conditions = texts("结案条件: closing must name one of them, or say why it names another")
    default_unit = graphene.Field(UnitName, description="whom the tables propose")

    def resolve_table(self: LimitGiven, info: graphene.ResolveInfo) -> Any:
        return self.row.table

    def resolve_code(self: LimitGiven, info: graphene.ResolveInfo) -> str:
        return self.row.code

    def resolve_words(self: LimitGiven, info: graphene.ResolveInfo) -> str:
        hastened = f"，按紧急程度计{self.factor:.0%}" if self.factor != 1 else ""
        return f"{_TABLES_ZH[self.row.table]}{self.row.code}（{self.row.title}）限{self.row.limit}{hastened}"

    def resolve_filing_condition(self: LimitGiven, info: graphene.ResolveInfo) -> str:
        return self.row.filing_condition

    def resolve_default_unit(self: LimitGiven, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.default_unit, info)


@part_of(SEE_WORK)
class CasePhoto(graphene.ObjectType):
    """A photo by reference, at its sender's."""

    receipt = graphene.String(required=True, description="of the report with which it came")
    reference = graphene.String(required=True, description="an address, or the sender's own number of it")
    sha256 = graphene.String(required=True, description="of its bytes, in hex")


@part_of(SEE_WORK)
class Verification(graphene.ObjectType):
    """核实: who looked on site, and what they saw."""

    found = graphene.Boolean(required=True, description="whether the matter is as reported")
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    note = graphene.String(required=True)


@part_of(SEE_WORK)
class FactsAsked(graphene.ObjectType):
    """一次性告知: what the citizen was told, once, is missing."""

    missing = texts("what is missing")
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    due = graphene.DateTime(required=True, description="by when")
    arrived_at = graphene.DateTime(description="when something came, also where that was too late")
    expired = graphene.Boolean(required=True)
    settled = graphene.Boolean(required=True, description="an officer has seen what came, or that nothing did")


@part_of(SEE_WORK)
class Closing(graphene.ObjectType):
    """结案: one of the closings of a case."""

    condition = graphene.String(required=True)
    reply = graphene.String(required=True)
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    why = graphene.String(description="given where the condition is none of those that the limit offers")

    def resolve_why(self, info: graphene.ResolveInfo) -> str | None:
        return self.why or None


@part_of(SEE_WORK)
class Appeal(graphene.ObjectType):
    """超时申诉: it may change the statistic, never the fact."""

    reason = graphene.String(required=True)
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    granted = graphene.Boolean(description="null until it is decided")
    decision = graphene.String(required=True, description="empty until it is decided")
    decided_by = graphene.String(required=True, description="empty until it is decided")
    decided_at = graphene.DateTime()


@part_of(SEE_WORK)
class Rating(graphene.ObjectType):
    """回访 or the citizen's own answer, about one closing; null is what was not asked or not answered."""

    closing = graphene.Int(required=True, description="number of the closing, from 1")
    rated_by = graphene.Field(RatingSource, required=True)
    contacted = graphene.Boolean()
    solved = graphene.Boolean()
    satisfied = graphene.Boolean()
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)


def _other(description: str) -> Guarded:
    return Guarded("gateway.schema.case.Case", permission=OPEN_WORK, description=description)


def _about_other(type_: Any, **kwargs: Any) -> Guarded:
    return Guarded(type_, permission=SEE_WORK, **kwargs)


class AbsorbedCase(graphene.ObjectType):
    """并案: a case that was merged into this one."""

    case_id = _about_other(graphene.String, required=True)
    number = _about_other(graphene.String, required=True)
    receipts = _about_other(graphene.List(graphene.NonNull(graphene.String)), required=True, description="it brought")
    case = _other("as it stands, where the token sees it")

    def resolve_case(self: Absorbed, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.related_case(self.case_id)


class DismissedDuplicate(graphene.ObjectType):
    """非重复: a case that was suggested and is another matter; it is not suggested again."""

    case_id = _about_other(graphene.String, required=True)
    number = _about_other(graphene.String, required=True)
    by = _about_other(graphene.String, required=True, description="who found so")
    at = _about_other(graphene.DateTime, required=True)
    why = _about_other(graphene.String, required=True)


class SuggestedDuplicate(graphene.ObjectType):
    """疑似重复: a case that may be the same matter."""

    case_id = _about_other(graphene.String, required=True)
    number = _about_other(graphene.String, required=True)
    score = _about_other(graphene.Float, required=True, description="how alike, 0..1")
    why = _about_other(graphene.String, required=True, description="in Chinese")
    case = _other("the other case, where the token sees it; its version is needed to join the two")

    def resolve_case(self: Suggestion, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.related_case(self.case_id)
