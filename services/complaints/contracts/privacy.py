"""Personal data as its RPC methods show it: keys, unmasked reads, erasure.

RPC of complaints (nameko service name "complaints"):
  master_keys() -> KeyStanding                                    nothing secret; for operators
  rewrap_keys(limit=500) -> KeyProgress                           one batch of a rotation; call until nothing is left
  unmask_report(receipt, by, purpose, cause) -> UnmaskedReport    roles: data/unmasking.csv; recorded before it is shown
  unmasked_reads(receipt, by) -> list[UnmaskedRead]               city_office; the oldest first, refused tries included
  complete_older(after=None, limit=500) -> OlderCompleted         one batch; call with `next` until that is None
  erase_report(receipt, by, reason, cause) -> ErasureView         city_office
"""

from datetime import datetime

import msgspec

from services.complaints.contracts.words import Channel


class KeyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Which master key wraps now (its fingerprint), which others are known, and how many keys each of the others still
    wraps, by fingerprint; also those of masters that are not known (any more)."""

    current: str
    known: list[str]
    left: dict[str, int]


class KeyProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of a rotation: how many keys were wrapped anew under `current`, and how many are left under others."""

    current: str
    done: int
    left: int


class OlderCompleted(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of documents from before a field was there: how many were completed, and after which id of a case to go
    on (None: that was the last)."""

    next: str | None
    cases: int
    misfits: int


class UnmaskedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a report in clear: the personal fields by their Chinese names, and what came, as text; `raw` is
    None for a role that may see the personal fields only."""

    received_at: datetime
    personal: dict[str, str]
    raw: str | None


class UnmaskedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report in clear, the newest version last; `access_id` is the record of this read."""

    receipt: str
    channel: Channel
    external_id: str
    versions: list[UnmaskedVersion]
    access_id: str


class UnmaskedRead(msgspec.Struct, frozen=True, kw_only=True):
    """Who read (or tried to read) a report in clear, when and what for. `outcome` is shown, refused or not_found."""

    access_id: str
    at: datetime
    role: str
    unit: str
    name: str
    purpose: str
    outcome: str


class ErasureView(msgspec.Struct, frozen=True, kw_only=True):
    """The record of an erasure, without any content. `cases` and `misfits` say what else was cleared by this call."""

    receipt: str
    erased_at: datetime
    by: str
    reason: str
    cases: int
    misfits: int
