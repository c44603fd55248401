"""工作清单: what one unit itself has to do or to decide, whatever the source."""

from typing import Any

import graphene
import msgspec

from gateway.cursor import connect, decode
from gateway.guarded import Guarded, part_of
from gateway.inquiry import inquiry
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.permissions import KNOWN_TO_ALL, OPEN_WORK, SEE_WORK, SEE_WORK_LIST
from gateway.schema.enums import TaskSource, TaskStatus, WorkGroup
from gateway.schema.supervision import Supervision
from gateway.schema.task import Task, TaskRequest
from gateway.schema.unit_name import UnitName, unit_name
from gateway.schema.work_field import work, work_in
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import SupervisionView, WorkPage
from services.tasks.contracts import WorkItem as ItemView

_of_task = work_in("task", required=True)


class WorkItem(graphene.ObjectType):
    """One line of a work list. What stands on the line costs nothing more; `task` is asked for besides."""

    kind = work(
        graphene.String,
        required=True,
        description="duty or assist; of a task that answers to the unit: extension, suspension, raise or "
        "verification; of an order: supervision or supervision_answer",
    )
    group = work(WorkGroup, required=True)
    version = work(graphene.Int, required=True, description="what a command must name as seenVersion")
    task_id = _of_task(graphene.String, "task_id")
    title = _of_task(graphene.String, "title")
    source = _of_task(TaskSource, "source")
    status = _of_task(TaskStatus, "status")
    deadline = _of_task(graphene.DateTime, "deadline")
    overdue = _of_task(graphene.Boolean, "overdue")
    due_soon = _of_task(graphene.Boolean, "due_soon")
    responsible_unit = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True)
    place = Guarded(UnitName, permission=KNOWN_TO_ALL, required=True)
    supervision = work(Supervision, description="the order, where the line is one; without its history")
    self_check_due = work(graphene.DateTime, description="自查: until when, once that is near or has passed")
    request = work(TaskRequest, description="the one that waits")
    task = Guarded(Task, permission=OPEN_WORK)

    def resolve_responsible_unit(self: ItemView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.task.responsible_unit, info)

    def resolve_place(self: ItemView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.task.place_path, info)

    def resolve_supervision(self: ItemView, info: graphene.ResolveInfo) -> SupervisionView | None:
        if self.supervision is None:
            return None
        order = self.supervision
        return SupervisionView(supervision_id=order.supervision_id, version=self.version, state=order, history=[])

    def resolve_task(self: ItemView, info: graphene.ResolveInfo) -> Any:
        return inquiry(info).loaders.task(self.task.task_id)


@part_of(SEE_WORK)
class WorkCounts(graphene.ObjectType):
    """How many lines each group of the whole list has."""

    overdue = graphene.Int(required=True, description="已逾期")
    decision = graphene.Int(required=True, description="待决定: requests and verifications that wait for the unit")
    due_soon = graphene.Int(required=True, description="将到期")
    running = graphene.Int(required=True, description="办理中")
    waiting = graphene.Int(required=True, description="等待中: suspended, or submitted and waiting for others")


@part_of(SEE_WORK)
class WorkItemConnection(graphene.relay.Connection):
    """A work list, what hurts most first."""

    class Meta:
        node = WorkItem

    counts = graphene.Field(WorkCounts, required=True)


class WorkListQueries:
    """The work list of a unit."""

    work_list = Guarded(
        WorkItemConnection,
        permission=SEE_WORK_LIST,
        about="unit",
        description="工作清单: what the unit itself has to do or to decide, whatever the source",
        unit=graphene.String(description="path in sight; default: the officer's own, of the city's office its office"),
        group=WorkGroup(description="default: all"),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        after=graphene.String(description="a cursor"),
    )

    async def resolve_work_list(
        self,
        info: graphene.ResolveInfo,
        first: int,
        unit: str | None = None,
        group: Any = None,
        after: str | None = None,
    ) -> Any:
        asking, start = inquiry(info), decode(after)
        asked = (unit or asking.own_desk, page_length(first) + start.skip, start.after, group)
        page = msgspec.convert(await asking.desk.ask(TASKS, "work_list", *asked), WorkPage)
        return connect(WorkItemConnection, page, start, counts=page.counts)
