"""The RPC methods about the tables of limits; the service class inherits them."""

from typing import Any

from infra.clock import CITY_ZONE
from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.contracts import ImportReport, RowDifference, StandardPage
from services.complaints.rooms import Rooms
from services.complaints.standard.lists import day_of, difference, page_of, table_of


class StandardEntryPoints:
    """See contracts/standard.py."""

    rooms: Rooms

    @rpc(expected_exceptions=Problem)
    def case_standard(
        self,
        table: str = "standard",
        day: str | None = None,
        search: str | None = None,
        code: str | None = None,
        first: int = 100,
        skip: int = 0,
    ) -> StandardPage:
        """See contracts."""
        on = self.rooms.clock.now().astimezone(CITY_ZONE).date() if day is None else day_of(day)
        tables = self.rooms.standard.tables()
        return page_of(tables, table_of(table), on, search=search, code=code, first=first, skip=skip)

    @rpc(expected_exceptions=Problem)
    def standard_diff(self, before: str, after: str, table: str = "standard") -> list[RowDifference]:
        """See contracts."""
        tables = self.rooms.standard.tables()
        return difference(tables, table_of(table), day_of(before), day_of(after))

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
        seen: int | None = None,
        table: str = "standard",
        trial: bool = False,
        allow_refused: bool = False,
    ) -> ImportReport:
        """See contracts."""
        return self.rooms.standard_commands.import_table(
            city,
            name,
            content,
            effective_from,
            by,
            why,
            cause,
            seen=seen,
            table=table,
            trial=trial,
            allow_refused=allow_refused,
        )

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
    ) -> StandardPage:
        """See contracts."""
        return self.rooms.standard_commands.edit(code, changes, effective_from, by, why, seen, cause, table=table)
