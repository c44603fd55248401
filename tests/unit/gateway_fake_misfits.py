"""What intake refused, as the gateway's tests need it."""

from datetime import UTC, datetime
from typing import Any

from services.complaints.contracts import (
    Channel,
    MisfitEnd,
    MisfitPage,
    MisfitRead,
    MisfitState,
    MisfitView,
    OpenedMisfit,
)

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_FACTS: dict[str, Any] = {
    "channel": Channel.HOTLINE_12345,
    "received_at": AT,
    "reason": "the time is missing",
    "reason_zh": "缺少来电时间",
    "field": "来电时间",
}
WAITING = MisfitView(misfit_id="M-1", **_FACTS)


class FakeMisfits:
    """Inherited by the fake services."""

    def complaints_misfits(
        self, first: int = 50, after: str | None = None, channel: str | None = None, state: str | None = None
    ) -> MisfitPage:
        return MisfitPage(items=[WAITING], end_cursor="1", has_next=False)

    def complaints_misfit_counts(self) -> dict[str, dict[str, int]]:
        return {"hotline_12345": {"waiting": 3, "discarded": 1}}

    def complaints_misfit(self, id: str, by: Any) -> OpenedMisfit:
        read = MisfitRead(role=by["role"], unit=by["unit"], name=by["name"], at=AT)
        return OpenedMisfit(misfit=WAITING, raw='{"标题": "路灯"}', reads=[read])

    def complaints_resubmit_misfit(
        self, id: str, seen: int, by: Any, cause: str, raw: str | None = None, fields: dict[str, Any] | None = None
    ) -> MisfitView:
        return _ended(MisfitState.RESUBMITTED, by, cause, receipt="R-9")

    def complaints_discard_misfit(self, id: str, seen: int, by: Any, reason: str, cause: str) -> MisfitView:
        return _ended(MisfitState.DISCARDED, by, cause, why=reason)


def _ended(state: MisfitState, by: Any, cause: str, **how: str) -> MisfitView:
    end = MisfitEnd(role=by["role"], unit=by["unit"], name=by["name"], at=AT, cause=cause, **how)
    return MisfitView(misfit_id="M-1", version=1, state=state, end=end, **_FACTS)
