"""What needs a person, why, and in which order: what hurts first stands first. Pure.

A case is on the desk for one or several reasons, each since some moment and to be seen to within the hours of
data/desk_kinds.csv. Its place follows from its urgency, then from the reason that runs out first.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from infra.organisation import unit_path
from services.complaints.case_states import NOT_BEGUN, OPEN, REPLIED
from services.complaints.contracts import (
    Appeal,
    CaseStatus,
    Closing,
    DeskKind,
    FactsAsked,
    Rating,
    RatingSource,
    Reason,
    Suggestion,
    Urgency,
)
from services.complaints.terms import desk_term
from services.complaints.triage.category import OTHER

_RANK = {Urgency.CRITICAL: 0, Urgency.URGENT: 1, Urgency.NORMAL: 2}


class OnDesk(Protocol):
    """What of a case decides whether it needs a person."""

    status: str
    facts_asked: FactsAsked | None
    appeal: Appeal | None
    closings: list[Closing]
    ratings: list[Rating]
    revised_late: bool | None
    revised: list[str]
    escalated_by: list[str]
    suggestions: list[Suggestion]

    @property
    def is_unclear(self) -> bool:
        """Whether nobody is sure of its category or place."""

    @property
    def waits_for_facts(self) -> bool:
        """Whether the citizen may still say what is missing."""

    @property
    def has_unheard_answers(self) -> bool:
        """Whether a citizen is not satisfied with its end, and no officer has seen it."""


def desk_kinds(case: OnDesk) -> list[DeskKind]:
    """Why `case` needs a person now; nothing where it does not."""
    status, asked = CaseStatus(case.status), case.facts_asked
    is_open = status in OPEN
    free = is_open and not case.waits_for_facts
    facts = asked if free and asked is not None and not asked.settled else None
    holds = {
        DeskKind.APPEAL: case.appeal is not None and case.appeal.granted is None,
        DeskKind.CHECK: status == CaseStatus.CHECKING,
        DeskKind.FACTS_ARRIVED: facts is not None and facts.arrived_at is not None,
        DeskKind.FACTS_EXPIRED: status in NOT_BEGUN and facts is not None and facts.expired and not facts.arrived_at,
        DeskKind.VERIFY: status == CaseStatus.VERIFYING and asked is None,
        DeskKind.ENQUIRY: status == CaseStatus.RECEIVED and asked is None,
        DeskKind.UNCLEAR: free and case.is_unclear,
        DeskKind.DUPLICATE: free and bool(case.suggestions),
        DeskKind.ESCALATED: is_open and bool(case.escalated_by),
        DeskKind.REVISED: is_open and bool(case.revised),
        DeskKind.REVISED_LATE: bool(case.revised_late),
        DeskKind.UNSATISFIED: status in REPLIED and case.has_unheard_answers,
        DeskKind.FOLLOW_UP: status == CaseStatus.CLOSED and not followed_up(case.closings, case.ratings),
    }
    return [kind for kind, needed in holds.items() if needed]


def unsure(category: str, place_path: str, reasons: Mapping[str, Reason]) -> bool:
    """Whether triage found no place, no category, or no evidence for its category that it could name."""
    because = reasons.get("category")
    without_evidence = because is not None and not because.evidence
    return unit_path.tier(place_path) <= 1 or category == OTHER or without_evidence


def followed_up(closings: list[Closing], ratings: list[Rating]) -> bool:
    """Whether an officer has reached the citizen about the newest closing, or tried as often as they have to."""
    asked = [one for one in ratings if one.rated_by == RatingSource.FOLLOW_UP and one.closing == len(closings)]
    if not asked or any(one.contacted for one in asked):
        return bool(asked)
    return len(asked) >= desk_term(DeskKind.FOLLOW_UP, closings[-1].at).tries


def desk_place(since: Mapping[str, datetime], urgency: Urgency, case_id: str) -> tuple[str | None, str | None]:
    """The most pressing reason and the key that orders the queue; None where the case needs nobody."""
    if not since:
        return None, None
    due, kind = min((at + desk_term(DeskKind(name), at).within, name) for name, at in since.items())
    return kind, f"{_RANK[urgency]}|{due.astimezone(UTC):%Y%m%d%H%M%S}|{case_id}"


def due_of(desk_key: str) -> datetime:
    """When the desk should have seen to it, as its key says."""
    return datetime.strptime(desk_key.split("|")[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
