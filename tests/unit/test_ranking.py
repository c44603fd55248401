"""Ranking: ties share a rank, the next one is left out; change is counted from the round published before."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.framework import Framework, load_framework
from services.assessment.ranking import rank_units, ranks
from services.assessment.scoring import UnitScore

WUHUA, PANLONG, GUANDU, XISHAN = "5301/530102", "5301/530103", "5301/530111", "5301/530112"
SCORES = st.decimals(0, 100, places=2)


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework("kunming-sites", 1)


def scored(unit: str, score: str | None) -> UnitScore:
    return UnitScore(unit=unit, score=None if score is None else Decimal(score), sites=3, deductions=2)


def test_equal_scores_share_a_rank_and_the_next_is_left_out() -> None:
    assert ranks([Decimal(80), Decimal(90), Decimal(85), Decimal(85)]) == [4, 1, 2, 2]


def test_standings_come_best_first_with_grade_and_change(framework: Framework) -> None:
    scores = [scored(WUHUA, "85.00"), scored(PANLONG, "91.5"), scored(GUANDU, None), scored(XISHAN, "85")]
    before: dict[str, int | None] = {WUHUA: 1, PANLONG: 4, GUANDU: 2}

    standings = rank_units(scores, framework, before)

    assert [(one.unit, one.rank, one.grade, one.change) for one in standings] == [
        (PANLONG, 1, "A", 3),
        (WUHUA, 2, "B", -1),
        (XISHAN, 2, "B", None),
        (GUANDU, None, None, None),
    ]
    assert [one.score for one in standings] == [91.5, 85.0, 85.0, None]
    assert {one.tier for one in standings} == {2}


def test_a_unit_that_had_no_rank_before_has_no_change(framework: Framework) -> None:
    (only,) = rank_units([scored(WUHUA, "70")], framework, {WUHUA: None})

    assert only.change is None


@given(st.lists(SCORES, max_size=40))
def test_a_rank_is_one_more_than_the_number_of_better_scores(scores: list[Decimal]) -> None:
    assert ranks(scores) == [1 + sum(other > score for other in scores) for score in scores]


@given(st.lists(SCORES, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(scores: list[Decimal], random) -> None:
    framework = load_framework("kunming-sites", 1)
    units = [UnitScore(unit=f"5301/{530100 + n}", score=one, sites=1, deductions=0) for n, one in enumerate(scores)]
    shuffled = random.sample(units, len(units))

    assert rank_units(shuffled, framework, {}) == rank_units(units, framework, {})
