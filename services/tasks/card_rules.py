"""When cards are shown and supervision begins: figures of data/card_rules.csv, each with the day from which it
holds."""

import csv
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from infra.clock import CITY_ZONE
from infra.effective import in_force

RULES_FILE = Path(__file__).parent / "data" / "card_rules.csv"


class _Row(NamedTuple):
    name: str
    value: float
    effective_from: date


@cache
def _rows(path: Path = RULES_FILE) -> tuple[_Row, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_row(line) for line in csv.DictReader(file))


def _row(line: dict[str, str]) -> _Row:
    return _Row(line["name"], float(line["value"]), date.fromisoformat(line["effective_from"]))


def _figure(name: str, at: datetime) -> float:
    on = at.astimezone(CITY_ZONE).date()
    found = in_force((row for row in _rows() if row.name == name), on)
    if found is None:
        raise KeyError(f"no rule {name!r} is in force on {on}")
    return found.value


def due_soon_share(at: datetime) -> float:
    """黄牌: the share of the time after whose passing a task is due soon, 0..1."""
    return _figure("due_soon_share", at)


def supervised_after(at: datetime) -> timedelta:
    """How long after its deadline a duty that is still undone is supervised (督办); natural time."""
    return timedelta(days=_figure("supervised_after_days", at))


def clue_after(at: datetime) -> int:
    """The how manieth supervision of one unit within `clue_window` is a clue (责任倒查线索)."""
    return int(_figure("clue_after_supervisions", at))


def clue_window(at: datetime) -> timedelta:
    """The time within which supervisions of one unit are counted."""
    return timedelta(days=_figure("clue_window_days", at))
