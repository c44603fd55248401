"""What was kept because nobody could take it can be listed without content, and opened by those who may."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.misfits import misfits
from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused, Stale
from services.complaints.report import MOST_REVISIONS
from tests.integration.complaints_running import (
    DESK,
    OFFICE,
    STREET_OFFICER,
    Complaints,
    complaints_running,
    order,
)


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


@pytest.fixture(scope="module")
def kept(complaints: Complaints) -> list[str]:
    """The ids of three misfits, the oldest first."""
    odd = [order(f"M{n}", 事发时间="昨天", 来电人="司马独", 号码="13912345678") for n in range(3)]
    return [complaints.push(one).json()["kept_as"] for one in odd]


def test_they_are_listed_page_by_page_newest_first_and_without_content(complaints: Complaints, kept: list[str]) -> None:
    first = complaints.call("misfits", 2, None)
    rest = complaints.call("misfits", 2, first["end_cursor"])

    assert [one["misfit_id"] for one in first["items"] + rest["items"]] == kept[::-1]
    assert (first["has_next"], rest["has_next"]) == (True, False)
    newest = first["items"][0]
    assert set(newest) == {
        *("misfit_id", "channel", "received_at", "reason", "reason_zh", "field"),
        *("version", "state", "end"),
    }
    assert (newest["version"], newest["state"], newest["end"]) == (0, "waiting", None)
    assert (newest["channel"], newest["field"]) == ("hotline_12345", "事发时间")
    assert newest["reason_zh"] == "字段“事发时间”不是日期时间，应如 2026-03-02 09:15:00"
    assert "司马独" not in json.dumps(first, ensure_ascii=False)


@pytest.mark.parametrize(("first", "after"), [(0, None), (201, None), ("2", None), (2, "?")])
def test_a_page_that_cannot_be_asked_for_is_refused(complaints: Complaints, first: Any, after: str | None) -> None:
    with pytest.raises(InvalidInput):
        complaints.call("misfits", first, after)


def test_the_desk_opens_one_and_every_read_is_recorded(complaints: Complaints, kept: list[str]) -> None:
    complaints.call("misfit", kept[0], DESK)
    opened = complaints.call("misfit", kept[0], OFFICE)

    assert json.loads(opened["raw"])["来电人"] == "司马独"
    assert opened["misfit"]["misfit_id"] == kept[0]
    assert [(read["name"], read["role"]) for read in opened["reads"]] == [
        ("钱七", "hotline_desk"),
        ("赵六", "city_office"),
    ]
    stored = complaints.db.misfits.find_one({"_id": kept[0]})
    assert stored is not None
    assert [read["name"] for read in stored["reads"]] == ["钱七", "赵六"]


def test_others_may_not_open_it_and_leave_no_read(complaints: Complaints, kept: list[str]) -> None:
    with pytest.raises(Forbidden):
        complaints.call("misfit", kept[1], STREET_OFFICER)
    with pytest.raises(NotFound):
        complaints.call("misfit", "M-none", DESK)

    stored = complaints.db.misfits.find_one({"_id": kept[1]})
    assert stored is not None
    assert stored.get("reads", []) == []


def odd(complaints: Complaints, number: str, channel: str = "hotline_12345", **changes: Any) -> str:
    """The id of a misfit of its own, because of its 事发时间."""
    return complaints.push(order(number, 事发时间="昨天", **changes), channel).json()["kept_as"]


def resubmit(complaints: Complaints, id: str, seen: int = 0, by: Any = DESK, **how: Any) -> Any:
    return complaints.call("resubmit_misfit", id, seen, by, "request/1", **how)


def stored(complaints: Complaints, id: str) -> dict[str, Any]:
    found = complaints.db.misfits.find_one({"_id": id})
    assert found is not None
    return found


def test_what_was_corrected_is_taken_in_once_and_linked_to_its_report(complaints: Complaints) -> None:
    id = odd(complaints, "R1")

    taken = resubmit(complaints, id, raw=json.dumps(order("R1"), ensure_ascii=False))
    with pytest.raises(Refused) as late:
        resubmit(complaints, id, fields={"事发时间": None}, by=OFFICE)
    with pytest.raises(Refused) as again:
        resubmit(complaints, id, seen=1, fields={"事发时间": None}, by=OFFICE)

    report = complaints.db.reports.find_one({"_id": "hotline_12345:R1"})
    assert report is not None
    end = {"role": "hotline_desk", "unit": "5301", "name": "钱七", "cause": "request/1", "why": ""}
    assert taken["state"] == "resubmitted"
    assert {**taken["end"], "at": None} == end | {
        "at": None,
        "report_id": "hotline_12345:R1",
        "receipt": report["receipt"],
    }
    assert late.value.as_json() == again.value.as_json()
    assert late.value.extra == {"state": "resubmitted", "receipt": report["receipt"]}
    assert late.value.detail.startswith(f"{id} was already resubmitted as {report['receipt']} by 钱七 at 20")
    assert late.value.detail_zh == f"{id} 已由钱七更正重报（回执 {report['receipt']}），不能再次处理"
    assert len(report["versions"]) == 1
    assert complaints.case_of("R1")["status"] == "filed"


def test_single_fields_are_corrected_without_reading_the_rest(complaints: Complaints) -> None:
    id = odd(complaints, "R2")

    resubmit(complaints, id, fields={"事发时间": "2026-03-02 08:00:00"})

    report = complaints.db.reports.find_one({"_id": "hotline_12345:R2"})
    assert report is not None
    assert report["versions"][0]["content"]["occurred_at"].isoformat() == "2026-03-02T00:00:00+00:00"
    assert stored(complaints, id).get("reads", []) == []


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"fields": {"事发时间": "前天"}}, InvalidInput),
        ({"raw": "{"}, InvalidInput),
        ({}, InvalidInput),
        ({"raw": "{}", "fields": {}}, InvalidInput),
        ({"fields": {"事发时间": None}, "by": STREET_OFFICER}, Forbidden),
        ({"fields": {"事发时间": None}, "seen": 1}, Stale),
        ({"fields": {"事发时间": None}, "seen": "0"}, InvalidInput),
    ],
)
def test_a_correction_that_is_refused_changes_nothing(complaints: Complaints, how: Any, kind: type[Problem]) -> None:
    id = odd(complaints, "R3", 来电人="王五")
    reports, before = complaints.db.reports.count_documents({}), stored(complaints, id)

    with pytest.raises(kind):
        resubmit(complaints, id, **how)

    assert (complaints.db.reports.count_documents({}), stored(complaints, id)) == (reports, before)


def test_what_no_report_can_take_goes_on_waiting(complaints: Complaints) -> None:
    first = order("R4")
    complaints.push([first | {"备注": f"第{n}次"} for n in range(MOST_REVISIONS + 1)])
    id = complaints.push(first | {"备注": "又一次"}).json()["kept_as"]

    with pytest.raises(Refused):
        resubmit(complaints, id, fields={"备注": "再一次"})

    assert stored(complaints, id)["state"] == "waiting"


def test_one_is_discarded_with_who_and_why_and_stays_readable(complaints: Complaints) -> None:
    id = odd(complaints, "R5")
    with pytest.raises(InvalidInput):
        complaints.call("discard_misfit", id, 0, DESK, "  ", "request/2")
    with pytest.raises(Forbidden):
        complaints.call("discard_misfit", id, 0, STREET_OFFICER, "测试数据", "request/2")

    gone = complaints.call("discard_misfit", id, 0, OFFICE, "测试数据", "request/2")

    assert (gone["state"], gone["end"]["why"], gone["end"]["name"]) == ("discarded", "测试数据", "赵六")
    assert gone["end"]["report_id"] is None
    for seen in (0, 1):
        with pytest.raises(Refused) as again:
            resubmit(complaints, id, seen=seen, fields={"事发时间": None})
        assert again.value.detail_zh == f"{id} 已由赵六弃置（测试数据），不能再次处理"
    with pytest.raises(Refused, match=r"was already discarded \(测试数据\) by 赵六"):
        complaints.call("discard_misfit", id, 0, DESK, "又一次", "request/3")
    assert json.loads(complaints.call("misfit", id, DESK)["raw"])["工单编号"] == "R5"
    assert odd(complaints, "R5b") != id


def test_they_are_listed_and_counted_by_channel_and_state(complaints: Complaints) -> None:
    mine = complaints.push({"案卷号": "R6"}, "hotline_12319").json()["kept_as"]
    complaints.db.misfits.update_one({"_id": mine}, {"$unset": {"state": ""}})  # as kept by an earlier version

    by_channel = complaints.call("misfits", 50, None, "hotline_12319", "waiting")
    discarded = complaints.call("misfits", 50, None, None, "discarded")
    with pytest.raises(InvalidInput):
        complaints.call("misfits", 50, None, "fax", None)

    assert [one["misfit_id"] for one in by_channel["items"]] == [mine]
    assert {one["state"] for one in discarded["items"]} == {"discarded"}
    counts = complaints.call("misfit_counts")
    assert counts["hotline_12319"] == {"waiting": 1}
    assert counts["hotline_12345"]["discarded"] == len(discarded["items"])


def test_the_commands_correct_one_and_discard_another(complaints: Complaints, tmp_path: Path) -> None:
    town = SimpleNamespace(instance=SimpleNamespace(amqp_url=complaints.settings.amqp_url))
    one, other, file = odd(complaints, "R7"), odd(complaints, "R8"), tmp_path / "corrected.json"
    file.write_text(json.dumps(order("R7"), ensure_ascii=False))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(misfits, list(arguments), obj=town)

    done, gone = run("resubmit", one, str(file)), run("discard", other, "--why", "重复测试")
    listed, counted = run("list", "--state", "resubmitted", "--channel", "hotline_12345"), run("counts")

    assert [each.exit_code for each in (done, gone, listed, counted)] == [0, 0, 0, 0]
    assert "已更正重报" in done.output
    assert "HZ-" in done.output
    assert "重复测试" in gone.output
    assert one in listed.output
    assert other not in listed.output
    assert "待更正" in counted.output


def test_the_command_lists_and_shows_them(complaints: Complaints, kept: list[str]) -> None:
    town = SimpleNamespace(instance=SimpleNamespace(amqp_url=complaints.settings.amqp_url))

    listed = CliRunner().invoke(misfits, ["list", "--first", "200"], obj=town)
    shown = CliRunner().invoke(misfits, ["show", kept[2]], obj=town)

    assert (listed.exit_code, shown.exit_code) == (0, 0)
    assert f"{kept[2]}  hotline_12345  " in listed.output
    assert "司马独" not in listed.output
    assert "there are more" not in listed.output
    assert "there are more: --after " in CliRunner().invoke(misfits, ["list", "--first", "1"], obj=town).output
    assert json.loads(shown.output.splitlines()[-1])["来电人"] == "司马独"
    assert "city_office of 5301" in shown.output
