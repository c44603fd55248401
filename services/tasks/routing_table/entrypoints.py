"""The RPC methods about the routing table; the service class inherits them."""

from typing import Any

from infra.clock import CITY_ZONE
from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.tasks.contracts import Explanation, RoutingPage, RoutingRowView
from services.tasks.desk import Desk
from services.tasks.routing_table.lists import day_of, history_of, page_of


class RoutingEntrypoints:
    """See contracts/routing.py."""

    desk: Desk

    @rpc(expected_exceptions=Problem)
    def routing_table(self, day: str | None = None, search: str | None = None) -> RoutingPage:
        """See contracts."""
        on = self.desk.clock.now().astimezone(CITY_ZONE).date() if day is None else day_of(day)
        return page_of(self.desk.routes.table(), on, search=search)

    @rpc(expected_exceptions=Problem)
    def routing_history(self, category: str | None = None) -> list[RoutingRowView]:
        """See contracts."""
        return history_of(self.desk.routes.table(), category)

    @rpc(expected_exceptions=Problem)
    def edit_routing(
        self,
        rows: list[dict[str, Any]],
        effective_from: str,
        by: dict[str, Any],
        why: str,
        seen: int,
        cause: str,
        trial: bool = False,
        whole: bool = False,
    ) -> RoutingPage:
        """See contracts."""
        commands = self.desk.routing
        return commands.edit(rows, effective_from, by, why, seen, cause, trial=trial, whole=whole)

    @rpc(expected_exceptions=Problem)
    def explain_routing(self, asked: dict[str, Any], day: str | None = None) -> Explanation:
        """See contracts."""
        return self.desk.explainer.explain(asked, day)
