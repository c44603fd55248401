"""The life of a duty that the office gives: a meeting's resolution, a leader's instruction, a supervision; by a limit
or a deadline, verified by whom the unit answers to."""

from datetime import timedelta
from typing import Any

from tests.year.duty_lives import DutyLife
from tests.year.entry import OPEN, Entry, Limit, above, end
from tests.year.ledger import Ledger
from tests.year.life import DAY, HOUR, Wait
from tests.year.minutes import DAY_OF_WORK
from tests.year.town import OFFICE, Town, iso, officer

SOURCES = ("meeting", "leader_instruction", "supervision")


class InstructionLife(DutyLife):
    """Of one instruction to one unit."""

    def __init__(self, town: Town, books: Ledger, number: int, unit: str) -> None:
        place = unit if "~" not in unit else unit.rpartition("/")[0]
        super().__init__(town, books, f"i{number}", place, town.chance.choice(SOURCES))
        self.unit = unit

    def live(self) -> Wait:
        """From its issue to its verification."""
        one = self._given()
        yield self.some(HOUR, 12 * HOUR)
        if self.perhaps("return"):
            one = yield from self.returned(one, self.unit)
        one = yield from self.interrupted(self.worked_on(one))
        while one.status in OPEN:
            self.submit(one)
            yield self.some(HOUR, 6 * DAY)
            passed = not self.perhaps("rework")
            self.judge(one, self.chance.choice([above(one.unit), OFFICE]), passed=passed)
            yield self.some(HOUR, 4 * DAY)

    def decided_early(self, one: Entry) -> Wait:
        """By the office, which alone may withdraw it."""
        self.refused(one, "withdraw", "情况有变")
        self.do(one, "withdraw", "情况有变", unit=OFFICE)
        end(one, self.town.now, "withdrawn", resumed=False)
        yield 0

    def _given(self) -> Entry:
        """Sent twice, issued once."""
        days = self.some(2, 12)
        body: dict[str, Any] = {"id": self.id, "source": self.source, "title": "整治", "unit": self.unit}
        if self.chance.random() < 0.5:
            body["limit"] = {"amount": days, "clock": "work_day"}
            limit = Limit(days * DAY_OF_WORK, working=True)
        else:
            limit = Limit(timedelta(minutes=self.some(2 * DAY, 12 * DAY)), given=False)
            body["deadline"] = iso(limit.after(self.town.now))
        for _ in range(2):
            self.town.desk.instructions.issue(body | {"because": "会议议定"}, officer(OFFICE), "year")
        return self.issued(self.unit, limit)
