"""The words of complaints: channels, states, urgencies, kinds of request (DOMAIN.md §3)."""

from enum import StrEnum

SERVICE = "complaints"
APPEAL_GRANTED = "申诉成立"  # `what` of the case_revised that excuses the delay, at most one per case


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


class RatingSource(StrEnum):
    """Who says how satisfied the citizen is: 市民 themselves, or an officer after 回访."""

    CITIZEN = "citizen"
    FOLLOW_UP = "follow_up"
