"""What a hotline is told about its own work orders by signed callback, and how the operator sees these callbacks."""

from datetime import datetime
from enum import StrEnum

import msgspec

from services.complaints.contracts.words import Channel

CALLBACK_SECRET = "{channel}_callback"  # in the secrets file: with it we sign, not the hotline


class CallbackNews(StrEnum):
    """What there is to tell: 受理, 一次性告知, 派遣, 结案, 答复, 作废, 并案, 重办."""

    ACCEPTED = "accepted"
    FACTS_ASKED = "facts_asked"
    DISPATCHED = "dispatched"
    CLOSED = "closed"
    ANSWERED = "answered"
    VOIDED = "voided"
    MERGED = "merged"
    REOPENED = "reopened"


class CallbackStatus(StrEnum):
    """pending → sent | failed (given up, can be sent again) | superseded (something later was told before)."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class CallbackBody(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON that a hotline gets. `id` is the same in every repetition (also header `Idempotency-Key`).

    `receipt` and `query_code` are for the citizen, as is `reply` (closed, answered). `reason` says why it was voided;
    `missing` and `missing_by` what the citizen is to add, and until when (facts_asked).
    """

    id: str
    news: CallbackNews
    news_zh: str
    at: datetime
    channel: Channel
    external_id: str
    receipt: str
    query_code: str | None
    case_number: str | None = None
    reply: str | None = None
    reason: str | None = None
    missing: list[str] = []
    missing_by: datetime | None = None


class CallbackView(msgspec.Struct, frozen=True, kw_only=True):
    """One callback as the operator sees it; nothing of its content. `reason` is why the last try failed."""

    callback_id: str
    channel: Channel
    external_id: str
    receipt: str
    news: CallbackNews
    at: datetime
    status: CallbackStatus
    attempts: int
    reason: str
    due_at: datetime | None
    ended_at: datetime | None


class CallbackPage(msgspec.Struct, frozen=True, kw_only=True):
    """Callbacks, those of the work orders that changed last first; `left_off` says whether there are more."""

    items: list[CallbackView]
    left_off: bool


# RPC of complaints:
#   callbacks(status: str | None, first: int) -> CallbackPage
#   callbacks_of(name) -> list[CallbackView], the oldest first        name: a receipt, or the id of a callback
#   resend_callbacks(by, ids: list[str] | None) -> {"due": n}         city_office and operator; None: all that failed
