"""`wenming standard`: what it asks the service, and that its export reads as a standard again."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

import cli.standard
from services.complaints.contracts import LimitTable
from services.complaints.standard.lists import difference, page_of
from services.complaints.standard.outside import read_outside
from services.complaints.standard.reading import read_standard
from services.complaints.standard.tables import Tables
from tests.unit.standard_made import DAY, edition, rows, xlsx

TABLES = Tables(1, [edition()], [])
REPORT = {"edition": None, "version": 0, "rows": 6, "classes": 4, "edits_left_behind": [], "notes": []}
REFUSED = {"sheet": "部件", "row": 6, "reason": "no number", "reason_zh": "时限“尽快”应以数字开头"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls, answered from TABLES."""
    calls: list[Any] = []

    def call(town: Any, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        calls.append((method, args, dict(kwargs)))
        if method == "import_standard":
            return REPORT | {"refused": [REFUSED]}
        if method == "standard_diff":
            return msgspec.to_builtins(difference(TABLES, LimitTable(args[2]), DAY.replace(month=11), DAY))
        table, asked = LimitTable(kwargs.pop("table")), {name: kwargs.get(name) for name in ("search", "code")}
        page = {name: kwargs[name] for name in ("first", "skip") if name in kwargs}
        return msgspec.to_builtins(page_of(TABLES, table, DAY, **asked, **page))

    monkeypatch.setattr(cli.standard, "call", call)
    return calls


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.standard.standard, list(words))


def test_an_import_sends_the_file_and_names_every_refused_row(asked: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "标准.xlsx"
    file.write_bytes(xlsx())

    done = run("import", str(file), "--from", "2026-12-01")

    method, args, kwargs = asked[0]
    assert (method, args[:2], args[3]) == ("import_standard", ("5301", "标准.xlsx"), "2026-12-01")
    assert base64.b64decode(args[2]) == file.read_bytes()
    assert kwargs == {"table": "standard", "trial": False, "allow_refused": False}
    assert "refused: 部件 row 6: 时限“尽快”应以数字开头" in done.output
    assert done.exit_code == 1


@pytest.mark.parametrize("table", ["standard", "outside"])
def test_what_is_exported_reads_as_the_same_rows_again(asked: list[Any], tmp_path: Path, table: str) -> None:
    file = tmp_path / "now.csv"

    done = run("export", str(file), *(["--outside"] if table == "outside" else []))

    assert done.exit_code == 0, done.output
    read = (read_standard if table == "standard" else read_outside)(file.name, file.read_bytes())
    expected = [view.row for view in TABLES.on(DAY).rows(LimitTable(table)).values()]
    assert read.refused == []
    assert [msgspec.structs.replace(row, source="") for row in read.rows] == [
        msgspec.structs.replace(row, source="") for row in expected
    ]


def test_a_row_is_shown_with_all_that_it_says(asked: list[Any]) -> None:
    done = run("show", "事件01-22-1")

    assert "处置时限  1紧急工作时制止" in done.output
    assert "means  1 urgent_hour 制止" in done.output
    assert run("show", "事件99").exit_code == 1


def test_an_edit_names_row_day_reason_and_version(asked: list[Any]) -> None:
    done = run("set", "部件01-02-1", "--limit", "3天", "--from", "2027-01-01", "--why", "试行", "--seen", "1")

    assert done.exit_code == 0, done.output
    method, args, kwargs = asked[0]
    assert (method, args[:3], args[4:6]) == (
        "edit_standard",
        ("部件01-02-1", {"limit": "3天"}, "2027-01-01"),
        ("试行", 1),
    )
    assert kwargs == {"table": "standard"}


def test_lists_and_differences_are_printed(asked: list[Any]) -> None:
    assert "部件01-02-1" in run("list", "庭院灯").output
    assert f"added  {rows()[0].code}" in run("diff", "2026-11-01", "2026-12-01").output
