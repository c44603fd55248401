"""One duty in the books kept by hand, and its clock: rules written a second time.

Nothing of services/tasks is used. A moment is naive and in UTC. What a unit may not do is not asked here: the books are
told what was done.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.year import minutes
from tests.year.order import PUSHED_AFTER, Order

CITY, OFFICE = "5301", "5301/~office"
AT_WORK = {"accepted", "in_progress", "self_checked", "rectifying"}
WITH_THE_UNIT = AT_WORK | {"issued"}
OPEN = WITH_THE_UNIT | {"submitted", "suspended"}


class Limit(NamedTuple):
    """So much time; `working` counts only while the city works. Not `given` where there was but a deadline."""

    time: timedelta
    working: bool = False
    given: bool = True

    def after(self, start: datetime, span: timedelta | None = None) -> datetime:
        """When `span`, by default the whole limit, has passed since `start`."""
        span = self.time if span is None else span
        return minutes.after(start, span) if self.working else start + span

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The time between the moments as this limit counts it."""
        return minutes.between(a, b) if self.working else max(timedelta(), b - a)


@dataclass
class Entry:
    """One duty. `time` is what its deadline gives altogether, `soon` when three quarters of it have gone, `yellow` and
    `red` how often it was shown that card, `push_from` after which moment it is to be supervised and `push_for` why,
    `giver` who gave this part of `whole`, `asked` whether a request waits for an answer. `turns` is what its clock did
    since the issue: what, since when, and a moment that belongs to it (recounting.py).
    """

    id: str
    unit: str
    place: str
    source: str
    category: str
    issued: datetime
    limit: Limit
    deadline: datetime
    role: str = "duty"
    giver: str = ""
    whole: "Entry | None" = None
    round: int = 1
    returns: int = 0
    reworks: int = 0
    extensions: int = 0
    status: str = "issued"
    asked: bool = False
    turns: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    in_time: bool | None = None
    due_soon: bool = False
    overdue: bool = False
    yellow: int = 0
    red: int = 0
    push_from: datetime | None = None
    push_for: str = "overdue"
    answer_by: datetime = field(init=False)
    time: timedelta = field(init=False)
    soon: datetime = field(init=False)
    given: datetime = field(init=False)
    submitted: datetime | None = None
    stopped: datetime | None = None
    resumes: datetime | None = None
    before: str = ""
    parts: list["Entry"] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    @property
    def is_verified(self) -> bool:
        """Whether whom it answers to checks it; an assignment of a case is checked with its case."""
        return self.source != "case" or self.role != "duty"

    def __post_init__(self) -> None:
        self.given = self.deadline
        self.answer_by = minutes.after(self.issued, minutes.DAY_OF_WORK)
        if self.role != "duty":
            self.answer_by = min(self.answer_by, self.deadline)
        run(self, self.issued, self.deadline, self.limit.between(self.issued, self.deadline))


def above(unit: str) -> str:
    """Whom a unit answers to."""
    parent = unit.rpartition("/")[0]
    return OFFICE if parent == CITY else parent


def run(one: Entry, at: datetime, deadline: datetime, time: timedelta) -> None:
    """The clock runs from `at` to a new deadline that gives so much time altogether: warned of anew."""
    one.deadline, one.time, one.due_soon = deadline, time, False
    left = one.limit.between(at, deadline) - time / 4
    one.soon = one.limit.after(at, left) if left > timedelta() else at


def look(one: Entry, at: datetime) -> None:
    """What the clock has brought by then: the end of a suspension, the yellow card, the red card."""
    if one.status == "suspended" and one.whole is None and one.resumes and at >= one.resumes:
        resume(one, at)
    if one.status not in WITH_THE_UNIT or one.overdue:
        return
    if at > one.soon and not one.due_soon:
        one.due_soon, one.yellow = True, one.yellow + 1
    if at > one.deadline:
        one.overdue, one.red = True, one.red + 1
        one.push_from = one.push_from or one.deadline + PUSHED_AFTER


def rest(one: Entry, stopped: datetime, at: datetime) -> datetime:
    """What was left at `stopped` runs on from `at`."""
    return one.limit.after(at, one.limit.between(stopped, one.deadline))


def within(one: Entry, deadline: datetime, at: datetime) -> datetime:
    """That deadline, set `at` that moment, but never after the one of the whole, as long as that lies ahead."""
    return min(deadline, one.whole.deadline) if one.whole and at < one.whole.deadline else deadline


