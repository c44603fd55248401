"""Tasks: the duty of a unit."""

from typing import Any

import graphene

from gateway.guarded import Guarded, part_of
from gateway.inquiry import inquiry
from gateway.permissions import KNOWN_TO_ALL, OPEN_WORK, SEE_WORK
from gateway.schema.duty_step import DutyStep
from gateway.schema.enums import TaskRole, TaskSource, TaskStatus
from gateway.schema.node import Node, findable
from gateway.schema.unit_name import UnitName, unit_name
from gateway.schema.work_field import work, work_in
from services.tasks.contracts import TaskRequest as TaskRequestView
from services.tasks.contracts import TaskView

_of_state = work_in("state")


@part_of(SEE_WORK)
class TaskStep(DutyStep, graphene.ObjectType):
    """One step in a task's life."""


@part_of(SEE_WORK)
class TaskRequest(graphene.ObjectType):
    """申请: an extension (延期), a suspension (挂账), or to raise the duty (上报提级), with its answer."""

    kind = graphene.String(required=True, description="extension, suspension or raise")
    by = graphene.String(required=True)
    by_unit = graphene.Field(UnitName)
    at = graphene.DateTime(required=True)
    reason = graphene.String(required=True)
    until = graphene.DateTime(description="until when it asks; null of a raise")
    granted = graphene.Boolean(description="null while it waits")
    decided_by = graphene.String()
    decided_by_unit = graphene.Field(UnitName)
    decided_at = graphene.DateTime()
    why = graphene.String(description="what who decided said")

    def resolve_by_unit(self: TaskRequestView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.by_unit, info)

    def resolve_decided_by_unit(self: TaskRequestView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.decided_by_unit, info)


