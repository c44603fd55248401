"""What is in force on a day: rules kept as data carry the day from which they hold; the youngest that holds wins."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Protocol, TypeVar


class Dated(Protocol):
    """A row of a table of rules: it holds from `effective_from` on, until a younger one takes its place."""

    @property
    def effective_from(self) -> date:
        """The first day on which it holds."""


D = TypeVar("D", bound=Dated)


def in_force(rows: Iterable[D], on: date, *, rank: Callable[[D], Any] = lambda row: 0) -> D | None:
    """The one of `rows` that holds `on` that day: of highest `rank`, among equals the youngest, among those the first.

    None where no row holds yet. The rows are those that fit in every other way.
    """
    holding = [row for row in rows if row.effective_from <= on]
    return max(holding, key=lambda row: (rank(row), row.effective_from), default=None)
