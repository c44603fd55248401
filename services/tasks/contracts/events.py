"""What tasks publishes."""

from datetime import datetime
from typing import ClassVar

import msgspec

from infra.messaging.event import Event
from services.tasks.contracts.words import OPEN_STATUSES, SERVICE, TaskRole, TaskSource, TaskStatus


class TaskState(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of a task, in every one of its events.

    `case_id` and `case_number` are set for source `case`, `plan_id` and `plan_row` for source `plan`.
    `round` counts the assignments of one case from 1: a returned or corrected case is assigned anew as another task;
    `returns` counts how often units have given it back so far.
    `title` is made of category and place names or of the plan's own words.
    A task below another one (`parent_id`) or beside it (`role` assist, `lead_task_id`) is a part of that duty: only the
    task above, with neither, stands for its case.
    `extensions` counts the approved ones (延期), `suspended_until` is the chosen end of a suspension (挂账),
    `due_soon` that most of the time has gone, `progress_percent` what the unit reported last, `difficult` 疑难.
    `yellow_cards`, `red_cards` and `supervisions` count how often it was due soon, overdue and supervised (督办) in all
    its life: facts that stay when a new deadline is given. `reassigned`: withdrawn because the next task of the case
    has the duty (改派, 更正, 提级).
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
    extensions: int = 0
    suspended_until: datetime | None = None
    due_soon: bool = False
    role: TaskRole = TaskRole.LEAD
    lead_task_id: str | None = None
    progress_percent: int | None = None
    difficult: bool = False
    yellow_cards: int = 0
    red_cards: int = 0
    supervisions: int = 0
    reassigned: bool = False

    @property
    def cards(self) -> list[str]:
        """What it was shown in its life, as words under which it can be counted."""
        shown = {"yellow_card": self.yellow_cards, "red_card": self.red_cards, "supervised": self.supervisions}
        return [card for card, times in shown.items() if times]

    @property
    def stands_for_its_case(self) -> bool:
        """Whether it is the assignment (派遣) of its case, and not a part that the unit gave to others."""
        return self.source == TaskSource.CASE and self.parent_id is None and self.role == TaskRole.LEAD

    @property
    def is_open(self) -> bool:
        """Whether the duty goes on."""
        return self.status in OPEN_STATUSES


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


class TaskExtended(TasksEvent, frozen=True, kw_only=True):
    """延期 approved: the task carries the new deadline; `reason` is the unit's."""

    task: TaskState
    by: str
    reason: str
    deadline_before: datetime


class TaskSuspended(TasksEvent, frozen=True, kw_only=True):
    """挂账 approved, or the duty of which it is a part is suspended: the clock stands still until `suspended_until` of
    the task at the latest. Said again of a part where that moment moves."""

    task: TaskState
    by: str
    reason: str


class TaskResumed(TasksEvent, frozen=True, kw_only=True):
    """The clock runs again, and the task carries the deadline that this gives."""

    task: TaskState
    by: str
    reason: str


class TaskDueSoon(TasksEvent, frozen=True, kw_only=True):
    """Most of the time has gone (黄牌); said once per deadline."""

    task: TaskState


class TaskRecalculated(TasksEvent, frozen=True, kw_only=True):
    """The calendar of a year came and the provisional deadline was counted again (what was warned of before stays
    said), or the duty of which it is a part is due earlier; the task carries what it is now."""

    task: TaskState
    deadline_before: datetime


class TaskProgressed(TasksEvent, frozen=True, kw_only=True):
    """Something was done that moves neither duty nor deadline: `what` is the step as histories name it (progressed,
    extension_asked, delegated, assist_asked …), `note` what the officer wrote."""

    task: TaskState
    what: str
    by: str
    note: str


class SelfCheckPublished(TasksEvent, frozen=True, kw_only=True):
    """自查 with its result, for public notice (公示): `passed`, or with the `problems` that were found and what will
    be done about them. `number` counts the self-checks of the task from 1."""

    task: TaskState
    by: str
    number: int
    passed: bool
    result: str
    problems: str


# What the assignment of a case can say; parts of a duty, and duties from elsewhere, say the others too.
ASSIGNMENT_EVENTS: tuple[type[Event], ...] = (
    TaskAssigned,
    TaskAccepted,
    TaskReturned,
    TaskSubmitted,
    TaskRectifying,
    TaskClosed,
    TaskWithdrawn,
    TaskOverdue,
    TaskExtended,
    TaskSuspended,
    TaskResumed,
    TaskDueSoon,
    TaskRecalculated,
    TaskProgressed,
)
TASK_EVENTS: tuple[type[Event], ...] = (*ASSIGNMENT_EVENTS, TaskVerified, SelfCheckPublished)
