"""The calendar of 2026 is published: by hand, every clock goes through its life once more, as if it had been known all
along. Nothing of services/tasks is used."""

from datetime import datetime, timedelta

from tests.year import minutes
from tests.year.entry import OPEN, Entry, bound, reworked, run


def recount(one: Entry, at: datetime) -> bool:
    """Whether its deadline is another one now. What was warned of stays said; what is not late any more is not."""
    if one.status not in OPEN:
        return False
    before, warned = one.deadline, one.due_soon
    since = _live_again(one)
    if one.whole and "suspended" not in (one.status, one.whole.status) and since < one.whole.deadline < one.deadline:
        bound(one, since, one.whole.deadline)
    one.due_soon = warned
    _judge(one, before, at)
    if one.status == "issued" and not one.turns:
        one.answer_by = minutes.after(one.issued, minutes.DAY_OF_WORK)
        one.answer_by = min(one.answer_by, one.deadline) if one.role != "duty" else one.answer_by
    return one.deadline != before


def _live_again(one: Entry) -> datetime:
    """Since when it has the time that it has now. A date that was given (of a part, or for a limit) stays."""
    since = one.issued
    until = one.limit.after(since) if one.limit.given and not one.whole else one.given
    run(one, since, until, one.limit.between(since, until))
    for what, at, moment in one.turns:
        if what == "resumed":
            since = at
            run(one, at, one.limit.after(at, one.limit.between(moment, one.deadline)), one.time)
        elif what == "extended":
            since, until = at, max(moment, one.deadline)
            run(one, at, until, one.time + one.limit.between(one.deadline, until))
        elif what == "reworked":
            since, until = at, reworked(one, moment, at)
            run(one, at, until, one.limit.between(at, until))
        elif what == "bounded" and moment < one.deadline:
            bound(one, at, moment)
    return since


def _judge(one: Entry, before: datetime, at: datetime) -> None:
    stood = {"submitted": one.submitted, "suspended": one.stopped}.get(one.status)
    one.overdue = one.overdue and (stood or at) > one.deadline
    if one.push_from and one.push_for == "overdue":
        moved: timedelta = one.deadline - before
        one.push_from = one.push_from + moved if one.overdue else None
