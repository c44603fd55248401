"""Lives a year and compares the books."""

import heapq
import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from mongoengine.connection import get_db

from infra import mongo, tally_recount
from infra.local.waiting import holds_within
from infra.settings import Settings
from services.tasks.count_labels import CARDS
from services.tasks.counters import REBUILD
from services.tasks.plan import Plan
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from tests.year import ledger, plan_lives
from tests.year.ledger import Ledger
from tests.year.lives import CaseLife, start_of
from tests.year.town import Town, stored

BEGINS = datetime(2025, 3, 3, 1, 0)  # a Monday at nine in the city; naive, in UTC
BYS = ("state", "source", "role", "category")
A_YEAR = timedelta(days=365)
SCANNED_WITHIN = 30.0  # seconds


@contextmanager
def database(mongodb_url: str) -> Iterator[None]:
    """An empty database of tasks, as long as the block lasts."""
    found = mongo.connect(Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"year_{uuid4().hex[:8]}_"), "tasks")
    mongo.ensure_indexes([Task, Plan, Supervision])
    try:
        yield
    finally:
        found.client.drop_database(found.name)
        mongo.disconnect("tasks")


def live(seed: int, cases: int, streets: int) -> tuple[Town, Ledger]:
    """A year of so many cases, and of the plan's work in so many streets."""
    chance = random.Random(seed)
    town, books = Town(BEGINS, chance), Ledger()
    plan_lives.issue(town, books)
    places = [unit.path for unit in town.registry.all() if unit.kind in ("street", "dev_zone")]
    order = itertools.count()
    agenda = [
        (start_of(BEGINS, chance), next(order), _case(town, books, n, chance.choice(places))) for n in range(cases)
    ]
    below = [path for path in places if path.count("/") == 2]
    agenda += [
        (BEGINS, next(order), plan_lives.street_life(town, books, path)) for path in chance.sample(below, streets)
    ]
    heapq.heapify(agenda)
    while agenda:
        at, _, life = heapq.heappop(agenda)
        town.go_to(at)
        wait = next(life, None)
        if wait is not None and at + timedelta(minutes=wait) < BEGINS + A_YEAR:
            heapq.heappush(agenda, (at + timedelta(minutes=wait), next(order), life))
    town.go_to(BEGINS + A_YEAR)
    if not holds_within(SCANNED_WITHIN, town.scan):
        raise RuntimeError("deadlines are not looked at")
    for one in books.entries.values():
        ledger.look(one, town.now)
    town.count_all()
    return town, books


def _case(town: Town, books: Ledger, number: int, place: str) -> Iterator[int]:
    yield from CaseLife(town, books, number, place).live()


def differences(town: Town, books: Ledger) -> list[str]:
    """Where the product and the ledger do not agree, in words."""
    actual, expected = stored(), books.facts()
    found = [
        f"{id}: stored {actual.get(id)}, by hand {expected.get(id)}"
        for id in sorted(actual.keys() | expected.keys())
        if actual.get(id) != expected.get(id)
    ]
    units = [unit.path for unit in town.registry.all() if unit.kind != "community"]
    for coordinate, by in itertools.product(("place", "responsible"), BYS):
        counted = town.desk.counters.counts_by(units, coordinate, by)
        for unit in units:
            by_hand = books.counts(coordinate, unit, by)
            if _hand(counted[unit]) != by_hand:
                found.append(f"{coordinate} {unit} by {by}: counted {counted[unit]}, by hand {by_hand}")
    [row] = town.desk.plans.progress(plan_lives.PLAN)
    if abs(row.progress - plan_lives.progress(books)) > 1e-9:
        found.append(f"progress {row.progress}, by hand {plan_lives.progress(books)}")
    return found + tally_recount.differences(get_db("tasks"), REBUILD, patience=0.0)


def _hand(counts: dict[str, int]) -> dict[str, int]:
    """Without what this ledger does not keep."""
    return {name: n for name, n in counts.items() if name not in ("due_soon", *CARDS)}
