"""Cases as its RPC methods show them, and the list of these methods."""

from datetime import datetime

import msgspec

from services.complaints.contracts.standard import LimitGiven
from services.complaints.contracts.words import CaseStatus, Channel, RequestKind, Urgency


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
    `limit` is the row that gave its limit, None until it is filed; `history` is every step, the
    oldest first.
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
    limit: LimitGiven | None = None
    reasons: dict[str, Reason]
    history: list[CaseStep] = []


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list, newest first; `end_cursor` names the last item, None where the page is empty."""

    items: list[CaseView]
    end_cursor: str | None
    has_next: bool
    total: int


# RPC of complaints (nameko service name "complaints"):
#   case_counts(places: list[str]) -> {place: {status: count}}        summed over everything inside each place
#   case_counts_by_channel(places: list[str]) -> {place: {channel: count}}   by the channel of the first report
#   cases(scope: {"place": path | None, "unit": path | None, "statuses": [..] | None}, first: int, after: str | None)
#         -> CasePage, newest first
#   case_pages(requests: [{"scope", "first", "after"}]) -> list[CasePage], in the order of the requests
#   cases_by_id(case_ids: list[str]) -> list[CaseView]                in any order; unknown ids are left out
#   close_case(case_id, seen, by, condition, reply, cause) -> CaseView
#   request_rework(case_id, seen, by, reason, cause) -> CaseView
#   answer_case(case_id, seen, by, reply, cause) -> CaseView
#   void_case(case_id, seen, by, reason, cause) -> CaseView
#   file_case(case_id, seen, by, cause, category=None, place_path=None, standard_row=None) -> CaseView
#   correct_case(case_id, seen, by, cause, category=None, place_path=None, urgency=None, standard_row=None) -> CaseView
#         overrules triage while the case is filed or dispatched; the limit follows category and urgency
#         standard_row: the row of the case standard that gives the limit, "" for outside the standard
#   intake_totals() -> {"reports": n, "cases": n, "joined": n, "refused": n, "revisions": n, "waiting": n}
