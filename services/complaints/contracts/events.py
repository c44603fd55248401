"""What complaints publishes. Never personal data, never the citizen's text."""

from datetime import datetime
from typing import ClassVar

import msgspec

from infra.messaging.event import Event
from services.complaints.contracts.words import SERVICE, CaseStatus, Channel, RequestKind, Urgency


class CaseState(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of a case, in every one of its events.

    `limit_amount` and `limit_clock` (a `ClockUnit` of infra/calendar.py) are the limit that the case standard gives;
    `responsible_unit` is None until a task was assigned; `dispatches`, `returns` and `reworks` count.
    """

    case_id: str
    number: str
    status: CaseStatus
    category: str
    place_path: str
    urgency: Urgency
    request_kind: RequestKind
    channels: list[Channel]
    reports: int
    filed_at: datetime | None
    limit_amount: float | None
    limit_clock: str | None
    responsible_unit: str | None
    task_id: str | None
    dispatches: int
    returns: int
    reworks: int
    closed_at: datetime | None


class ComplaintsEvent(Event, frozen=True, kw_only=True):
    """Base of the events of complaints."""

    source: ClassVar[str] = SERVICE


class ReportReceived(ComplaintsEvent, frozen=True, kw_only=True):
    """A report is stored durably; complaints itself hears it and triages."""

    report_id: str
    receipt: str
    channel: Channel
    received_at: datetime
    revision: int


class CaseReceived(ComplaintsEvent, frozen=True, kw_only=True):
    """A matter waits for a person: an enquiry, a suggestion or praise."""

    case: CaseState


class CaseFiled(ComplaintsEvent, frozen=True, kw_only=True):
    """立案: the matter is to be put right; tasks assigns it."""

    case: CaseState


class CaseRevised(ComplaintsEvent, frozen=True, kw_only=True):
    """Facts of the case changed; `what` says which: 催办 (another report joined), 来件有修改,
    结案后来件有修改 (the only one after the end), 派遣, 处置, 核查,
    更正类别, 更正地点, 更正紧急程度 (an officer overruled triage; joined by 、 where several)."""

    case: CaseState
    what: str


class CaseAnswered(ComplaintsEvent, frozen=True, kw_only=True):
    """答复: answered directly, nothing to put right."""

    case: CaseState


class CaseVoided(ComplaintsEvent, frozen=True, kw_only=True):
    """作废, with an officer's reason."""

    case: CaseState
    reason: str


class CaseReworkRequested(ComplaintsEvent, frozen=True, kw_only=True):
    """返工: the check failed; the same unit rectifies."""

    case: CaseState
    reason: str


class CaseClosed(ComplaintsEvent, frozen=True, kw_only=True):
    """结案 with the closing condition named."""

    case: CaseState
    condition: str


CASE_EVENTS: tuple[type[Event], ...] = (
    CaseReceived,
    CaseFiled,
    CaseRevised,
    CaseAnswered,
    CaseVoided,
    CaseReworkRequested,
    CaseClosed,
)
