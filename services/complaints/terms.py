"""How long people have: citizens and units for what they may ask, the desk for what waits there; as in force on a day
(DOMAIN.md: limits are versioned configuration with an effective date). Edit data/terms.csv and data/desk_kinds.csv."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from infra.calendar import ClockUnit, WorkingCalendar
from infra.effective import NamedRules
from services.complaints.contracts import DeskKind

DATA = Path(__file__).parent / "data"


class Term(NamedTuple):
    """A term in units of a clock (infra/calendar.py)."""

    amount: float
    clock: ClockUnit


class DeskTerm(NamedTuple):
    """Within how long the desk should see to it, and after how many tries in vain it may be left."""

    within: timedelta
    tries: int


_TERMS = NamedRules(DATA / "terms.csv", lambda line: Term(float(line["amount"]), ClockUnit(line["clock"])))
_DESK = NamedRules(
    DATA / "desk_kinds.csv", lambda line: DeskTerm(timedelta(hours=float(line["hours"])), int(line["tries"]))
)


def term_end(name: str, start: datetime, calendar: WorkingCalendar) -> datetime:
    """When the term `name` ends that begins at `start`, as in force then. Raises KeyError where there is none."""
    term = _TERMS.at(name, start)
    return calendar.deadline(start, term.amount, term.clock).at


def desk_term(kind: DeskKind, since: datetime) -> DeskTerm:
    """How long the desk has for what waits there since then, as in force on that day."""
    return _DESK.at(kind.value, since)
