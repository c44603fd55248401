"""The limit that a case gets: its category's, shortened by urgency (data/urgency_limits.csv)."""

import csv
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.complaints.contracts import Urgency

URGENCY_LIMITS = Path(__file__).parent / "data" / "urgency_limits.csv"


class Limit(NamedTuple):
    """An amount of a clock's units (`clock` is a ClockUnit of infra/calendar.py); `row` is the row of the case standard
    or of the second table that gave it, `unit` the unit that the second table proposes."""

    amount: float
    clock: str
    row: str | None = None
    unit: str | None = None


class UrgencyRow(NamedTuple):
    """From `effective_from` on, a case of this urgency gets `factor` times its category's limit."""

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


def limit_for(category_limit: Limit, urgency: Urgency, on: date, rows: Iterable[UrgencyRow] | None = None) -> Limit:
    """`category_limit` as it is for a case of this `urgency` filed `on` that day; as it is where no row fits."""
    in_force = [row for row in (rows or urgency_table()) if row.urgency == urgency and row.effective_from <= on]
    newest = max(in_force, key=lambda row: row.effective_from, default=None)
    return category_limit if newest is None else category_limit._replace(amount=category_limit.amount * newest.factor)
