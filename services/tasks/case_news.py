"""What an event of a case tells its task: the state of the case, under the number of the event that told it first.

An echo of the task's own step (its unit has accepted, submitted …) says nothing that an earlier event has not said: it
stands under the number of that one, so whoever has heard of that has nothing to do (infra/decisions/0013).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from infra.messaging.event import Received
from services.complaints.contracts import (
    CaseClosed,
    CaseMerged,
    CaseReopened,
    CaseRevised,
    CaseReworkRequested,
    CaseState,
    CaseVoided,
    ComplaintsEvent,
)


class CaseNews(NamedTuple):
    """What one event says about a case: its state, the number of the event that told it first, but for how far the unit
    is (`sequence`), and what an officer wrote."""

    case: CaseState
    sequence: int
    note: str
    at: datetime
    cause: str
    not_solved: bool = False


News = Mapping[str, list[CaseNews]]


def read(received: Received[ComplaintsEvent]) -> CaseNews:
    """The news in an event of a case."""
    event, envelope = received.event, received.envelope
    note = ""
    if isinstance(event, CaseReworkRequested | CaseVoided | CaseReopened):
        note = event.reason
    elif isinstance(event, CaseMerged):
        note = f"并入案件{event.into}"
    elif isinstance(event, CaseClosed):
        note = event.condition
    not_solved = isinstance(event, CaseReopened) and event.not_solved
    case: CaseState = event.case  # type: ignore[attr-defined]
    sequence = (isinstance(event, CaseRevised) and event.unchanged_since) or envelope.sequence
    return CaseNews(case, sequence, note, envelope.time, envelope.id, not_solved)


def by_case(news: Iterable[CaseNews]) -> dict[str, list[CaseNews]]:
    """The news of each case, the oldest first, and what told something before what only echoes it."""
    found: dict[str, list[CaseNews]] = {}
    for one in sorted(news, key=lambda one: (one.sequence, one.at)):
        found.setdefault(one.case.case_id, []).append(one)
    return found
