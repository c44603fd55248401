"""Lives a year and compares the books."""

import itertools
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from mongoengine.connection import get_db

from infra import mongo, tally_recount
from infra.settings import Settings
from services.tasks.counters import REBUILD
from services.tasks.plan import Plan
from services.tasks.routing_table.shelf import RoutingRegister, StoredRoutingRow
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from tests.year import minutes, plan_lives, stored
from tests.year.agenda import Agenda
from tests.year.case_lives import CaseLife
from tests.year.instruction_lives import InstructionLife
from tests.year.ledger import Ledger
from tests.year.life import DAY
from tests.year.office_lives import OfficeLife
from tests.year.plan_lives import PlanLife
from tests.year.town import Town

BEGINS = datetime(2025, 3, 3, 1, 0)  # a Monday at nine in the city; naive, in UTC
PUBLISHED = datetime(2026, 2, 5)  # at the earliest: late, so that much has to be counted again
BYS = ("state", "source", "role", "category")
A_YEAR = timedelta(days=365)


@contextmanager
def database(mongodb_url: str) -> Iterator[None]:
    """An empty database of tasks, as long as the block lasts."""
    found = mongo.connect(Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"year_{uuid4().hex[:8]}_"), "tasks")
    mongo.ensure_indexes([Task, Plan, Supervision, RoutingRegister, StoredRoutingRow])
    try:
        yield
    finally:
        found.client.drop_database(found.name)
        mongo.disconnect("tasks")


def live(seed: int, cases: int, planned: int) -> tuple[Town, Ledger]:
    """A year of so many cases, half as many instructions of the office, and the plan's work of so many units. Cases
    and instructions go round all places and units."""
    chance = random.Random(seed)
    minutes.Known.published = False
    town, books = Town(BEGINS, chance), Ledger()
    plan_lives.issue(town, books)
    agenda = Agenda(town, books, BEGINS + A_YEAR)
    units = [unit for unit in plan_lives.units(town) if unit.kind != "district"]
    for number, place in enumerate(_round(chance, [one.path for one in units if one.kind.is_territory], cases)):
        agenda.add(_some_day(chance), CaseLife(town, books, number, place).live())
    districts = [one.path for one in plan_lives.units(town) if one.kind == "district"]  # they have whom to delegate to
    for number, unit in enumerate(_round(chance, [one.path for one in units] + 5 * districts, cases // 2)):
        agenda.add(_some_day(chance), InstructionLife(town, books, number, unit).live())
    for one in chance.sample(units, min(planned, len(units))):
        agenda.add(BEGINS, PlanLife(town, books, one.path).live())
    _winter(agenda, town, books, cases)
    agenda.add(BEGINS, OfficeLife(town, books).edits())
    agenda.run()
    town.count_all()
    return town, books


def _winter(agenda: Agenda, town: Town, books: Ledger, cases: int) -> None:
    """The calendar of the next year is published, sooner or later; some duties begin shortly before it."""
    published = PUBLISHED + timedelta(minutes=town.chance.randrange(12 * DAY))
    agenda.add(published, OfficeLife(town, books).publishes())
    streets = [unit.path for unit in plan_lives.units(town) if unit.kind == "street"]
    for number, place in enumerate(_round(town.chance, streets, 4 + cases // 10)):
        began = published - timedelta(minutes=town.chance.randrange(4 * DAY))
        agenda.add(began, CaseLife(town, books, cases + number, place).live())
        agenda.add(began, InstructionLife(town, books, cases + number, place).live())


def _round(chance: random.Random, paths: list[str], many: int) -> list[str]:
    """So many of the paths, one after the other and round again."""
    chance.shuffle(paths)
    return list(itertools.islice(itertools.cycle(paths), many))


def _some_day(chance: random.Random) -> datetime:
    """Any minute of the first eleven months."""
    return BEGINS + timedelta(minutes=chance.randrange(330 * DAY))


def differences(town: Town, books: Ledger) -> list[str]:
    """Where the product and the books kept by hand do not agree, in words."""
    units = [unit.path for unit in town.registry.all() if unit.kind != "community"]
    told = {name: town.postbox.told[name] for name in books.told()}
    [row] = town.desk.plans.progress(plan_lives.PLAN)
    return [
        *_unlike("duty", stored.duties(), books.duties()),
        *_unlike("order", stored.pushes(), books.pushes()),
        *_unlike("told", told, books.told()),
        *_unlike("in time", stored.in_time(units), {unit: books.in_time(unit) for unit in units}),
        *_unlike("progress", {"row": round(row.progress, 9)}, {"row": round(plan_lives.progress(books), 9)}),
        *_counts(town, books, units),
        *_unlike("desk", *_desks(town, books, units)),
        *stored.gaps(),
        *tally_recount.differences(get_db("tasks"), REBUILD, patience=0.0),
    ]


def _counts(town: Town, books: Ledger, units: list[str]) -> Iterator[str]:
    for coordinate, by in itertools.product(("place", "responsible"), BYS):
        counted = town.desk.counters.counts_by(units, coordinate, by)
        by_hand = {unit: books.counts(coordinate, unit, by) for unit in units}
        yield from _unlike(f"{coordinate} by {by}", counted, by_hand)


def _desks(town: Town, books: Ledger, units: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The lines of every group on every desk, as the product counts them and by hand."""
    by_hand = books.desks()
    read = {unit: town.desk.desks.page(unit, 1).counts for unit in units}
    return read, {unit: {group: by_hand[unit][group] for group in read[unit]} for unit in units}


def _unlike(what: str, stored: Mapping[str, Any], by_hand: Mapping[str, Any]) -> list[str]:
    return [
        f"{what} {key}: stored {stored.get(key)}, by hand {by_hand.get(key)}"
        for key in sorted(stored.keys() | by_hand.keys())
        if stored.get(key) != by_hand.get(key)
    ]
