"""The RPC methods about the tables of limits; the service class inherits them."""

from typing import Any

import msgspec

from infra.clock import CITY_ZONE
from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.standard.lists import day_of, difference, page_of, table_of


class StandardEntryPoints:
    """See contracts/standard.py."""

    rooms: Any

    @rpc(expected_exceptions=Problem)
    def case_standard(
        self,
        table: str = "standard",
        day: str | None = None,
        search: str | None = None,
        code: str | None = None,
        first: int = 100,
        skip: int = 0,
    ) -> dict[str, Any]:
        """See contracts."""
        on = self.rooms.clock.now().astimezone(CITY_ZONE).date() if day is None else day_of(day)
        tables = self.rooms.standard.tables()
        found = page_of(tables, table_of(table), on, search=search, code=code, first=first, skip=skip)
        return msgspec.to_builtins(found)

    @rpc(expected_exceptions=Problem)
    def standard_diff(self, before: str, after: str, table: str = "standard") -> list[dict[str, Any]]:
        """See contracts."""
        tables = self.rooms.standard.tables()
        return msgspec.to_builtins(difference(tables, table_of(table), day_of(before), day_of(after)))

    @rpc(expected_exceptions=Problem)
    def import_standard(
        self,
        city: str,
        name: str,
        content: str,
        effective_from: str,
        by: dict[str, Any],
        why: str,
        cause: str,
        **more: Any,
    ) -> dict[str, Any]:
        """See contracts."""
        commands = self.rooms.standard_commands
        return msgspec.to_builtins(commands.import_table(city, name, content, effective_from, by, why, cause, **more))

    @rpc(expected_exceptions=Problem)
    def edit_standard(
        self,
        code: str,
        changes: dict[str, str],
        effective_from: str,
        by: dict[str, Any],
        why: str,
        seen: int,
        cause: str,
        table: str = "standard",
    ) -> dict[str, Any]:
        """See contracts."""
        commands = self.rooms.standard_commands
        return msgspec.to_builtins(commands.edit(code, changes, effective_from, by, why, seen, cause, table=table))
