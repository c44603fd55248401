"""The desk: the queue of what needs a person, and the commands that touch two cases at once."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.problem import Forbidden, InvalidInput, Problem, Refused, Stale
from services.complaints.channels import known_channels
from services.tasks.contracts import TaskAssigned, TaskStatus
from tests.integration.complaints_running import DESK, OFFICE, STREET_OFFICER, Complaints, complaints_running, order
from tests.integration.complaints_working import in_checking
from tests.integration.one_service import wait_until
from tests.unit.case_samples import STREET, task

DISTRICT_DESK = {"role": "hotline_desk", "unit": "5301/530103", "name": "周九"}


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module; every test uses numbers of its own."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


def closed(complaints: Complaints, number: str, **changes: Any) -> dict[str, Any]:
    """The view of a case that was worked on (its task with `changes`) and closed."""
    case = in_checking(complaints, number, **changes)
    return complaints.call("close_case", case["_id"], case["sequence"], DESK, "问题已解决", "井盖已更换。", "r/close")


def pair(complaints: Complaints, one: str, other: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two filed cases of different matters."""
    complaints.push([order(one), order(other)])
    return complaints.case_in(one, "filed"), complaints.case_in(other, "filed")


def test_two_cases_are_merged_and_stand_as_before_when_the_merge_is_undone(complaints: Complaints) -> None:
    whole, part = pair(complaints, "M1", "M2")
    others = [{"case_id": part["_id"], "seen": 1}]

    merged = complaints.call("merge_cases", whole["_id"], 1, DESK, others, "同一井盖", "r/1")
    again = complaints.call("merge_cases", whole["_id"], 1, DESK, others, "同一井盖", "r/1")

    assert merged == again
    assert [(one["status"], len(one["receipts"])) for one in merged] == [("filed", 2), ("merged", 0)]
    assert merged[1]["life"]["merged_into"] == whole["_id"]
    assert complaints.ask("M2").json()["case_number"] == whole["number"]
    wait_until(lambda: len(complaints.said(f"case/{part['_id']}")) == 2, "the merge is told")
    assert complaints.said(f"case/{part['_id']}")[-1].type == "case_merged"

    complaints.push(order("M2") | {"诉求内容": "翠湖南路井盖仍未修复，请尽快。"})  # comes while it is merged
    wait_until(lambda: complaints.db.cases.find_one({"_id": whole["_id"]})["sequence"] == 3, "the revision is noted")
    split = complaints.call("split_case", whole["_id"], 3, DESK, part["_id"], "并非同一井盖", "r/2")
    same = complaints.call("split_case", whole["_id"], 3, DESK, part["_id"], "并非同一井盖", "r/2")

    assert split == same
    assert [(one["status"], len(one["receipts"])) for one in split] == [("filed", 1), ("filed", 1)]
    (restored,) = complaints.db.cases.find({"_id": part["_id"]})
    kept = ("filed_at", "limit_amount", "limit_clock", "category", "place_path", "number", "received_at")
    assert {name: restored[name] for name in kept} == {name: part[name] for name in kept}
    assert [one["report_id"] for one in restored["joined"]] == ["hotline_12345:M2"]
    assert restored["text"] == "翠湖南路井盖仍未修复，请尽快。"
    assert [step["what"] for step in split[1]["history"]] == ["立案", "并案", "撤销并案", "来件有修改"]


def test_a_joined_report_becomes_a_case_of_its_own_and_joins_another(complaints: Complaints) -> None:
    first = order("S1")
    complaints.push([first, first | {"工单编号": "S2"}, first | {"工单编号": "S3"}])
    other = order("S4")
    complaints.push(other)
    for number in ("S2", "S3"):
        complaints.case_of(number)
    case, target = complaints.case_in("S1", "filed"), complaints.case_in("S4", "filed")
    receipts = {one["report_id"][-2:]: one["receipt"] for one in case["joined"]}
    seen = case["sequence"]

    left, new = complaints.call("split_report", case["_id"], seen, DESK, receipts["S2"], "r/1")
    again = complaints.call("split_report", case["_id"], seen, DESK, receipts["S2"], "r/1")
    elsewhere = target["joined"][0]["receipt"]
    for case_id, version, receipt in ((case["_id"], left["version"], elsewhere), (target["_id"], 1, receipts["S2"])):
        with pytest.raises(Refused, match=f"{receipt} is not in this case"):
            complaints.call("split_report", case_id, version, DESK, receipt, "r/1")
    joined, rest = complaints.call("join_report", target["_id"], 1, DESK, receipts["S3"], left["version"], "r/2")

    assert [left["receipts"], new["receipts"]] == [[receipts["S1"], receipts["S3"]], [receipts["S2"]]]
    assert again == [left, new]
    assert (new["status"], new["history"][0]["what"]) == ("filed", "拆出来件")
    assert (joined["receipts"][-1], rest["receipts"]) == (receipts["S3"], [receipts["S1"]])
    wait_until(lambda: len(complaints.said(f"case/{new['case_id']}")) == 1, "the split is told")
    assert complaints.said(f"case/{new['case_id']}")[0].type == "case_split"