def suspend(one: Entry, at: datetime, until: datetime) -> None:
    """挂账, with all parts on which somebody works."""
    for part in one.parts:
        look(part, at)
        if part.status in WITH_THE_UNIT:
            suspend(part, at, until)
    one.before, one.stopped, one.resumes, one.status = one.status, at, until, "suspended"
    one.turns.append(("stopped", at, until))


def resume(one: Entry, at: datetime) -> None:
    """It goes on, and its parts with it."""
    moment = min(at, one.resumes or at)
    _go_on(one, moment)
    for part in one.parts:
        if part.status == "suspended":
            resume(part, moment)


def _go_on(one: Entry, at: datetime) -> None:
    """The clock runs again, since the chosen end where that has passed; that of what was late stays as it was."""
    assert one.stopped is not None
    assert one.resumes is not None
    moment = min(at, one.resumes)
    one.turns.append(("late" if one.overdue else "resumed", moment, one.stopped))
    if not one.overdue:
        own = rest(one, one.stopped, moment)
        until = within(one, own, moment)
        run(one, moment, until, one.time - one.limit.between(until, own))
    if one.before == "issued" and not one.overdue and one.answer_by > one.stopped:
        left = minutes.between(one.stopped, one.answer_by)
        one.answer_by = min(minutes.after(moment, left), one.deadline)
    if one.whole and one.push_from:
        one.push_from += moment - one.stopped
    one.status, one.stopped, one.resumes = one.before, None, None


def extend(one: Entry, at: datetime, until: datetime) -> None:
    """延期, perhaps answered after the deadline: late is what is late by the new one; a card shown stays counted."""
    look(one, at)
    before = one.deadline
    run(one, at, until, one.time + one.limit.between(before, until))
    one.overdue = one.due_soon = one.overdue and at > until
    if one.push_from and one.push_for == "overdue":
        one.push_from = one.push_from + (until - before) if one.overdue else None
    one.turns.append(("extended", at, until))
    one.extensions += 1


def correct(one: Entry, at: datetime, category: str, limit: Limit) -> None:
    """更正: its case is another, the unit stays and has not begun; the limit counts from the same issue."""
    look(one, at)
    one.category, one.limit, before = category, limit, one.deadline
    run(one, one.issued, limit.after(one.issued), limit.time)
    one.turns.clear()
    one.overdue = one.overdue and at > one.deadline
    one.push_from = one.push_from + (one.deadline - before) if one.overdue and one.push_from else None


def bound_parts(one: Entry, at: datetime) -> None:
    """No part is due later than the whole is now; who was warned is not warned again."""
    for part in one.parts:
        if part.status in OPEN and part.deadline > one.deadline:
            look(part, at)
            bound(part, at, one.deadline)
            part.turns.append(("bounded", at, one.deadline))


def bound(part: Entry, at: datetime, until: datetime) -> None:
    """Due no later than that: what is cut off was never given."""
    warned, cut_off = part.due_soon, part.limit.between(until, part.deadline)
    run(part, at, until, max(timedelta(), part.time - cut_off))
    part.due_soon = warned


def rework(one: Entry, at: datetime, times: int = 1) -> None:
    """返工: the check's time was not the unit's."""
    if one.status == "suspended":
        resume(one, at)
    elif one.status == "submitted" and not one.overdue and one.submitted:
        until = within(one, reworked(one, one.submitted, at), at)
        run(one, at, until, one.limit.between(at, until))
        one.turns.append(("reworked", at, one.submitted))
    elif one.status == "submitted" and one.submitted and one.push_from and one.push_from > one.submitted:
        one.push_from += at - one.submitted
    look(one, at)
    one.status, one.reworks = "rectifying", one.reworks + times


def reworked(one: Entry, submitted: datetime, at: datetime) -> datetime:
    """What was left when it was submitted; at least a working day, or the whole limit where that is shorter."""
    least = minutes.after(at, minutes.DAY_OF_WORK)
    if one.limit.given:
        least = min(least, one.limit.after(at))
    return max(least, rest(one, submitted, at))


def end(one: Entry, at: datetime, status: str, *, resumed: bool = True) -> None:
    """Closed, withdrawn or given back, with all its parts and the orders that push them. What its case decides is
    judged by a clock that has `resumed`."""
    if one.status == "suspended" and one.whole is None and resumed:
        _go_on(one, at)
    look(one, at)
    one.status = status
    for part in one.parts:
        if part.status in OPEN:
            end(part, at, "closed" if part.status == "submitted" and status == "closed" else "withdrawn")
    for order in one.orders:
        order.end(at)
