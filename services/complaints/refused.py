"""What a known sender pushed and nobody could understand, or no report could take: kept with its reason, sealed, once
per channel and content.

It can be corrected at its source and pushed again, or here by an officer, once; or be discarded with a reason. Nothing
that was authentic is lost (DESIGN.md, decision 11).
"""

import hashlib
from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, DictField, StringField

from infra.messaging.outbox import Aggregate
from infra.organisation.officer import Officer
from infra.problem import NotUnderstood, Problem, Refused
from infra.struct_field import struct_field
from services.complaints.contracts import SERVICE, Channel, MisfitEnd, MisfitRead, MisfitState
from services.complaints.privacy import KEY_INDEX, Vault, WrappedKey


class Misfit(Aggregate):
    """One item that was not taken: `problem` says why (as JSON), `sealed_raw` is what came, `reads` who has read it
    since, `end` what became of it (`sequence` is then 1, else 0). It is retained since its end: time alone destroys
    nothing that still waits."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "misfits",
        "indexes": [
            ("-received_at", "-id"),
            ("state", "-received_at", "-id"),
            ("channel", "state", "-received_at", "-id"),
            KEY_INDEX,
            {"fields": ["retained_since"], "sparse": True},
        ],
    }
    noun = "misfit"

    id = StringField(primary_key=True)
    channel = StringField(required=True)
    received_at = DateTimeField(required=True)
    problem = DictField()
    sealed_raw: bytes = struct_field(bytes)
    key: WrappedKey | None = struct_field(WrappedKey)
    retained_since = DateTimeField()
    reads: list[MisfitRead] = struct_field(list[MisfitRead], default=list)
    state = StringField(default=MisfitState.WAITING.value)
    end: MisfitEnd | None = struct_field(MisfitEnd)

    @classmethod
    def keep(cls, channel: Channel, raw: bytes, why: Problem, *, vault: Vault, at: datetime) -> "Misfit":
        """What came as `raw` and was not taken because of `why`; the same content has the same id."""
        about = misfit_id(channel, raw)
        key, (sealed,) = vault.seal(about, raw)
        return cls(
            id=about,
            channel=channel.value,
            received_at=at,
            problem=why.as_json(),
            sealed_raw=sealed,
            key=key,
        )

    def erase(self) -> bool:
        """Destroy what came; False where that is done. Channel, time, code and field stay; the reason may quote it."""
        self.retained_since = None
        if self.key is None:
            return False
        self.key, self.sealed_raw = None, b""
        self.problem = self.problem | {"detail": "its content is erased", "detail_zh": "内容已清除"}
        return True

    def retain(self) -> bool:
        """Counted from its end, where that was not written down; False where nothing is to be done."""
        if self.key is None or self.end is None or self.retained_since is not None:
            return False
        self.retained_since = self.end.at
        return True

    def note_read(self, by: Officer, at: datetime) -> None:
        """Record that `by` has read it."""
        self.reads = [*self.reads, MisfitRead(role=by.role, unit=by.unit, name=by.name, at=at)]

    def resubmitted(self, by: Officer, report_id: str, receipt: str, *, at: datetime, cause: str) -> None:
        """更正重报: what came was corrected and taken in as that report. Raises Refused where it has ended."""
        self._end(MisfitState.RESUBMITTED, by, at, cause=cause, report_id=report_id, receipt=receipt)

    def discard(self, by: Officer, why: str, *, at: datetime, cause: str) -> None:
        """弃置, with a reason. Raises Refused where it has ended."""
        self._end(MisfitState.DISCARDED, by, at, cause=cause, why=why)

    def require_waiting(self) -> None:
        """Raises Refused where it has ended, saying how: the report that it became, or why nothing came of it."""
        if self.end is None:
            return
        became, became_zh = _became(MisfitState(self.state), self.end)
        raise Refused(
            f"{self.id} was already {became} by {self.end.name} at {self.end.at.isoformat()}",
            f"{self.id} 已由{self.end.name}{became_zh}，不能再次处理",
            state=self.state,
            receipt=self.end.receipt,
        )

    def last_change(self) -> dict[str, Any]:
        """See Aggregate.last_change."""
        if self.end is None:
            return {}
        return {"changed_by": self.end.name, "changed_at": self.end.at.isoformat(), "changed_what": self.state}

    def _end(self, state: MisfitState, by: Officer, at: datetime, **how: str) -> None:
        self.require_waiting()
        self.state, self.end = state.value, MisfitEnd(role=by.role, unit=by.unit, name=by.name, at=at, **how)
        self.retained_since = at if self.key is not None else None
        self.sequence += 1

    def refusal(self, why: Problem) -> Problem:
        """What the sender is told: `why`, and under which id the item is kept."""
        kind = Refused if isinstance(why, Refused) else NotUnderstood
        return kind(why.detail, why.detail_zh, field=why.field, **why.extra | {"kept_as": self.id})


def _became(state: MisfitState, end: MisfitEnd) -> tuple[str, str]:
    """What became of a misfit that has ended so, in English and Chinese."""
    if state is MisfitState.RESUBMITTED:
        return f"resubmitted as {end.receipt}", f"更正重报（回执 {end.receipt}）"
    return f"discarded ({end.why})", f"弃置（{end.why}）"


def misfit_id(channel: Channel, raw: bytes) -> str:
    """The id under which `raw` is kept: the same for the same content on the same channel."""
    return "M-" + hashlib.sha256(channel.value.encode() + b"\0" + raw).hexdigest()[:20]
