"""What a citizen sees of their own report, and what they may say about its end."""

from datetime import datetime

import msgspec

from services.complaints.contracts.words import CaseStatus


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """One step that the citizen may know, in words for them."""

    what: str
    at: datetime


class Satisfaction(msgspec.Struct, frozen=True, kw_only=True):
    """What a citizen says about the end of the matter: was somebody in touch (None: not said), is it solved, are they
    satisfied with how it was handled."""

    contacted: bool | None
    solved: bool
    satisfied: bool


class CitizenStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far one report is, for whoever has its receipt and query code.

    Public fields only: nothing of its text, of other reports in the case, of officers or of their notes. `unit` is the
    name of the unit that handles it; `reply` is there once the case is closed or answered, numbers of persons masked.
    `missing` is what the citizen is asked, once, to add, and `missing_by` until when.
    `may_rate` says whether a satisfaction answer is awaited, `rated` what was answered to the present end.
    """

    receipt: str
    received_at: datetime
    status: CaseStatus
    status_zh: str
    milestones: list[Milestone]
    unit: str | None = None
    reply: str | None = None
    replied_at: datetime | None = None
    missing: list[str] = []
    missing_by: datetime | None = None
    may_rate: bool = False
    rated: Satisfaction | None = None


class CitizenAnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """A satisfaction answer as the desk sees it. `words` is what the citizen added, numbers masked; "" where nothing
    was added or the report was erased. `ending` is the number of the closing, from 1; 0 for a direct answer."""

    receipt: str
    ending: int
    said: Satisfaction
    words: str
    at: datetime


# RPC of complaints:
#   citizen_answers(case_id, by) -> list[CitizenAnswerView], the oldest first        hotline_desk and city_office
