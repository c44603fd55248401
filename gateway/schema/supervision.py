"""督办: orders by the tier above, which push a duty and want an answer."""

from typing import Any

import graphene
import msgspec

from gateway.cursor import connect, decode
from gateway.guarded import Guarded, part_of
from gateway.ids import local_id
from gateway.inquiry import Inquiry, inquiry
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.permissions import (
    ANSWER_ORDER,
    END_ORDER,
    KNOWN_TO_ALL,
    OPEN_WORK,
    SEE_WORK,
    SEE_WORK_LIST,
    SUPERVISE,
    Permission,
    enforce,
)
from gateway.schema.case_commands import text
from gateway.schema.commands import CASE, SEEN, TASK, mutation, send
from gateway.schema.duty_step import DutyStep
from gateway.schema.enums import SupervisionStatus, SupervisionTrigger
from gateway.schema.unit_name import UnitName, unit_name
from gateway.schema.work_field import work_in
from infra.organisation.officer import Role
from infra.problem import InvalidInput
from services.tasks.contracts import CLUE_PROPOSED, Step, SupervisionPage, SupervisionView
from services.tasks.contracts import SERVICE as TASKS

_of_state = work_in("state")


@part_of(SEE_WORK)
class SupervisionStep(DutyStep, graphene.ObjectType):
    """One step in the life of an order."""


