"""How somebody in the simulated year acts: whatever is done is done twice, to the product (Town) and in the books kept
by hand (Ledger). What the rules forbid is tried too, must be refused, and must change and tell nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from infra.problem import Problem
from tests.year import entry
from tests.year.entry import Entry, above
from tests.year.ledger import Ledger
from tests.year.town import Town

Wait = Iterator[int]  # in how many minutes it goes on
HOUR, DAY = 60, 24 * 60
OFTEN = {  # out of a hundred
    **{"never heard": 6, "correct": 12, "return": 18, "suspend": 15, "extend": 25, "assist": 15, "delegate": 60},
    **{"raise": 15, "rework": 25, "reopen": 15, "fall": 10, "decided early": 3, "split": 40, "self-check fails": 20},
    **{"reroute": 50, "table changes": 50},
    **{"release": 20, "part returned": 15, "part sent back": 25},
    **{"supervise": 20, "heed": 60, "heed plan": 10, "not content": 25, "settle": 60},
}


class Life:
    """One who acts."""

    def __init__(self, town: Town, books: Ledger) -> None:
        self.town, self.books, self.chance = town, books, town.chance

    def perhaps(self, what: str) -> bool:
        """Whether it happens, this time."""
        return self.chance.randrange(100) < OFTEN[what]

    def some(self, least: int, most: int) -> int:
        """So many minutes."""
        return self.chance.randint(least, most)

    def later(self, minutes: int) -> Any:
        """The moment so many minutes from now."""
        return self.town.now + timedelta(minutes=minutes)

    def do(self, one: Entry, command: str, *args: Any, unit: str | None = None) -> None:
        """An officer of the duty's unit, or of another, does it."""
        self.town.do(command, one.id, unit or one.unit, *args)
        entry.look(one, self.town.now)

    def refused(self, one: Entry, command: str, *args: Any, unit: str | None = None) -> None:
        """It is tried, and must be refused."""
        self.must_fail(f"{command} of {one.id}", lambda: self.town.do(command, one.id, unit or one.unit, *args))

    def must_fail(self, what: str, act: Callable[[], None]) -> None:
        """Raises AssertionError where it does not, or where anything was told all the same."""
        told = self.town.postbox.told.total()
        try:
            act()
        except Problem:
            self.town.refusals += 1
            assert self.town.postbox.told.total() == told, f"{what} was refused and told something"
            return
        raise AssertionError(f"{what} was not refused at {self.town.now}")

    def accept(self, one: Entry) -> None:
        """签收."""
        self.do(one, "accept")
        one.status, one.in_time = "accepted", self.town.now <= one.answer_by

    def give_back(self, one: Entry) -> bool:
        """退回, where that is in time; else it is refused."""
        if self.town.now > one.answer_by:
            self.refused(one, "give_back", "不属本单位")
            return False
        self.do(one, "give_back", "不属本单位")
        one.returns += 1
        entry.end(one, self.town.now, "returned")
        return True

    def submit(self, one: Entry) -> None:
        """申报完成."""
        self.do(one, "submit", "已办")
        one.status, one.submitted = "submitted", self.town.now

    def judge(self, one: Entry, by: str, *, passed: bool) -> None:
        """验收, by whom it answers to and never by the unit itself."""
        self.refused(one, "verify", True, "合格")
        self.do(one, "verify", passed, "现场查看", unit=by)
        if passed:
            entry.end(one, self.town.now, "closed")
        else:
            entry.rework(one, self.town.now)

    def supervise(self, one: Entry) -> None:
        """督办 by hand: by whom it answers to or the office, never by the unit itself."""
        by = self.chance.choice([above(one.unit), "5301/~office"])
        self.must_fail(f"own supervision of {one.id}", lambda: self.town.supervise(one.id, one.unit))
        self.town.supervise(one.id, by)
        entry.look(one, self.town.now)
        self.books.push(one, self.town.now, "officer", by)