@pytest.mark.parametrize(
    ("by", "seen", "part_seen", "kind"),
    [
        (STREET_OFFICER, 1, 1, Forbidden),
        (DISTRICT_DESK, 9, 9, Forbidden),
        (DESK, 9, 1, Stale),
        (DESK, 1, 9, Stale),
        (DESK, None, 1, InvalidInput),
        (DESK, 1, None, InvalidInput),
    ],
)
def test_a_merge_that_is_refused_changes_neither_case(
    complaints: Complaints, by: dict[str, Any], seen: Any, part_seen: Any, kind: type[Problem]
) -> None:
    number = f"R{random.getrandbits(40)}"
    whole, part = pair(complaints, number, f"{number}b")

    with pytest.raises(kind):
        complaints.call(
            "merge_cases", whole["_id"], seen, by, [{"case_id": part["_id"], "seen": part_seen}], "同一", "r"
        )

    assert complaints.case_of(number) == whole
    assert complaints.case_of(f"{number}b") == part


def test_of_two_merges_at_once_one_wins_and_no_report_is_lost_or_doubled(complaints: Complaints) -> None:
    one, other = pair(complaints, "W1", "W2")

    def merge(pair: tuple[dict[str, Any], dict[str, Any]]) -> str:
        whole, part = pair
        try:
            complaints.call("merge_cases", whole["_id"], 1, DESK, [{"case_id": part["_id"], "seen": 1}], "同一", "r")
            return "merged"
        except (Refused, Stale) as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(2) as both:
        ends = sorted(both.map(merge, [(one, other), (other, one)]))

    assert ends[1] == "merged"
    assert ends[0] in {"Refused", "Stale"}
    held = [
        held["report_id"]
        for case in complaints.db.cases.find({"_id": {"$in": [one["_id"], other["_id"]]}})
        for held in case["joined"]
    ]
    assert sorted(held) == ["hotline_12345:W1", "hotline_12345:W2"]


def test_an_overdue_case_is_appealed_by_its_unit_and_excused_by_the_office_alone(complaints: Complaints) -> None:
    view = closed(complaints, "A1", overdue=True)
    elsewhere = STREET_OFFICER | {"unit": "5301/530103/530103001"}

    for officer in (DESK, elsewhere):
        with pytest.raises(Forbidden):
            complaints.call("appeal_timeout", view["case_id"], view["version"], officer, "连日暴雨", "r/1")
    view = complaints.call("appeal_timeout", view["case_id"], view["version"], STREET_OFFICER, "连日暴雨", "r/1")
    with pytest.raises(Forbidden):
        complaints.call("decide_appeal", view["case_id"], view["version"], DESK, True, "属实", "r/2")
    view = complaints.call("decide_appeal", view["case_id"], view["version"], OFFICE, True, "情况属实", "r/2")

    assert (view["life"]["excused"], view["life"]["appeal"]["granted"], view["responsible_unit"]) == (
        True,
        True,
        STREET,
    )


def test_who_is_asked_and_says_it_is_not_solved_has_the_case_reopened(complaints: Complaints) -> None:
    view = closed(complaints, "O1")

    view = complaints.call(
        "follow_up", view["case_id"], view["version"], DESK, True, "r/1", solved=False, satisfied=False
    )

    assert (view["status"], view["life"]["reopenings"], view["reply"]) == ("reopened", 1, None)
    assert view["life"]["closings"][0]["reply"] == "井盖已更换。"
    wait_until(lambda: complaints.said(f"case/{view['case_id']}")[-1].type == "case_reopened", "it is told")
    assert [one.type for one in complaints.said(f"case/{view['case_id']}")][-2:] == ["citizen_rated", "case_reopened"]
    case = complaints.case_of("O1")
    again = task(TaskStatus.ISSUED, task_id=f"{case['_id']}-2", case_id=case["_id"], round=2)
    complaints.tell((TaskAssigned(task=again), f"{case['_id']}-2", 1))
    assert complaints.case_in("O1", "dispatched")["dispatches"] == 2


def test_what_collectors_send_is_filed_directly(complaints: Complaints) -> None:
    sample = known_channels()["hotline_12319"].sample
    complaints.push(sample | {"案卷号": "V1", "位置描述": "盘龙区鼓楼街道核实街口"}, "hotline_12319")
    assert complaints.case_of("V1", "hotline_12319")["status"] == "filed"
