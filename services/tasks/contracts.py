"""What tasks tells the others: its events, and the views that its RPC methods return.

Events carry ids, codes, numbers and what officers wrote; never the citizen's text.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from infra.messaging.event import Event

SERVICE = "tasks"


class TaskSource(StrEnum):
    """Where a duty comes from (DOMAIN.md §4)."""

    PLAN = "plan"
    CASE = "case"
    MEETING = "meeting"
    LEADER_INSTRUCTION = "leader_instruction"
    SUPERVISION = "supervision"


class TaskStatus(StrEnum):
    """States of a task; `overdue` is a fact about time, not a state."""

    ISSUED = "issued"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SELF_CHECKED = "self_checked"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    RETURNED = "returned"
    RECTIFYING = "rectifying"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


OPEN_STATUSES = frozenset(TaskStatus) - {
    TaskStatus.CLOSED,
    TaskStatus.RETURNED,
    TaskStatus.WITHDRAWN,
    TaskStatus.VERIFIED,
}


class TaskState(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of a task, in every one of its events.

    `case_id` and `case_number` are set for source `case`, `plan_id` and `plan_row` for source `plan`.
    `round` counts the assignments of one case from 1: a returned or corrected case is assigned anew as another task;
    `returns` counts how often units have given it back so far.
    `title` is made of category and place names or of the plan's own words.
    """

    task_id: str
    source: TaskSource
    status: TaskStatus
    title: str
    responsible_unit: str
    place_path: str
    issued_at: datetime
    deadline: datetime
    deadline_provisional: bool
    overdue: bool
    parent_id: str | None = None
    case_id: str | None = None
    case_number: str | None = None
    category: str | None = None
    plan_id: str | None = None
    plan_row: str | None = None
    round: int = 1
    routed_because: str = ""
    accepted_at: datetime | None = None
    accepted_in_time: bool | None = None
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    reworks: int = 0
    returns: int = 0


class TasksEvent(Event, frozen=True, kw_only=True):
    """Base of the events of tasks."""

    source: ClassVar[str] = SERVICE


class PlanIssued(TasksEvent, frozen=True, kw_only=True):
    """目标任务分解表 issued: how many rows and tasks it has."""

    unheard: ClassVar[bool] = True
    plan_id: str
    title: str
    plan_version: int
    rows: int
    tasks: int


class TaskAssigned(TasksEvent, frozen=True, kw_only=True):
    """下达 / 派遣: the unit has a duty from now on. Said again of the same task where a correction of its case changed
    deadline, category or place before the unit accepted it."""

    task: TaskState


class TaskAccepted(TasksEvent, frozen=True, kw_only=True):
    """签收."""

    task: TaskState
    by: str


class TaskReturned(TasksEvent, frozen=True, kw_only=True):
    """退回 with a reason; another task (round + 1) goes to `next_unit`, for a case."""

    task: TaskState
    by: str
    reason: str
    next_unit: str | None


class TaskSubmitted(TasksEvent, frozen=True, kw_only=True):
    """申报完成, with what was done (officer's words: they become the basis of the reply)."""

    task: TaskState
    by: str
    result: str


class TaskRectifying(TasksEvent, frozen=True, kw_only=True):
    """整改: the check failed; the same unit, with all its material."""

    task: TaskState
    reason: str


class TaskVerified(TasksEvent, frozen=True, kw_only=True):
    """验收 of a plan task."""

    task: TaskState
    by: str


class TaskClosed(TasksEvent, frozen=True, kw_only=True):
    """The case was closed, or the plan task verified and done."""

    task: TaskState


class TaskWithdrawn(TasksEvent, frozen=True, kw_only=True):
    """The duty fell away: the case was voided, merged or answered, or another unit has it (round + 1)."""

    task: TaskState
    reason: str


class TaskOverdue(TasksEvent, frozen=True, kw_only=True):
    """The deadline passed; said once per deadline."""

    task: TaskState


TASK_EVENTS: tuple[type[Event], ...] = (
    TaskAssigned,
    TaskAccepted,
    TaskReturned,
    TaskSubmitted,
    TaskRectifying,
    TaskVerified,
    TaskClosed,
    TaskWithdrawn,
    TaskOverdue,
)


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task as its unit sees it. `version` is what a command must name as seen; `progress` is 0..1, from children."""

    task_id: str
    version: int
    state: TaskState
    progress: float
    children: int
    history: list["TaskStep"]


class TaskStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step in a task's life: which version it made, what was done, by whom (of which unit, where that is known),
    when, and why."""

    version: int
    what: str
    by: str
    at: datetime
    note: str | None = None
    by_unit: str | None = None


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a work list, most urgent first."""

    items: list[TaskView]
    end_cursor: str | None
    has_next: bool
    total: int


class PlanProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A plan's row with its progress, 0..1, summed upward on reading. `lead_units` are paths."""

    plan_id: str
    row: str
    measure: str
    mechanism: str
    lead_units: list[str]
    tasks: int
    done: int
    progress: float


# RPC of tasks (nameko service name "tasks"); `by` is an Officer as JSON:
#   task_counts(units: list[str], coordinate: "place" | "responsible") -> {unit: {status: n, ..., "overdue": n}}
#       summed over everything inside each unit; statuses that nothing has are left out, "overdue" counts open tasks
#   tasks(scope: {"unit": path | None, "place": path | None, "statuses": [..] | None, "source": str | None,
#       "overdue": bool | None}, first, after) -> TaskPage
#   task_pages(requests: list[{"scope", "first", "after"}]) -> list[TaskPage]       several lists in one call, in order
#   tasks_by_id(task_ids: list[str]) -> list[TaskView]
#   accept_task(task_id, seen, by, cause) -> TaskView
#   return_task(task_id, seen, by, reason, cause) -> TaskView
#   submit_task(task_id, seen, by, result, cause) -> TaskView
#   verify_task(task_id, seen, by, passed: bool, note, cause) -> TaskView          all but the tasks of cases
#   assign_task(task_id, seen, by, unit, cause) -> TaskView    of the new task: the office names the unit of a case's
#       task that lies with the office; it stays decided
#   issue_plan(plan: {"plan_id", "title", "version", "issued_at" | None, "deadline": ISO,
#       "rows": [{"row", "mechanism", "measure", "lead_units": [name or path, …]}], "time_below": 0.9}, by, cause)
#       -> {"plan_id", "rows", "tasks", "already": bool}
#   plan_progress(plan_id: str) -> list[PlanProgress]
#   totals() -> {"tasks": n, "case_tasks": n, "plan_tasks": n, "open": n, "overdue": n}
