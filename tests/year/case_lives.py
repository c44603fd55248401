"""The life of a case, of its tasks, and what its news make of them."""

from datetime import datetime
from typing import Any

from services.complaints.contracts import (
    CaseClosed,
    CaseFiled,
    CaseMerged,
    CaseReopened,
    CaseRevised,
    CaseReworkRequested,
    CaseSplit,
    CaseState,
    CaseStatus,
    CaseVoided,
)
from tests.unit.tasks_made import case
from tests.year import entry, minutes
from tests.year.duty_lives import LEADS, DutyLife, Kept
from tests.year.entry import OPEN, Entry, Limit
from tests.year.ledger import Ledger
from tests.year.life import DAY, HOUR, Wait
from tests.year.minutes import MINUTE
from tests.year.office_lives import EDITED, Editing
from tests.year.sharing_lives import table_assists
from tests.year.table import SHEET, TERRITORY, city_day
from tests.year.town import OFFICE, Town

LIMITS: tuple[tuple[float, str, Limit], ...] = (
    (4.0, "work_hour", Limit(240 * MINUTE, working=True)),
    (3.0, "work_day", Limit(3 * minutes.DAY_OF_WORK, working=True)),
    (10.0, "work_day", Limit(10 * minutes.DAY_OF_WORK, working=True)),
    (6.0, "urgent_hour", Limit(6 * HOUR * MINUTE)),
    (7.0, "natural_day", Limit(7 * DAY * MINUTE)),
)