class Task(graphene.ObjectType):
    """任务: one piece of work for one unit, with a deadline."""

    class Meta:
        interfaces = (Node,)
        possible_types = (TaskView,)

    task_id = work(graphene.String, required=True, description="the domain's own id")
    version = work(graphene.Int, required=True, description="what a command must name as seenVersion")
    source = _of_state(TaskSource, "source", required=True)
    status = _of_state(TaskStatus, "status", required=True)
    title = _of_state(graphene.String, "title", required=True)
    place = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True, description="where it is")
    responsible_unit = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True, description="whose duty it is")
    routed_because = _of_state(graphene.String, "routed_because", required=True, description="why it is theirs")
    issued_at = _of_state(graphene.DateTime, "issued_at", required=True)
    deadline = _of_state(graphene.DateTime, "deadline", required=True)
    deadline_provisional = _of_state(graphene.Boolean, "deadline_provisional", required=True)
    overdue = _of_state(graphene.Boolean, "overdue", required=True)
    round = _of_state(graphene.Int, "round", required=True, description="which assignment of its case it is, from 1")
    accepted_at = _of_state(graphene.DateTime, "accepted_at")
    accepted_in_time = _of_state(graphene.Boolean, "accepted_in_time")
    submitted_at = _of_state(graphene.DateTime, "submitted_at")
    closed_at = _of_state(graphene.DateTime, "closed_at")
    reworks = _of_state(graphene.Int, "reworks", required=True)
    case_number = _of_state(graphene.String, "case_number")
    plan_id = _of_state(graphene.String, "plan_id")
    plan_row = _of_state(graphene.String, "plan_row")
    due_soon = _of_state(graphene.Boolean, "due_soon", required=True, description="黄牌: most of its time has gone")
    yellow_cards = _of_state(graphene.Int, "yellow_cards", required=True, description="黄牌: how often in its life")
    red_cards = _of_state(graphene.Int, "red_cards", required=True, description="红牌: how often in its life")
    supervisions = _of_state(graphene.Int, "supervisions", required=True, description="督办: how often in its life")
    deadline_because = work(graphene.String, description="what its clock did, in Chinese")
    suspended_until = _of_state(graphene.DateTime, "suspended_until", description="挂账: the chosen end")
    extensions = _of_state(graphene.Int, "extensions", required=True, description="延期: how many were granted")
    returns = _of_state(graphene.Int, "returns", required=True, description="退回: how often units gave it back")
    difficult = _of_state(graphene.Boolean, "difficult", required=True, description="疑难: key and difficult")
    role = _of_state(TaskRole, "role", required=True)
    category = _of_state(graphene.String, "category", description="code, of a case's task")
    requests = work(graphene.List(graphene.NonNull(TaskRequest)), required=True, description="the oldest first")
    answers_to = work(UnitName, description="the unit that checks it and decides its requests")
    lead_department = work(UnitName, description="牵头: to whom what is key and difficult moves")
    progress_percent = _of_state(graphene.Int, "progress_percent", description="what the unit reported last")
    self_checks = work(graphene.Int, required=True, description="自查: how many were published")
    self_check_by = work(graphene.DateTime, description="when the next one of a plan's task is due")
    parent = Guarded(lambda: Task, permission=OPEN_WORK, description="分解: the task above, where the token sees it")
    lead = Guarded(lambda: Task, permission=OPEN_WORK, description="主办: the task that it assists")
    progress = work(graphene.Float, required=True, description="0..1, summed from its children")
    children = work(graphene.Int, required=True, description="how many tasks it is broken down into")
    parts = work(
        graphene.List(graphene.NonNull(lambda: TaskPart)),
        description="分解 and 协办: what units were given of it, ended parts included; not the parts of a part",
    )
    history = work(graphene.List(graphene.NonNull(TaskStep)), required=True)
    case = Guarded("gateway.schema.case.Case", permission=OPEN_WORK, description="the case it puts right")

    def resolve_id(self: TaskView, info: graphene.ResolveInfo) -> str:
        return self.task_id

    def resolve_place(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.place_path, info)

    def resolve_responsible_unit(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.responsible_unit, info)

    def resolve_deadline_because(self: TaskView, info: graphene.ResolveInfo) -> str | None:
        return self.deadline_because or None

    def resolve_answers_to(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.answers_to or None, info)

    def resolve_lead_department(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.lead_department, info)

    def resolve_parent(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.related_task(self.state.parent_id) if self.state.parent_id else None

    def resolve_lead(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.related_task(self.state.lead_task_id) if self.state.lead_task_id else None

    def resolve_parts(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.parts(self.task_id)

    def resolve_case(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.case(self.state.case_id) if self.state.case_id else None


class TaskPart(graphene.ObjectType):
    """What one unit was given of a task. Who sees the whole sees how far each part is, also that of a peer."""

    task_id = work(graphene.String, required=True)
    version = work(graphene.Int, required=True, description="what a command must name as seenVersion")
    role = _of_state(TaskRole, "role", required=True, description="LEAD: 分解; ASSIST: 协办")
    status = _of_state(TaskStatus, "status", required=True)
    unit = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True, description="whose part it is")
    words = _of_state(graphene.String, "routed_because", required=True, description="what it is to do")
    issued_at = _of_state(graphene.DateTime, "issued_at", required=True)
    deadline = _of_state(graphene.DateTime, "deadline", required=True, description="of the part alone")
    overdue = _of_state(graphene.Boolean, "overdue", required=True)
    due_soon = _of_state(graphene.Boolean, "due_soon", required=True)
    submitted_at = _of_state(graphene.DateTime, "submitted_at")
    closed_at = _of_state(graphene.DateTime, "closed_at")
    progress_percent = _of_state(graphene.Int, "progress_percent", description="what the unit reported last")
    task = Guarded(Task, permission=OPEN_WORK, description="the part as a task, where the token sees it")

    def resolve_unit(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.responsible_unit, info)

    def resolve_task(self: TaskView, info: graphene.ResolveInfo) -> TaskView:
        return self


@part_of(SEE_WORK)
class TaskConnection(graphene.relay.Connection):
    """Tasks, most urgent first."""

    class Meta:
        node = Task

    total_count = graphene.Int(required=True, description="of the whole list")


@findable("Task")
def find_task(task_id: str, info: Any) -> Any:
    """The task with the domain's id."""
    return inquiry(info).loaders.task(task_id)
