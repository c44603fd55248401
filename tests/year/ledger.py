"""The books of the year kept by hand: what every duty must be in the end, by rules written here a second time.

Nothing of services/tasks is used. A moment is naive and in UTC; a limit is a number of working minutes, or a span of
natural time. What a unit may not do is not asked of this ledger: it is told what was done.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.year import minutes

WITH_THE_UNIT = {"issued", "accepted", "in_progress", "self_checked", "rectifying"}
OPEN = WITH_THE_UNIT | {"submitted", "suspended", "verified"}
Limit = int | timedelta


@dataclass
class Entry:
    """One duty."""

    id: str
    unit: str
    place: str
    source: str
    category: str
    issued: datetime
    limit: Limit
    deadline: datetime
    role: str = "duty"
    round: int = 1
    returns: int = 0
    reworks: int = 0
    extensions: int = 0
    status: str = "issued"
    overdue: bool = False
    submitted: datetime | None = None
    stopped: datetime | None = None
    resumes: datetime | None = None
    before: str = ""
    parts: list["Entry"] = field(default_factory=list)

    @property
    def answer_by(self) -> datetime:
        """One working day after issue."""
        return minutes.after(self.issued, minutes.DAY_OF_WORK)


def add(start: datetime, limit: Limit) -> datetime:
    """The end of a limit that begins then."""
    return start + limit if isinstance(limit, timedelta) else minutes.after(start, limit)


def rest(one: Entry, stopped: datetime, at: datetime) -> datetime:
    """What was left at `stopped` runs on from `at`."""
    if isinstance(one.limit, timedelta):
        return at + (one.deadline - stopped)
    return minutes.after(at, minutes.between(stopped, one.deadline))


def look(one: Entry, at: datetime) -> None:
    """What the clock has brought by then: the end of a suspension, then the deadline."""
    if one.status == "suspended" and one.resumes and at >= one.resumes:
        resume(one, at)
    if one.status in WITH_THE_UNIT and at > one.deadline:
        one.overdue = True


def resume(one: Entry, at: datetime) -> None:
    """The clock runs again, since the chosen end where that has passed."""
    assert one.stopped is not None
    assert one.resumes is not None
    one.deadline = rest(one, one.stopped, min(at, one.resumes))
    one.status, one.stopped, one.resumes = one.before, None, None


def suspend(one: Entry, at: datetime, until: datetime) -> None:
    """挂账."""
    one.before, one.stopped, one.resumes, one.status = one.status, at, until, "suspended"


def rework(one: Entry, at: datetime, times: int = 1) -> None:
    """返工: the check's time was not the unit's; at least a working day, or the whole limit where that is shorter."""
    if one.status == "suspended":
        resume(one, at)
    elif one.status == "submitted" and not one.overdue and one.submitted:
        least = min(minutes.after(at, minutes.DAY_OF_WORK), add(at, one.limit))
        one.deadline = max(least, rest(one, one.submitted, at))
    look(one, at)
    one.status, one.reworks = "rectifying", one.reworks + times


def end(one: Entry, at: datetime, status: str) -> None:
    """Closed or withdrawn, with all its parts."""
    if one.status == "suspended":
        resume(one, at)
    look(one, at)
    one.status = status
    for part in one.parts:
        if part.status in OPEN:
            end(part, at, "closed" if part.status == "submitted" and status == "closed" else "withdrawn")


class Ledger:
    """All duties by id."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def add(self, one: Entry) -> Entry:
        """A new duty."""
        assert one.id not in self.entries
        self.entries[one.id] = one
        return one

    def facts(self) -> dict[str, tuple[object, ...]]:
        """What is compared, by id."""
        return {
            one.id: (
                *(one.status, one.unit, one.place, one.deadline, one.overdue),
                *(one.round, one.returns, one.reworks, one.extensions),
            )
            for one in self.entries.values()
        }

    def counts(self, coordinate: str, unit: str, by: str) -> dict[str, int]:
        """How many lie at or inside `unit`."""
        found: Counter[str] = Counter()
        for one in self.entries.values():
            path = one.place if coordinate == "place" else one.unit
            if path == unit or path.startswith(unit + "/"):
                found.update(_words(one, by))
        return dict(found)


def _words(one: Entry, by: str) -> Iterator[str]:
    if by == "state":
        yield one.status
        if one.overdue and one.status in OPEN:
            yield "overdue"
    elif by == "role":
        yield one.role
    elif one.role == "duty":
        word = one.source if by == "source" else one.category
        if word:
            yield word
