"""How aggregates are written."""

import threading

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from mongoengine import ValidationError
from pymongo import WriteConcern
from pymongo.errors import BulkWriteError

from infra import mongo
from infra.clock import WallClock
from infra.messaging.relay import Pending
from infra.messaging.sequence_marks import SequenceMarks
from infra.messaging.store import More, Store
from infra.problem import NotFound, Stale
from infra.settings import Settings
from tests.messaging.bakery import Loaf, Sack
from tests.messaging.conftest import running


class Tray:
    """Stands where a relay would, and keeps what it is handed."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def hand_over(self, pending: list[Pending]) -> None:
        self.ids += [one.envelope.id for one in pending]


@pytest.fixture
def tray(settings: Settings) -> Tray:
    return Tray()


@pytest.fixture
def store(tray: Tray) -> Store:
    return Store(tray, service="mill")  # type: ignore[arg-type]


def test_creating_again_leaves_a_progressed_aggregate_and_its_outbox_untouched(store: Store, tray: Tray) -> None:
    assert store.insert(Sack.filled("s1", 2)) is True
    store.change(Sack, "s1", lambda sack: sack.weigh(9))
    before = Sack.objects(pk="s1").as_pymongo().get()
    assert store.insert(Sack.filled("s1", 2)) is False
    assert Sack.objects(pk="s1").as_pymongo().get() == before
    assert [stored["id"] for stored in before["outbox"]] == ["mill/sack/s1#1", "mill/sack/s1#2"]
    assert tray.ids == ["mill/sack/s1#1", "mill/sack/s1#2"]


def test_of_many_only_the_new_ones_are_created(store: Store, tray: Tray) -> None:
    store.insert(Sack.filled("s2", 2))
    assert store.insert_many([Sack.filled(f"s{n}", 5) for n in (1, 2, 3, 1)]) == [True, False, True, False]
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s1": 5, "s2": 2, "s3": 5}
    assert tray.ids == ["mill/sack/s2#1", "mill/sack/s1#1", "mill/sack/s3#1"]


def test_what_no_majority_confirmed_is_not_reported_as_stored(
    store: Store, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "DURABLE", WriteConcern(w=2, wtimeout=100))  # more members than there are
    with pytest.raises(BulkWriteError):
        store.insert(Sack.filled("s1", 2))
    assert tray.ids == []


def test_an_invalid_aggregate_is_not_created(store: Store) -> None:
    sack = Sack.filled("s1", 2)
    sack.kilograms = "heavy"
    with pytest.raises(ValidationError):
        store.insert(sack)
    assert Sack.objects.count() == 0


def test_a_change_raises_version_and_sequence_and_returns_what_was_decided(store: Store) -> None:
    store.insert(Sack.filled("s1", 2))
    assert store.change(Sack, "s1", lambda sack: (sack.weigh(3), sack.sequence)) == (None, 2)
    sack = Sack.objects(pk="s1").get()
    assert (sack.kilograms, sack.notes, sack.sequence, sack.version) == (3, ["3"], 2, 1)


def test_a_decision_that_raises_or_changes_nothing_writes_nothing(store: Store, tray: Tray) -> None:
    store.insert(Sack.filled("s1", 2))
    before = Sack.objects(pk="s1").as_pymongo().get()

    def change_and_regret(sack: Sack) -> None:
        sack.weigh(3)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.change(Sack, "s1", change_and_regret)
    assert store.change(Sack, "s1", lambda sack: sack.kilograms) == 2
    assert Sack.objects(pk="s1").as_pymongo().get() == before
    assert tray.ids == ["mill/sack/s1#1"]


def test_a_field_that_is_emptied_is_removed(store: Store) -> None:
    store.insert(Sack.filled("s1", 2))
    store.change(Sack, "s1", lambda sack: setattr(sack, "label", "rye"))
    store.change(Sack, "s1", lambda sack: setattr(sack, "label", None))
    assert "label" not in Sack.objects(pk="s1").as_pymongo().get()


def test_what_does_not_exist_cannot_be_changed(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no Sack s1"):
        store.change(Sack, "s1", lambda sack: sack.weigh(3))


def test_whoever_looked_before_the_last_change_is_told_what_changed(store: Store) -> None:
    store.insert(Sack.filled("s1", 2))
    store.change(Sack, "s1", lambda sack: sack.weigh(3), seen=1)
    with pytest.raises(Stale) as stale:
        store.change(Sack, "s1", lambda sack: sack.weigh(4), seen=1)
    assert stale.value.field == "seen"
    assert stale.value.extra == {"current_version": 2, "changed_what": "weighed"}


def test_writers_at_the_same_time_all_take_effect(store: Store) -> None:
    store.insert(Sack.filled("s1", 0))

    def add() -> None:
        for _ in range(20):
            store.change(Sack, "s1", lambda sack: sack.weigh(sack.kilograms + 1))

    with running(*(threading.Thread(target=add) for _ in range(4))):
        pass
    sack = Sack.objects(pk="s1").get()
    assert (sack.kilograms, sack.sequence, sack.version) == (80, 81, 80)


def test_many_are_changed_at_once_and_those_that_do_not_exist_are_left_out(store: Store, tray: Tray) -> None:
    store.insert_many([Sack.filled(f"s{n}", n) for n in range(3)])
    tray.ids.clear()
    weighed = store.change_many(Sack, ["s0", "s2", "s9"], lambda sack: sack.weigh(7) or sack.name)
    assert weighed == {"s0": "s0", "s2": "s2"}
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s0": 7, "s1": 1, "s2": 7}
    assert sorted(tray.ids) == ["mill/sack/s0#2", "mill/sack/s2#2"]


def test_many_are_changed_all_or_none(store: Store, tray: Tray) -> None:
    store.insert_many([Sack.filled(f"s{n}", 0) for n in range(3)])
    tray.ids.clear()

    def weigh(sack: Sack) -> None:
        sack.weigh(1)
        if sack.name == "s1":
            raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        store.change_many(Sack, ["s0", "s1", "s2"], weigh)
    assert {sack.kilograms for sack in Sack.objects} == {0}
    assert tray.ids == []


def test_many_are_changed_exactly_once_while_others_change_them_too(store: Store) -> None:
    names = [f"s{n}" for n in range(10)]
    store.insert_many([Sack.filled(name, 0) for name in names])

    def add() -> None:
        for _ in range(10):
            store.change_many(Sack, names, lambda sack: sack.weigh(sack.kilograms + 1))

    with running(*(threading.Thread(target=add) for _ in range(3))):
        for name in names:
            store.change(Sack, name, lambda sack: sack.weigh(sack.kilograms + 1))
    assert {sack.kilograms for sack in Sack.objects} == {31}


def test_of_many_only_those_that_others_changed_are_decided_again(store: Store, tray: Tray) -> None:
    store.insert_many([Sack.filled(f"s{n}", n) for n in range(3)])
    tray.ids.clear()
    asked: list[str] = []

    def add(sack: Sack) -> int:
        asked.append(sack.name)
        if asked == ["s0", "s1", "s2"]:
            store.change(Sack, "s1", lambda other: other.weigh(50))
        sack.weigh(sack.kilograms + 1)
        return sack.kilograms

    assert store.change_many(Sack, ["s0", "s1", "s2"], add) == {"s0": 1, "s1": 51, "s2": 3}
    assert asked == ["s0", "s1", "s2", "s1"]
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s0": 1, "s1": 51, "s2": 3}
    assert sorted(tray.ids) == ["mill/sack/s0#2", "mill/sack/s1#2", "mill/sack/s1#3", "mill/sack/s2#2"]


def test_what_else_belongs_to_many_changes_is_written_with_them_or_not_at_all(store: Store, tray: Tray) -> None:
    store.insert_many([Sack.filled("s1", 0), Sack.filled("s2", 0)])
    tray.ids.clear()

    def more(results: dict[str, None]) -> More:
        assert sorted(results) == ["s1", "s2"]
        return lambda session: store.insert(Sack.filled("s3", 3), session=session) and None

    store.change_many(Sack, ["s1", "s2"], lambda sack: sack.weigh(7), more=more)
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s1": 7, "s2": 7, "s3": 3}
    assert sorted(tray.ids) == ["mill/sack/s1#2", "mill/sack/s2#2", "mill/sack/s3#1"]

    def torn(session: object) -> None:
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        store.change_many(Sack, ["s1", "s2"], lambda sack: sack.weigh(9), more=lambda _: torn)
    assert {sack.kilograms for sack in Sack.objects} == {3, 7}


def test_what_else_belongs_to_a_change_is_written_with_it_or_not_at_all_and_decided_again_where_somebody_was_faster(
    store: Store, tray: Tray
) -> None:
    store.insert(Sack.filled("s1", 0))
    tray.ids.clear()
    weighed: list[int] = []

    def add(sack: Sack) -> int:
        if not weighed:
            Store(service="mill").change(Sack, "s1", lambda other: other.weigh(50))
        weighed.append(sack.kilograms)
        sack.weigh(sack.kilograms + 1)
        return sack.kilograms

    def more(kilograms: int) -> More:
        return lambda session: store.insert(Sack.filled("s2", kilograms), session=session) and None

    assert store.change(Sack, "s1", add, more=more) == 51
    assert weighed == [0, 50]
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s1": 51, "s2": 51}
    assert sorted(tray.ids) == ["mill/sack/s1#3", "mill/sack/s2#1"]

    def torn(session: object) -> None:
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        store.change(Sack, "s1", lambda sack: sack.weigh(9), more=lambda _: torn)
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s1": 51, "s2": 51}
    assert sorted(tray.ids) == ["mill/sack/s1#3", "mill/sack/s2#1"]


def test_a_transaction_writes_all_and_hands_over_after_its_commit(store: Store, tray: Tray) -> None:
    store.insert(Sack.filled("s1", 2))
    tray.ids.clear()

    def work(session: object) -> str:
        store.change(Sack, "s1", lambda sack: sack.weigh(3), session=session)
        assert store.insert_many([Sack.filled("s1", 1), Sack.filled("s2", 1)], session=session) == [False, True]
        assert tray.ids == []
        return "done"

    assert store.in_transaction(work) == "done"
    assert tray.ids == ["mill/sack/s1#2", "mill/sack/s2#1"]
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s1": 3, "s2": 1}


def test_a_transaction_that_fails_writes_nothing_and_hands_nothing_over(store: Store, tray: Tray) -> None:
    def fail() -> None:
        with store.transaction() as session:
            store.insert(Sack.filled("s1", 1), session=session)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert (Sack.objects.count(), tray.ids) == (0, [])


def test_a_transaction_that_meets_another_is_repeated(store: Store, tray: Tray) -> None:
    store.insert(Sack.filled("s1", 0))
    tray.ids.clear()
    calls: list[int] = []

    def work(session: object) -> None:
        calls.append(1)
        store.change(Sack, "s1", lambda sack: sack.weigh(sack.kilograms + 1), session=session)
        if len(calls) == 1:
            Store(service="mill").insert(Sack.filled("s2", 0))
        store.insert(Sack.filled("s2", 5), session=session)

    store.in_transaction(work)
    assert {sack.name: sack.kilograms for sack in Sack.objects} == {"s1": 1, "s2": 0}
    assert (len(calls), tray.ids) == (2, ["mill/sack/s1#2"])


@tuned(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_events_in_any_order_and_repeated_end_in_the_same_state(settings: Settings, data: st.DataObject) -> None:
    facts = [(f"sack/{name}", n, 10 * n) for name in "abc" for n in range(1, 5)]
    told = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=8))))
    cuts = data.draw(st.lists(st.integers(0, len(told)), max_size=4).map(sorted))
    client = mongo.client_of("bakery")
    db = client[settings.db_prefix + "bakery"]
    for collection in db.list_collection_names():
        db[collection].delete_many({})
    store, marks = Store(service="bakery"), SequenceMarks(db, "bakery.on_sack")

    def bake(batch: list[tuple[str, int, int]], session: object) -> None:
        news = marks.advance_many([(subject, n) for subject, n, _ in batch], session)
        for subject, n, grams in dict.fromkeys(batch):
            if news.get(subject) == n:
                store.insert(Loaf(name=subject), session=session)
                store.change(Loaf, subject, lambda loaf, grams=grams: setattr(loaf, "grams", grams), session=session)

    for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        store.in_transaction(lambda session, batch=told[start:end]: bake(batch, session))
    assert {loaf.name: loaf.grams for loaf in Loaf.objects} == {"sack/a": 40, "sack/b": 40, "sack/c": 40}


def test_an_event_counts_the_facts_of_its_aggregate_and_names_them() -> None:
    sack = Sack.filled("s1", 2)
    sack.weigh(3)
    assert [envelope.id for envelope in sack.outbox] == ["mill/sack/s1#1", "mill/sack/s1#2"]
    assert [envelope.sequence for envelope in sack.outbox] == [1, 2]


def test_an_event_whose_id_would_not_fit_into_a_message_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 255 bytes"):
        Sack(name="袋" * 90).record(Sack.filled("s", 1).outbox[0], at=WallClock().now(), cause="test")  # type: ignore[arg-type]
