"""An import accounts for every row, and goes on where it was interrupted."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.hotline import Hotline
from cli.import_table import _report
from cli.importing.delimited import read_delimited
from cli.importing.delivery import BATCH, LARGEST_BATCH, Delivery, batches
from cli.importing.journal import Journal, JournalFile, sha256_of
from cli.importing.refusals import Refusals
from cli.importing.spreadsheet import read_spreadsheet
from cli.importing.table import Row
from infra.problem import InvalidInput, Problem, Refused, TooLarge, Unauthenticated
from tests.unit.import_tables import FORM


class Intake:
    """An intake that stores by number and refuses what has no words; `before` may answer instead, or break off."""

    def __init__(self, before: Callable[[int], httpx.Response | None] = lambda n: None, most: int = 1000) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.most = most
        self.before, self.requests, self.pauses = before, 0, list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if (answer := self.before(self.requests)) is not None:
            return answer
        items = json.loads(request.content)
        if len(items) > self.most:
            too_large = TooLarge(f"more than {self.most} items in one body", f"一次最多{self.most}条", field="body")
            return httpx.Response(413, json=too_large.as_json())
        results = [self.take(item) for item in items]
        return httpx.Response(207, json={"results": results})

    def take(self, item: dict[str, Any]) -> dict[str, Any]:
        if "诉求内容" not in item:
            return {
                "code": "not_understood",
                "detail_zh": "字段“诉求内容”缺失或为空",
                "field": "诉求内容",
                "kept_as": "M-1",
            }
        known = self.stored.get(item["工单编号"])
        self.stored[item["工单编号"]] = item
        return {"outcome": "received" if known is None else "already_received" if known == item else "revised"}

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def bring(path: Path, intake: Intake, report: Path) -> Journal:
    """Import the file, as the command does; its journal is beside it."""
    kept = JournalFile.of(path.parent / "imports", "hotline_12345", sha256_of(path))
    fresh = Journal(file=path.name, channel="hotline_12345", sha256=sha256_of(path), report=str(report))
    journal = kept.read() or fresh
    table = read_delimited(path, FORM) if path.suffix == ".csv" else read_spreadsheet(path, FORM)
    refusals = Refusals(report, list(table.columns.values()), journal.report_bytes)
    hotline = Hotline(
        "http://intake/intake", {"hotline_12345": "s"}, transport=httpx.MockTransport(intake), pause=intake.pause
    )
    try:
        asyncio.run(Delivery(hotline, journal, kept, refusals).bring(table.rows(), lambda n: None))
    except BaseException:
        refusals.close(complete=False, empty=False)
        raise
    refusals.close(complete=True, empty=not journal.counts.get("refused"))
    return journal


def orders(path: Path, count: int) -> Path:
    """A table in which every tenth row has no words, and one a number that Excel has spoilt."""
    lines = [f"GD{n},{'' if n % 10 == 0 else f'=第{n}件，有引号'},{'1.3E+10' if n == 7 else n}" for n in range(count)]
    path.write_text("工单编号,诉求内容,号码\n" + "\n".join(lines) + "\n", encoding="gbk")
    return path


def test_every_row_is_counted_and_every_refused_one_is_in_the_report(tmp_path: Path) -> None:
    intake, report = Intake(), tmp_path / "r.csv"

    journal = bring(orders(tmp_path / "t.csv", 250), intake, report)

    assert (journal.rows, journal.counts) == (250, {"refused": 26, "received": 224})
    assert len(intake.stored) == 224
    lines = report.read_text("utf-8-sig").splitlines()
    assert lines[0] == "导入·行号,导入·字段,导入·原因,导入·留存编号,工单编号,诉求内容,号码"
    assert lines[1] == "2,诉求内容,字段“诉求内容”缺失或为空,M-1,GD0,,0"
    assert lines[2].startswith("9,号码,1.3E+10（科学计数法）已丢失位数")
    assert lines[2].endswith(",GD7,'=第7件，有引号,1.3E+10")
    assert len(lines) == 27
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_channel_that_takes_few_items_at_once_is_sent_few(tmp_path: Path) -> None:
    path, report = orders(tmp_path / "t.csv", 250), tmp_path / "r.csv"
    few = Intake(most=7)

    journal = bring(path, few, report)

    assert (journal.rows, journal.counts) == (250, {"refused": 26, "received": 224})
    assert list(few.stored) == sorted(few.stored, key=lambda number: int(number[2:]))


def test_a_row_that_is_too_large_alone_ends_the_import_with_the_intakes_words(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="more than 0 items in one body"):
        bring(orders(tmp_path / "t.csv", 3), Intake(most=0), tmp_path / "r.csv")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_import_that_broke_off_goes_on_and_ends_as_if_it_had_not(tmp_path: Path, suffix: str) -> None:
    def broken(request: int) -> httpx.Response | None:
        if request == 3:
            raise KeyboardInterrupt
        return None

    path, report, other = orders(tmp_path / "t.csv", 470), tmp_path / f"r{suffix}", tmp_path / f"o{suffix}"
    intake = Intake(broken)
    with pytest.raises(KeyboardInterrupt):
        bring(path, intake, report)
    halfway = JournalFile.of(tmp_path / "imports", "hotline_12345", sha256_of(path)).read()
    assert halfway is not None
    assert (halfway.rows, halfway.counts) == (200, {"refused": 21, "received": 179})

    journal = bring(path, intake, report)

    assert (journal.rows, journal.counts) == (470, {"refused": 48, "received": 422})
    assert intake.requests == 6
    (tmp_path / "imports").rename(tmp_path / "before")
    assert bring(path, Intake(), other).counts == journal.counts
    if suffix == ".csv":
        assert report.read_bytes() == other.read_bytes()
    else:
        assert not (tmp_path / "r.xlsx.part").exists()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_report_can_be_corrected_and_imported_again(tmp_path: Path, suffix: str) -> None:
    intake, report = Intake(), tmp_path / f"r{suffix}"
    bring(orders(tmp_path / "t.csv", 30), intake, report)

    again = bring(report, intake, tmp_path / "again.csv")

    assert again.counts == {"refused": 4}
    assert [row.cells["工单编号"] for row in _rows(report)] == ["GD0", "GD7", "GD10", "GD20"]
    assert [row.cells.get("诉求内容") for row in _rows(report)] == [None, "=第7件，有引号", None, None]


def _rows(path: Path) -> list[Row]:
    return list((read_delimited if path.suffix == ".csv" else read_spreadsheet)(path, FORM).rows())


def test_a_busy_intake_is_asked_again_after_the_pause_that_it_names(tmp_path: Path) -> None:
    answers = {
        1: httpx.Response(429, headers={"Retry-After": "3"}),
        2: httpx.Response(503, headers={"Retry-After": "9"}),
    }
    intake = Intake(answers.get)

    journal = bring(orders(tmp_path / "t.csv", 9), intake, tmp_path / "r.csv")

    assert intake.pauses == [3.0, 9.0]
    assert journal.counts == {"refused": 2, "received": 7}


def test_an_intake_that_says_no_ends_the_import_and_nothing_counts_as_done(tmp_path: Path) -> None:
    no = httpx.Response(401, json=Unauthenticated("the signature does not fit the body", "签名与内容不符").as_json())
    path = orders(tmp_path / "t.csv", 9)

    with pytest.raises(Problem, match="does not fit"):
        bring(path, Intake(lambda n: no), tmp_path / "r.csv")

    assert JournalFile.of(tmp_path / "imports", "hotline_12345", sha256_of(path)).read() is None
    assert bring(path, Intake(), tmp_path / "r.csv").rows == 9


def test_nothing_refused_leaves_no_report(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("工单编号,诉求内容\nG1,x\n", encoding="utf-8")

    assert bring(path, Intake(), tmp_path / "r.csv").counts == {"received": 1}
    assert not (tmp_path / "r.csv").exists()


def test_a_damaged_journal_begins_the_import_anew(tmp_path: Path) -> None:
    kept = JournalFile(tmp_path / "j.json")
    assert kept.read() is None
    kept.path.write_text('{"rows": ', encoding="utf-8")
    assert kept.read() is None


def test_batches_are_bounded_by_rows_and_by_bytes() -> None:
    small = [Row(n, {"诉求内容": "x"}) for n in range(2 * BATCH + 1)]
    large = [Row(n, {"诉求内容": "字" * (LARGEST_BATCH // 10)}) for n in range(7)]

    assert [len(one) for one in batches(small)] == [BATCH, BATCH, 1]
    assert [len(one) for one in batches(large)] == [3, 3, 1]


def test_two_imports_of_one_content_or_into_one_report_are_not_at_work_at_once(tmp_path: Path) -> None:
    kept = JournalFile.of(tmp_path / "imports", "hotline_12345", "0" * 64)
    with kept.alone():
        with pytest.raises(Refused) as refusal, kept.alone():
            pass
        with JournalFile.of(tmp_path / "imports", "hotline_12319", "0" * 64).alone():
            pass
    with kept.alone():
        pass
    first = Refusals(tmp_path / "r.csv", ["工单编号"], 0)
    first.add(2, {"工单编号": "GD2"}, field="f", reason="r")
    length = first.flush()
    with pytest.raises(Refused):
        Refusals(tmp_path / "r.csv", ["工单编号"], 0)

    assert (refusal.value.field, (tmp_path / "r.csv").stat().st_size) == ("file", length)


def test_a_report_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.touch(0o644)

    Refusals(path, ["工单编号"], 0).close(complete=True, empty=False)

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_file_itself_is_no_report(tmp_path: Path) -> None:
    path = orders(tmp_path / "t.csv", 1)
    before = path.read_bytes()

    with pytest.raises(InvalidInput):
        _report(path, tmp_path / "." / "t.csv")

    assert path.read_bytes() == before
