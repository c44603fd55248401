"""Both tables of limits through time: which editions and edits there are, and what is in force on a day.

An edition is a whole table, in force from its day until a younger one takes its place. An edit replaces one row of one
edition from its own day on. Nothing here is ever changed: what was in force on a day stays so.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property

import msgspec

from infra.effective import in_force
from services.complaints.contracts import EditionView, LimitRow, LimitTable, RowView
from services.complaints.standard.choosing import Standard
from services.complaints.standard.outside import shipped_from, shipped_table

SHIPPED = "outside-0"


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """A whole table as it was imported."""

    edition: str
    table: LimitTable
    number: int
    name: str
    effective_from: date
    by: str
    at: datetime | None
    why: str
    rows: tuple[LimitRow, ...]

    def view(self) -> EditionView:
        """The edition without its rows."""
        fields = {name: getattr(self, name) for name in EditionView.__struct_fields__ if name != "rows"}
        return EditionView(**fields, rows=len(self.rows))


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an edition as it reads from a day on; `number` counts the city's edits."""

    number: int
    edition: str
    row: LimitRow
    effective_from: date
    by: str
    at: datetime
    why: str


def shipped_edition() -> Edition:
    """The second table that came with the system."""
    return Edition(
        edition=SHIPPED,
        table=LimitTable.OUTSIDE,
        number=0,
        name="系统自带",
        effective_from=shipped_from(),
        by="",
        at=None,
        why="系统自带的第二张表",
        rows=shipped_table(),
    )


class InForce:
    """The rows that hold together on one day."""

    def __init__(self, standard: dict[str, RowView], outside: dict[str, RowView]) -> None:
        self._rows = {LimitTable.STANDARD: standard, LimitTable.OUTSIDE: outside}

    def rows(self, table: LimitTable) -> dict[str, RowView]:
        """The rows of `table` by code, in the table's order."""
        return self._rows[table]

    @cached_property
    def standard(self) -> Standard:
        """The case standard, ready to be searched."""
        return Standard(view.row for view in self.rows(LimitTable.STANDARD).values())

    @cached_property
    def outside(self) -> list[LimitRow]:
        """The second table."""
        return [view.row for view in self.rows(LimitTable.OUTSIDE).values()]


class Tables:
    """All editions and edits of a city; `version` counts its changes."""

    def __init__(self, version: int, editions: Iterable[Edition], edits: Iterable[Edit]) -> None:
        self.version = version
        self.editions = [shipped_edition(), *editions]
        self.edits = list(edits)
        self._days: dict[tuple[str, ...], InForce] = {}

    def edition_on(self, table: LimitTable, day: date) -> Edition | None:
        """The edition of `table` in force that day: the youngest, of one day's the one that was imported last."""
        return in_force((one for one in reversed(self.editions) if one.table == table), day)

    def on(self, day: date) -> InForce:
        """What is in force that day; computed once per set of editions and edits."""
        editions = [self.edition_on(table, day) for table in LimitTable]
        names = {one.edition for one in editions if one is not None}
        edits = [edit for edit in self.edits if edit.edition in names and edit.effective_from <= day]
        key = (*sorted(names), *(str(edit.number) for edit in edits))
        if key not in self._days:
            standard, outside = (_rows(one, edits) for one in editions)
            self._days[key] = InForce(standard, outside)
        return self._days[key]


def _rows(edition: Edition | None, edits: list[Edit]) -> dict[str, RowView]:
    if edition is None:
        return {}
    rows = {
        row.code: RowView(row=row, edition=edition.edition, effective_from=edition.effective_from)
        for row in edition.rows
    }
    mine = [edit for edit in reversed(edits) if edit.edition == edition.edition]
    for code in {edit.row.code for edit in mine}:
        edit = max((one for one in mine if one.row.code == code), key=lambda one: one.effective_from)
        rows[code] = _edited(edit)
    return rows


def _edited(edit: Edit) -> RowView:
    return RowView(
        row=edit.row,
        edition=edit.edition,
        effective_from=edit.effective_from,
        edit=edit.number,
        by=edit.by,
        at=edit.at,
        why=edit.why,
    )
