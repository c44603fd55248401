"""A plan that names every unit of the city, and how far it is: by a slow plain calculation."""

from collections.abc import Iterator
from datetime import timedelta

from infra.organisation.registry import Unit
from tests.year.entry import Entry, Limit, above
from tests.year.ledger import Ledger
from tests.year.life import DAY, Life, Wait
from tests.year.town import OFFICE, Town, iso, officer

PLAN = "year"
TERRITORIES = ["各县(市)区", "开发(度假)园区"]
LEADS = ("department", "sub_headquarters")
DONE, GONE = ("verified", "closed"), ("returned", "withdrawn")


def units(town: Town) -> list[Unit]:
    """Every unit that can have a duty."""
    return [unit for unit in town.registry.all() if unit.kind in ("district", "dev_zone", "street", *LEADS)]


def issue(town: Town, books: Ledger) -> None:
    """One row for all of them; due towards the end of the year, of the streets earlier."""
    due, issued = town.now + timedelta(days=360), town.now
    leads = TERRITORIES + [unit.path for unit in units(town) if unit.kind in LEADS]
    row = {"row": "1", "mechanism": "机制", "measure": "措施", "lead_units": leads}
    body = {"plan_id": PLAN, "title": "年度计划", "version": 1, "deadline": iso(due), "rows": [row]}
    for _ in range(2):  # sent twice
        town.desk.plans.issue(body, officer(OFFICE), "year")
    earlier = issued + timedelta(days=324)
    for unit in units(town):
        place = unit.path if unit.kind.is_territory else unit.path.rpartition("/")[0]
        until = earlier if unit.kind == "street" else due
        limit = Limit(until - issued, given=False)
        books.add(Entry(of(unit.path), unit.path, place, "plan", "", issued, limit, until))


def of(path: str) -> str:
    """The id of the unit's task."""
    return f"{PLAN}-v1-1-{path.replace('/', '.')}"


class PlanLife(Life):
    """Of the task of one unit that has nobody below it."""

    def __init__(self, town: Town, books: Ledger, path: str) -> None:
        super().__init__(town, books)
        self.one = books.entries[of(path)]

    def live(self) -> Wait:
        """Accepted, self-checked, submitted, verified: sometimes only the second time."""
        one, is_street = self.one, self.one.unit.count("/") == 2 and "~" not in self.one.unit
        yield self.some(1, 12 * 60)
        if is_street and self.perhaps("part returned") and self.give_back(one):
            return
        if not is_street:
            self.refused(one, "give_back", "不属本单位")
        self.accept(one)
        self.refused(one, "submit", "已完成")
        yield self.some(1, 300 * DAY)
        yield from self._self_checked()
        self.submit(one)
        yield self.some(1, 30 * DAY)
        if self.perhaps("rework"):
            self.judge(one, above(one.unit), passed=False)
            yield self.some(1, 10 * DAY)
            self.submit(one)
        self.judge(one, above(one.unit), passed=True)

    def _self_checked(self) -> Wait:
        if self.perhaps("self-check fails"):
            self.do(self.one, "self_check", False, "不合格", "台账不全")
            self.one.status = "in_progress"
            yield self.some(1, 5 * DAY)
        self.do(self.one, "self_check", True, "合格", "")
        self.one.status = "self_checked"


def progress(books: Ledger) -> float:
    """Of the row: the mean of its leads; of a lead with streets the mean of those that were not taken back."""
    entries = [one for one in books.entries.values() if one.source == "plan" and one.status not in GONE]
    streets = {one.unit: one for one in entries if one.unit.count("/") == 2 and "~" not in one.unit}
    values = list(_values([one for one in entries if one.unit not in streets], streets))
    return sum(values) / len(values)


def _values(leads: list[Entry], streets: dict[str, Entry]) -> Iterator[float]:
    for lead in leads:
        below = [float(one.status in DONE) for path, one in streets.items() if path.startswith(f"{lead.unit}/")]
        yield sum(below) / len(below) if below else float(lead.status in DONE)
