"""Reading the tables of limits: what is in force on a day, searched; and how two days differ."""

from datetime import date

from infra.problem import InvalidInput
from services.complaints.contracts import LimitRow, LimitTable, RowDifference, RowView, StandardPage
from services.complaints.standard.choosing import plain
from services.complaints.standard.tables import Tables

MOST_ROWS = 2000
_SEARCHED = ("code", "major", "minor", "subject", "request_kinds", "filing_condition", "limit", "handling_units")
_COMPARED = (
    "handling_units",
    "supervising",
    "filing_condition",
    "closing_condition",
    "limit",
    "default_unit",
    "because",
)


def table_of(word: str) -> LimitTable:
    """The table called `standard` or `outside`. Raises InvalidInput."""
    try:
        return LimitTable(word)
    except ValueError as error:
        raise InvalidInput(f"no table {word!r}", f"没有时限表{word}", field="table") from error


def day_of(word: str, field: str = "day") -> date:
    """The day that `word` (2026-12-01) names. Raises InvalidInput."""
    try:
        return date.fromisoformat(word)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{word!r} is no day", f"“{word}”不是日期（如2026-12-01）", field=field) from error


def page_of(
    tables: Tables,
    table: LimitTable,
    day: date,
    *,
    search: str | None = None,
    code: str | None = None,
    first: int = 100,
    skip: int = 0,
) -> StandardPage:
    """The rows of `table` in force on `day`, in the table's order: the one with `code`, or those with all words of
    `search` somewhere. Raises InvalidInput."""
    if not (isinstance(first, int) and isinstance(skip, int) and 0 < first <= MOST_ROWS and skip >= 0):
        raise InvalidInput(f"first lies between 1 and {MOST_ROWS}", f"每页1至{MOST_ROWS}行", field="first")
    words = [plain(word) for word in (search or "").split()]
    found = [
        view
        for view in tables.on(day).rows(table).values()
        if code in (None, view.row.code) and all(word in _searched(view.row) for word in words)
    ]
    return StandardPage(
        version=tables.version,
        day=day,
        editions=[edition.view() for edition in tables.editions if edition.table == table],
        rows=found[skip : skip + first],
        total=len(found),
    )


def difference(tables: Tables, table: LimitTable, before: date, after: date) -> list[RowDifference]:
    """How the rows in force on `after` differ from those on `before`.

    Rows are the same row where class (or kinds, subject and category) and filing condition are; a row whose filing
    condition was reworded under its code counts as changed.
    """
    old, new = tables.on(before).rows(table), tables.on(after).rows(table)
    by_words = {_identity(view.row): view for view in old.values()}
    matched: set[str] = set()
    found: list[RowDifference] = []
    for view in new.values():
        was = by_words.get(_identity(view.row)) or _reworded(view, old)
        if was is None:
            found.append(_difference(view.row, "added", {}))
            continue
        matched.add(was.row.code)
        if fields := _fields(was.row, view.row):
            found.append(_difference(view.row, "changed", fields))
    return found + [_difference(view.row, "removed", {}) for view in old.values() if view.row.code not in matched]


def _reworded(view: RowView, old: dict[str, RowView]) -> RowView | None:
    was = old.get(view.row.code)
    return was if was is not None and _identity(was.row)[:-1] == _identity(view.row)[:-1] else None


def _identity(row: LimitRow) -> tuple[str, ...]:
    fields = (row.kind, row.major, row.minor, row.request_kinds, row.subject, row.category, row.filing_condition)
    return tuple(map(plain, fields))


def _fields(was: LimitRow, now: LimitRow) -> dict[str, tuple[str, str]]:
    pairs = {name: (getattr(was, name) or "", getattr(now, name) or "") for name in _COMPARED}
    return {name: pair for name, pair in pairs.items() if plain(pair[0]) != plain(pair[1])}


def _difference(row: LimitRow, change: str, fields: dict[str, tuple[str, str]]) -> RowDifference:
    return RowDifference(
        code=row.code, title=row.title, filing_condition=row.filing_condition, change=change, fields=fields
    )


def _searched(row: LimitRow) -> str:
    return plain(" ".join(getattr(row, name) for name in _SEARCHED))
