"""What the headquarters' office does besides: it edits the routing table, from today or a later day on, and imports the
calendar of the next year when it is published."""

from datetime import date, timedelta
from typing import Any

import chinese_calendar

from tests.year import minutes, stored
from tests.year.life import DAY, Life, Wait
from tests.year.table import SHEET, TERRITORY, city_day
from tests.year.town import OFFICE

EDITED = ("sanitation.enforcement", "transport.taxi", "sanitation.toilet")
GOES_TO = ("~ucb", "~transport", "~psb", TERRITORY)
DISTRICT = "5301/530102"


class Editing(Life):
    """Edits the routing table."""

    def edited(self, category: str, day: date) -> bool:
        """From that day on the category goes to another unit; refused, and False, where that changes later anyway."""
        table = self.books.table
        goes_to = self.chance.choice([one for one in GOES_TO if one != table.goes_to(category, day)])
        row: dict[str, Any] = {"category": category, "goes_to": goes_to, "because": "调整分工"}
        row |= {"lead": "~ucb"} if SHEET[category] == TERRITORY else {}
        yesterday = city_day(self.town.now) - timedelta(days=1)
        self.must_fail("an edit of what holds already", lambda: self.town.edit_table(row, yesterday, OFFICE))
        self.must_fail("an edit by a district", lambda: self.town.edit_table(row, day, DISTRICT))
        if table.is_to_change(category, day):
            self.must_fail("an edit before a later one", lambda: self.town.edit_table(row, day, OFFICE))
            return False
        self.town.edit_table(row, day, OFFICE)
        table.add(category, goes_to, day)
        return True


class OfficeLife(Editing):
    """Of the office."""

    def edits(self) -> Wait:
        """Now and then, mostly with notice; what was assigned before stays where it is."""
        while True:
            yield self.some(5 * DAY, 25 * DAY)
            day = city_day(self.town.now) + timedelta(days=self.some(0, 12))
            self.edited(self.chance.choice(EDITED), day)

    def publishes(self) -> Wait:
        """The calendar of 2026, once: the days that are not as their weekday says."""
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
        odd = [day for day in days if chinese_calendar.is_workday(day) != (day.weekday() < 5)]
        body = [{"day": day.isoformat(), "worked": day.weekday() >= 5} for day in odd]
        self.must_fail("an import by a district", lambda: self.town.import_calendar(2026, body, DISTRICT))
        self.must_fail("an import without New Year", lambda: self.town.import_calendar(2026, body[1:], OFFICE))
        self.town.import_calendar(2026, body, OFFICE)
        minutes.Known.published = True
        self.town.scan()
        self.books.recount(self.town.now)
        self.books.scan(self.town.now, stored.numbers())
        yield 0
