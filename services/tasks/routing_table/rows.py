"""The routing table through time: which rows there are, which hold on a day, which fits a matter first. Pure.

A row is known by its criteria. Of the rows that fit a matter the most exact is tried first: the deepest category, then
the deepest place, then rows with a kind of request, a subject, a channel, a word about difficult. Two different rows of
the same exactness never fit the same matter, so the first match is the only one possible. A row holds from its day on
until a younger version takes its place; of one day's versions the last that was written.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from infra.organisation import unit_path
from services.tasks.contracts import RoutingRow, RoutingRowView

Key = tuple[str, str, str, str, str, bool | None]


class Matter(NamedTuple):
    """What routing asks of a case. `default_unit` is the path that the complaints' tables propose."""

    category: str
    place_path: str
    kind: str = ""
    subject: str = ""
    channel: str = ""
    difficult: bool = False
    default_unit: str | None = None


def key_of(row: RoutingRow) -> Key:
    """What makes it this row and no other."""
    return row.category, row.place, row.kind, row.subject, row.channel, row.difficult


def exactness(row: RoutingRow) -> tuple[int, int, bool, bool, bool, bool]:
    """How exactly it says what it is for: the greater is tried first."""
    category, place = (len(text.split(sep)) if text else 0 for text, sep in ((row.category, "."), (row.place, "/")))
    return category, place, bool(row.kind), bool(row.subject), bool(row.channel), row.difficult is not None


def covers(pattern: str, category: str) -> bool:
    """Whether the category pattern is for that category."""
    return pattern in ("", category) or category.startswith(pattern + ".")


def misfit(row: RoutingRow, matter: Matter) -> str | None:
    """Why the row is not for the matter, in Chinese; None where it is."""
    if not covers(row.category, matter.category):
        return f"类别不属{row.category}"
    if row.place and not unit_path.contains(row.place, matter.place_path):
        return f"地点不在{row.place}"
    for said, wanted, zh in (
        (row.kind, matter.kind, "诉求类型"),
        (row.subject, matter.subject, "一级分类"),
        (row.channel, matter.channel, "来源渠道"),
    ):
        if said and said != wanted:
            return f"{zh}不是{said}"
    if row.difficult is not None and row.difficult != matter.difficult:
        return "仅适用于疑难问题" if row.difficult else "不适用于疑难问题"
    return None


class RoutingTable:
    """Every version of every row of a city; `version` counts the edits."""

    def __init__(self, version: int, entries: Iterable[RoutingRowView]) -> None:
        self.version = version
        self.entries = sorted(entries, key=lambda one: one.number)
        self._days: dict[date, tuple[RoutingRowView, ...]] = {}

    def on(self, day: date) -> tuple[RoutingRowView, ...]:
        """The rows that hold that day, in the order in which they are tried."""
        if day not in self._days:
            if len(self._days) > 400:
                self._days.clear()
            self._days[day] = _in_order(self.entries, day)
        return self._days[day]

    def first_match(self, matter: Matter, day: date) -> RoutingRowView | None:
        """The row that decides about the matter on that day."""
        return next((one for one in self.on(day) if misfit(one.row, matter) is None), None)

    def name(self, category: str, day: date) -> str:
        """What people call the category; the code itself where the table has no name for it."""
        named = (one.row.name for one in self.on(day) if one.row.category == category and one.row.name)
        return next(named, category)


def _in_order(entries: Sequence[RoutingRowView], day: date) -> tuple[RoutingRowView, ...]:
    holding: dict[Key, RoutingRowView] = {}
    for one in entries:
        known = holding.get(key_of(one.row))
        if one.row.effective_from <= day and (known is None or known.row.effective_from <= one.row.effective_from):
            holding[key_of(one.row)] = one
    left = [one for one in holding.values() if not one.row.removed]
    return tuple(sorted(left, key=lambda one: (exactness(one.row), _last_of_equals(one)), reverse=True))


def _last_of_equals(one: RoutingRowView) -> str:
    """Rows of equal exactness never meet; this only keeps lists in one order."""
    return "|".join(map(str, key_of(one.row)))
