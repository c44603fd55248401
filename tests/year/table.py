"""The routing table in the books kept by hand, as far as the year needs it: which unit gets a category, and since
when. Nothing of services/tasks is used."""

from datetime import date, datetime
from typing import NamedTuple

from tests.year.entry import CITY
from tests.year.minutes import ZONE

TERRITORY = "territory"
SHEET = {
    **{"sanitation.enforcement": "~ucb", "transport.taxi": "~transport", "transport.illegal": "~transport"},
    **{"sanitation.garbage": TERRITORY, "sanitation.toilet": TERRITORY, "construction.site": TERRITORY},
}


class Edit(NamedTuple):
    """From that day on the category goes to that unit."""

    day: date
    category: str
    goes_to: str


class Table:
    """What came with the system, and every edit."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []

    def add(self, category: str, goes_to: str, day: date) -> None:
        """Another edit; none is added before a later one of its category."""
        self.edits.append(Edit(day, category, goes_to))

    def goes_to(self, category: str, day: date) -> str:
        """To whom the category goes on that day."""
        said = [one.goes_to for one in self.edits if one.category == category and one.day <= day]
        return said[-1] if said else SHEET[category]

    def unit(self, category: str, place: str, at: datetime) -> str:
        """Whose duty a case of that category at that place is; of the territory the street, or the zone."""
        found = self.goes_to(category, city_day(at))
        return "/".join(place.split("/")[:3]) if found == TERRITORY else f"{CITY}/{found}"

    def is_to_change(self, category: str, day: date) -> bool:
        """Whether it reads otherwise again from a later day."""
        return any(one.category == category and one.day > day for one in self.edits)


def city_day(at: datetime) -> date:
    """The day of the city."""
    return (at + ZONE).date()
