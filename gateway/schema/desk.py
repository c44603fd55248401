"""The desk: what needs a person, and what an officer needs to write a reply."""

from typing import Any

import graphene
import msgspec

from gateway.cursor import connect, decode
from gateway.guarded import Guarded, part_of
from gateway.ids import local_id
from gateway.inquiry import inquiry
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.permissions import KNOWN_TO_ALL, PREPARE_REPLY, SEE_DESK, Rule
from gateway.schema.case import Case
from gateway.schema.enums import DeskKind
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import CategoryView, CitizenAnswerView, DeskPage
from services.complaints.contracts import DraftReply as Draft
from services.complaints.contracts import ReplyTemplate as Template

SEE_LINE = msgspec.structs.replace(SEE_DESK, rule=Rule.NONE)  # of a queue that was opened


def _line(type_: Any, **kwargs: Any) -> Guarded:
    return Guarded(type_, permission=SEE_LINE, required=True, **kwargs)


class DeskItem(graphene.ObjectType):
    """A case that needs a person."""

    kind = _line(DeskKind, description="the most pressing reason")
    kinds = _line(graphene.List(graphene.NonNull(DeskKind)), description="all reasons, that one first")
    since = _line(graphene.DateTime)
    due_at = _line(graphene.DateTime, description="by when the desk should have seen to it")
    case = _line(Case)


@part_of(SEE_LINE)
class DeskItemConnection(graphene.relay.Connection):
    """The queue of the desk: by urgency, then by what runs out first."""

    class Meta:
        node = DeskItem


@part_of(KNOWN_TO_ALL)
class Category(graphene.ObjectType):
    """类别."""

    code = graphene.String(required=True, description="what fileCase and correctCase name")
    subject = graphene.String(required=True)
    name = graphene.String(required=True)


@part_of(PREPARE_REPLY)
class ReplyTemplate(graphene.ObjectType):
    """答复模板."""

    code = graphene.String(required=True)
    name = graphene.String(required=True)
    text = graphene.String(required=True)
    placeholders = graphene.List(graphene.NonNull(graphene.String), required=True)

    def resolve_name(self: Template, info: graphene.ResolveInfo) -> str:
        return self.zh


@part_of(PREPARE_REPLY)
class DraftReply(graphene.ObjectType):
    """A reply made from a template."""

    template = graphene.String(required=True)
    text = graphene.String(required=True)
    missing = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="placeholders for which nothing is known"
    )


@part_of(PREPARE_REPLY)
class VoidReason(graphene.ObjectType):
    """作废原因."""

    code = graphene.String(required=True)
    name = graphene.String(required=True)


@part_of(PREPARE_REPLY)
class CitizenAnswer(graphene.ObjectType):
    """What a citizen answered by themselves about the end of their matter."""

    receipt = graphene.String(required=True)
    closing = graphene.Int(required=True, description="number of the closing, from 1; 0 for a direct answer")
    contacted = graphene.Boolean(description="null: not said")
    solved = graphene.Boolean(required=True)
    satisfied = graphene.Boolean(required=True)
    words = graphene.String(required=True, description="numbers masked; empty where nothing was added")
    at = graphene.DateTime(required=True)


class Filling(graphene.InputObjectType):
    """What is to stand for one placeholder of a template."""

    placeholder = graphene.String(required=True)
    text = graphene.String(required=True)


class DeskQueries:
    """What the desk asks."""

    desk_queue = Guarded(
        DeskItemConnection,
        permission=SEE_DESK,
        about="unit",
        description="工作台: what needs a person inside the unit's place, what hurts first first",
        unit=graphene.String(description="path of a territory in sight; default: the officer's own"),
        kinds=graphene.List(graphene.NonNull(DeskKind), description="default: all"),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        after=graphene.String(description="a cursor"),
    )
    categories = Guarded(graphene.List(graphene.NonNull(Category)), permission=KNOWN_TO_ALL)
    reply_templates = Guarded(graphene.List(graphene.NonNull(ReplyTemplate)), permission=PREPARE_REPLY)
    void_reasons = Guarded(graphene.List(graphene.NonNull(VoidReason)), permission=PREPARE_REPLY)
    draft_reply = Guarded(
        DraftReply,
        permission=PREPARE_REPLY,
        description="a reply for the case by a template, with what is known of the case",
        case=graphene.ID(required=True),
        template=graphene.String(required=True, description="code of the template"),
        fields=graphene.List(graphene.NonNull(Filling), description="what the officer puts in"),
    )
    citizen_answers = Guarded(
        graphene.List(graphene.NonNull(CitizenAnswer)),
        permission=PREPARE_REPLY,
        description="市民评价 of a case, the oldest first",
        case=graphene.ID(required=True),
    )

    async def resolve_desk_queue(
        self,
        info: graphene.ResolveInfo,
        first: int,
        unit: str | None = None,
        kinds: list[Any] | None = None,
        after: str | None = None,
    ) -> Any:
        asking, start = inquiry(info), decode(after)
        scope = {"place": unit or asking.own_place, "kinds": kinds}
        length = page_length(first) + start.skip
        page = msgspec.convert(await asking.desk.ask(COMPLAINTS, "desk_queue", scope, length, start.after), DeskPage)
        for item in page.items:
            asking.loaders.keep_case(item.case)
        return connect(DeskItemConnection, page, start)

    async def resolve_categories(self, info: graphene.ResolveInfo) -> list[CategoryView]:
        return msgspec.convert(await inquiry(info).desk.ask(COMPLAINTS, "categories"), list[CategoryView])

    async def resolve_reply_templates(self, info: graphene.ResolveInfo) -> list[Template]:
        return msgspec.convert(await inquiry(info).desk.ask(COMPLAINTS, "reply_templates"), list[Template])

    async def resolve_void_reasons(self, info: graphene.ResolveInfo) -> list[VoidReason]:
        found = await inquiry(info).desk.ask(COMPLAINTS, "void_reasons")
        return [VoidReason(code=code, name=name) for code, name in found.items()]

    async def resolve_draft_reply(
        self, info: graphene.ResolveInfo, case: str, template: str, fields: list[Any] | None = None
    ) -> Draft:
        asking, given = inquiry(info), {one["placeholder"]: one["text"] for one in fields or []}
        by = msgspec.to_builtins(asking.officer)
        answer = await asking.desk.ask(COMPLAINTS, "draft_reply", local_id("Case", case), template, given, by)
        return msgspec.convert(answer, Draft)

    async def resolve_citizen_answers(self, info: graphene.ResolveInfo, case: str) -> list[CitizenAnswer]:
        asking = inquiry(info)
        by = msgspec.to_builtins(asking.officer)
        answer = await asking.desk.ask(COMPLAINTS, "citizen_answers", local_id("Case", case), by)
        return [_answer(one) for one in msgspec.convert(answer, list[CitizenAnswerView])]


def _answer(one: CitizenAnswerView) -> CitizenAnswer:
    said = msgspec.structs.asdict(one.said)
    return CitizenAnswer(receipt=one.receipt, closing=one.ending, words=one.words, at=one.at, **said)
