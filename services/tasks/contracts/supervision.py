"""督办: what tasks publishes of supervision orders, and of the clues that they lead to (DOMAIN.md §4).

A supervision is a matter of its own (`supervision/…`), with its own versions: its events carry its state and name the
task that it pushes.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from services.tasks.contracts.events import TasksEvent


class SupervisionStatus(StrEnum):
    """The life of a supervision order."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"


class SupervisionState(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of a supervision order (督办单): `by_unit` pushes `unit` to do what `task_id` says, and
    wants its answer until `answer_by`. `because` is made by rule or written by an officer."""

    supervision_id: str
    number: str
    status: SupervisionStatus
    task_id: str | None
    case_id: str | None
    title: str
    unit: str
    place_path: str
    by_unit: str
    because: str
    opened_at: datetime
    answer_by: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None


class SupervisionOpened(TasksEvent, frozen=True, kw_only=True):
    """督办 opened by the tier above."""

    unheard: ClassVar[bool] = True
    supervision: SupervisionState
    by: str


class SupervisionAnswered(TasksEvent, frozen=True, kw_only=True):
    """The unit said what it does about it."""

    unheard: ClassVar[bool] = True
    supervision: SupervisionState
    by: str
    answer: str


class SupervisionClosed(TasksEvent, frozen=True, kw_only=True):
    """销号: whoever opened it is content."""

    unheard: ClassVar[bool] = True
    supervision: SupervisionState
    by: str
    note: str


class AccountabilityProposed(TasksEvent, frozen=True, kw_only=True):
    """责任倒查线索: a duty that stayed undone in spite of supervision; assessment decides what comes of it."""

    unheard: ClassVar[bool] = True
    supervision: SupervisionState
    because: str
