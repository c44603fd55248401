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
    is (`sequence`), and what an officer wrote; `echo`: another event told it first."""

    case: CaseState
    sequence: int
    note: str
    at: datetime
    cause: str
    not_solved: bool = False
    echo: bool = False


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
    told_first = event.unchanged_since if isinstance(event, CaseRevised) else 0
    sequence, echo = told_first or envelope.sequence, told_first > 0
    return CaseNews(case, sequence, note, envelope.time, envelope.id, not_solved, echo)


def by_case(news: Iterable[CaseNews]) -> dict[str, list[CaseNews]]:
    """The news of each case, the oldest first, one under each number: what told something rather than what only echoes
    it, whatever their times are (the clocks of two processes may say the echo came before)."""
    found: dict[str, list[CaseNews]] = {}
    for one in sorted(news, key=lambda one: (one.sequence, one.echo)):
        told = found.setdefault(one.case.case_id, [])
        if not told or told[-1].sequence < one.sequence:
            told.append(one)
    return found
