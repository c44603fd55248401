"""What can be done. Every command names the version seen; a stale one is refused with who changed what."""

from typing import Any

import graphene

from gateway.permissions import CHECK_CASE, DIRECT_CASE, DO_TASK, VERIFY_TASK
from gateway.schema.commands import CASE, TASK, command
from gateway.schema.enums import Urgency


def _text(description: str) -> Any:
    return graphene.String(required=True, description=description)


STANDARD_ROW = "code of the row of the case standard that gives the limit; empty: outside the standard"


class Mutation(graphene.ObjectType):
    """Commands on tasks and cases. Permissions: gateway/permissions.py."""

    accept_task = command(TASK, "accept_task", DO_TASK, "签收")
    return_task = command(TASK, "return_task", DO_TASK, "退回, with a reason", reason=_text("why it is not theirs"))
    submit_task = command(TASK, "submit_task", DO_TASK, "申报完成", result=_text("what was done"))
    verify_task = command(
        TASK,
        "verify_task",
        VERIFY_TASK,
        "验收 of a plan task",
        passed=graphene.Boolean(required=True),
        note=_text("what was found"),
    )
    close_case = command(
        CASE,
        "close_case",
        CHECK_CASE,
        "结案",
        condition=_text("the closing condition that is met"),
        reply=_text("to the citizen"),
    )
    request_rework = command(
        CASE, "request_rework", CHECK_CASE, "返工, the check failed", reason=_text("what is wrong")
    )
    answer_case = command(CASE, "answer_case", DIRECT_CASE, "答复, nothing to put right", reply=_text("to the citizen"))
    void_case = command(CASE, "void_case", DIRECT_CASE, "作废", reason=_text("why it is void"))
    file_case = command(
        CASE,
        "file_case",
        DIRECT_CASE,
        "立案 by an officer, who may correct category and place",
        category=graphene.String(description="code of a category"),
        place_path=graphene.String(description="path of a unit"),
        standard_row=graphene.String(description=STANDARD_ROW),
    )
    correct_case = command(
        CASE,
        "correct_case",
        DIRECT_CASE,
        "更正 of what triage decided about a filed case, as long as no unit has begun",
        category=graphene.String(description="code of a category"),
        place_path=graphene.String(description="path of a unit"),
        urgency=Urgency(),
        standard_row=graphene.String(description=STANDARD_ROW),
    )
