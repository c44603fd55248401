"""Scores from deductions: what a site, a street and a district get, to two decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.problem import InvalidInput, NotFound
from services.assessment.contracts import Grade
from services.assessment.framework import Framework, load_framework, read_framework
from services.assessment.scoring import Result, SiteScore, score_sites, score_units, weighted_mean

DISTRICT = "5301/530102"
HUASHAN, HUGUO = "5301/530102/530102001", "5301/530102/530102002"


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework("kunming-sites", 1)


def found(site: str, site_type: str, item: str, deduction: str, place: str = HUASHAN) -> Result:
    return Result(site_id=site, site_type=site_type, place=place, item=item, deduction=Decimal(deduction))


def site(score: str, weight: str = "1", place: str = HUASHAN) -> SiteScore:
    return SiteScore(site_id=score, place=place, score=Decimal(score), weight=Decimal(weight), deductions=1)


def test_a_site_has_100_minus_what_it_lost(framework: Framework) -> None:
    results = [
        found("D1", "公厕", "无异味、地面干净", "12.5"),
        found("D1", "公厕", "洗手设施可用", "0"),
        found("D1", "公厕", "无障碍厕位可用", "3"),
    ]

    assert score_sites(results, framework) == [
        SiteScore(site_id="D1", place=HUASHAN, score=Decimal("84.5"), weight=Decimal("0.8"), deductions=2)
    ]


def test_a_site_that_lost_everything_has_0(framework: Framework) -> None:
    kind = framework.site_types["公交站台"]
    results = [found("Z1", kind.name, item.name, str(item.points)) for item in kind.items]

    assert score_sites(results, framework)[0].score == 0


def test_sites_weigh_what_their_type_weighs(framework: Framework) -> None:
    results = [found("G1", "主次干道", "无占道经营", "20"), found("C1", "公厕", "洗手设施可用", "0")]

    (street,) = score_units(score_sites(results, framework), [HUASHAN])

    assert street.score == Decimal("86.96")  # (80 × 1.5 + 100 × 0.8) / 2.3 = 86.9565…
    assert (street.sites, street.deductions) == (2, 1)


def test_a_district_is_the_mean_of_its_sites_and_not_of_its_streets() -> None:
    sites = [site("60"), site("90", place=HUGUO), site("90", place=HUGUO), site("90", place=HUGUO)]

    scores = {one.unit: one.score for one in score_units(sites, [DISTRICT, HUASHAN, HUGUO])}

    assert scores == {DISTRICT: Decimal("82.50"), HUASHAN: Decimal("60.00"), HUGUO: Decimal("90.00")}


def test_a_unit_without_sites_has_no_score() -> None:
    (huguo,) = score_units([site("60")], [HUGUO])

    assert (huguo.score, huguo.sites, huguo.deductions) == (None, 0, 0)


def test_a_path_that_only_begins_alike_is_another_unit() -> None:
    (other,) = score_units([site("60", place="5301/5301021")], [DISTRICT])

    assert other.sites == 0


@pytest.mark.parametrize(
    ("scores", "mean"),
    [(["90", "90.01"], "90.01"), (["90", "90.02"], "90.01"), (["0", "0", "0.01"], "0.00"), (["100"], "100.00")],
)
def test_halves_are_rounded_up_to_two_decimals(scores: list[str], mean: str) -> None:
    assert weighted_mean([site(score) for score in scores]) == Decimal(mean)


@given(st.lists(st.tuples(st.decimals(0, 100, places=2), st.decimals("0.1", 3, places=1)), min_size=1, max_size=30))
def test_a_mean_lies_between_the_worst_and_the_best_site(drawn: list[tuple[Decimal, Decimal]]) -> None:
    sites = [site(str(score), str(weight)) for score, weight in drawn]

    mean = weighted_mean(sites)

    assert mean is not None
    assert min(score for score, _ in drawn) <= mean <= max(score for score, _ in drawn)
    assert weighted_mean(sites[::-1]) == mean


@pytest.mark.parametrize(
    ("score", "grade"),
    [("100", "A"), ("90", "A"), ("89.99", "B"), ("75", "B"), ("60", "C"), ("59.99", "D"), ("40", "D"), ("39.99", "E")],
)
def test_grades_begin_at_their_bounds(framework: Framework, score: str, grade: str) -> None:
    assert framework.grade(Decimal(score)) is Grade(grade)


def test_the_framework_that_comes_with_the_service_reads_back_the_same(framework: Framework) -> None:
    assert len(framework.site_types) == 10
    assert read_framework(framework.to_json()) == framework


def test_an_unknown_version_of_a_framework_is_not_found() -> None:
    with pytest.raises(NotFound, match="kunming-sites version 99"):
        load_framework("kunming-sites", 99)


def test_items_must_add_up_to_100_points(framework: Framework) -> None:
    text = framework.to_json().replace(b'"points":"40"', b'"points":"41"')

    with pytest.raises(InvalidInput, match="公厕 add up to 101 points") as refused:
        read_framework(text)
    assert refused.value.field == "points"
