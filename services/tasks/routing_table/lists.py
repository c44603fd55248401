"""Reading the routing table: a day's rows, searched; every version of the rows of a category."""

from collections.abc import Sequence
from datetime import date

from infra.problem import InvalidInput
from services.tasks.contracts import RoutingPage, RoutingRow, RoutingRowView
from services.tasks.routing_table.rows import RoutingTable

_SEARCHED = ("category", "place", "kind", "subject", "channel", "name", "goes_to", "lead", "because")


def day_of(word: object, field: str = "day") -> date:
    """The day that `word` (2026-12-01) names. Raises InvalidInput."""
    try:
        return date.fromisoformat(word)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{word!r} is no day", f"“{word}”不是日期（如2026-12-01）", field=field) from error


def page_of(
    table: RoutingTable, day: date, *, search: str | None = None, changed: Sequence[RoutingRow] = ()
) -> RoutingPage:
    """The rows in force on `day` that hold every word of `search`, in the order in which they are tried."""
    words = (search or "").split()
    found = [one for one in table.on(day) if all(word in _text(one.row) for word in words)]
    return RoutingPage(version=table.version, day=day, rows=found, changed=list(changed))


def history_of(table: RoutingTable, category: str | None = None) -> list[RoutingRowView]:
    """Every version of every row (of that category), the newest first."""
    return [one for one in reversed(table.entries) if category in (None, one.row.category)]


def _text(row: RoutingRow) -> str:
    return " ".join([*(str(getattr(row, name)) for name in _SEARCHED), *row.assists])