class Supervision(graphene.ObjectType):
    """督办单."""

    supervision_id = Guarded(graphene.String, permission=SEE_WORK, required=True)
    version = Guarded(graphene.Int, permission=SEE_WORK, required=True, description="what a command names as seen")
    number = _of_state(graphene.String, "number", required=True, description="文号")
    status = _of_state(SupervisionStatus, "status", required=True)
    trigger = _of_state(SupervisionTrigger, "trigger", required=True)
    title = _of_state(graphene.String, "title", required=True)
    because = _of_state(graphene.String, "because", required=True)
    opened_at = _of_state(graphene.DateTime, "opened_at", required=True)
    answer_by = _of_state(graphene.DateTime, "answer_by", required=True)
    overdue = _of_state(graphene.Boolean, "overdue", required=True, description="not answered in time")
    returns = _of_state(graphene.Int, "returns", required=True, description="how often its answer was given back")
    judge_by = _of_state(graphene.DateTime, "judge_by", description="until when its answer is to be judged")
    left_open = _of_state(graphene.Boolean, "left_open", required=True, description="answered, not judged in time")
    acknowledged_at = _of_state(graphene.DateTime, "acknowledged_at")
    answered_at = _of_state(graphene.DateTime, "answered_at")
    closed_at = _of_state(graphene.DateTime, "closed_at")
    unit = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True, description="who is pushed")
    by_unit = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True, description="who pushes")
    place = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True)
    history = Guarded(
        graphene.List(graphene.NonNull(SupervisionStep)),
        permission=SEE_WORK,
        required=True,
        description="that it became a clue is told to the city's office alone",
    )
    task = Guarded("gateway.schema.task.Task", permission=OPEN_WORK, description="the duty that it pushes")

    def resolve_unit(self: SupervisionView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.unit, info)

    def resolve_by_unit(self: SupervisionView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.by_unit, info)

    def resolve_place(self: SupervisionView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.place_path, info)

    def resolve_history(self: SupervisionView, info: graphene.ResolveInfo) -> list[Step]:
        all_of_it = inquiry(info).officer.role is Role.CITY_OFFICE
        return [step for step in self.history if all_of_it or step.what != CLUE_PROPOSED]

    def resolve_task(self: SupervisionView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.task(self.state.task_id) if self.state.task_id else None


@part_of(SEE_WORK)
class SupervisionConnection(graphene.relay.Connection):
    """Orders, open ones first, what must be answered soonest before the others."""

    class Meta:
        node = Supervision


class SupervisionQueries:
    """What can be asked about orders."""

    supervisions = Guarded(
        SupervisionConnection,
        permission=SEE_WORK_LIST,
        about="unit",
        description="督办单 that push the unit and those inside it, or that it opened",
        unit=graphene.String(description="path in sight; default: the officer's own"),
        issued=graphene.Boolean(default_value=False, description="those that it opened"),
        statuses=graphene.List(graphene.NonNull(SupervisionStatus), description="default: all"),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        after=graphene.String(description="a cursor"),
    )

    async def resolve_supervisions(
        self,
        info: graphene.ResolveInfo,
        first: int,
        issued: bool,
        unit: str | None = None,
        statuses: list[Any] | None = None,
        after: str | None = None,
    ) -> Any:
        asking, start = inquiry(info), decode(after)
        scope: dict[str, Any] = {"by_unit" if issued else "unit": unit or _own(asking, issued), "statuses": statuses}
        asked = (msgspec.to_builtins(scope), page_length(first) + start.skip, start.after)
        page = msgspec.convert(await asking.desk.ask(TASKS, "supervisions", *asked), SupervisionPage)
        return connect(SupervisionConnection, page, start)


def _own(asking: Inquiry, issued: bool) -> str:
    return asking.own_desk if issued else asking.officer.unit


async def _open(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    task, case, seen = words.pop("id", None), words.pop("case", None), words.pop("seen_version")
    if (task is None) == (case is None):
        raise InvalidInput("name either a task or a case", "请指明任务或案件之一", field="id")
    about = await (_about_task(asking, task) if task is not None else _about_case(asking, case))
    return await _done(asking, "open_supervision", seen=seen, **about, **{"answer_by": None} | words)


async def _about_task(asking: Inquiry, given: str) -> dict[str, Any]:
    wanted = local_id("Task", given)
    enforce(SUPERVISE, asking.officer, await TASK.load(asking, wanted))
    return {"task_id": wanted, "case_id": None}


async def _about_case(asking: Inquiry, given: str) -> dict[str, Any]:
    """The service finds the task that the case has now, and checks the officer by it."""
    wanted = local_id("Case", given)
    case = await CASE.load(asking, wanted)
    enforce(OPEN_WORK, asking.officer, case)
    if case.task_id is not None:
        enforce(SUPERVISE, asking.officer, await TASK.load(asking, case.task_id))
    return {"task_id": None, "case_id": wanted}


async def _done(asking: Inquiry, method: str, **words: Any) -> dict[str, Any]:
    return {"supervision": msgspec.convert(await send(asking, TASKS, method, **words), SupervisionView)}


def _order(method: str, permission: Permission, description: str, **words: Any) -> Guarded:
    """A command on an order. Which unit it is for the service alone knows, and checks."""

    async def run(asking: Inquiry, given: dict[str, Any]) -> dict[str, Any]:
        return await _done(asking, method, supervision_id=given.pop("id"), seen=given.pop("seen_version"), **given)

    envelope = {
        "id": graphene.String(required=True, description="supervisionId"),
        "seen_version": graphene.Int(required=True, description=SEEN),
    }
    return mutation(method, permission, description, envelope | words, _PAYLOAD, run)


_PAYLOAD = {"supervision": graphene.Field(Supervision)}


class SupervisionCommands:
    """What those above a unit, and the unit itself, do with an order."""

    open_supervision = mutation(
        "open_supervision",
        SUPERVISE,
        "督办 of a task or case, by a unit above the one whose duty it is, or the office",
        {
            "id": graphene.ID(description="of the task: global id, or the domain's own; this, or case"),
            "case": graphene.ID(description="its task as it is now is pushed"),
            "seen_version": graphene.Int(required=True, description="of the task that the officer looked at"),
            "reason": text("why"),
            "answer_by": graphene.DateTime(description="default: by rule"),
        },
        _PAYLOAD,
        _open,
    )
    acknowledge_supervision = _order("acknowledge_supervision", ANSWER_ORDER, "签收 of an order")
    answer_supervision = _order("answer_supervision", ANSWER_ORDER, "答复", answer=text("what is done about it"))
    close_supervision = _order("close_supervision", END_ORDER, "销号", note=text("why it is enough"))
    return_supervision = _order("return_supervision", END_ORDER, "退回: another answer is wanted", reason=text("why"))
