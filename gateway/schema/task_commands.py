"""What units do with their duties, and those above them."""

from typing import Any

import graphene
import msgspec

from gateway.inquiry import Inquiry
from gateway.permissions import (
    DECIDE_REQUEST,
    DIRECT_TASK,
    DO_TASK,
    ISSUE_TASK,
    VERIFY_TASK,
    WITHDRAW_TASK,
    enforce,
)
from gateway.schema.case_commands import text
from gateway.schema.commands import TASK, command, mutation, send
from gateway.schema.enums import TaskSource
from gateway.schema.task import Task
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import TaskView

UNTIL = "a moment with its zone"


class DutyCommands:
    """By the unit whose duty it is."""

    accept_task = command(TASK, "accept_task", DO_TASK, "签收")
    return_task = command(TASK, "return_task", DO_TASK, "退回, with a reason", reason=text("why it is not theirs"))
    report_progress = command(
        TASK,
        "report_progress",
        DO_TASK,
        "报告进展",
        defaults={"materials": []},
        percent=graphene.Int(required=True, description="0 to 100"),
        words=text("what was done"),
        materials=graphene.List(graphene.NonNull(graphene.String), description="ids of materials"),
    )
    self_check_task = command(
        TASK,
        "self_check_task",
        DO_TASK,
        "自查 of a plan's task; its result is published",
        defaults={"problems": ""},
        passed=graphene.Boolean(required=True),
        result=text("what was checked, with what result"),
        problems=graphene.String(description="what was found and will be done about it, where it did not pass"),
    )
    submit_task = command(
        TASK,
        "submit_task",
        DO_TASK,
        "申报完成",
        result=text("what was done"),
        materials=graphene.List(graphene.NonNull(graphene.String), description="ids of materials"),
    )


class SharingCommands:
    """By the unit whose duty it is: parts for others, and more time."""

    delegate_task = command(
        TASK,
        "delegate_task",
        DO_TASK,
        "分解: a part for each of the units directly below",
        defaults={"deadline": None},
        units=graphene.List(graphene.NonNull(graphene.String), required=True, description="paths"),
        deadline=graphene.DateTime(description="default: nine tenths of what is left"),
        words=text("what they are to do"),
    )
    ask_assist = command(
        TASK,
        "ask_assist",
        DO_TASK,
        "协办: a part for a peer",
        defaults={"deadline": None},
        unit=text("path of the peer"),
        deadline=graphene.DateTime(description="default: nine tenths of what is left"),
        words=text("what it is to do"),
    )
    ask_extension = command(
        TASK,
        "ask_extension",
        DO_TASK,
        "申请延期",
        until=graphene.DateTime(required=True, description=UNTIL),
        reason=text("why"),
    )
    ask_suspension = command(
        TASK,
        "ask_suspension",
        DO_TASK,
        "申请挂账",
        until=graphene.DateTime(required=True, description=UNTIL),
        reason=text("why"),
    )
    raise_task = command(TASK, "raise_task", DO_TASK, "上报提级: it cannot be solved here", reason=text("why"))
    resume_task = command(TASK, "resume_task", DO_TASK, "恢复办理 before the chosen end", reason=text("why"))


async def _issue(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    enforce(ISSUE_TASK, asking.officer, asking.registry.unit(words["unit"]))
    view = msgspec.convert(await send(asking, TASKS, "issue_task", task=words), TaskView)
    TASK.keep(asking, view)
    return {"task": view}


class GivenLimit(graphene.InputObjectType):
    """So much time by that clock, from the issue on."""

    amount = graphene.Float(required=True)
    clock = graphene.String(required=True, description="urgent_hour, natural_day, work_hour or work_day")


class AboveCommands:
    """By those to whom the unit answers, and by the headquarters' office."""

    verify_task = command(
        TASK,
        "verify_task",
        VERIFY_TASK,
        "验收 of any task but that of a case",
        passed=graphene.Boolean(required=True),
        note=text("what was found"),
    )
    answer_request = command(
        TASK,
        "answer_request",
        DECIDE_REQUEST,
        "审批 of what the unit asks for: an extension, a suspension, to raise the duty",
        defaults={"why": ""},
        granted=graphene.Boolean(required=True),
        unit=graphene.String(description="path: who gets what is raised; default: the lead department"),
        why=graphene.String(description="needed for a refusal"),
    )
    withdraw_task = command(TASK, "withdraw_task", WITHDRAW_TASK, "撤回", reason=text("why it falls away"))
    assign_task = command(
        TASK,
        "assign_task",
        DIRECT_TASK,
        "裁定承办单位 of a case's task that lies with the office; it stays decided. The payload has the new task",
        unit=text("path of the unit"),
    )
    reroute_task = command(
        TASK,
        "reroute_task",
        DIRECT_TASK,
        "改派 by the routing table as it is now, never twice. The payload has the new task",
        reason=text("why"),
    )
    issue_task = mutation(
        "issue_task",
        ISSUE_TASK,
        "交办 of a meeting's resolution, a leader's instruction, a supervision; the same again does nothing",
        {
            "id": graphene.String(required=True, description="chosen by the office, e.g. its document's number"),
            "source": TaskSource(required=True),
            "title": text("what is to be done"),
            "unit": text("path of the unit"),
            "because": text("why it is theirs"),
            "deadline": graphene.DateTime(description="this, or a limit"),
            "limit": GivenLimit(),
            "place": graphene.String(description="path, where it is not the unit's own"),
            "case_id": graphene.String(),
            "difficult": graphene.Boolean(),
        },
        {"task": graphene.Field(Task)},
        _issue,
    )
