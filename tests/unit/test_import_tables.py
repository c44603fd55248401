"""A table is read by the names of its columns, whatever Excel and offices did to it."""

import csv
import io
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cli.importing.cells import cell_text, plain_text
from cli.importing.delimited import DELIMITERS, read_delimited
from cli.importing.refusals import safe
from cli.importing.spreadsheet import LARGEST_TEXTS, read_spreadsheet
from cli.importing.table import Row
from infra.problem import InvalidInput, Problem, TooLarge
from tests.unit.import_tables import FORM, HEADER, book

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def rows_of(path: Path, **options: Any) -> list[Row]:
    read = read_delimited if path.suffix == ".csv" else read_spreadsheet
    return list(read(path, FORM, **options).rows())


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("value", "form", "moment", "text"),
    [
        (13800000000.0, "General", False, "13800000000"),
        (87, "00000000", False, "00000087"),
        (25.0492, "General", False, "25.0492"),
        (46083.319444444, "General", True, "2026-03-02 07:40:00"),
        (46083, "General", False, "46083"),
        (datetime(2026, 3, 2, 7, 39, 59, 999_600), "", True, "2026-03-02 07:40:00"),
        (date(2026, 3, 2), "", True, "2026-03-02"),
        (True, "", False, "是"),
        (" '0087 ", "", False, "0087"),
        ('="0087"', "", False, "0087"),
        ("46083.25", "", True, "2026-03-02 06:00:00"),
        ("'=1+1", "", False, "=1+1"),
        ("'tis", "", False, "'tis"),
        (None, "", False, ""),
    ],
)
def test_what_stands_in_a_cell_is_what_was_typed(value: Any, form: str, moment: bool, text: str) -> None:
    assert cell_text(value, "x", moment=moment, form=form) == text


@pytest.mark.parametrize("value", [530102199001011234, 5.30102199001011e17, "1.38E+10"])
def test_a_number_that_lost_its_digits_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="lost digits") as refusal:
        cell_text(value, "号码", moment=False)
    assert refusal.value.field == "号码"
    assert "请把该列设为“文本”" in refusal.value.detail_zh


def test_a_workbook_that_counts_from_1904() -> None:
    assert cell_text(44621.25, "x", moment=True, epoch=CALENDAR_MAC_1904) == "2026-03-02 06:00:00"


def test_titles_merged_cells_blank_rows_and_decorated_headings(tmp_path: Path) -> None:
    rows = [
        ["12345 工单导出表"],
        [],
        ["序号", "工单编号*", "诉求内容\n（必填）", "号 码", "事发时间：", "", "导入·原因"],
        [1, "GD1", "井盖缺失", 13800000000, datetime(2026, 3, 2, 7, 40), "多余", "旧的原因"],
        [],
        [2, 88, "垃圾", None, 46083.25],
    ]

    def change(_: Any, sheet: Any) -> None:
        sheet.merge_cells("A1:E1")
        sheet["B6"].number_format = "000000"

    found = rows_of(book(tmp_path / "t.xlsx", rows, change))

    assert found == [
        Row(
            4,
            {
                "序号": "1",
                "工单编号": "GD1",
                "诉求内容": "井盖缺失",
                "号码": "13800000000",
                "事发时间": "2026-03-02 07:40:00",
            },
        ),
        Row(6, {"序号": "2", "工单编号": "000088", "诉求内容": "垃圾", "事发时间": "2026-03-02 06:00:00"}),
    ]


def test_the_first_visible_sheet_with_a_header_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    def change(made: Any, sheet: Any) -> None:
        sheet.title = "说明"
        for name, number in (("隐藏", "H1"), ("工单", "G1")):
            other = made.create_sheet(name)
            other.append(HEADER)
            other.append([number, "x"])
        made["隐藏"].sheet_state = "hidden"

    path = book(tmp_path / "t.xlsx", [["请填写"]], change)

    assert [row.cells["工单编号"] for row in rows_of(path)] == ["G1"]
    assert [row.cells["工单编号"] for row in rows_of(path, sheet="隐藏")] == ["H1"]
    with pytest.raises(InvalidInput, match="no sheet 别的"):
        rows_of(path, sheet="别的")


def test_an_error_or_a_lost_number_refuses_its_row_only_and_the_row_can_still_be_shown(tmp_path: Path) -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet["B2"].value, sheet["B2"].data_type = "#N/A", "e"

    found = rows_of(book(tmp_path / "t.xlsx", [HEADER, ["G1"], [10**17, "x"], ["G3", "x"]], change))

    assert [row.refusal and row.refusal.field for row in found] == ["诉求内容", "工单编号", None]
    assert found[1].cells == {"工单编号": "1e+17", "诉求内容": "x"}


