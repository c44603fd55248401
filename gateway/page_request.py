"""One page of a list of cases, of tasks, or of the reports of a case: which are asked for, and from where on."""

import msgspec

from services.complaints.contracts import CaseStatus
from services.tasks.contracts import TaskSource, TaskStatus


class CaseScope(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases: inside `place`, or in the care of `unit` (or of one inside it)."""

    place: str | None = None
    unit: str | None = None
    statuses: tuple[CaseStatus, ...] | None = None


class TaskScope(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks: inside `place`, or the duty of `unit` (or of one inside it)."""

    place: str | None = None
    unit: str | None = None
    statuses: tuple[TaskStatus, ...] | None = None
    source: TaskSource | None = None
    overdue: bool | None = None


class PageRequest(msgspec.Struct, frozen=True):
    """One page of a list: at most `first` items after the service's cursor `after`."""

    scope: CaseScope | TaskScope
    first: int
    after: str | None = None


class ReportsRequest(msgspec.Struct, frozen=True):
    """One page of the reports of a case: at most `first` after the service's cursor `after`."""

    case_id: str
    first: int
    after: str | None = None
