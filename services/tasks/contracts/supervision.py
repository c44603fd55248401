"""督办: what tasks publishes of supervision orders, and of the clues that they lead to (DOMAIN.md §4).

A supervision is a matter of its own (`supervision/…`), with its own versions: its events carry its state and name the
task that it pushes.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from services.tasks.contracts.events import TasksEvent
from services.tasks.contracts.step import Step


class SupervisionStatus(StrEnum):
    """The life of a supervision order."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    RETURNED = "returned"
    CLOSED = "closed"


class SupervisionTrigger(StrEnum):
    """Why an order was opened: so many days overdue, not solved after all (回访), or by an officer."""

    OVERDUE = "overdue"
    NOT_SOLVED = "not_solved"
    OFFICER = "officer"


class SupervisionState(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of a supervision order (督办单): `by_unit` pushes `unit` to do what `task_id` says, and
    wants its answer until `answer_by`. `because` is made by rule or written by an officer. `overdue` tells that it was
    not answered in time, `returns` how often the issuer was not content with the answer. What was answered is to be
    closed or given back until `judge_by`; `left_open` tells that its issuer did not in time."""

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
    trigger: SupervisionTrigger
    overdue: bool
    returns: int
    judge_by: datetime | None = None
    left_open: bool = False


CLUE_PROPOSED = "clue_proposed"  # `what` of the step that makes a clue of an order: for the headquarters' office


class SupervisionView(msgspec.Struct, frozen=True, kw_only=True):
    """A supervision order as people see it; `version` is what a command must name as seen."""

    supervision_id: str
    version: int
    state: SupervisionState
    history: list[Step]


class SupervisionPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of orders, open ones first, what must be answered soonest before the others."""

    items: list[SupervisionView]
    end_cursor: str | None
    has_next: bool


class SupervisionOpened(TasksEvent, frozen=True, kw_only=True):
    """督办 opened by the tier above."""

    supervision: SupervisionState
    by: str


class SupervisionAcknowledged(TasksEvent, frozen=True, kw_only=True):
    """签收 of the order."""

    supervision: SupervisionState
    by: str


class SupervisionReturned(TasksEvent, frozen=True, kw_only=True):
    """退回: whoever opened it is not content with the answer, and wants another until the new `answer_by`."""

    supervision: SupervisionState
    by: str
    reason: str


class SupervisionAnswered(TasksEvent, frozen=True, kw_only=True):
    """The unit said what it does about it."""

    supervision: SupervisionState
    by: str
    answer: str


class SupervisionClosed(TasksEvent, frozen=True, kw_only=True):
    """销号: whoever opened it is content."""

    supervision: SupervisionState
    by: str
    note: str


class AccountabilityProposed(TasksEvent, frozen=True, kw_only=True):
    """责任倒查线索: a duty that stayed undone in spite of supervision; assessment decides what comes of it."""

    supervision: SupervisionState
    because: str


# RPC of tasks about supervision; `by` is an Officer as JSON:
#   supervisions(scope: {"unit": path | None, "place": path | None, "by_unit": path | None, "task_id": str | None,
#       "statuses": [..] | None}, first, after) -> SupervisionPage
#   open_supervision(task_id: str | None, case_id: str | None, seen, by, reason, answer_by: ISO | None, cause)
#       -> SupervisionView      whom the unit answers to, or the office; `seen` is the version of the task
#   acknowledge_supervision(supervision_id, seen, by, cause) -> SupervisionView      the unit
#   answer_supervision(supervision_id, seen, by, answer, cause) -> SupervisionView    the unit
#   close_supervision(supervision_id, seen, by, note, cause) -> SupervisionView      who opened it, or the office
#   return_supervision(supervision_id, seen, by, reason, cause) -> SupervisionView    who opened it, or the office
#
# and about calendars (节假日安排):
#   import_calendar(year, days: [{"day": date, "worked": bool, "name"}], by, cause) -> {"year", "version", "days": n}
#       days off and weekends that are worked; by the office. Provisional deadlines are counted again.
#   calendar_year(year) -> {"year", "version", "days", "by", "at"}
#   calendar_status() -> {"published_until", "version", "imports": [{"year", "version", "by", "at"}]}
