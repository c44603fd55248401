"""A unit's path answers who is inside whom, by whole segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.organisation import unit_path

CITY, DISTRICT, STREET = "5301", "5301/530102", "5301/530102/530102001"


@pytest.mark.parametrize(
    "path",
    [CITY, DISTRICT, STREET, STREET + "/530102001001", "5301/530102401/530102401001", "5301/~psb", "5301/530102/~psb"],
)
def test_codes_and_departments_make_a_path(path: str) -> None:
    assert unit_path.is_path(path)


@pytest.mark.parametrize(
    "text", ["", "/", "5301/", "/5301", "五华区", "5301//530102", "5301/53010", "5301/~", "5301\n"]
)
def test_anything_else_is_no_path(text: str) -> None:
    assert not unit_path.is_path(text)


def test_a_unit_contains_itself_and_what_lies_below() -> None:
    assert unit_path.contains(DISTRICT, DISTRICT)
    assert unit_path.contains(DISTRICT, STREET)
    assert not unit_path.contains(STREET, DISTRICT)


def test_a_code_that_begins_with_another_code_is_not_inside_it() -> None:
    assert not unit_path.contains("5301/530102", "5301/530102401")


def test_the_parent_is_one_level_up_and_a_city_has_none() -> None:
    assert unit_path.parent(STREET) == DISTRICT
    assert unit_path.parent("5301/~psb") == CITY
    assert unit_path.parent(CITY) is None


def test_ancestors_lead_from_the_city_down_to_the_unit_itself() -> None:
    assert unit_path.ancestors(STREET) == [CITY, DISTRICT, STREET]


@pytest.mark.parametrize(
    ("path", "tier"),
    [(CITY, 1), (DISTRICT, 2), ("5301/530102401", 2), (STREET, 3), (STREET + "/530102001001", 4)],
)
def test_the_tier_of_a_territory_is_its_depth(path: str, tier: int) -> None:
    assert unit_path.tier(path) == tier


@pytest.mark.parametrize(("path", "tier"), [("5301/~psb", 1), ("5301/530102/~psb", 2)])
def test_a_department_has_the_tier_of_its_body(path: str, tier: int) -> None:
    assert unit_path.is_department(path)
    assert unit_path.tier(path) == tier


def test_cutting_never_lengthens_a_path() -> None:
    assert unit_path.cut_to_tier(STREET + "/530102001001", 3) == STREET
    assert unit_path.cut_to_tier(DISTRICT, 3) == DISTRICT


segments = st.sampled_from(["530102", "530102001", "530102401", "530103", "~psb"])
paths = st.lists(segments, max_size=3).map(lambda parts: "/".join([CITY, *parts]))


@given(paths, paths)
def test_the_index_range_holds_exactly_what_lies_strictly_below(unit: str, path: str) -> None:
    low, high = unit_path.prefix_range(unit)

    assert (low <= path < high) == (path != unit and unit_path.contains(unit, path))
