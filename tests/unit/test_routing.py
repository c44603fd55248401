"""Routing: whose duty a case is, and why."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.organisation.registry import Registry
from services.tasks.contracts import RoutingRow, RoutingRowView
from services.tasks.routing import Route, is_office, route, route_after_return
from services.tasks.routing_table.checks import read_row
from services.tasks.routing_table.rows import Matter, RoutingTable
from services.tasks.routing_table.sheet import known_categories, known_subjects, shipped_table
from tests.unit.tasks_made import MONDAY_NINE

ROOT = Path(__file__).parents[2]
KUNMING = Registry.load("5301")
TODAY = date(2026, 3, 2)
LONG_AGO = date(2017, 1, 1)
OFFICE = "5301/~office"
STREET = "5301/530102/530102001"
COMMUNITY = "5301/530102/530102001/530102001001"


def routed(category: str, place: str, table: RoutingTable | None = None, **facts: Any) -> Route:
    return route(table or shipped_table(), KUNMING, Matter(category, place, **facts), TODAY)


def decided(category: str, place: str, **facts: Any) -> tuple[str, str]:
    return routed(category, place, **facts)[:2]


def table(*rows: dict[str, Any]) -> RoutingTable:
    """A table of these rows behind one for everything else; each because of `b` since 2017 where it says nothing."""
    every = [{"goes_to": "territory"}, *rows]
    made = [RoutingRow(**{"because": "b", "effective_from": LONG_AGO} | row) for row in every]
    return RoutingTable(1, [RoutingRowView(number=n, row=row) for n, row in enumerate(made, start=1)])


def test_routine_work_in_a_street_is_the_streets() -> None:
    assert decided("sanitation.garbage", STREET) == (STREET, "垃圾清运属日常工作，由属地办理；地点在华山街道")


def test_a_matter_in_a_community_is_its_streets() -> None:
    assert routed("sanitation.garbage", COMMUNITY).unit == STREET


def test_where_only_the_district_is_known_it_is_the_districts() -> None:
    assert routed("sanitation.garbage", "5301/530102").unit == "5301/530102"


def test_a_community_of_a_zone_has_no_street_so_the_zone_is_responsible() -> None:
    community = KUNMING.children("5301/530102401")[0].path
    assert len(community.split("/")) == 3
    assert routed("sanitation.garbage", community).unit == "5301/530102401"


def test_without_a_place_the_office_decides() -> None:
    expected = (OFFICE, "地点未明确到县(市)区，由总指挥部办公室指定承办单位")
    assert decided("sanitation.garbage", "5301") == expected


def test_what_the_table_gives_a_department_goes_there_from_any_place() -> None:
    expected = ("5301/~psb", "交通秩序与信号属市级部门职责，由市公安局牵头负责")
    assert decided("transport.order", STREET) == decided("transport.order", "5301") == expected
    assert routed("transport.order", STREET).lead == "5301/~psb"


def test_what_nobody_listed_stays_with_the_territory_unless_the_case_standard_proposes_a_department() -> None:
    assert decided("brand.new", STREET) == (STREET, "路由表未列的类别由属地办理；地点在华山街道")
    assert decided("brand.new", STREET, default_unit="5301/530102")[0] == STREET
    expected = ("5301/~psb", "路由表未列的类别，按案件标准建议由市公安局承办")
    assert decided("brand.new", STREET, default_unit="5301/~psb") == expected
    assert decided("sanitation.garbage", STREET, default_unit="5301/~psb")[0] == STREET


def test_what_is_difficult_moves_to_the_lead_department_while_routine_stays_with_the_territory() -> None:
    assert routed("sanitation.garbage", STREET).lead == "5301/~ucb"
    moved = routed("sanitation.garbage", STREET, difficult=True)
    assert moved[:2] == ("5301/~ucb", "属疑难问题，由牵头部门市城管综合执法局协调解决，地点不变")
    assert routed("transport.order", STREET, difficult=True)[:2] == routed("transport.order", STREET)[:2]


def test_what_is_difficult_and_has_no_lead_department_goes_to_the_office() -> None:
    expected = (OFFICE, "属疑难问题，路由表未列牵头部门，由总指挥部办公室指定承办单位")
    assert decided("utilities.power", STREET, difficult=True) == expected


def test_a_row_that_speaks_of_difficult_matters_itself_decides_about_them() -> None:
    rows = table({"category": "noise", "lead": "~psb", "difficult": True, "goes_to": "district"})
    assert routed("noise", STREET, rows, difficult=True).unit == "5301/530102"
    assert routed("noise", STREET, rows).unit == STREET


def test_assisting_units_are_those_beside_the_responsible_one() -> None:
    found = routed("transport.illegal", STREET)
    assert (found.unit, found.assists) == ("5301/~transport", ("5301/530102",))
    assert routed("transport.illegal", "5301").assists == ()
    rows = table({"category": "noise", "goes_to": "territory", "assists": ["district", "district/~psb", "~ucb"]})
    assert routed("noise", STREET, rows).assists == ("5301/530102/~psb", "5301/~ucb")


def test_the_bureau_of_the_district_is_the_places_own() -> None:
    rows = table({"category": "noise", "goes_to": "district/~psb"})
    assert routed("noise", STREET, rows).unit == "5301/530102/~psb"
    assert routed("noise", "5301/530103", rows).unit == "5301/530103/~psb"
    assert routed("noise", "5301", rows).unit == OFFICE


def test_the_most_exact_row_is_tried_first_category_before_place_before_kind() -> None:
    rows = table(
        {"category": "noise", "goes_to": "~ucb"},
        {"category": "noise.bar", "goes_to": "~culture"},
        {"category": "noise.bar", "place": "5301/530102", "goes_to": "~psb"},
        {"category": "noise.bar", "kind": "tip_off", "goes_to": "~tourism"},
        {"place": STREET, "channel": "weibo", "goes_to": "~publicity"},
        {"subject": "环境保护", "goes_to": "~environment"},
    )
    assert routed("noise.bar", STREET, rows, kind="tip_off").unit == "5301/~psb"
    assert routed("noise.bar", "5301/530103", rows, kind="tip_off").unit == "5301/~tourism"
    assert routed("noise.bar", "5301/530103", rows, kind="help").unit == "5301/~culture"
    assert routed("noise.site", STREET, rows, channel="weibo").unit == "5301/~ucb"
    assert routed("noisette", STREET, rows, channel="weibo", subject="环境保护").unit == "5301/~publicity"
    assert routed("noisette", STREET, rows, channel="wechat", subject="环境保护").unit == "5301/~environment"
    assert routed("noisette", STREET, rows, channel="wechat").unit == STREET


def test_a_row_holds_from_its_day_until_a_younger_one_of_one_days_the_last_written() -> None:
    rows = table(
        {"category": "noise", "goes_to": "~psb"},
        {"category": "noise", "goes_to": "~culture", "effective_from": date(2026, 3, 2)},
        {"category": "noise", "goes_to": "~ucb", "effective_from": date(2026, 3, 2)},
        {"category": "noise", "removed": True, "effective_from": date(2026, 3, 4)},
    )
    units = [route(rows, KUNMING, Matter("noise", STREET), date(2026, 3, day)).unit for day in (1, 2, 3, 4)]
    assert units == ["5301/~psb", "5301/~ucb", "5301/~ucb", STREET]


def test_the_first_return_leads_to_the_unit_above() -> None:
    expected = Route("5301/530102", "华山街道退回，由上级单位五华区承办")
    assert route_after_return(KUNMING, STREET, 1, MONDAY_NINE) == expected


@pytest.mark.parametrize("unit", ["5301/530102", "5301/530102401", "5301/~psb"])
def test_above_districts_zones_and_departments_is_the_office(unit: str) -> None:
    assert route_after_return(KUNMING, unit, 1, MONDAY_NINE).unit == OFFICE


def test_the_second_return_leads_to_the_office() -> None:
    assert route_after_return(KUNMING, STREET, 2, MONDAY_NINE) == Route(OFFICE, "已退回2次，由总指挥部办公室裁定")


def test_a_category_has_the_name_of_the_table_else_its_code() -> None:
    assert shipped_table().name("utilities.manhole", TODAY) == "井盖"
    assert shipped_table().name("brand.new", TODAY) == "brand.new"


def test_the_table_that_comes_with_the_system_names_only_what_exists() -> None:
    for one in shipped_table().entries:
        body = {name: getattr(one.row, name) for name in one.row.__struct_fields__}
        assert read_row(body, KUNMING, LONG_AGO, "rows[0]") == one.row


def test_the_table_knows_every_category_and_subject_that_triage_can_give() -> None:
    file = ROOT / "services/complaints/data/categories.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        given = list(csv.DictReader(lines))
    assert {row["code"] for row in given} - {one.row.category for one in shipped_table().entries} == set()
    assert {row["level1"] for row in given} == known_subjects()
    assert {"sanitation", "sanitation.garbage", ""} <= known_categories()


def test_the_office_is_known_by_its_path() -> None:
    assert is_office(OFFICE)
    assert not is_office("5301/~psb")
