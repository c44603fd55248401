"""What tasks tells the others: its events, and the views that its RPC methods return.

Events carry ids, codes, numbers and what officers wrote; never the citizen's text.
"""

from services.tasks.contracts.events import (
    TASK_EVENTS,
    PlanIssued,
    TaskAccepted,
    TaskAssigned,
    TaskClosed,
    TaskOverdue,
    TaskRectifying,
    TaskReturned,
    TasksEvent,
    TaskState,
    TaskSubmitted,
    TaskVerified,
    TaskWithdrawn,
)
from services.tasks.contracts.views import PlanProgress, TaskPage, TaskStep, TaskView
from services.tasks.contracts.words import OPEN_STATUSES, SERVICE, TaskSource, TaskStatus

__all__ = [
    "OPEN_STATUSES",
    "SERVICE",
    "TASK_EVENTS",
    "PlanIssued",
    "PlanProgress",
    "TaskAccepted",
    "TaskAssigned",
    "TaskClosed",
    "TaskOverdue",
    "TaskPage",
    "TaskRectifying",
    "TaskReturned",
    "TaskSource",
    "TaskState",
    "TaskStatus",
    "TaskStep",
    "TaskSubmitted",
    "TaskVerified",
    "TaskView",
    "TaskWithdrawn",
    "TasksEvent",
]
