"""What is hot: entry points of the service."""

from typing import Any

import msgspec

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.rooms import RoomsProvider


class HeatEntrypoints:
    """Inherited by the service class."""

    rooms: RoomsProvider

    @rpc(expected_exceptions=Problem)
    def hot_matters(self, place: str, since: str, until: str, first: int = 20) -> list[dict[str, Any]]:
        """See contracts/heat.py."""
        return msgspec.to_builtins(self.rooms.hot.rank(place, since, until, first))

    @rpc(expected_exceptions=Problem)
    def hotspots(self, place: str, since: str, first: int = 20) -> list[dict[str, Any]]:
        """See contracts/heat.py."""
        return msgspec.to_builtins(self.rooms.hot.hotspots(place, since, first))
