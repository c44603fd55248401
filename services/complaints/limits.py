"""The limit of a case, and how urgency shortens what its row gives (data/urgency_limits.csv; this system's own
rule, no published one). Which row: standard/."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from infra.effective import NamedRules
from services.complaints.contracts import LimitGiven, Urgency


class Limit(NamedTuple):
    """An amount of a clock's units (`clock` is a ClockUnit of infra/calendar.py); `row` is the row of the case standard
    or of the second table that gave it, `unit` the path of the unit proposed, `given` the whole of it for people."""

    amount: float
    clock: str
    row: str | None = None
    unit: str | None = None
    given: LimitGiven | None = None


def factors_in(path: Path) -> NamedRules[float]:
    """By urgency: with how many times its row's limit a case has to be done."""
    return NamedRules(path, lambda line: float(line["factor"]))


FACTORS = factors_in(Path(__file__).parent / "data" / "urgency_limits.csv")


def factor_of(urgency: Urgency, on: date, factors: NamedRules[float] = FACTORS) -> float:
    """What `urgency` makes of the limit of a case filed `on` that day; 1 where no row is in force."""
    factor = factors.on(urgency, on)
    return 1.0 if factor is None else factor
