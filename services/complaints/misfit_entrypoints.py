"""The entry points about what could not be taken in. Inherited by the service class."""

from typing import Any

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.contracts import MisfitPage, MisfitView, OpenedMisfit
from services.complaints.rooms import Rooms

By = dict[str, Any]  # an Officer as JSON


class MisfitEntrypoints:
    """See contracts/misfits.py."""

    rooms: Rooms

    @rpc(expected_exceptions=Problem)
    def misfits(
        self, first: int = 50, after: str | None = None, channel: str | None = None, state: str | None = None
    ) -> MisfitPage:
        """See contracts."""
        return self.rooms.misfits.page(first, after, channel, state)

    @rpc(expected_exceptions=Problem)
    def misfit_counts(self) -> dict[str, dict[str, int]]:
        """See contracts."""
        return self.rooms.misfits.counts()

    @rpc(expected_exceptions=Problem)
    def misfit(self, id: str, by: By) -> OpenedMisfit:
        """See contracts."""
        return self.rooms.misfits.open(id, by)

    @rpc(expected_exceptions=Problem)
    def resubmit_misfit(
        self, id: str, seen: int, by: By, cause: str, raw: str | None = None, fields: dict[str, Any] | None = None
    ) -> MisfitView:
        """See contracts."""
        return self.rooms.misfits.resubmit(id, seen, by, cause, raw=raw, fields=fields)

    @rpc(expected_exceptions=Problem)
    def discard_misfit(self, id: str, seen: int, by: By, reason: str, cause: str) -> MisfitView:
        """See contracts."""
        return self.rooms.misfits.discard(id, seen, by, reason, cause)
