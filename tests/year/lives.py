"""The lives of duties in the simulated year: each is a generator that acts and says in how many minutes it goes on.

Whatever is done is done twice: to the product (Town) and in the ledger. What the rules forbid is tried too, and must be
refused. `OFTEN` are chances, out of a hundred.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from infra.problem import Problem
from services.complaints.contracts import (
    CaseClosed,
    CaseFiled,
    CaseMerged,
    CaseReopened,
    CaseReworkRequested,
    CaseState,
    CaseStatus,
    CaseVoided,
)
from tests.unit.tasks_made import case
from tests.year import ledger, minutes
from tests.year.ledger import Entry, Ledger
from tests.year.town import OFFICE, Town, iso

Wait = Iterator[int]
HOUR, DAY = 60, 24 * 60
DEPARTMENTS = {"sanitation.enforcement": "5301/~ucb", "transport.taxi": "5301/~transport"}
TERRITORIAL = ("sanitation.garbage", "sanitation.toilet", "construction.site")
LIMITS: tuple[tuple[float, str, ledger.Limit], ...] = (
    (4.0, "work_hour", 240),
    (3.0, "work_day", 3 * minutes.DAY_OF_WORK),
    (10.0, "work_day", 10 * minutes.DAY_OF_WORK),
    (6.0, "urgent_hour", timedelta(hours=6)),
    (7.0, "natural_day", timedelta(days=7)),
)
OFTEN = {
    "never heard": 6,
    "return": 18,
    "suspend": 15,
    "extend": 25,
    "assist": 15,
    "rework": 25,
    "reopen": 15,
    "fall": 10,
}


class CaseLife:
    """A case, its tasks, and what becomes of them."""

    def __init__(self, town: Town, books: Ledger, number: int, place: str) -> None:
        self.town, self.books, self.chance = town, books, town.chance
        self.id, self.place, self.sequence = f"y{number}", place, 1
        self.category = self.chance.choice([*TERRITORIAL, *DEPARTMENTS])
        amount, clock, self.limit = self.chance.choice(LIMITS)
        self.facts: dict[str, Any] = {
            **{"case_id": self.id, "category": self.category, "place_path": place},
            **{"limit_amount": amount, "limit_clock": clock, "filed_at": town.clock.now()},
        }

    def live(self) -> Wait:
        """From filing to the end, and perhaps once more."""
        if self._perhaps("never heard"):  # voided before anybody heard that it was filed
            yield from self._voided_first()
            return
        self._tell(CaseFiled(case=self._case(CaseStatus.FILED)))
        one = self._issued(self._unit(), 1)
        yield self._some(HOUR, 12 * HOUR)
        if self._perhaps("return"):
            one = yield from self._returned(one)
        yield from self._handled(one)
        if one.status == "closed" and self._perhaps("reopen"):
            yield self._some(DAY, 20 * DAY)
            self.facts["reopenings"] = 1
            again = self._next(one, one.unit)  # the same unit, its limit from now on
            self._tell(CaseReopened(case=self._case(CaseStatus.REOPENED), reason="未解决"))
            yield self._some(HOUR, 3 * DAY)
            yield from self._handled(again)

    def _perhaps(self, what: str) -> bool:
        return self.chance.randrange(100) < OFTEN[what]

    def _some(self, least: int, most: int) -> int:
        return self.chance.randint(least, most)

    def _unit(self) -> str:
        """Departments by category; else the street, or the zone, that the place lies in."""
        return DEPARTMENTS.get(self.category) or "/".join(self.place.split("/")[:3])

    def _case(self, status: CaseStatus) -> CaseState:
        closed = {"closed_at": self.town.clock.now()} if status == CaseStatus.CLOSED else {}
        return case(status, **self.facts, **closed)

    def _tell(self, event: Any) -> None:
        self.town.tell(event, event.case, self.sequence)
        self.sequence += 1

    def _issued(self, unit: str, round_: int, returns: int = 0, **facts: Any) -> Entry:
        now = self.town.now
        deadline = ledger.add(now, self.limit)
        known = (f"{self.id}-{round_}", unit, self.place, "case", self.category, now, self.limit, deadline)
        return self.books.add(Entry(*known, round=round_, returns=returns, **facts))

    def _next(self, one: Entry, unit: str) -> Entry:
        return self._issued(unit, one.round + 1, one.returns)

    def _voided_first(self) -> Wait:
        """The newer news comes first; the older, later, changes nothing."""
        filed, at = CaseFiled(case=self._case(CaseStatus.FILED)), self.town.now
        one = self._issued(self._unit(), 1)
        yield self._some(1, 9 * DAY)
        self.sequence = 2
        self._tell(CaseVoided(case=self._case(CaseStatus.VOIDED), reason="重复"))
        assert one.issued == at
        ledger.end(one, self.town.now, "withdrawn")
        self.sequence = 1
        self._tell(filed)

    def _do(self, one: Entry, command: str, *args: Any, unit: str | None = None) -> None:
        self.town.do(command, one.id, unit or one.unit, *args)
        ledger.look(one, self.town.now)

    def _refused(self, one: Entry, command: str, *args: Any, unit: str | None = None) -> None:
        try:
            self.town.do(command, one.id, unit or one.unit, *args)
        except Problem:
            return
        raise AssertionError(f"{command} of {one.id} was not refused at {self.town.now}")

    def _returned(self, one: Entry) -> Iterator[int]:
        """Given back until somebody keeps it, at the latest the one whom the office names."""
        while one.unit != OFFICE:
            if self.town.now > one.answer_by or one.returns >= 2:
                self._refused(one, "give_back", "不属本单位")
                return one
            self._do(one, "give_back", "不属本单位")
            one.status, one.returns = "returned", one.returns + 1
            above = one.unit.rpartition("/")[0]
            one = self._next(one, above if one.returns < 2 and above != "5301" else OFFICE)
            yield self._some(HOUR, 20 * HOUR)
        self._do(one, "assign", self._unit(), unit=OFFICE)
        one.status = "withdrawn"
        one = self._next(one, self._unit())
        self._refused(one, "give_back", "不属本单位")  # it stays decided
        return one

    def _handled(self, one: Entry) -> Wait:
        self._do(one, "accept")
        one.status = "accepted"
        self._refused(one, "accept")
        yield self._some(HOUR, 2 * DAY)
        if self._perhaps("fall"):
            self._tell(CaseMerged(case=self._case(CaseStatus.MERGED), into="y0"))
            ledger.end(one, self.town.now, "withdrawn")
            return
        if self._perhaps("extend"):
            yield from self._extended(one)
        if self._perhaps("suspend"):
            yield from self._suspended(one)
        if self._perhaps("assist"):
            yield from self._assisted(one)
        yield from self._checked(one)

    def _extended(self, one: Entry) -> Wait:
        """Twice by a whole limit; a third time it is refused, and so it is after the deadline."""
        for _ in range(self._some(1, 3)):
            until = ledger.add(one.deadline, one.limit)
            if self.town.now > one.deadline or one.extensions == 2:
                self._refused(one, "ask_extension", iso(until), "忙")
                return
            self._refused(one, "ask_extension", iso(until + minutes.MINUTE), "忙")
            self._do(one, "ask_extension", iso(until), "忙")
            granted = self.chance.random() < 0.8
            self._do(one, "answer_request", granted, "研究决定", unit=self._above(one))
            if granted:
                one.deadline, one.extensions = until, one.extensions + 1
            yield self._some(HOUR, 2 * DAY)

    def _suspended(self, one: Entry) -> Wait:
        until = self.town.now + timedelta(minutes=self._some(DAY, 60 * DAY))
        if self.town.now > one.deadline:
            self._refused(one, "ask_suspension", iso(until), "等待拆迁")
            return
        self._do(one, "ask_suspension", iso(until), "等待拆迁")
        self._do(one, "answer_request", True, "同意", unit=self._above(one))
        ledger.suspend(one, self.town.now, until)
        if self.chance.random() < 0.4:  # resumed early
            yield self._some(HOUR, DAY - 1)
            self._do(one, "resume", "条件具备")
            ledger.resume(one, self.town.now)
        else:
            yield int((until - self.town.now) / minutes.MINUTE) + self._some(1, DAY)
        yield from self._reports(one)
        self._refused(one, "ask_suspension", iso(self.town.now + timedelta(days=1)), "再等")

    def _reports(self, one: Entry) -> Wait:
        self._do(one, "report_progress", 50, "进展", [])
        ledger.look(one, self.town.now)
        one.status = "in_progress"
        yield self._some(1, DAY)

    def _above(self, one: Entry) -> str:
        above = one.unit.rpartition("/")[0]
        return OFFICE if above == "5301" else above

    def _assisted(self, one: Entry) -> Wait:
        peer = self.chance.choice(["5301/~psb", "5301/~housing"])
        until = self.town.now + timedelta(hours=1)
        if until >= one.deadline:
            return
        self._do(one, "ask_assist", peer, iso(until), "请协助")
        number = len(one.parts) + 1
        facts = (f"{one.id}.{number}", peer, one.place, "case", one.category, self.town.now, timedelta(hours=1), until)
        part = self.books.add(Entry(*facts, role="assist"))
        one.parts.append(part)
        self._refused(one, "submit", "已办")
        yield self._some(10, 3 * HOUR)
        if self.chance.random() < 0.3:
            self._do(part, "withdraw", "不再需要", unit=one.unit)
            part.status = "withdrawn"
            return
        self._do(part, "accept")
        part.status = "accepted"
        self._do(part, "submit", "已协助")
        part.status, part.submitted = "submitted", self.town.now

    def _checked(self, one: Entry) -> Wait:
        """Submitted, sent back now and then, closed."""
        while True:
            yield self._some(HOUR, 4 * DAY)
            self._do(one, "submit", "已办")
            one.status, one.submitted = "submitted", self.town.now
            yield self._some(HOUR, 6 * DAY)
            if not self._perhaps("rework"):
                break
            self.facts["reworks"] = self.facts.get("reworks", 0) + 1
            self._tell(CaseReworkRequested(case=self._case(CaseStatus.HANDLING), reason="未见成效"))
            ledger.rework(one, self.town.now)
        self._tell(CaseClosed(case=self._case(CaseStatus.CLOSED), condition="恢复"))
        ledger.end(one, self.town.now, "closed")


def start_of(year_begins: datetime, chance: Any) -> datetime:
    """Any minute of the first eleven months."""
    return year_begins + timedelta(minutes=chance.randrange(330 * DAY))
