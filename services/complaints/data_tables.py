"""The tables in data/ that say how cases are treated, read once per process: edit the file to change the rule."""

import csv
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from infra.problem import InvalidInput
from services.complaints.contracts import Channel

DATA = Path(__file__).parent / "data"
K = TypeVar("K")
V = TypeVar("V")


class Entry(StrEnum):
    """How a matter enters by its channel: filed at once, verified on site first, or registered whatever it is."""

    FILE = "file"
    VERIFY = "verify"
    REGISTER = "register"


class EntryRow(NamedTuple):
    """How what comes on a channel enters, and why, for people."""

    entry: Entry
    why: str


def _rows(name: str, key: Callable[[dict[str, str]], K], value: Callable[[dict[str, str]], V]) -> dict[K, V]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return {key(row): value(row) for row in csv.DictReader(file)}


@cache
def channel_entries() -> dict[Channel, EntryRow]:
    """How each channel enters (DOMAIN.md §3: 核实后立案, 直接立案, 登记后直接派遣)."""
    return _rows(
        "channel_entry.csv", lambda row: Channel(row["channel"]), lambda row: EntryRow(Entry(row["entry"]), row["why"])
    )


@cache
def void_reasons() -> dict[str, str]:
    """Code of a reason for which cases are voided → in words."""
    return _rows("void_reasons.csv", lambda row: row["code"], lambda row: row["zh"])


def void_reason(code: str) -> str:
    """The words of a code. Raises InvalidInput."""
    found = void_reasons().get(code) if isinstance(code, str) else None
    if found is None:
        raise InvalidInput(
            f"no code {code!r}; known are {', '.join(void_reasons())}", f"没有这个作废原因：{code}", field="code"
        )
    return found
