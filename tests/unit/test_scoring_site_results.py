"""Results as they come in: tables in UTF-8 and GBK, and rows refused with the field and the reason."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from infra.organisation.registry import Registry
from infra.problem import InvalidInput
from services.assessment.framework import Framework, load_framework
from services.assessment.site_results import CheckedResult, check_row, read_table

HEADER = "点位编号,点位类型,所属街道,测评项目,扣分,情况说明,案件编号"
GOOD: dict[str, Any] = {
    "site_id": "C0001",
    "site_type": "公厕",
    "street": "华山街道",
    "item": "洗手设施可用",
    "deduction": "2.5",
    "note": "洗手液缺失",
    "case_number": "",
}


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework("kunming-sites", 1)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load("5301")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_reads_the_same_in_utf8_and_gbk(encoding: str) -> None:
    table = f"{HEADER}\r\nC0001,公厕,华山街道,洗手设施可用,2.5,洗手液缺失,\r\n".encode(encoding)

    assert read_table(table) == [(2, GOOD)]


def test_columns_may_stand_in_any_order_and_beside_others() -> None:
    table = "扣分,备用,测评项目,所属街道,点位类型,点位编号\n2.5,x,洗手设施可用,华山街道,公厕,C0001\n".encode()

    assert read_table(table) == [(2, GOOD | {"note": ""})]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InvalidInput, match="no column '扣分'") as refused:
        read_table("点位编号,点位类型,所属街道,测评项目\n".encode())
    assert refused.value.field == "扣分"


def test_what_is_not_text_is_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput, match="neither UTF-8 nor GBK") as refused:
        read_table(b"\xff\xfe\xff\x81\x00")
    assert refused.value.field == "file"


@pytest.fixture
def csv_as_it_is_loaded() -> Iterator[None]:
    """The limit of a field is one for the process: whatever other tests left behind must not count here."""
    theirs = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(theirs)


@pytest.mark.usefixtures("csv_as_it_is_loaded")
@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (['C1,公厕,华山街道,洗手设施可用,3,"没有引号结尾,', "C2,公厕,华山街道,洗手设施可用,2,,"], 2),
        (["C1,公厕,华山街道,洗手设施可用,3,,", 'C2,公厕,华山街道,洗手设施可用,2,"多"余,'], 3),
        (["C1,公厕,华山街道,洗手设施可用,3," + "长" * 200_000 + ","], 2),
    ],
    ids=["open quotation mark", "text after a quotation mark", "field without end"],
)
def test_what_is_no_csv_is_refused_with_the_line_on_which_it_begins(lines: list[str], line: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_table("\n".join([HEADER, *lines]).encode())
    assert (refused.value.field, refused.value.extra) == ("file", {"line": line})
    assert refused.value.detail_zh == f"第{line}行：文件不是有效的CSV表格"


def test_a_quoted_note_may_hold_line_breaks_and_quotation_marks() -> None:
    table = f'{HEADER}\nC1,公厕,华山街道,洗手设施可用,3,"甲""乙\n丙",\n'.encode()
    [(line, row)] = read_table(table)
    assert (line, row["note"]) == (3, '甲"乙\n丙')


def test_a_good_row_names_its_place_by_path(framework: Framework, registry: Registry) -> None:
    assert check_row(GOOD, framework, registry) == CheckedResult(
        site_id="C0001",
        site_type="公厕",
        place="5301/530102/530102001",
        item="洗手设施可用",
        deduction=Decimal("2.50"),
        note="洗手液缺失",
        case_number=None,
    )


@pytest.mark.parametrize("street", ["5301/530102401", "高新区", "昆明国家高新技术产业开发区"])
def test_a_site_may_lie_in_a_zone_directly(framework: Framework, registry: Registry, street: str) -> None:
    assert check_row(GOOD | {"street": street}, framework, registry).place == "5301/530102401"


@pytest.mark.parametrize("points", [3, 3.0, "3", " 3.00", "３"])
def test_points_may_be_numbers_or_words_for_them(framework: Framework, registry: Registry, points: object) -> None:
    assert check_row(GOOD | {"deduction": points}, framework, registry).deduction == 3


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("site_id", "", "site_id is empty"),
        ("site_id", "C" * 65, "over 64 characters"),
        ("site_type", "茶馆", "no site type of kunming-sites version 1"),
        ("item", "路灯照明正常", "not checked on 公厕"),
        ("street", "长安街道", "no unit is called '长安街道'"),
        ("street", "5301/530102/530102999", "no unit '5301/530102/530102999'"),
        ("street", "5301", "no street, district or zone"),
        ("deduction", "", "deduction is empty"),
        ("deduction", None, "deduction is empty"),
        ("deduction", "两分", "not a number"),
        ("deduction", "-1", "outside 0..20"),
        ("deduction", "20.01", "outside 0..20"),
        ("deduction", "NaN", "outside 0..20"),
        ("deduction", "1e99", "outside 0..20"),
        ("deduction", "1.005", "more than two decimals"),
        ("note", "长" * 501, "over 500 characters"),
    ],
)
def test_a_bad_row_is_refused_with_its_field(
    framework: Framework, registry: Registry, field: str, value: object, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_row(GOOD | {field: value}, framework, registry)

    assert refused.value.field == field
    assert said in refused.value.detail
    assert refused.value.detail_zh
