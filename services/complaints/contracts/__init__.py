"""What complaints tells the others: its events, and the views that its RPC methods return.

Events carry ids, codes, numbers and what officers wrote; never personal data, never the citizen's text (DOMAIN.md §3).
RPC methods are listed in services/README.md; they take and return JSON builtins of these structs.
"""

from services.complaints.contracts.citizen import CitizenAnswerView, CitizenStatus, Milestone, Satisfaction
from services.complaints.contracts.events import (
    CASE_EVENTS,
    CaseAnswered,
    CaseClosed,
    CaseFiled,
    CaseMerged,
    CaseReceived,
    CaseReopened,
    CaseRevised,
    CaseReworkRequested,
    CaseSplit,
    CaseState,
    CaseVoided,
    CitizenRated,
    ComplaintsEvent,
    HotspotDetected,
    ReportReceived,
    ReportVerified,
)
from services.complaints.contracts.misfits import MisfitPage, MisfitRead, MisfitView, OpenedMisfit
from services.complaints.contracts.views import CasePage, CaseStep, CaseView, Reason
from services.complaints.contracts.words import SERVICE, CaseStatus, Channel, RatingSource, RequestKind, Urgency

__all__ = [
    "CASE_EVENTS",
    "SERVICE",
    "CaseAnswered",
    "CaseClosed",
    "CaseFiled",
    "CaseMerged",
    "CasePage",
    "CaseReceived",
    "CaseReopened",
    "CaseRevised",
    "CaseReworkRequested",
    "CaseSplit",
    "CaseState",
    "CaseStatus",
    "CaseStep",
    "CaseView",
    "CaseVoided",
    "Channel",
    "CitizenAnswerView",
    "CitizenRated",
    "CitizenStatus",
    "ComplaintsEvent",
    "HotspotDetected",
    "Milestone",
    "MisfitPage",
    "MisfitRead",
    "MisfitView",
    "OpenedMisfit",
    "RatingSource",
    "Reason",
    "ReportReceived",
    "ReportVerified",
    "RequestKind",
    "Satisfaction",
    "Urgency",
]
