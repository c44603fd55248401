"""A case standard as an official sends it becomes rows; nothing of the file is dropped silently."""

import csv
import os
from copy import deepcopy
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.problem import InvalidInput
from services.complaints.standard.outside import read_outside, shipped_table
from services.complaints.standard.reading import read_standard
from services.complaints.triage.category import Lexicon
from services.complaints.triage.request_kind import ZH as KIND_ZH
from tests.unit.standard_made import EVENTS, FACILITIES, xlsx

DATA = Path(os.environ.get("WENMING_DATA", Path(__file__).parents[3] / "shared/data")) / "case-standard"


def what_comes_of(name: str, content: bytes) -> str | None:
    """The field that is blamed for a file that is refused; else what was read."""
    try:
        reading = read_standard(name, content)
    except InvalidInput as refused:
        return refused.field
    return "rows" if reading.rows else "refused rows"


def test_title_rows_and_merged_cells_are_read_as_people_see_them() -> None:
    reading = read_standard("standard.xlsx", xlsx())

    assert [(row.code, row.minor, row.limit, row.amount, row.clock, row.qualifier) for row in reading.rows] == [
        ("部件01-01-1", "雨水井盖", "2紧急工作时", 2.0, "urgent_hour", ""),
        ("部件01-01-2", "雨水井盖", "４小时", 4.0, "work_hour", ""),
        ("部件01-01-3", "雨水井盖", "2 天", 2.0, "work_day", ""),
        ("部件01-02-1", "庭院灯", "1天", 1.0, "work_day", ""),
        ("事件01-22-1", "非法伐树", "1紧急工作时制止", 1.0, "urgent_hour", "制止"),
        ("事件01-23-1", "施工扰民", "2紧急工作日", 2.0, "natural_day", ""),
        ("事件01-98-1", "违法自建房", "15天", 15.0, "work_day", ""),
    ]
    assert reading.refused == []
    assert {(row.major_code, row.major, row.handling_units) for row in reading.rows[:3]} == {
        ("1", "公用设施", "排水中心")
    }
    assert reading.rows[5].filing_condition == "未经许可 夜间施工"
    assert reading.rows[0].source == "部件 第3行"


def test_what_was_read_with_a_grain_of_salt_is_told_with_its_row() -> None:
    notes = read_standard("standard.xlsx", xlsx()).notes

    assert [(note.sheet, note.row, note.reason_zh) for note in notes] == [
        ("事件", 6, "与上一行合并为同一条"),
        ("事件", 4, "大类代码空缺，按01补"),
    ]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (8, None, "处置时限为空"),
        (8, "2-3天", "区间"),
        (8, "尽快", "应以数字开头"),
        (6, None, "立案条件为空"),
        (7, " ", "结案条件为空"),
        (3, None, "小类名称为空"),
        (2, None, "小类代码为空"),
        (6, "缺失、移位，存在安全隐患的", "重复"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_number_and_reason(column: int, value: object, said: str) -> None:
    rows = deepcopy(FACILITIES)
    rows[5] = [1, "公用设施", 1, "雨水井盖", "照明所", "城管局", "不亮", "修复", "1天"]
    rows[5][column] = value
    rows[3:5] = []

    reading = read_standard("standard.xlsx", xlsx(rows, merge=False))

    mine = [one for one in reading.refused if one.sheet == "部件"]
    assert [(one.row, said in one.reason_zh) for one in mine] == [(4, True)]
    assert [row.code for row in reading.rows if row.kind == "部件"] == ["部件01-01-1"]


def test_a_sheet_without_a_header_is_refused_as_a_whole() -> None:
    reading = read_standard("standard.xlsx", xlsx(events=[["说明"], ["本表由城管局解释"]], merge=False))

    assert [(one.sheet, one.row) for one in reading.refused if one.sheet == "事件"] == [("事件", 0)]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", "大类名称,小类名称\n".encode("utf-16"), b"\xff\xfe\x00"]
)
@pytest.mark.parametrize("name", ["x.xlsx", "x.csv"])
def test_a_file_that_is_no_table_is_refused(name: str, content: bytes) -> None:
    assert what_comes_of(name, content) in ("file", "refused rows")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_flat_csv_says_the_same_in_every_encoding(encoding: str) -> None:
    lines = "kind,major_code,major_name,minor_code,minor_name,filing_condition,closing_condition,time_limit\n"
    lines += "部件,1,公用设施,03,雨水井盖,缺失,恢复,2紧急工作时\n"

    (row,) = read_standard("standard.csv", lines.encode(encoding)).rows

    assert (row.code, row.limit, row.source) == ("部件01-03-1", "2紧急工作时", "standard.csv 第2行")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats()), max_size=9), max_size=6)
)
def test_any_junk_below_the_header_comes_out_or_is_named(junk: list[list[object]]) -> None:
    quoted = [["" if cell is None else str(cell).replace("\x00", "").replace("\r", "") for cell in row] for row in junk]
    file = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [EVENTS[1], *quoted])
    content = file.encode("utf-8", "replace")
    if what_comes_of("junk.csv", content) == "file":
        return
    reading = read_standard("junk.csv", content)
    accounted = len(reading.rows) + len(reading.refused) + len(reading.notes)
    assert accounted >= len(list(csv.reader(file.splitlines(keepends=True)))) - 1


def test_the_second_table_names_every_kind_of_request_and_every_subject_of_the_categories() -> None:
    rows = shipped_table()
    general = {(kind, row.subject) for row in rows if not row.category for kind in row.request_kinds.split("、")}
    subjects = {category.level1 for category in Lexicon.load().categories.values()} | {"其他"}

    assert general >= {(kind, subject) for kind in KIND_ZH.values() for subject in subjects}
    assert all(row.because and row.default_unit and row.closing_condition for row in rows)


def test_a_second_table_with_an_unknown_kind_of_request_is_refused_by_row() -> None:
    lines = "诉求类型,一级分类,处置时限,默认承办单位\n投诉,交通运输,5天,~transport\n抱怨,交通运输,5天,territory\n"
    lines += "求助,交通运输,5天,谁都行\n投诉,交通运输,3天,territory\n"

    reading = read_outside("second.csv", lines.encode())

    assert [row.code for row in reading.rows] == ["投诉-交通运输"]
    assert [one.row for one in reading.refused] == [3, 4, 5]


@pytest.mark.skipif(not DATA.exists(), reason=f"no published case standard at {DATA}")
def test_the_published_standard_is_read_exactly_as_its_flat_twin() -> None:
    file = read_standard("case-standard.xlsx", (DATA / "case-standard.xlsx").read_bytes())
    with (DATA / "case-standard.csv").open(encoding="utf-8-sig", newline="") as lines:
        flat = list(csv.DictReader(lines))

    assert (len(file.rows), file.classes, file.refused) == (519, 190, [])
    assert [(note.sheet, note.row) for note in file.notes] == [("事件", n) for n in (52, 54, 55, 73, 74)]
    for row, twin in zip(file.rows, flat, strict=True):
        read = (row.kind, row.major_code, row.major, row.minor_code, row.minor, row.handling_units, row.supervising)
        assert (*read, row.filing_condition, row.closing_condition, row.limit) == tuple(twin.values())
    both = read_standard("case-standard.csv", (DATA / "case-standard.csv").read_bytes()).rows
    assert [msgspec.structs.replace(row, source="") for row in both] == [
        msgspec.structs.replace(row, source="") for row in file.rows
    ]
