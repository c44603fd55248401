"""What a handler keeps can be made anew from the event log; nothing is changed where the log tells another story."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import amqp
import pytest
from mongoengine.connection import get_db
from pymongo.database import Database

from infra.messaging import broker, event_log
from infra.messaging.event import Received, unseal
from infra.messaging.publisher import Publisher
from infra.messaging.rebuild import Outcome, Replay, Taken, rebuild
from infra.messaging.store import Store
from infra.tally import FENCES, State, Tally
from infra.tally_rebuild import TallyRebuild
from tests.messaging.bakery import Sack, SackFilled, SackWeighed
from tests.messaging.conftest import DEADLINE, running, wait_until

EVENTS = (SackFilled, SackWeighed)
KINDS = {kind.type(): kind for kind in EVENTS}
CITY = "5301"


def state(subject: str, sequence: int, kilograms: int) -> State:
    """A sack counts in its street as light or heavy."""
    return State(subject, sequence, {"place": f"{CITY}/{subject[-1]}"}, ["heavy" if kilograms > 10 else "light"])


def state_of(received: Received[Any]) -> State:
    """The same of an event."""
    return state(received.envelope.subject, received.envelope.sequence, received.event.kilograms)


def sacks(subjects: Sequence[str] | None = None) -> Iterable[State]:
    """The same of all documents, or of those named."""
    found = [state(sack.subject, sack.sequence, sack.kilograms) for sack in Sack.objects]
    return [one for one in found if subjects is None or one.subject in subjects]


PROJECTION = TallyRebuild("sacks", state_of, sacks)


class Warehouse:
    """Sacks, their log, and the counters that a handler would keep of them."""

    def __init__(self, connection: amqp.Connection) -> None:
        event_log.declare(connection)
        self.db: Database[dict[str, Any]] = get_db("bakery")
        self.tally, self.store = Tally(self.db, "sacks"), Store(service="mill")
        self.connection, self._publisher = connection, Publisher(connection)

    def tell(self, sack: Sack, *, logged: bool = True, handled: bool = True) -> None:
        """Log and handle what is in the outbox of `sack`, as it was just written."""
        envelopes, sack.outbox = sack.outbox, []
        if logged:
            assert self._publisher.publish([one.parcel for one in event_log.bundles(envelopes)]) == {}
        if handled:
            self.tally.apply([state_of(unseal(one, KINDS)) for one in envelopes])

    def fill(self, name: str, kilograms: int, **how: bool) -> None:
        """A new sack."""
        sack = Sack.filled(name, kilograms)
        self.store.insert(sack)
        self.tell(sack, **how)

    def weigh(self, name: str, kilograms: int, **how: bool) -> None:
        """Weigh a sack again."""

        def decide(sack: Sack) -> Sack:
            sack.weigh(kilograms)
            return sack

        self.tell(self.store.change(Sack, name, decide), **how)

    def rebuild(self, **options: Any) -> Outcome:
        """Rebuild the counters."""
        replay = Replay(self.connection, EVENTS, options.pop("since", None))
        return rebuild(self.db, PROJECTION, replay, **({"patience": 1.0, "moment": 0.1} | options))

    def counts(self) -> dict[str, int]:
        """The counters of the city."""
        return self.tally.sum_under("place", [CITY])[CITY]


@pytest.fixture
def warehouse(settings: object, connection: amqp.Connection) -> Warehouse:
    """An empty one."""
    return Warehouse(connection)


def test_damaged_counters_are_replaced_by_rebuilt_ones(warehouse: Warehouse) -> None:
    for number in range(30):
        warehouse.fill(f"s{number}", number)
    warehouse.weigh("s1", 50)
    warehouse.db["sacks_counters"].delete_one({})
    assert warehouse.counts() != {"light": 10, "heavy": 20}
    outcome = warehouse.rebuild()
    assert outcome == Outcome(replayed=31, unreadable=0, carried_over=0, differences=[], swapped=True)
    assert warehouse.counts() == {"light": 10, "heavy": 20}
    assert warehouse.tally.recount(sacks()) == []
    assert [name for name in warehouse.db.list_collection_names() if "shadow" in name] == []


def test_the_handler_goes_on_with_the_rebuilt_counters(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    warehouse.fill("s2", 5)
    assert warehouse.rebuild().swapped
    warehouse.weigh("s1", 50)
    warehouse.tally.apply([state("sack/s2", 1, 99)])  # an event that comes once more
    assert warehouse.counts() == {"light": 1, "heavy": 1}


def test_nothing_is_swapped_where_a_document_says_what_the_log_does_not_tell(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    warehouse.fill("s2", 5, logged=False)
    warehouse.weigh("s1", 50, logged=False)
    outcome = warehouse.rebuild()
    assert not outcome.swapped
    assert sorted(outcome.differences) == [
        "sack/s1 is at #2, of which the log does not tell",
        "sack/s2 is at #1, of which the log does not tell",
    ]
    assert warehouse.counts() == {"light": 1, "heavy": 1}
    assert [name for name in warehouse.db.list_collection_names() if "shadow" in name] == []


def test_nothing_is_swapped_where_the_document_was_changed_without_an_event(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    Sack._get_collection().update_one({"_id": "s1"}, {"$set": {"kilograms": 90}})
    outcome = warehouse.rebuild()
    assert outcome.differences == ["sack/s1 #1 counts as [place|5301/1|light], should be [place|5301/1|heavy]"]
    assert not outcome.swapped


def test_nothing_is_swapped_where_a_document_is_gone(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    Sack._get_collection().delete_one({"_id": "s1"})
    assert warehouse.rebuild().differences == ["sack/s1 has no document, and the log tells of it"]


def test_what_is_older_than_since_is_carried_over(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5, logged=False)  # the log no longer reaches back so far
    warehouse.fill("s2", 5)
    (first,) = event_log.read(warehouse.connection)
    outcome = warehouse.rebuild(since=first.at, carry_over=True)
    assert outcome == Outcome(replayed=1, unreadable=0, carried_over=1, differences=[], swapped=True)
    assert warehouse.counts() == {"light": 2}


def test_a_swap_that_was_interrupted_is_ended_by_the_next_rebuild(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    PROJECTION.begin(warehouse.db, "dead")
    PROJECTION.apply(warehouse.db, [unseal(_logged(warehouse)[0], KINDS)], run="dead")
    PROJECTION.pause(warehouse.db, "dead")
    warehouse.db[FENCES].update_one({"_id": "sacks"}, {"$set": {"ready": True}})
    warehouse.db["sacks_shadow_dead_counters"].rename("sacks_counters", dropTarget=True)
    said: list[str] = []
    assert warehouse.rebuild(report=said.append).swapped
    assert said[0] == "an earlier swap was interrupted: ended it"
    assert warehouse.counts() == {"light": 1}
    assert warehouse.db[FENCES].count_documents({}) == 0


def test_a_run_that_died_before_its_shadow_was_complete_puts_nothing_in_place(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    PROJECTION.begin(warehouse.db, "dead")
    PROJECTION.pause(warehouse.db, "dead")
    said: list[str] = []
    assert warehouse.rebuild(report=said.append).swapped
    assert said[0] == "replayed 1 events into the shadow"
    assert warehouse.counts() == {"light": 1}
    assert [name for name in warehouse.db.list_collection_names() if "shadow" in name] == []


def test_a_rebuild_that_fails_while_handlers_wait_lets_them_go_on(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.fill("s1", 5)

    def fail(*_: Any) -> None:
        raise ConnectionError("the database went away")

    monkeypatch.setattr(PROJECTION, "swap", fail)
    with pytest.raises(ConnectionError):
        warehouse.rebuild()
    assert warehouse.db[FENCES].count_documents({}) == 0
    warehouse.weigh("s1", 50)
    assert warehouse.counts() == {"heavy": 1}


def test_two_rebuilds_at_once_are_refused(warehouse: Warehouse, settings: Any) -> None:
    warehouse.fill("s1", 5)
    other = broker.open_connection(settings.amqp_url, "another run")
    try:
        with Replay(other, EVENTS, None).alone(f"{warehouse.db.name}.sacks"), pytest.raises(Taken):
            warehouse.rebuild()
    finally:
        broker.close(other)
    assert warehouse.counts() == {"light": 1}
    assert warehouse.rebuild().swapped


def test_a_run_whose_place_was_taken_swaps_nothing(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    PROJECTION.begin(warehouse.db, "slow")
    PROJECTION.pause(warehouse.db, "slow")
    assert warehouse.rebuild().swapped  # it took the slow one for dead
    with pytest.raises(Taken):
        PROJECTION.swap(warehouse.db, "slow")
    assert warehouse.counts() == {"light": 1}


def test_a_live_handler_waits_for_the_swap(warehouse: Warehouse) -> None:
    warehouse.fill("s1", 5)
    PROJECTION.begin(warehouse.db, "run")
    PROJECTION.pause(warehouse.db, "run")
    done = threading.Event()

    def handle() -> None:
        warehouse.tally.apply([state("sack/s2", 1, 20)])
        done.set()

    with running(threading.Thread(target=handle)):
        assert not done.wait(0.3)
        PROJECTION.swap(warehouse.db, "run")
        wait_until(done.is_set)
    assert warehouse.counts() == {"heavy": 1}


def test_a_rebuild_under_load_ends_with_exact_counters(warehouse: Warehouse, store_of_events: "Feeder") -> None:
    warehouse.db["sacks_counters"].insert_one({"_id": "place|5301/x", "counts": {"heavy": 7}})
    with running(store_of_events.thread):
        wait_until(lambda: store_of_events.told > 50)
        outcome = warehouse.rebuild(moment=2.0, patience=DEADLINE)
        store_of_events.enough.set()
    assert (outcome.swapped, outcome.differences) == (True, [])
    assert warehouse.tally.recount(sacks()) == []


class Feeder:
    """Fills and weighs sacks all the time, and has the counters follow each."""

    def __init__(self, connection: amqp.Connection) -> None:
        self._warehouse = Warehouse(connection)
        self.told, self.enough = 0, threading.Event()
        self.thread = threading.Thread(target=self._feed)

    def _feed(self) -> None:
        while not self.enough.is_set():
            name = f"s{self.told // 3}"
            if self.told % 3 == 0:
                self._warehouse.fill(name, 5)
            else:
                self._warehouse.weigh(name, 50 if self.told % 3 == 1 else 1)
            self.told += 1


@pytest.fixture
def store_of_events(settings: Any, connection: amqp.Connection) -> Iterator[Feeder]:
    """A feeder with a connection of its own."""
    own = broker.open_connection(settings.amqp_url, "feeder")
    feeder = Feeder(own)
    yield feeder
    feeder.enough.set()
    broker.close(own)


def _logged(warehouse: Warehouse) -> list[Any]:
    return [one.entry.envelope() for one in event_log.read(warehouse.connection)]
