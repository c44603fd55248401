"""The limit of a case, and how urgency shortens what its row gives (data/urgency_limits.csv). Which row: standard/."""

import csv
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from infra.effective import in_force
from services.complaints.contracts import LimitGiven, Urgency

URGENCY_LIMITS = Path(__file__).parent / "data" / "urgency_limits.csv"


class Limit(NamedTuple):
    """An amount of a clock's units (`clock` is a ClockUnit of infra/calendar.py); `row` is the row of the case standard
    or of the second table that gave it, `unit` the path of the unit proposed, `given` the whole of it for people."""

    amount: float
    clock: str
    row: str | None = None
    unit: str | None = None
    given: LimitGiven | None = None


class UrgencyRow(NamedTuple):
    """From `effective_from` on, a case of this urgency gets `factor` times its row's limit."""

    urgency: Urgency
    factor: float
    effective_from: date


@cache
def urgency_table(path: Path = URGENCY_LIMITS) -> tuple[UrgencyRow, ...]:
    """The rows of the table in `path`; read once per process."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            UrgencyRow(Urgency(row["urgency"]), float(row["factor"]), date.fromisoformat(row["effective_from"]))
            for row in csv.DictReader(file)
        )


def factor_of(urgency: Urgency, on: date, rows: Iterable[UrgencyRow] | None = None) -> float:
    """What `urgency` makes of the limit of a case filed `on` that day; 1 where no row is in force."""
    row = in_force((row for row in rows or urgency_table() if row.urgency == urgency), on)
    return 1.0 if row is None else row.factor
