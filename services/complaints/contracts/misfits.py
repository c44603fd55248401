"""What was kept because nobody could take it in, as its RPC methods show it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from services.complaints.contracts.words import Channel


class MisfitState(StrEnum):
    """待更正, 已更正重报, 已弃置."""

    WAITING = "waiting"
    RESUBMITTED = "resubmitted"
    DISCARDED = "discarded"


class MisfitEnd(msgspec.Struct, frozen=True, kw_only=True):
    """Who ended a misfit, when, by which request: discarded because of `why`, or resubmitted as the report `report_id`
    with that receipt."""

    role: str
    unit: str
    name: str
    at: datetime
    cause: str
    why: str = ""
    report_id: str | None = None
    receipt: str | None = None


class MisfitView(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept because nobody could take it in: from whom, when and why; nothing of its content. `version` is
    what a command must name as seen; `end` is there once it no longer waits."""

    misfit_id: str
    channel: Channel
    received_at: datetime
    reason: str
    reason_zh: str
    field: str | None
    version: int = 0
    state: MisfitState = MisfitState.WAITING
    end: MisfitEnd | None = None


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


# RPC of complaints about misfits; the commands and `misfit` are for hotline_desk and city_office, and are recorded:
#   misfits(first, after: str | None, channel: str | None, state: str | None) -> MisfitPage
#   misfit_counts() -> {channel: {state: n}}
#   misfit(id, by) -> OpenedMisfit
#   resubmit_misfit(id, seen, by, cause, raw: str | None, fields: {name: value} | None) -> MisfitView
#         takes in `raw` (the whole corrected item), or what came with `fields` put over it; once
#   discard_misfit(id, seen, by, reason, cause) -> MisfitView
