"""What is hot: entry points of the service."""

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.contracts import HotMatter, HotspotView
from services.complaints.rooms import Rooms


class HeatEntrypoints:
    """Inherited by the service class."""

    rooms: Rooms

    @rpc(expected_exceptions=Problem)
    def hot_matters(self, place: str, since: str, until: str, first: int = 20) -> list[HotMatter]:
        """See contracts/heat.py."""
        return self.rooms.hot.rank(place, since, until, first)

    @rpc(expected_exceptions=Problem)
    def hotspots(self, place: str, since: str, first: int = 20) -> list[HotspotView]:
        """See contracts/heat.py."""
        return self.rooms.hot.hotspots(place, since, first)
