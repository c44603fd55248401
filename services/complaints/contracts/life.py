"""What happened to a case beside its states, as it is kept and shown: verification, facts asked for, closings, …"""

from datetime import datetime
from enum import StrEnum

import msgspec

from services.complaints.contracts.words import RatingSource


class DeskKind(StrEnum):
    """Why a case needs a person; words and terms: data/desk_kinds.csv."""

    APPEAL = "appeal"
    CHECK = "check"
    FACTS_ARRIVED = "facts_arrived"
    FACTS_EXPIRED = "facts_expired"
    VERIFY = "verify"
    ENQUIRY = "enquiry"
    UNCLEAR = "unclear"
    DUPLICATE = "duplicate"
    ESCALATED = "escalated"
    REVISED = "revised"
    REVISED_LATE = "revised_late"
    UNSATISFIED = "unsatisfied"
    FOLLOW_UP = "follow_up"


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """核实: who looked on site, when, whether the matter is as reported, and what they saw."""

    found: bool
    by: str
    at: datetime
    note: str


class FactsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """一次性告知: what is missing and by when; `arrived_at` is when something came, also where that was too late;
    `settled` once an officer has seen what came, or that nothing did (until it comes after all), of a filed case."""

    missing: list[str]
    by: str
    at: datetime
    due: datetime
    arrived_at: datetime | None = None
    expired: bool = False
    settled: bool = False


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """结案: one of the closings of a case; `why` is given where the condition is none of its row's."""

    condition: str
    reply: str
    by: str
    at: datetime
    why: str = ""


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """超时申诉: asked by the unit, decided by the city's office; `granted` is None until then."""

    reason: str
    by: str
    at: datetime
    granted: bool | None = None
    decision: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """One answer about the closing number `closing` (from 1); None is what was not asked or not answered."""

    closing: int
    rated_by: RatingSource
    contacted: bool | None
    solved: bool | None
    satisfied: bool | None
    by: str
    at: datetime


class Absorbed(msgspec.Struct, frozen=True, kw_only=True):
    """A case that was merged into this one, and the receipts of the reports that it brought."""

    case_id: str
    number: str
    receipts: list[str]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """疑似重复: a case that may be the same matter, how alike (0..1) and why, for people."""

    case_id: str
    number: str
    score: float
    why: str


class Dismissal(msgspec.Struct, frozen=True, kw_only=True):
    """非重复: a suggested case that is another matter, as an officer found; it is not suggested again."""

    case_id: str
    number: str
    by: str
    at: datetime
    why: str


class CaseLife(msgspec.Struct, frozen=True, kw_only=True):
    """The life of a case beside its states. `desk` is why it needs a person, the most pressing first; `confirmed`: an
    officer found right what triage was not sure of. Not seen by the desk yet: `revised` are receipts of reports with
    new content, `escalated_by` of those that made the case more urgent or say more than an officer decided."""

    desk: list[DeskKind] = []
    verification: Verification | None = None
    facts_asked: FactsAsked | None = None
    answered_as: str | None = None
    void_code: str | None = None
    closings: list[Closing] = []
    reopenings: int = 0
    appeal: Appeal | None = None
    excused: bool = False
    ratings: list[Rating] = []
    merged_into: str | None = None
    absorbed: list[Absorbed] = []
    suggestions: list[Suggestion] = []
    dismissed: list[Dismissal] = []
    confirmed: bool = False
    revised: list[str] = []
    escalated_by: list[str] = []


class CategoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A category that a case can have: what a command names (`sanitation.garbage`), and what people read."""

    code: str
    subject: str
    name: str


class ReplyTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A template of replies: its text, and the placeholders in it."""

    code: str
    zh: str
    text: str
    placeholders: list[str]


class DraftReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply made from a template; `missing` are the placeholders for which nothing is known, marked in the text."""

    template: str
    text: str
    missing: list[str]
