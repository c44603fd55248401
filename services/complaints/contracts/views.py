"""Cases as its RPC methods show them, and the list of these methods."""

from datetime import datetime

import msgspec

from services.complaints.contracts.life import CaseLife, DeskKind
from services.complaints.contracts.standard import LimitGiven
from services.complaints.contracts.words import CaseStatus, Channel, RequestKind, Urgency


class Reason(msgspec.Struct, frozen=True):
    """Why a decision came out as it did, in words for people (DESIGN.md, decision 9); `by` is the officer who decided,
    "" where it was decided automatically."""

    text_zh: str
    evidence: list[str]
    by: str = ""


class CaseStep(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a case, by whom, when, why; `version` is the case's version after it."""

    version: int
    what: str
    by: str
    at: datetime
    why: str = ""


class CasePhoto(msgspec.Struct, frozen=True, kw_only=True):
    """A photo by reference: which report it came with, where it is (an http(s) address, or the sender's own number of
    it), and the SHA-256 of its bytes in hex, by which to check what was fetched. It is the sender's: a client opens it
    only when a person asks for it."""

    receipt: str
    reference: str
    sha256: str


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a desk or unit sees it. `version` is what a command must name as seen.

    The caller's name and number are not in it. Mobile numbers (138****0000) and identity numbers of 15 or 18 digits are
    masked in every text, landline numbers in title, text and address. Of what the case's first report sealed (name,
    number, home) nothing stands in title, text and address, but for a home that is where the matter is. Other names and
    house numbers that a citizen wrote into the text are not found and stay.

    `address` is where the sender said it is; `proposed_reply` is what the unit said it did when it last submitted;
    `limit` is the row that gave its limit, None until it is filed; `heat` how hot it is, None where there is one report
    and nobody's liking; `history` is every step, the oldest first; `demanded_by` the earliest moment until when one of
    its senders wants something of it, `ends_after_demand` whether the deadline of its task lies behind that.
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
    life: CaseLife = CaseLife()
    photos: list[CasePhoto] = []
    difficult: bool = False
    heat: float | None = None
    demanded_by: datetime | None = None
    ends_after_demand: bool = False


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list, newest first; `end_cursor` names the last item, None where the page is empty."""

    items: list[CaseView]
    end_cursor: str | None
    has_next: bool
    total: int


class CaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one report of a case says in its newest version, masked as the texts of a CaseView; `revision` is how often
    it was revised, `revised_at` when last. By the Chinese names under which the channel says them: `deadlines` until
    when its sender wants it (that of city and district are two), `facts` what else it says (批示内容, 承办要求,
    整改要求 …); `handed_over_at` is 交办时间."""

    receipt: str
    channel: Channel
    received_at: datetime
    revision: int
    revised_at: datetime | None
    title: str
    text: str
    address: str
    handed_over_at: datetime | None = None
    deadlines: dict[str, datetime] = {}
    facts: dict[str, str] = {}


class CaseReportPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the reports of a case, as they joined; `end_cursor` names the last, None where the page is empty."""

    items: list[CaseReport]
    end_cursor: str | None
    has_next: bool
    total: int


class DeskItem(msgspec.Struct, frozen=True, kw_only=True):
    """A case that needs a person: the most pressing reason, all reasons (that one first), since when, and by when the
    desk should have seen to it."""

    case: CaseView
    kind: DeskKind
    kinds: list[DeskKind]
    since: datetime
    due_at: datetime


class DeskPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the desk's queue, what hurts first first: by urgency, then by what runs out first."""

    items: list[DeskItem]
    end_cursor: str | None
    has_next: bool


# RPC of complaints (nameko service name "complaints"):
#   case_counts(places: list[str]) -> {place: {status: count}}        summed over everything inside each place
#   case_counts_by_channel(places: list[str]) -> {place: {channel: count}}   by the channel of the first report
#   cases(scope: {"place": path | None, "unit": path | None, "statuses": [..] | None}, first: int, after: str | None)
#         -> CasePage, newest first
#   case_pages(requests: [{"scope", "first", "after"}]) -> list[CasePage], in the order of the requests
#   cases_by_id(case_ids: list[str]) -> list[CaseView]                in any order; unknown ids are left out
#   case_reports(requests: [{"case_id", "first", "after"}]) -> list[CaseReportPage], in the order of the requests
#   desk_queue(scope: {"place": path | None, "kinds": [DeskKind] | None}, first: int, after: str | None) -> DeskPage
#   categories() -> list[CategoryView]            those of a subject together
#   reply_templates() -> list[ReplyTemplate]      void_reasons() -> {code: words}
#   draft_reply(case_id, template, fields: {placeholder: text}, by) -> DraftReply
# Commands. All take (case_id, seen, by, …, cause), return the CaseView afterwards (those of two cases: the CaseViews of
# both, the named one first) and raise InvalidInput, Forbidden, NotFound, Stale, Refused. Hotline desk and city's office
# give them, but for verify_case (also street and district), appeal_timeout (the responsible unit) and decide_appeal
# (the office).
#   file_case(…, cause, + corrections)
#   correct_case(…, cause, + corrections)       overrules triage while the case is filed or dispatched
#         corrections: category=None, place_path=None, urgency=None, request_kind=None, standard_row=None; the limit
#         follows them. standard_row: the row of the case standard that gives the limit, "" for outside the standard
#   verify_case(…, found: bool, note, cause, reply=None, + corrections)
#         found: filed, as corrected (by desk and office only); not: answered with `reply`, else voided
#   answer_case(…, reply, cause, answered_as=None: a template)
#   void_case(…, reason, cause, code="other")
#   return_for_facts(…, missing: list[str], cause)            once per case; the term is in data/terms.csv
#   close_case(…, condition, reply, cause, why="")            `why` where the condition is none of its limit's row
#   request_rework(…, reason, cause)
#   follow_up(…, contacted: bool, cause, solved=None, satisfied=None)       once per closing; not solved: reopened
#   reopen_case(…, reason, cause)
#   appeal_timeout(…, reason, cause)                          once per case
#   decide_appeal(…, granted: bool, decision, cause)
#   dismiss_duplicates(…, cause, reason, others=None: case ids, default all that are suggested)
#   confirm_case(…, cause)            what triage was not sure of is right; the facts that came have been seen
#   take_note(…, cause)               revisions, what made it more urgent, what a dissatisfied citizen said, were seen
#   merge_cases(…, others: [{"case_id", "seen"}], reason, cause) -> list[CaseView]
#   split_case(…, part: case id, reason, cause) -> list[CaseView]           undoes a merge
#   split_report(…, receipt, cause) -> list[CaseView]                       a joined report becomes a case
#   join_report(…, receipt, from_seen: int, cause) -> list[CaseView]        a report of another case joins this one
#   intake_totals() -> {"reports": n, "cases": n, "joined": n, "refused": n, "revisions": n, "waiting": n}
