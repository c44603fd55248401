"""What the desk, and those whom it asks, can do with a case."""

from typing import Any

import graphene

from gateway.ids import local_id
from gateway.permissions import APPEAL, CHECK_CASE, DECIDE_APPEAL, DIRECT_CASE, VERIFY_CASE
from gateway.schema.commands import CASE, SEEN, command
from gateway.schema.enums import RequestKind, Urgency

STANDARD_ROW = "code of the row of the case standard that gives the limit; empty: outside the standard"


def text(description: str) -> Any:
    """A text that must be given."""
    return graphene.String(required=True, description=description)


def corrections() -> dict[str, Any]:
    """What an officer may decide otherwise than triage did."""
    return {
        "category": graphene.String(description="code of a category"),
        "place_path": graphene.String(description="path of a unit"),
        "urgency": Urgency(),
        "request_kind": RequestKind(),
        "standard_row": graphene.String(description=STANDARD_ROW),
    }


class CaseSeen(graphene.InputObjectType):
    """Another case, and the version of it that the officer looked at."""

    id = graphene.ID(required=True)
    seen_version = graphene.Int(required=True, description=SEEN)


def _others(arguments: dict[str, Any]) -> dict[str, Any]:
    others = [{"case_id": local_id("Case", one["id"]), "seen": one["seen_version"]} for one in arguments["others"]]
    return arguments | {"others": others}


def _into_suggested(arguments: dict[str, Any]) -> dict[str, Any]:
    """The suggested case takes in the one that was looked at."""
    suggested = local_id("Case", arguments["suggested"])
    part = {"case_id": arguments["case_id"], "seen": arguments["seen"]}
    return {
        "case_id": suggested,
        "seen": arguments["suggested_seen_version"],
        "others": [part],
        "reason": arguments["reason"],
    }


def _part(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments | {"part": local_id("Case", arguments["part"])}


def _from_seen(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "from_seen_version"} | {
        "from_seen": arguments["from_seen_version"]
    }


class DeskCommands:
    """Before a unit works: verify, file, correct, answer, void, ask for facts."""

    verify_case = command(
        CASE,
        "verify_case",
        VERIFY_CASE,
        "核实 on site: as reported, it is filed; not, it is answered with the reply if there is one, else voided",
        found=graphene.Boolean(required=True, description="whether the matter is as reported"),
        note=text("what was seen"),
        reply=graphene.String(description="to the citizen, where it is not as reported"),
        **corrections(),
    )
    file_case = command(
        CASE,
        "file_case",
        DIRECT_CASE,
        "立案 by an officer, who may correct what triage decided",
        **corrections(),
    )
    correct_case = command(
        CASE,
        "correct_case",
        DIRECT_CASE,
        "更正 of what triage decided about a filed case, as long as no unit has begun",
        **corrections(),
    )
    answer_case = command(
        CASE,
        "answer_case",
        DIRECT_CASE,
        "答复, nothing to put right",
        reply=text("to the citizen"),
        answered_as=graphene.String(description="code of the reply template"),
    )
    void_case = command(
        CASE,
        "void_case",
        DIRECT_CASE,
        "作废",
        reason=text("why it is void"),
        code=graphene.String(description="one of voidReasons; default: other"),
    )
    return_for_facts = command(
        CASE,
        "return_for_facts",
        DIRECT_CASE,
        "一次性告知: says once all that is missing, and by when",
        missing=graphene.List(graphene.NonNull(graphene.String), required=True, description="one line for each"),
    )
    confirm_case = command(
        CASE, "confirm_case", DIRECT_CASE, "确认研判: what triage was not sure of is right; facts that came were seen"
    )
    take_note = command(CASE, "take_note", DIRECT_CASE, "已阅: what was said after the end has been seen")


class CheckCommands:
    """When a unit has worked, and afterwards: close, send back, follow up, reopen, appeal."""

    close_case = command(
        CASE,
        "close_case",
        CHECK_CASE,
        "结案",
        condition=text("the closing condition that is met: one of limit.closingConditions"),
        reply=text("to the citizen"),
        why=graphene.String(description="where the condition is none of them"),
    )
    request_rework = command(CASE, "request_rework", CHECK_CASE, "返工, the check failed", reason=text("what is wrong"))
    follow_up = command(
        CASE,
        "follow_up",
        DIRECT_CASE,
        "回访, once for each closing: what is not solved is reopened",
        contacted=graphene.Boolean(required=True, description="whether the citizen was reached"),
        solved=graphene.Boolean(),
        satisfied=graphene.Boolean(),
    )
    reopen_case = command(CASE, "reopen_case", DIRECT_CASE, "重办, within the term after closing", reason=text("why"))
    appeal_timeout = command(
        CASE, "appeal_timeout", APPEAL, "超时申诉 by the responsible unit, once", reason=text("why it took longer")
    )
    decide_appeal = command(
        CASE,
        "decide_appeal",
        DECIDE_APPEAL,
        "裁定 of an appeal: it may change the statistic, never the fact",
        granted=graphene.Boolean(required=True),
        decision=text("in words"),
    )


class UnionCommands:
    """One matter, one case: merge, join, split, and what is suggested. The case named first comes first."""

    merge_cases = command(
        CASE,
        "merge_cases",
        DIRECT_CASE,
        "并案: the others become parts of this case",
        several=True,
        reshape=_others,
        others=graphene.List(graphene.NonNull(CaseSeen), required=True),
        reason=text("why they are one matter"),
    )
    split_case = command(
        CASE,
        "split_case",
        DIRECT_CASE,
        "撤销并案: a merged case stands by itself again",
        several=True,
        reshape=_part,
        part=graphene.ID(required=True, description="the case that was merged into this one"),
        reason=text("why they are two matters"),
    )
    split_report = command(
        CASE,
        "split_report",
        DIRECT_CASE,
        "拆分: a joined report becomes a case of its own",
        several=True,
        receipt=text("of the report"),
    )
    join_report = command(
        CASE,
        "join_report",
        DIRECT_CASE,
        "并入来件: a report of another case joins this one",
        several=True,
        reshape=_from_seen,
        receipt=text("of the report"),
        from_seen_version=graphene.Int(required=True, description="the version seen of the case that holds it now"),
    )
    accept_suggestion = command(
        CASE,
        "merge_cases",
        DIRECT_CASE,
        "确认重复: this case becomes part of the one that is suggested",
        named="accept_suggestion",
        several=True,
        reshape=_into_suggested,
        suggested=graphene.ID(required=True, description="one of the case's suggestions"),
        suggested_seen_version=graphene.Int(required=True, description=SEEN),
        reason=text("why they are one matter"),
    )
    dismiss_duplicates = command(
        CASE,
        "dismiss_duplicates",
        DIRECT_CASE,
        "非重复: none of the suggested cases is the same; they are not suggested again",
        reason=text("why they are other matters"),
        others=graphene.List(graphene.NonNull(graphene.String), description="case ids; default: all suggested"),
    )
