"""What was kept because nobody could take it in, as its RPC methods show it."""

from datetime import datetime

import msgspec

from services.complaints.contracts.words import Channel


class MisfitView(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept because nobody could take it in: from whom, when and why; nothing of its content."""

    misfit_id: str
    channel: Channel
    received_at: datetime
    reason: str
    reason_zh: str
    field: str | None


class MisfitPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of misfits, newest first; `end_cursor` names the last item, None where the page is empty."""

    items: list[MisfitView]
    end_cursor: str | None
    has_next: bool


class MisfitRead(msgspec.Struct, frozen=True, kw_only=True):
    """Who opened a misfit, and when."""

    role: str
    unit: str
    name: str
    at: datetime


class OpenedMisfit(msgspec.Struct, frozen=True, kw_only=True):
    """A misfit with what came, personal data included, and everybody who read it, this time included."""

    misfit: MisfitView
    raw: str
    reads: list[MisfitRead]
