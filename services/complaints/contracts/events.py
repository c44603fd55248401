"""What complaints publishes. Never personal data, never the citizen's text."""

from datetime import datetime
from typing import ClassVar

import msgspec

from infra.messaging.event import Event
from services.complaints.contracts.words import SERVICE, CaseStatus, Channel, RatingSource, RequestKind, Urgency


class CaseState(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of a case, in every one of its events.

    `limit_amount` and `limit_clock` (a `ClockUnit` of infra/calendar.py) are the limit that the case standard gives;
    `responsible_unit` is None until a task was assigned; `dispatches`, `returns`, `reworks` and `reopenings` count;
    `restorations` counts how often it stood by itself again after it had been merged as a filed case, or its filing was
    undone (`filed_at` stays). `again_since` is when it was last reopened, restored or filed again, `last_ended_at` when
    it had been closed or merged, or its filing undone, before that.
    `limit_row` names the row that gave the limit, `default_unit` the path of the unit that the second table proposes,
    `subject` the first-level subject. `merged_into` is the case that a merged one became part of. `excused`: a timeout
    appeal was granted, which changes the statistic, never the fact. `difficult`: 疑难. `demanded_by` is the earliest
    moment until when one of its senders wants something of it; it changes no limit.
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
    limit_row: str | None = None
    default_unit: str | None = None
    subject: str | None = None
    merged_into: str | None = None
    reopenings: int = 0
    restorations: int = 0
    last_ended_at: datetime | None = None
    again_since: datetime | None = None
    excused: bool = False
    difficult: bool = False
    demanded_by: datetime | None = None


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
    """Facts of the case changed; `what` says which: 催办 (another report joined), 来件有修改, 派遣, 处置, 核查,
    更正类别, 更正地点, 更正紧急程度, 更正诉求类型 (an officer overruled triage; joined by 、 where several),
    调整紧急程度, 调整诉求类型 (its reports say so together, see case_together.py), 核实 (to be looked at on site before
    it is filed), 撤销立案, 恢复核实 (it was filed for a report that left), 一次性告知 (facts asked
    for), 补正逾期, 非重复, 疑似重复消除 (the other case has ended), 确认研判 (an officer found triage right), 并入
    (another case, or a report of one), 拆分 (what it had taken in left it). After the end only 结案后来件有修改,
    超时申诉, 申诉成立, 申诉不成立, 已阅 (the desk has seen a late revision, or what a citizen said).

    `unchanged_since`: where all that is new is how far its unit is (派遣 for the first time, 处置, 核查 …), the number
    of the newest event that told of anything else; else 0. Who gave the duty learns nothing from such an event."""

    case: CaseState
    what: str
    unchanged_since: int = 0


class CaseAnswered(ComplaintsEvent, frozen=True, kw_only=True):
    """答复: answered directly, nothing to put right."""

    case: CaseState


class CaseVoided(ComplaintsEvent, frozen=True, kw_only=True):
    """作废, with an officer's reason and its code (data/void_reasons.csv)."""

    case: CaseState
    reason: str
    code: str = "other"


class CaseReworkRequested(ComplaintsEvent, frozen=True, kw_only=True):
    """返工: the check failed; the same unit rectifies."""

    case: CaseState
    reason: str


class CaseClosed(ComplaintsEvent, frozen=True, kw_only=True):
    """结案 with the closing condition named."""

    case: CaseState
    condition: str


class ReportVerified(ComplaintsEvent, frozen=True, kw_only=True):
    """核实: somebody looked on site; `found` is whether the matter is as reported, `by` who looked."""

    case: CaseState
    found: bool
    by: str


class CaseMerged(ComplaintsEvent, frozen=True, kw_only=True):
    """并案: the case has become part of the case `into`, which holds its reports now."""

    case: CaseState
    into: str


class CaseSplit(ComplaintsEvent, frozen=True, kw_only=True):
    """拆分: the case stands by itself again, or for the first time. Where it is to be put right it is filed anew: its
    status is filed and its next task is issued, one round after the last. `restored` are the ids of the cases that the
    splitting made or restored, `what` says which: 撤销并案 (a merge undone) or 拆出来件 (a report became a case)."""

    case: CaseState
    restored: list[str]
    what: str


class CaseReopened(ComplaintsEvent, frozen=True, kw_only=True):
    """重办: a closed case is to be put right again, by the same unit, in another round; `not_solved` where a follow-up
    (回访) heard that it was not solved."""

    case: CaseState
    reason: str
    not_solved: bool = False


class CitizenRated(ComplaintsEvent, frozen=True, kw_only=True):
    """Satisfaction with a closed case: what the citizen said (`rated_by` citizen) or an officer heard when following up
    (`rated_by` follow_up). None where it was not asked or not answered. `due` is by when the desk should have asked;
    a citizen who was not reached is asked again."""

    case: CaseState
    rated_by: RatingSource
    contacted: bool | None
    solved: bool | None
    satisfied: bool | None
    due: datetime | None = None


class HotspotDetected(ComplaintsEvent, frozen=True, kw_only=True):
    """A place and matter grow unusually: `reports` since `since`, where `usual` would be expected. `category_name` is
    the category for people."""

    category: str
    place_path: str
    reports: int
    usual: float
    since: datetime
    category_name: str = ""


CASE_EVENTS: tuple[type[Event], ...] = (
    CaseReceived,
    CaseFiled,
    CaseRevised,
    CaseAnswered,
    CaseVoided,
    CaseReworkRequested,
    CaseClosed,
    ReportVerified,
    CaseMerged,
    CaseSplit,
    CaseReopened,
    CitizenRated,
)
