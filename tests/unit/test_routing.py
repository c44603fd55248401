"""Routing: whose duty a case is, and why."""

import csv
from datetime import date
from pathlib import Path

import pytest

from infra.organisation.registry import Registry
from services.tasks.routing import (
    Route,
    RoutingRow,
    category_name,
    is_office,
    route,
    route_after_return,
    routing_table,
    row_for,
)

ROOT = Path(__file__).parents[2]
KUNMING = Registry.load("5301")
TODAY = date(2026, 3, 2)
OFFICE = "5301/~office"
STREET = "5301/530102/530102001"
COMMUNITY = "5301/530102/530102001/530102001001"


def routed(category: str, place: str) -> Route:
    return route(routing_table(), KUNMING, category=category, place_path=place, on=TODAY)


def test_routine_work_in_a_street_is_the_streets() -> None:
    assert routed("sanitation.garbage", STREET) == Route(STREET, "垃圾清运属日常工作，由属地办理；地点在华山街道")


def test_a_matter_in_a_community_is_its_streets() -> None:
    assert routed("sanitation.garbage", COMMUNITY).unit == STREET


def test_where_only_the_district_is_known_it_is_the_districts() -> None:
    assert routed("sanitation.garbage", "5301/530102").unit == "5301/530102"


def test_a_community_of_a_zone_has_no_street_so_the_zone_is_responsible() -> None:
    community = KUNMING.children("5301/530102401")[0].path
    assert len(community.split("/")) == 3
    assert routed("sanitation.garbage", community).unit == "5301/530102401"


def test_without_a_place_the_office_decides() -> None:
    expected = Route(OFFICE, "地点未明确到县(市)区，由总指挥部办公室指定承办单位")
    assert routed("sanitation.garbage", "5301") == expected


def test_what_the_table_gives_a_department_goes_there_from_any_place() -> None:
    expected = Route("5301/~psb", "交通秩序与信号属市级部门职责，由市公安局牵头负责")
    assert routed("transport.order", STREET) == routed("transport.order", "5301") == expected


def test_a_category_that_nobody_listed_stays_with_the_territory() -> None:
    assert routed("brand.new", STREET) == Route(STREET, "路由表未列的类别由属地办理；地点在华山街道")


def test_the_first_return_leads_to_the_unit_above() -> None:
    expected = Route("5301/530102", "华山街道退回，由上级单位五华区承办")
    assert route_after_return(KUNMING, STREET, 1) == expected


@pytest.mark.parametrize("unit", ["5301/530102", "5301/530102401", "5301/~psb"])
def test_above_districts_zones_and_departments_is_the_office(unit: str) -> None:
    assert route_after_return(KUNMING, unit, 1).unit == OFFICE


def test_the_second_return_leads_to_the_office() -> None:
    assert route_after_return(KUNMING, STREET, 2) == Route(OFFICE, "已退回2次，由总指挥部办公室裁定")


def test_the_most_exact_row_wins_and_of_equals_the_youngest_in_force() -> None:
    def row(category: str, goes_to: str, since: date) -> RoutingRow:
        return RoutingRow(category, "", goes_to, "", since)

    rows = [
        row("", "territory", date(2017, 1, 1)),
        row("noise", "~ucb", date(2017, 1, 1)),
        row("noise.bar", "~psb", date(2017, 1, 1)),
        row("noise.bar", "~culture", date(2026, 3, 2)),
        row("noise.bar", "~tourism", date(2026, 3, 3)),
    ]
    assert row_for(rows, "noise.bar", TODAY).goes_to == "~culture"
    assert row_for(rows, "noise.bar", date(2026, 3, 1)).goes_to == "~psb"
    assert row_for(rows, "noise.site", TODAY).goes_to == "~ucb"
    assert row_for(rows, "noisette", TODAY).goes_to == "territory"


def test_a_category_has_the_name_of_the_table_else_its_code() -> None:
    assert category_name(routing_table(), "utilities.manhole", TODAY) == "井盖"
    assert category_name(routing_table(), "brand.new", TODAY) == "brand.new"


def test_the_table_names_only_departments_that_exist() -> None:
    named = {row.goes_to for row in routing_table()} - {"territory"}
    assert [code for code in named if KUNMING.get(f"5301/{code}") is None] == []


def test_the_table_names_every_category_that_triage_can_give() -> None:
    file = ROOT / "services/complaints/data/categories.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        given = {row["code"] for row in csv.DictReader(lines)}
    assert given - {row.category for row in routing_table()} == set()


def test_the_office_is_known_by_its_path() -> None:
    assert is_office(OFFICE)
    assert not is_office("5301/~psb")
