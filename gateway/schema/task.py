"""Tasks: the duty of a unit."""

from typing import Any

import graphene

from gateway.inquiry import inquiry
from gateway.permissions import KNOWN_TO_ALL, OPEN_WORK, SEE_WORK, Guarded, part_of
from gateway.schema.enums import TaskSource, TaskStatus
from gateway.schema.node import Node, findable
from gateway.schema.unit_name import UnitName, unit_name
from services.tasks.contracts import TaskView


def _own(type_: Any, **kwargs: Any) -> Guarded:
    return Guarded(type_, permission=SEE_WORK, **kwargs)


def _of_state(type_: Any, name: str, **kwargs: Any) -> Guarded:
    return Guarded(type_, permission=SEE_WORK, resolver=lambda root, info, **_: getattr(root.state, name), **kwargs)


@part_of(SEE_WORK)
class TaskStep(graphene.ObjectType):
    """One step in a task's life."""

    version = graphene.Int(required=True, description="that the step made")
    what = graphene.String(required=True)
    by = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    note = graphene.String()


class Task(graphene.ObjectType):
    """任务: one piece of work for one unit, with a deadline."""

    class Meta:
        interfaces = (Node,)
        possible_types = (TaskView,)

    task_id = _own(graphene.String, required=True, description="the domain's own id")
    version = _own(graphene.Int, required=True, description="what a command must name as seenVersion")
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
    progress = _own(graphene.Float, required=True, description="0..1, summed from its children")
    children = _own(graphene.Int, required=True, description="how many tasks it is broken down into")
    history = _own(graphene.List(graphene.NonNull(TaskStep)), required=True)
    case = Guarded("gateway.schema.case.Case", permission=OPEN_WORK, description="the case it puts right")

    def resolve_id(self: TaskView, info: graphene.ResolveInfo) -> str:
        return self.task_id

    def resolve_place(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.place_path, info)

    def resolve_responsible_unit(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.state.responsible_unit, info)

    def resolve_case(self: TaskView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.case(self.state.case_id) if self.state.case_id else None


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
