"""The words of tasks: where duties come from, and their states (DOMAIN.md §4)."""

from enum import StrEnum

SERVICE = "tasks"


class TaskSource(StrEnum):
    """Where a duty comes from (DOMAIN.md §4)."""

    PLAN = "plan"
    CASE = "case"
    MEETING = "meeting"
    LEADER_INSTRUCTION = "leader_instruction"
    SUPERVISION = "supervision"


class TaskRole(StrEnum):
    """主办 / 协办: who answers for the whole, and who helps with a part of it."""

    LEAD = "lead"
    ASSIST = "assist"


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
