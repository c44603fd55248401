"""Counters that events keep agree with the documents, whatever the order."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from infra import mongo
from infra.settings import Settings
from infra.tally import Difference, State, Tally

PLACES = ["5301/a/1", "5301/a/2", "5301/b/1", "5301/b"]
LABELS = ["open", "closed", "late"]


@pytest.fixture
def tally(settings: Settings) -> Tally:
    return Tally(mongo.client_of("mill")[settings.db_prefix + "mill"], "cases")


def empty(settings: Settings) -> None:
    for name in ("cases_counters", "cases_marks"):
        mongo.client_of("mill")[settings.db_prefix + "mill"][name].delete_many({})


states = st.builds(
    lambda subject, sequence, place, unit, labels: State(subject, sequence, {"place": place, "unit": unit}, labels),
    st.sampled_from([f"case/{n}" for n in range(5)]),
    st.integers(1, 6),
    st.sampled_from(PLACES),
    st.sampled_from(PLACES),
    st.lists(st.sampled_from(LABELS), unique=True),
)
histories = st.lists(states, max_size=25, unique_by=lambda state: (state.subject, state.sequence))


@tuned(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=histories, data=st.data())
def test_counters_agree_with_the_documents_in_any_order(
    settings: Settings, tally: Tally, history: list[State], data: st.DataObject
) -> None:
    empty(settings)
    told = data.draw(st.permutations(history + (data.draw(st.lists(st.sampled_from(history))) if history else [])))
    cut = data.draw(st.integers(0, len(told)))
    tally.apply(told[:cut])
    tally.apply(told[cut:])
    present = {state.subject: state for state in sorted(history, key=lambda state: state.sequence)}
    assert tally.recount(present.values()) == []
    for path in ("5301", "5301/a", "5301/b", "5301/b/1"):
        inside = [state for state in present.values() if f"{state.paths['place']}/".startswith(f"{path}/")]
        expected = Counter(label for state in inside for label in state.labels)
        assert tally.sum_under("place", [path]) == {path: dict(expected)}


def test_a_state_that_comes_twice_or_late_changes_nothing(tally: Tally) -> None:
    old = State("case/1", 1, {"place": "5301/a/1"}, ["open"])
    new = State("case/1", 2, {"place": "5301/a/2"}, ["closed"])
    assert tally.apply([new]) == 1
    assert tally.apply([old, new]) == 0
    assert tally.sum_under("place", ["5301", "5301/a/1"]) == {"5301": {"closed": 1}, "5301/a/1": {}}


def test_a_unit_whose_name_begins_like_another_is_not_counted_under_it(tally: Tally) -> None:
    tally.apply([("case/1", 1, {"place": "5301/aa"}, ["open"]), ("case/2", 1, {"place": "5301/a/1"}, ["open"])])
    assert tally.sum_under("place", ["5301/a"]) == {"5301/a": {"open": 1}}


def test_a_subject_without_labels_counts_nowhere_any_more(tally: Tally) -> None:
    tally.apply([State("case/1", 1, {"place": "5301/a"}, ["open"])])
    tally.apply([State("case/1", 2, {"place": "5301/a"}, [])])
    assert tally.sum_under("place", ["5301"]) == {"5301": {}}


def test_a_label_that_the_database_could_not_keep_is_refused(tally: Tally) -> None:
    with pytest.raises(ValueError, match="not a label"):
        tally.apply([State("case/1", 1, {"place": "5301"}, ["a.b"])])


def test_a_recount_finds_what_is_wrong_and_mends_it(settings: Settings, tally: Tally) -> None:
    state = State("case/1", 3, {"place": "5301/a"}, ["open"])
    tally.apply([state])
    db = mongo.client_of("mill")[settings.db_prefix + "mill"]
    db["cases_counters"].update_one({"_id": "place|5301/a"}, {"$inc": {"counts.open": 4, "counts.late": 1}})
    wrong = [Difference("place", "5301/a", "late", 1, 0), Difference("place", "5301/a", "open", 5, 1)]
    assert tally.recount([state]) == wrong
    assert tally.recount([state], mend=True) == wrong
    assert tally.recount([state]) == []
    tally.apply([State("case/1", 4, {"place": "5301/b"}, ["open"])])
    assert tally.sum_under("place", ["5301/a", "5301/b"]) == {"5301/a": {}, "5301/b": {"open": 1}}


@tuned(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=histories, seed=st.integers(0, 2**32))
def test_counters_agree_with_the_documents_however_many_count_at_once(
    settings: Settings, tally: Tally, history: list[State], seed: int
) -> None:
    empty(settings)
    chance = random.Random(seed)
    shares = [chance.sample(history, len(history)) for _ in range(3)]

    def count(share: list[State]) -> None:
        for start in range(0, len(share), 7):
            tally.apply(share[start : start + 7])

    with ThreadPoolExecutor(len(shares)) as threads:
        list(threads.map(count, shares))
    present = {state.subject: state for state in sorted(history, key=lambda state: state.sequence)}
    assert tally.recount(present.values()) == []
