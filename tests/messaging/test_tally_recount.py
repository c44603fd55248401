"""Counters of a running system are compared with the documents, and made anew from them while counting goes on."""

import threading
from collections.abc import Iterable, Sequence

import amqp
import pytest
from mongoengine.connection import get_db

from infra import tally_recount
from infra.messaging.store import Store
from infra.tally import State, Tally
from infra.tally_rebuild import TallyRebuild
from tests.messaging.bakery import Sack

CITY = "5301"


def as_counted(sack: Sack) -> State:
    """A sack counts in its street as light or heavy, and under its weight."""
    street, heavy = f"{CITY}/{sack.pk[-1]}", "heavy" if sack.kilograms > 10 else "light"
    weight = ("place:weight", street, f"{sack.kilograms} kg")
    return State(sack.subject, sack.sequence, {"place": street}, [heavy], [weight])


def sacks(subjects: Sequence[str] | None = None) -> Iterable[State]:
    """All of them, or of those named those that there are."""
    found = map(as_counted, Sack.objects)
    return [one for one in found if subjects is None or one.subject in subjects]


TALLY = TallyRebuild("sacks", as_counted, sacks)


class Warehouse:
    """Sacks and the counters that a handler keeps of them."""

    def __init__(self, connection: amqp.Connection) -> None:
        self.db = get_db("mill")
        self.tally, self.store, self.connection = Tally(self.db, "sacks"), Store(service="mill"), connection

    def fill(self, *names: str) -> None:
        """Sacks of eight kilograms, counted."""
        for name in names:
            sack = Sack.filled(name, 8)
            self.store.insert(sack)
            self.tally.apply([as_counted(sack)])

    def weigh(self, name: str, kilograms: int, *, counted: bool = True) -> State:
        """Weigh one again."""

        def decide(sack: Sack) -> Sack:
            sack.weigh(kilograms)
            return sack

        state = as_counted(self.store.change(Sack, name, decide))
        if counted:
            self.tally.apply([state])
        return state

    def differences(self, patience: float = 0.0) -> list[str]:
        """What a recount finds."""
        return tally_recount.differences(self.db, TALLY, patience=patience)

    def mend(self) -> None:
        """Make the counters anew."""
        tally_recount.mend(self.db, TALLY, self.connection, moment=0.1)


@pytest.fixture
def warehouse(settings: object, connection: amqp.Connection) -> Warehouse:
    """With three sacks in two streets."""
    warehouse = Warehouse(connection)
    warehouse.fill("x1", "y1", "z2")
    return warehouse


def test_sound_counters_are_equal_and_breakdowns_stand_in_counters_of_their_own(warehouse: Warehouse) -> None:
    warehouse.weigh("x1", 20)
    assert warehouse.differences() == []
    assert warehouse.tally.sum_under("place", [CITY, f"{CITY}/1"]) == {
        CITY: {"heavy": 1, "light": 2},
        f"{CITY}/1": {"heavy": 1, "light": 1},
    }
    assert warehouse.tally.sum_under("place:weight", [CITY]) == {CITY: {"8 kg": 2, "20 kg": 1}}


def test_what_is_on_its_way_is_waited_for_and_what_never_comes_is_told(warehouse: Warehouse) -> None:
    late = warehouse.weigh("x1", 20, counted=False)
    assert warehouse.differences() == [f"{late.subject} is at #2 and was not counted so"]
    handler = threading.Timer(0.3, warehouse.tally.apply, [[late]])
    handler.start()
    assert warehouse.differences(patience=20.0) == []
    handler.join()


def test_every_kind_of_difference_is_told_in_words_and_mended(warehouse: Warehouse) -> None:
    db = warehouse.db
    db["sacks_counters"].update_one({"_id": f"place|{CITY}/2"}, {"$inc": {"counts.light": 4}})
    warehouse.tally.apply([State("sack/ghost", 1, {"place": f"{CITY}/1"}, ["light"])])
    warehouse.tally.apply([State("sack/y1", 9, {"place": f"{CITY}/1"}, ["light"])])
    db["sacks_marks"].update_one({"_id": "sack/x1"}, {"$set": {"keys": [["place", f"{CITY}/1", "green"]]}})
    told = warehouse.differences()
    assert told[0].startswith("sack/x1 #1 counts as [place|5301/1|green], should be [place|5301/1|light, place:weight|")
    assert told[1:3] == [
        "sack/ghost is counted and has no document",
        "sack/y1 is at #1 and was counted as of #9",
    ]
    assert "sacks place|5301/2 light: counted 5, recounted 1" in told
    warehouse.mend()
    assert warehouse.differences() == []
    assert warehouse.tally.sum_under("place", [CITY]) == {CITY: {"light": 3}}
    assert sorted(name for name in db.list_collection_names() if name.startswith("sacks_")) == [
        "sacks_counters",
        "sacks_marks",
    ]


def test_counting_goes_on_while_counters_are_made_anew(warehouse: Warehouse) -> None:
    warehouse.db["sacks_counters"].update_one({"_id": f"place|{CITY}/2"}, {"$inc": {"counts.light": 4}})
    done = threading.Event()

    def handle() -> None:
        for n in range(2000):
            warehouse.weigh(("x1", "y1", "z2")[n % 3], n % 20 + 1)
            if done.is_set():
                return

    handler = threading.Thread(target=handle)
    handler.start()
    warehouse.mend()
    done.set()
    handler.join()
    assert warehouse.differences() == []


def test_a_tally_without_documents_is_compared_with_its_marks(warehouse: Warehouse) -> None:
    tally = tally_recount.of_marks(warehouse.db, "sacks")
    assert tally_recount.differences(warehouse.db, tally, patience=0.0) == []
    warehouse.db["sacks_counters"].update_one({"_id": f"place|{CITY}/2"}, {"$inc": {"counts.light": 4}})
    told = tally_recount.differences(warehouse.db, tally, patience=0.0)
    assert told == ["sacks place|5301/2 light: counted 5, recounted 1"]
    tally_recount.mend(warehouse.db, tally, warehouse.connection, moment=0.0)
    assert tally_recount.differences(warehouse.db, tally, patience=0.0) == []
    assert warehouse.tally.sum_under("place", [f"{CITY}/2"]) == {f"{CITY}/2": {"light": 1}}
