"""What is in force on a day: rules kept as data carry the day from which they hold; the youngest that holds wins."""

import csv
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from infra.clock import CITY_ZONE


class Dated(Protocol):
    """A row of a table of rules: it holds from `effective_from` on, until a younger one takes its place."""

    @property
    def effective_from(self) -> date:
        """The first day on which it holds."""


D = TypeVar("D", bound=Dated)
V = TypeVar("V")


def in_force(rows: Iterable[D], on: date, *, rank: Callable[[D], Any] = lambda row: 0) -> D | None:
    """The one of `rows` that holds `on` that day: of highest `rank`, among equals the youngest, among those the first.

    None where no row holds yet. The rows are those that fit in every other way.
    """
    holding = [row for row in rows if row.effective_from <= on]
    return max(holding, key=lambda row: (rank(row), row.effective_from), default=None)


class _Named(NamedTuple):
    name: str
    value: Any
    effective_from: date


class NamedRules(Generic[V]):
    """The rules of a CSV file with the columns `name` and `effective_from`; `value_of` makes a row's value of the other
    columns. Read once, when first asked."""

    def __init__(self, path: Path, value_of: Callable[[dict[str, str]], V]) -> None:
        self._path, self._value_of = path, value_of

    def at(self, name: str, moment: datetime) -> V:
        """The value of the rule `name` in force on the city's day of `moment`. Raises KeyError where there is none."""
        day = moment.astimezone(CITY_ZONE).date()
        value = self.on(name, day)
        if value is None:
            raise KeyError(f"no {name!r} of {self._path.name} is in force on {day}")
        return value

    def on(self, name: str, day: date) -> V | None:
        """The value of the rule `name` in force on `day`, None where there is none."""
        found = in_force((row for row in self._rows if row.name == name), day)
        return None if found is None else found.value

    @cached_property
    def _rows(self) -> tuple[_Named, ...]:
        with self._path.open(encoding="utf-8", newline="") as file:
            return tuple(self._row(line) for line in csv.DictReader(file))

    def _row(self, line: dict[str, str]) -> _Named:
        return _Named(line["name"], self._value_of(line), date.fromisoformat(line["effective_from"]))