def test_formulas_count_as_the_value_that_excel_last_computed(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [HEADER, ["G1", "=1+1"]])  # never computed: it has none

    assert rows_of(path) == [Row(2, {"工单编号": "G1"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_csv_in_every_encoding_and_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = io.StringIO(newline="")
    csv.writer(lines, delimiter=delimiter).writerows(
        [["工单导出"], HEADER, ["GD1", '第一行\n第"二"行，;|\t,', "0871", "46083.25"], [], ["GD2"], ["GD3", *"abcdefg"]]
    )

    found = rows_of(written(tmp_path / "t.csv", lines.getvalue(), encoding))

    assert [row.number for row in found] == [3, 6, 7]
    assert found[0].cells == {
        "工单编号": "GD1",
        "诉求内容": '第一行\n第"二"行，;|\t,',
        "号码": "0871",
        "事发时间": "2026-03-02 06:00:00",
    }
    assert found[1].cells == {"工单编号": "GD2"}
    assert found[2].cells == {"工单编号": "GD3", "诉求内容": "a", "号码": "b", "事发时间": "c"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "前30行中没有含“工单编号”的表头"),
        ("姓名,电话\n张三,1".encode(), "前30行中没有含“工单编号”的表头"),
        ("工单编号,标题\nG1,x".encode(), "缺少列：诉求内容"),
        ("工单编号,诉求内容,诉求内容\n".encode(), "有两列都叫“诉求内容”"),
        ("工单编号,诉求内容\n".encode() + b"\xff\xff", "文件编码既非 UTF-8 也非 GBK/GB18030"),
        ('工单编号,诉求内容\nG1,"'.encode() + b"x" * 1_100_000, "第2行起无法读取：引号未闭合或单元格过长"),
    ],
)
def test_a_csv_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refusal:
        rows_of(path)
    assert refusal.value.detail_zh == said


def test_a_spreadsheet_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    for content, said in [
        (b"", "文件损坏或不是 .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "文件已加密，或为旧版 .xls，请另存为不加密的 .xlsx"),
        (b"PK\x05\x06" + bytes(18), "文件损坏或不是 .xlsx"),
    ]:
        path.write_bytes(content)
        with pytest.raises(InvalidInput) as refusal:
            rows_of(path)
        assert refusal.value.detail_zh == said
    with pytest.raises(InvalidInput, match="no row of the first"):
        rows_of(book(path, []))


def test_a_spreadsheet_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(LARGEST_TEXTS // (1 << 20) + 1):
            part.write(bytes(1 << 20))
    with pytest.raises(TooLarge):
        rows_of(path)


def test_a_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet["XFD2"] = "far"

    assert len(rows_of(book(tmp_path / "t.xlsx", [HEADER, ["G1", "x"]], change))) == 1


@quick
@given(st.binary(max_size=600))
def test_whatever_bytes_a_csv_holds_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    for start in (b"", "工单编号,诉求内容\n".encode(), "工单编号,诉求内容\n".encode("gbk")):
        path.write_bytes(start + content)
        with suppress(Problem):
            rows_of(path)


@quick
@given(st.data())
def test_a_damaged_spreadsheet_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "t.xlsx"
    if not path.exists():
        book(path, [HEADER, ["G1", "x", 138, datetime(2026, 3, 2)]])
    whole = zipfile.ZipFile(path)
    parts = {one.filename: bytearray(whole.read(one)) for one in whole.infolist()}
    part = data.draw(st.sampled_from(sorted(parts)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, max(0, len(parts[part]) - 1)))
        parts[part][at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(damaged, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, bytes(content))
    with suppress(Problem):
        rows_of(damaged)


cells = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
)


@quick
@given(st.lists(st.lists(cells, max_size=6), max_size=6))
def test_ragged_rows_of_anything_are_rows_of_text(tmp_path: Path, rows: list[list[Any]]) -> None:
    try:
        path = book(tmp_path / "t.xlsx", [HEADER, *rows])
    except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
        return  # Excel does not keep it either
    for row in rows_of(path):
        assert set(row.cells) <= set(HEADER)
        assert all(isinstance(text, str) and text for text in row.cells.values())


@given(st.text(max_size=40))
def test_what_excel_would_compute_comes_back_as_it_was(text: str) -> None:
    said = plain_text(text, "x", moment=False) if not text.startswith(("'", "=")) and "e+" not in text.lower() else ""
    assert plain_text(safe(said), "x", moment=False) == said


def test_reading_a_long_cell_leaves_the_limit_of_others_as_it_was(tmp_path: Path) -> None:
    theirs = csv.field_size_limit()
    path = tmp_path / "t.csv"
    path.write_text("工单编号,诉求内容\nGD1," + "长" * 200_000 + "\n", "utf-8")
    rows = read_delimited(path, FORM).rows()

    assert len(next(rows).cells["诉求内容"]) == 200_000
    assert csv.field_size_limit() == theirs
