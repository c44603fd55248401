"""A plan for every unit of the city, and how far it is: by a slow plain calculation."""

from collections.abc import Iterator
from datetime import timedelta

from tests.year import ledger
from tests.year.ledger import Entry, Ledger
from tests.year.lives import DAY, Wait
from tests.year.town import OFFICE, Town, iso, officer

PLAN = "year"
LEADS = ["各县(市)区", "开发(度假)园区", "5301/~psb"]
DONE, GONE = ("verified", "closed"), ("returned", "withdrawn")


def issue(town: Town, books: Ledger) -> None:
    """One row for every district, zone and street, and a department; due at the end of the year."""
    due, issued = town.now + timedelta(days=360), town.now
    row = {"row": "1", "mechanism": "机制", "measure": "措施", "lead_units": LEADS}
    body = {"plan_id": PLAN, "title": "年度计划", "version": 1, "deadline": iso(due), "rows": [row]}
    for _ in range(2):  # sent twice
        town.desk.plans.issue(body, officer(OFFICE), "year")
    earlier = issued + timedelta(days=324)
    for unit in town.registry.all():
        if unit.kind in ("district", "dev_zone", "street") or unit.path == "5301/~psb":
            place = unit.path if unit.kind.is_territory else "5301"
            until = earlier if unit.kind == "street" else due
            books.add(Entry(of(unit.path), unit.path, place, "plan", "", issued, until - issued, until))


def of(path: str) -> str:
    """The id of the unit's task."""
    return f"{PLAN}-v1-1-{path.replace('/', '.')}"


def street_life(town: Town, books: Ledger, path: str) -> Wait:
    """A street accepts, checks itself and submits; the district verifies, sometimes only the second time."""
    one, above = books.entries[of(path)], path.rpartition("/")[0]

    def do(command: str, *args: object, unit: str = path) -> None:
        town.do(command, one.id, unit, *args)
        ledger.look(one, town.now)

    yield town.chance.randint(1, 100 * DAY)
    do("accept")
    one.status = "accepted"
    yield town.chance.randint(1, 200 * DAY)
    do("self_check", True, "合格", "")
    do("submit", "已完成")
    one.status, one.submitted = "submitted", town.now
    yield town.chance.randint(1, 30 * DAY)
    if town.chance.random() < 0.3:
        do("verify", False, "不合格", unit=above)
        if not one.overdue:
            left = one.deadline - one.submitted
            one.deadline = max(ledger.minutes.after(town.now, ledger.minutes.DAY_OF_WORK), town.now + left)
        one.status, one.reworks = "rectifying", one.reworks + 1
        yield town.chance.randint(1, 10 * DAY)
        do("submit", "已整改")
        one.submitted = town.now
    do("verify", True, "合格", unit=above)
    one.status = "closed"


def progress(books: Ledger) -> float:
    """Of the row: the mean of its leads; of a lead with streets the mean of those that were not taken back."""
    entries = [one for one in books.entries.values() if one.source == "plan" and one.status not in GONE]
    streets = {one.unit: one for one in entries if one.unit.count("/") == 2}
    values = list(_values([one for one in entries if one.unit.count("/") == 1], streets))
    return sum(values) / len(values)


def _values(leads: list[Entry], streets: dict[str, Entry]) -> Iterator[float]:
    for lead in leads:
        below = [float(one.status in DONE) for path, one in streets.items() if path.startswith(lead.unit + "/")]
        yield sum(below) / len(below) if below else float(lead.status in DONE)
