"""What people hand to the commands, and how the commands answer: encodings, moments, cells."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli.city_time import city_time
from cli.importing.encoding import open_text
from cli.plan import COLUMNS, rows_of
from cli.whole_cells import whole_cells
from infra.problem import InvalidInput


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_a_table_is_read_in_every_encoding_that_offices_save(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "calendar.csv"
    file.write_bytes("date,kind,name\n2027-01-01,休,元旦\n".encode(encoding))
    with open_text(file) as lines:
        assert lines.read() == "date,kind,name\n2027-01-01,休,元旦\n"


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    with pytest.raises(InvalidInput, match=r"photo\.csv is neither UTF-8 nor GB18030"):
        open_text(file)


def test_a_plan_in_gbk_is_the_plan_in_utf_8(tmp_path: Path) -> None:
    table = ",".join(COLUMNS) + "\n1,政务,2,公开承诺,市城管局;市公安局\n"
    plans = []
    for encoding in ("utf-8", "gbk"):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes(table.encode(encoding))
        plans.append(rows_of(file))
    assert plans[0] == plans[1]
    assert plans[0][0]["lead_units"] == ["市城管局", "市公安局"]


@pytest.mark.parametrize("moment", ["2026-03-02T00:15:00.148000Z", datetime(2026, 3, 2, 0, 15, tzinfo=UTC)])
def test_people_read_the_citys_time(moment: datetime | str) -> None:
    assert city_time(moment) == "2026-03-02 08:15:00"


def test_no_moment_is_read_as_nothing() -> None:
    assert city_time(None) == ""


def test_a_long_cell_is_broken_into_lines_and_not_cut_off() -> None:
    table, out = whole_cells("queue"), StringIO()
    table.add_row("complaints.intake.hotline_12345")
    Console(file=out, width=20).print(table)
    assert "…" not in out.getvalue()
    assert "345" in out.getvalue()
