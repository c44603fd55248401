"""A file as rows of the channel's fields."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from cli.importing.form import OWN, Form
from infra.problem import InvalidInput

TITLE_ROWS = 30  # among so many rows from the top the header is sought
Cells = Sequence[Any]
Text = Callable[[Any, str, bool], str]  # of a cell in a field that holds a moment, or not


class Row(msgspec.Struct, frozen=True):
    """A row with its number in the file (from 1), and its non-empty cells; `refusal` where a cell cannot be read."""

    number: int
    cells: dict[str, str]
    refusal: InvalidInput | None = None


class Table(msgspec.Struct, frozen=True):
    """A table whose header was found. `estimate` is about how many rows there are, None where nobody knows."""

    columns: dict[int, str]
    estimate: int | None
    form: Form
    source: Iterator[tuple[int, Cells]]
    text: Text

    def rows(self) -> Iterator[Row]:
        """The rows below the header that are not empty. Raises InvalidInput where the file ends within one."""
        for number, cells in self.source:
            row = self._row(number, cells)
            if row.cells or row.refusal:
                yield row

    def _row(self, number: int, cells: Cells) -> Row:
        found: dict[str, str] = {}
        refusal: InvalidInput | None = None
        for column, field in self.columns.items():
            if column >= len(cells):
                continue
            try:
                said = self.text(cells[column], field, field in self.form.moments)
            except InvalidInput as why:
                said, refusal = str(getattr(cells[column], "value", cells[column])), refusal or why
            if said:
                found[field] = said
        return Row(number, found, refusal)


def with_header(
    numbered: Iterator[tuple[int, Cells]], form: Form, text: Text, estimate: int | None = None
) -> Table | None:
    """The table below the best header among the first rows, None where there is none.

    Raises InvalidInput where the header lacks a required field, or has one twice.
    """
    first = list(islice(numbered, TITLE_ROWS))
    headings = [[_heading(cell, text) for cell in cells] for _, cells in first]
    scores = [form.known_in(one) for one in headings]
    if not any(scores):
        return None
    at = scores.index(max(scores))
    columns = _columns(headings[at], form)
    return Table(columns, estimate, form, _chain(first[at + 1 :], numbered), text)


def no_header(path: Path, form: Form) -> InvalidInput:
    """What is said of a file in which no header was found."""
    detail = f"{path.name}: no row of the first {TITLE_ROWS} has the column {form.number}"
    return InvalidInput(detail, f"前{TITLE_ROWS}行中没有含“{form.number}”的表头", field=form.number)


def _chain(first: list[tuple[int, Cells]], rest: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    yield from first
    yield from rest


def _heading(cell: Any, text: Text) -> str:
    try:
        return text(cell, "", False)
    except InvalidInput:  # a number in a title row: no heading of ours
        return ""


def _columns(headings: list[str], form: Form) -> dict[int, str]:
    """Field by column. A column without heading, and those that a report of refused rows added, are left out."""
    named = {n: form.field_of(one) for n, one in enumerate(headings) if one and not one.startswith(OWN)}
    missing = [field for field in form.required if field not in named.values()]
    if missing:
        raise InvalidInput(f"there is no column {missing[0]}", f"缺少列：{'、'.join(missing)}", field=missing[0])
    columns: dict[int, str] = {}
    for n, field in named.items():
        if field in columns.values():
            if field in form.fields:
                raise InvalidInput(f"two columns are named {field}", f"有两列都叫“{field}”", field=field)
            continue
        columns[n] = field
    return columns
