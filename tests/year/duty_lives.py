"""The life of a duty from its issue to its submission: given back until the office decides, raised, extended,
suspended, shared, supervised."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import cast

from tests.year import entry, minutes
from tests.year.entry import Entry, Limit, above
from tests.year.ledger import Ledger
from tests.year.life import DAY, HOUR, Wait
from tests.year.sharing_lives import Sharing, nine_tenths, table_assists
from tests.year.town import OFFICE, Town, iso

Kept = Generator[int, None, Entry]  # the entry that has the duty in the end
LEADS = {"sanitation.garbage": "5301/~ucb", "sanitation.toilet": "5301/~ucb", "construction.site": "5301/~housing"}


class DutyLife(Sharing):
    """A duty that is assigned anew as long as somebody gives it away; `id` is the stem of its tasks."""

    def __init__(self, town: Town, books: Ledger, id: str, place: str, source: str, category: str = "") -> None:
        super().__init__(town, books)
        self.id, self.place, self.source, self.category = id, place, source, category
        self.decided = self.difficult = False
        self.current: Entry

    def issued(self, unit: str, limit: Limit, before: Entry | None = None) -> Entry:
        """The duty lies with the unit from now on, with those whom the table names to assist it."""
        one = self.assigned(unit, limit, before)
        for helper in table_assists(self.category, self.place, unit):
            self.part(one, helper, "assist", nine_tenths(one.issued, one.deadline))
        return one

    def assigned(self, unit: str, limit: Limit, before: Entry | None = None, *, at: datetime | None = None) -> Entry:
        """The duty lies with the unit since that moment, by default from now on; until then `before` had it."""
        round_, returns = (before.round + 1, before.returns) if before else (1, 0)
        now = at or self.town.now
        known = (f"{self.id}-{round_}", unit, self.place, self.source, self.category, now, limit, limit.after(now))
        self.current = self.books.add(Entry(*known, round=round_, returns=returns))
        return self.current

    def next(self, one: Entry, unit: str) -> Entry:
        """The same limit runs anew; what a follow-up found unsolved is supervised with whoever has it."""
        following = self.issued(unit, one.limit._replace(given=True), one)
        if one.push_from and one.push_for == "not_solved":
            following.push_from, following.push_for = one.push_from, one.push_for
        return following

    def returned(self, one: Entry, stays: str) -> Kept:
        """Given back until somebody keeps it, at the latest the one whom the office names: `stays`."""
        while one.unit != OFFICE:
            if not self.give_back(one):
                return one
            one = self.next(one, above(one.unit) if one.returns < 2 else OFFICE)
            yield self.some(HOUR, 20 * HOUR)
        self.refused(one, "assign", stays, unit="5301/~psb")
        self.do(one, "assign", stays, unit=OFFICE)
        entry.end(one, self.town.now, "withdrawn")
        self.decided = True
        one = self.next(one, stays)
        self.refused(one, "give_back", "不属本单位")  # it stays decided
        return one

    def worked_on(self, one: Entry) -> Kept:
        """Accepted, and whatever happens before it is submitted; the entry that has the duty in the end."""
        self.accept(one)
        self.refused(one, "accept")
        yield self.some(HOUR, 2 * DAY)
        if self.perhaps("reroute"):
            one = yield from self.rerouted(one)
        if self.perhaps("raise"):
            one = yield from self._raised(one)
        if self.perhaps("extend"):
            yield from self._extended(one)
        if self.perhaps("suspend"):
            yield from self._suspended(one)
        if self.perhaps("supervise"):
            self.supervise(one)
        if self.perhaps("assist"):
            self.assisted(one)
        if self.perhaps("delegate"):
            self.delegated(one)
        yield self.some(HOUR, 2 * DAY)
        yield from self.finished(one)
        return one

    def interrupted(self, working: Kept) -> Kept:
        """The same, but now and then somebody decides about the duty before it is submitted."""
        while True:
            try:
                yield next(working)
            except StopIteration as end:
                return cast(Entry, end.value)
            if self.perhaps("decided early"):
                yield from self.decided_early(self.current)
                return self.current

    def decided_early(self, one: Entry) -> Wait:
        """Whatever that can be."""
        raise NotImplementedError

    def rerouted(self, one: Entry) -> Kept:
        """By the routing table as it reads now; nothing but a case's duty is."""
        self.refused(one, "reroute", "按现行路由表办理", unit=OFFICE)
        yield 0
        return one

    def _raised(self, one: Entry) -> Kept:
        """To the lead department, which does not raise it again; what the office granted stays decided."""
        municipal = one.unit.startswith("5301/~")
        if municipal or self.decided or one.returns >= 2 or self.town.now > one.deadline:
            self.refused(one, "raise_task", "需市级部门解决")
            return one
        self.do(one, "raise_task", "需市级部门解决")
        one.asked = True
        lead, granted = LEADS.get(self.category), self.chance.random() < 0.7
        yield self.some(1, DAY)
        one.asked = False
        if lead is None or not granted:
            self.do(one, "answer_request", False, "应由属地解决", unit=above(one.unit))
            return one
        by = self.chance.choice([above(one.unit), OFFICE])
        self.do(one, "answer_request", True, "同意", unit=by)
        entry.end(one, self.town.now, "withdrawn")
        self.decided, self.difficult = by == OFFICE, True
        one = self.next(one, lead)
        yield self.some(HOUR, DAY)
        self.accept(one)
        return one

    def _extended(self, one: Entry) -> Wait:
        """Twice by a whole limit; a third time it is refused, and so it is after the deadline."""
        for _ in range(self.some(1, 3)):
            until = one.limit.after(one.deadline)
            if self.town.now > one.deadline or one.extensions == 2:
                self.refused(one, "ask_extension", iso(until), "忙")
                return
            self.refused(one, "ask_extension", iso(until + minutes.MINUTE), "忙")
            self.do(one, "ask_extension", iso(until), "忙")
            granted = self.chance.random() < 0.8
            self.refused(one, "answer_request", granted, "自己决定")
            one.asked = True
            yield self.some(1, DAY)  # answered perhaps only when it is late already
            one.asked = False
            self.do(one, "answer_request", granted, "研究决定", unit=above(one.unit))
            if granted:
                entry.extend(one, self.town.now, until)
            yield self.some(HOUR, 2 * DAY)

    def _suspended(self, one: Entry) -> Wait:
        """Until it is resumed early, or by itself."""
        until = self.later(self.some(DAY, 60 * DAY))
        if self.town.now > one.deadline:
            self.refused(one, "ask_suspension", iso(until), "等待拆迁")
            return
        self.do(one, "ask_suspension", iso(until), "等待拆迁")
        self.do(one, "answer_request", True, "同意", unit=above(one.unit))
        entry.suspend(one, self.town.now, until)
        self.must_fail("supervision of what is suspended", lambda: self.town.supervise(one.id, OFFICE))
        if self.chance.random() < 0.4:
            yield self.some(HOUR, DAY - 1)
            self.do(one, "resume", "条件具备")
            entry.resume(one, self.town.now)
        else:
            yield int((until - self.town.now) / minutes.MINUTE) + self.some(1, DAY)
        self.do(one, "report_progress", 50, "进展", [])
        one.status = "in_progress"
        yield self.some(1, DAY)
        self.refused(one, "ask_suspension", iso(self.town.now + timedelta(days=1)), "再等")