class CaseLife(DutyLife, Editing):
    """Of one case."""

    def __init__(self, town: Town, books: Ledger, number: int, place: str) -> None:
        category = town.chance.choice([*SHEET])
        super().__init__(town, books, f"y{number}", place, "case", category)
        amount, clock, self.limit = self.chance.choice(LIMITS)
        self.sequence = 1
        self.facts: dict[str, Any] = {
            **{"case_id": self.id, "category": category, "place_path": place},
            **{"limit_amount": amount, "limit_clock": clock},
        }

    def live(self) -> Wait:
        """From filing to the end, and perhaps once more."""
        self.facts["filed_at"] = self.town.clock.now()
        if self.perhaps("never heard"):  # voided before anybody heard that it was filed
            yield from self._voided_first()
            return
        one = self.issued(self._unit(), self.limit)
        self._tell(CaseFiled(case=self._case(CaseStatus.FILED)))
        yield self.some(HOUR, 12 * HOUR)
        if self.perhaps("correct"):
            one = self._corrected(one)
        if self.perhaps("return"):
            one = yield from self.returned(one, self._unit())
        one = yield from self._handled(one)
        if one.status == "closed" and self.perhaps("reopen"):
            yield self.some(DAY, 20 * DAY)
            yield from self._handled(self._reopened(one))
        elif one.status == "withdrawn" and self.perhaps("split"):
            yield self.some(DAY, 20 * DAY)
            yield from self._handled(self._restored(one))

    def _handled(self, one: Entry) -> Kept:
        """Worked on and checked."""
        one = yield from self.interrupted(self.worked_on(one))
        if one.status in OPEN:
            yield from self._checked(one)
        return one

    def decided_early(self, one: Entry) -> Wait:
        """By its case, in whatever state it is: found wanting, settled, or merged into another."""
        decide = self.chance.choice([self._found_wanting, self._closed, self._merged])
        decide(one)
        if one.status in OPEN:
            yield self.some(HOUR, DAY)
            yield from self.finished(one)

    def _unit(self, at: datetime | None = None) -> str:
        """To whom the routing table gives it, now or as it read at that moment."""
        return self.books.table.unit(self.category, self.place, at or self.town.now)

    def _unit_now(self) -> str:
        """What turned out difficult goes to the lead department where it would be the territory's."""
        plain = self.books.table.goes_to(self.category, city_day(self.town.now)) == TERRITORY
        return LEADS[self.category] if self.difficult and plain else self._unit()

    def _is_of(self, known: Entry, status: str) -> bool:
        """Whether it was an assignment of this case, and ended so."""
        return known.id.rpartition("-")[0] == self.id and known.status == status

    def rerouted(self, one: Entry) -> Kept:
        """By the office, with a reason; not to who has it or gave it back, nor what was decided."""
        if self.category in EDITED and self.perhaps("table changes"):
            self.edited(self.category, city_day(self.town.now))
        unit, why = self._unit_now(), "按现行路由表办理"
        gave_back = {known.unit for known in self.books.entries.values() if self._is_of(known, "returned")}
        if self.decided or one.returns >= 2 or unit == one.unit or unit in gave_back:
            self.refused(one, "reroute", why, unit=OFFICE)
            return one
        self.refused(one, "reroute", " ", unit=OFFICE)
        self.refused(one, "reroute", why, unit="5301/~water")
        self.do(one, "reroute", why, unit=OFFICE)
        entry.end(one, self.town.now, "withdrawn")
        self.books.rerouted += 1
        one = self.next(one, unit)
        yield self.some(HOUR, DAY)
        self.accept(one)
        return one

    def _case(self, status: CaseStatus) -> CaseState:
        closed = {"closed_at": self.town.clock.now()} if status == CaseStatus.CLOSED else {}
        return case(status, **self.facts, **closed)

    def _tell(self, event: Any) -> None:
        self.town.tell(event, event.case, self.sequence)
        self.sequence += 1

    def _voided_first(self) -> Wait:
        """The newer news comes first, the older changes nothing later; nobody was ever asked to assist."""
        at, filed = self.town.now, CaseFiled(case=self._case(CaseStatus.FILED))
        yield self.some(1, 9 * DAY)
        self.sequence = 2
        self._tell(CaseVoided(case=self._case(CaseStatus.VOIDED), reason="重复"))
        entry.end(self.assigned(self._unit(at), self.limit, at=at), self.town.now, "withdrawn")
        self.sequence = 1
        self._tell(filed)

    def _corrected(self, one: Entry) -> Entry:
        """Category and limit are others: perhaps another unit's duty, or others assist."""
        before, as_before = (self.category, self.limit), self.category
        self.category = self.chance.choice([*SHEET])
        amount, clock, self.limit = self.chance.choice(LIMITS)
        self.facts |= {"category": self.category, "limit_amount": amount, "limit_clock": clock}
        self._tell(CaseRevised(case=self._case(CaseStatus.FILED), what="更正类别"))
        if self.category != as_before and self._unit() != one.unit:
            entry.end(one, self.town.now, "withdrawn")
            return self.issued(self._unit(), self.limit, one)
        if before != (self.category, self.limit):
            entry.correct(one, self.town.now, self.category, self.limit)
            self.assisted_by(one, table_assists(self.category, self.place, one.unit))
            entry.bound_parts(one, self.town.now)
        return one

    def _checked(self, one: Entry) -> Wait:
        """Merged into another; or submitted, sent back now and then, closed."""
        if self.perhaps("fall"):
            self._merged(one)
            return
        while True:
            self.submit(one)
            yield self.some(HOUR, 6 * DAY)
            if not self.perhaps("rework"):
                break
            self._found_wanting(one)
            yield self.some(HOUR, 4 * DAY)
        self._closed(one)

    def _found_wanting(self, one: Entry) -> None:
        self.facts["reworks"] = self.facts.get("reworks", 0) + 1
        self._tell(CaseReworkRequested(case=self._case(CaseStatus.HANDLING), reason="未见成效"))
        entry.rework(one, self.town.now)

    def _closed(self, one: Entry) -> None:
        self._tell(CaseClosed(case=self._case(CaseStatus.CLOSED), condition="恢复"))
        entry.end(one, self.town.now, "closed")

    def _merged(self, one: Entry) -> None:
        self._tell(CaseMerged(case=self._case(CaseStatus.MERGED), into="y0"))
        entry.end(one, self.town.now, "withdrawn")

    def _restored(self, one: Entry) -> Entry:
        """What was merged stands by itself again: the same unit, its limit from now on."""
        self._tell(CaseSplit(case=self._case(CaseStatus.FILED), restored=[self.id], what="撤销并案"))
        return self.issued(one.unit, self.limit, one)

    def _reopened(self, one: Entry) -> Entry:
        """The same unit, its limit from now on; where a follow-up found it unsolved it is supervised at once."""
        self.facts["reopenings"] = 1
        not_solved = self.chance.random() < 0.5
        self._tell(CaseReopened(case=self._case(CaseStatus.REOPENED), reason="未解决", not_solved=not_solved))
        again = self.issued(one.unit, self.limit, one)
        if not_solved:
            again.push_from, again.push_for = self.town.now, "not_solved"
        return again
