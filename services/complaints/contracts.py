"""What complaints tells the others: its events, and the views that its RPC methods return.

Events carry ids, codes, numbers and what officers wrote; never personal data, never the citizen's text (DOMAIN.md §3).
RPC methods are listed in services/README.md; they take and return JSON builtins of these structs.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from infra.messaging.event import Event

SERVICE = "complaints"


class Channel(StrEnum):
    """Where a report comes from (DOMAIN.md §3)."""

    HOTLINE_12345 = "hotline_12345"
    HOTLINE_12319 = "hotline_12319"
    WEIBO = "weibo"
    WECHAT = "wechat"
    FORUM = "forum"
    NEWSPAPER = "newspaper"
    APP = "app"
    SNAPSHOT = "snapshot"
    EXPOSURE = "exposure"
    INSPECTION = "inspection"
    PATROL = "patrol"
    ASSESSOR = "assessor"
    LEADER_INSTRUCTION = "leader_instruction"
    SUPERIOR_INSPECTION = "superior_inspection"


class CaseStatus(StrEnum):
    """States of a case; the transitions stand in case_states.py."""

    RECEIVED = "received"
    VERIFYING = "verifying"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    CHECKING = "checking"
    CLOSED = "closed"
    REOPENED = "reopened"
    ANSWERED = "answered"
    VOIDED = "voided"
    MERGED = "merged"


class Urgency(StrEnum):
    """紧急程度: 一般, 紧急, 特急."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class RequestKind(StrEnum):
    """诉求类型. The first three are put right, the others are answered."""

    COMPLAINT = "complaint"
    TIP_OFF = "tip_off"
    HELP = "help"
    ENQUIRY = "enquiry"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


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


class Reason(msgspec.Struct, frozen=True):
    """Why an automatic decision came out as it did, in words for people (DESIGN.md, decision 9)."""

    text_zh: str
    evidence: list[str]


class CaseStep(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a case, by whom, when, why; `version` is the case's version after it."""

    version: int
    what: str
    by: str
    at: datetime
    why: str = ""


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a desk or unit sees it. `version` is what a command must name as seen.

    The caller's name and number are not in it. Mobile numbers (138****0000) and identity numbers of 15 or 18 digits are
    masked in every text, landline numbers in title, text and address; names and house numbers that a citizen wrote into
    the text are not found and stay.

    `address` is where the sender said it is; `proposed_reply` is what the unit said it did when it last submitted;
    `history` is every step of the case, the oldest first.
    """

    case_id: str
    version: int
    number: str
    status: CaseStatus
    title: str
    text: str
    address: str = ""
    category: str
    category_name: str
    place_path: str
    urgency: Urgency
    request_kind: RequestKind
    channels: list[Channel]
    receipts: list[str]
    received_at: datetime
    filed_at: datetime | None
    responsible_unit: str | None
    task_id: str | None
    reworks: int
    proposed_reply: str | None = None
    reply: str | None
    closed_at: datetime | None
    reasons: dict[str, Reason]
    history: list[CaseStep] = []


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list, newest first; `end_cursor` names the last item, None where the page is empty."""

    items: list[CaseView]
    end_cursor: str | None
    has_next: bool
    total: int


class MisfitView(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept because nobody could take it in: from whom, when and why; nothing of its content."""

    misfit_id: str
    channel: Channel
    received_at: datetime
    reason: str
    reason_zh: str
    field: str | None


class MisfitPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of misfits, newest first; `end_cursor` names the last item, None where the page is empty."""

    items: list[MisfitView]
    end_cursor: str | None
    has_next: bool


class MisfitRead(msgspec.Struct, frozen=True, kw_only=True):
    """Who opened a misfit, and when."""

    role: str
    unit: str
    name: str
    at: datetime


class OpenedMisfit(msgspec.Struct, frozen=True, kw_only=True):
    """A misfit with what came, personal data included, and everybody who read it, this time included."""

    misfit: MisfitView
    raw: str
    reads: list[MisfitRead]


# RPC of complaints (nameko service name "complaints"):
#   case_counts(places: list[str]) -> {place: {status: count}}        summed over everything inside each place
#   cases(scope: {"place": path | None, "unit": path | None, "statuses": [..] | None}, first: int, after: str | None)
#         -> CasePage, newest first
#   case_pages(requests: [{"scope", "first", "after"}]) -> list[CasePage], in the order of the requests
#   cases_by_id(case_ids: list[str]) -> list[CaseView]                in any order; unknown ids are left out
#   close_case(case_id, seen, by, condition, reply, cause) -> CaseView
#   request_rework(case_id, seen, by, reason, cause) -> CaseView
#   answer_case(case_id, seen, by, reply, cause) -> CaseView
#   void_case(case_id, seen, by, reason, cause) -> CaseView
#   file_case(case_id, seen, by, cause, category=None, place_path=None) -> CaseView
#   correct_case(case_id, seen, by, cause, category=None, place_path=None, urgency=None) -> CaseView
#         overrules triage while the case is filed or dispatched; the limit follows category and urgency
#   misfits(first, after: str | None) -> MisfitPage
#   misfit(id, by) -> OpenedMisfit                                    hotline_desk and city_office; the read is recorded
#   intake_totals() -> {"reports": n, "cases": n, "joined": n, "refused": n, "revisions": n, "waiting": n}
