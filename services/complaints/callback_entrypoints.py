"""The entry points about callbacks, for the operator. Inherited by the service class."""

from typing import Any

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.contracts import CallbackPage, CallbackView
from services.complaints.rooms import Rooms


class CallbackEntrypoints:
    """See contracts/callbacks.py."""

    rooms: Rooms

    @rpc(expected_exceptions=Problem)
    def callbacks(self, status: str | None = None, first: int = 50) -> CallbackPage:
        """See contracts."""
        return self.rooms.callbacks.page(status, first)

    @rpc(expected_exceptions=Problem)
    def callbacks_of(self, name: str) -> list[CallbackView]:
        """See contracts."""
        return self.rooms.callbacks.of(name)

    @rpc(expected_exceptions=Problem)
    def resend_callbacks(self, by: dict[str, Any], ids: list[str] | None = None) -> dict[str, int]:
        """See contracts."""
        return {"due": self.rooms.callbacks.resend(ids, by)}
