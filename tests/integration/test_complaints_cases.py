"""From report to closed case: triage, joining, following the task, the desk's commands, lists and counts."""

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused, Stale
from services.complaints.channels import known_channels
from services.complaints.contracts import ReportReceived
from services.tasks.contracts import (
    TaskAccepted,
    TaskAssigned,
    TaskClosed,
    TaskOverdue,
    TaskRectifying,
    TaskReturned,
    TaskState,
    TaskStatus,
    TaskSubmitted,
)
from tests.integration.complaints_running import (
    DESK,
    OFFICE,
    STREET_OFFICER,
    Complaints,
    complaints_running,
    order,
)
from tests.integration.one_service import publish, received, wait_until
from tests.unit.case_samples import AT, STREET, task
from tests.unit.standard_made import xlsx

Told = tuple[Any, str, int]


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module; every test uses numbers of its own."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


def of_case(case: dict[str, Any], status: TaskStatus, round: int = 1, **changes: Any) -> TaskState:
    """The state of the task of that round of the case."""
    return task(status, task_id=f"{case['_id']}-{round}", case_id=case["_id"], round=round, **changes)


def work_on(case: dict[str, Any]) -> list[Told]:
    """What tasks tells until the unit has submitted."""
    name = f"{case['_id']}-1"
    return [
        (TaskAssigned(task=of_case(case, TaskStatus.ISSUED)), name, 1),
        (TaskAccepted(task=of_case(case, TaskStatus.ACCEPTED), by="张三"), name, 2),
        (TaskSubmitted(task=of_case(case, TaskStatus.SUBMITTED), by="张三", result="已更换井盖"), name, 3),
    ]


def in_checking(complaints: Complaints, number: str) -> dict[str, Any]:
    """The case of a new work order, whose unit has submitted."""
    complaints.push(order(number))
    complaints.tell(*work_on(complaints.case_in(number, "filed")))
    return complaints.case_in(number, "checking")


def test_a_complaint_is_filed_with_category_place_limit_and_their_reasons(complaints: Complaints) -> None:
    complaints.push(order("A1"))

    case = complaints.case_in("A1", "filed")
    (view,) = complaints.call("cases_by_id", [case["_id"]])
    assert (view["place_path"], view["urgency"], view["request_kind"]) == (STREET, "urgent", "complaint")
    assert set(view["reasons"]) == {"category", "place", "limit", "urgency", "request_kind"}
    assert view["number"].startswith("昆创案〔")
    assert view["version"] == 1
    assert case["limit_amount"] > 0
    assert [one.type for one in complaints.said(f"case/{case['_id']}")] == ["case_filed"]


def test_an_enquiry_waits_for_a_person_and_can_be_answered(complaints: Complaints) -> None:
    complaints.push(order("A2", 诉求类型="咨询"))
    case = complaints.case_in("A2", "received")

    view = complaints.call("answer_case", case["_id"], 1, DESK, "请到街道便民服务中心办理。", "r/1")

    assert (view["status"], view["reply"], view["version"]) == ("answered", "请到街道便民服务中心办理。", 2)
    progress = complaints.ask("A2").json()
    assert (progress["status"], progress["status_zh"], progress["reply"]) == (
        "answered",
        "已答复",
        "请到街道便民服务中心办理。",
    )
    wait_until(lambda: len(complaints.said(f"case/{case['_id']}")) == 2, "it is told")
    assert complaints.said(f"case/{case['_id']}")[-1].cause == "r/1"


def test_an_enquiry_that_is_a_complaint_after_all_is_filed_with_corrections(complaints: Complaints) -> None:
    complaints.push(order("A3", 诉求类型="咨询"))
    case = complaints.case_in("A3", "received")

    view = complaints.call(
        "file_case", case["_id"], 1, OFFICE, "r/1", category="sanitation.garbage", place_path="5301/530103"
    )

    assert (view["status"], view["category"], view["place_path"]) == ("filed", "sanitation.garbage", "5301/530103")
    assert view["reasons"]["place"]["text_zh"].startswith("赵六")
    assert view["filed_at"] is not None


def test_triage_is_overruled_while_no_unit_has_begun(complaints: Complaints) -> None:
    complaints.push(order("A12", 紧急程度="一般"))
    case = complaints.case_in("A12", "filed")

    view = complaints.call(
        "correct_case", case["_id"], 1, DESK, "r/1", category="sanitation.garbage", urgency="critical"
    )

    assert (view["version"], view["status"], view["category"]) == (2, "filed", "sanitation.garbage")
    assert view["urgency"] == "critical"
    last = view["history"][-1]
    assert (last["what"], last["by"]) == ("更正类别、更正紧急程度", "钱七（昆明市）")
    assert case["reasons"]["category"]["text_zh"] in view["reasons"]["category"]["evidence"]
    wait_until(lambda: len(complaints.said(f"case/{case['_id']}")) == 2, "the correction is told")
    state = json.loads(complaints.said(f"case/{case['_id']}")[-1].data)["case"]
    assert (state["limit_amount"], state["limit_clock"]) == (1.0, "work_hour")


def test_a_closed_case_hands_its_reply_to_the_hotline(complaints: Complaints) -> None:
    case = in_checking(complaints, "B1")

    view = complaints.call("close_case", case["_id"], case["sequence"], DESK, "已修复", "井盖已更换，谢谢。", "r/9")

    assert (view["status"], view["proposed_reply"], view["reply"]) == ("closed", "已更换井盖", "井盖已更换，谢谢。")
    progress = complaints.ask("B1").json()
    assert (progress["status"], progress["reply"], progress["case_number"]) == (
        "closed",
        "井盖已更换，谢谢。",
        case["number"],
    )
    assert progress["replied_at"] is not None


def test_the_hotline_learns_why_a_case_was_voided_also_after_a_later_revision(complaints: Complaints) -> None:
    first = order("V1")
    complaints.push(first)
    case = complaints.case_in("V1", "filed")
    view = complaints.call("void_case", case["_id"], 1, DESK, "重复录入", "t/void")

    complaints.push(first | {"备注": "来电人又来电"})
    wait_until(lambda: len(complaints.case_of("V1")["history"]) == 3, "the revision is noted")

    progress = complaints.ask("V1").json()
    assert (progress["status"], progress["reason"], progress["revisions"]) == ("voided", "重复录入", 1)
    (now,) = complaints.call("cases_by_id", [case["_id"]])
    assert now["version"] == view["version"] + 1
    assert [(step["version"], step["what"]) for step in now["history"]] == [
        (1, "立案"),
        (2, "作废"),
        (3, "结案后来件有修改"),
    ]


def test_rework_goes_back_and_the_next_submission_is_checked_again(complaints: Complaints) -> None:
    case = in_checking(complaints, "B2")
    name = f"{case['_id']}-1"

    view = complaints.call("request_rework", case["_id"], case["sequence"], DESK, "路面未修复", "r/1")
    complaints.tell(
        (TaskRectifying(task=of_case(case, TaskStatus.RECTIFYING, reworks=1), reason="路面未修复"), name, 4),
        (TaskSubmitted(task=of_case(case, TaskStatus.SUBMITTED, reworks=1), by="张三", result="已补路面"), name, 5),
    )

    assert (view["status"], view["reworks"], view["responsible_unit"]) == ("handling", 1, STREET)
    assert complaints.case_in("B2", "checking")["proposed_reply"] == "已补路面"


def test_shuffled_and_repeated_news_of_tasks_end_where_ordered_ones_do(complaints: Complaints) -> None:
    chance = random.Random(7)
    numbers = [f"C{n}" for n in range(6)]
    complaints.push([order(number) for number in numbers])
    cases = [complaints.case_in(number, "filed") for number in numbers]
    told: list[Told] = []
    for case in cases:
        first, second = f"{case['_id']}-1", f"{case['_id']}-2"
        new = {"round": 2, "responsible_unit": "5301/530102"}
        returned = of_case(case, TaskStatus.RETURNED)
        told += [
            (TaskAssigned(task=of_case(case, TaskStatus.ISSUED)), first, 1),
            (TaskReturned(task=returned, by="张三", reason="非本辖区", next_unit="5301/530102"), first, 2),
            (TaskAssigned(task=of_case(case, TaskStatus.ISSUED, **new)), second, 1),
            (TaskOverdue(task=of_case(case, TaskStatus.ISSUED, overdue=True, **new)), second, 2),
            (TaskAccepted(task=of_case(case, TaskStatus.ACCEPTED, **new), by="李四"), second, 3),
            (TaskSubmitted(task=of_case(case, TaskStatus.SUBMITTED, **new), by="李四", result="已办"), second, 4),
        ]
    mixed = told + told
    chance.shuffle(mixed)
    complaints.tell(*mixed)

    wait_until(
        lambda: (
            all(len(complaints.case_of(n).get("tasks", {})) == 2 for n in numbers)
            and all(
                complaints.case_of(n)["tasks"][f"{complaints.case_of(n)['_id']}-2"]["sequence"] == 4 for n in numbers
            )
            and all(
                complaints.case_of(n)["tasks"][f"{complaints.case_of(n)['_id']}-1"]["sequence"] == 2 for n in numbers
            )
        ),
        "every case has heard the newest of both its tasks",
    )
    fields = ("status", "responsible_unit", "dispatches", "returns", "proposed_reply")
    ends = {tuple(complaints.case_of(number)[field] for field in fields) for number in numbers}
    assert ends == {("checking", "5301/530102", 2, 1, "已办")}


def test_late_news_for_a_closed_case_change_nothing_but_the_mark(complaints: Complaints) -> None:
    case = in_checking(complaints, "B3")
    complaints.call("close_case", case["_id"], case["sequence"], DESK, "已修复", "好了。", "r/1")
    closed = complaints.case_in("B3", "closed")
    name = f"{case['_id']}-1"

    complaints.tell((TaskClosed(task=of_case(case, TaskStatus.CLOSED)), name, 4))

    wait_until(lambda: complaints.case_of("B3")["tasks"][name]["sequence"] == 4, "the mark has moved")
    after = complaints.case_of("B3")
    changing = ("tasks", "version")
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in closed.items() if k not in changing
    }


def test_a_report_on_the_same_matter_joins_the_open_case_and_is_counted(complaints: Complaints) -> None:
    first = order("D1")
    complaints.push(first)
    case = complaints.case_in("D1", "filed")

    complaints.push(first | {"工单编号": "D2"})
    complaints.push(first | {"工单编号": "D3", "诉求内容": first["诉求内容"] + "请尽快。"})

    assert complaints.case_of("D2")["_id"] == complaints.case_of("D3")["_id"] == case["_id"]
    (view,) = complaints.call("cases_by_id", [case["_id"]])
    assert (len(view["receipts"]), view["version"]) == (3, 3)
    assert complaints.ask("D2").json()["case_number"] == case["number"]


def test_a_file_from_nearby_joins_and_the_same_words_from_afar_do_not(complaints: Complaints) -> None:
    sample = known_channels()["hotline_12319"].sample
    spot = {"位置描述": "盘龙区鼓楼街道圆通街口", "坐标": "102.7110,25.0530"}
    files = [
        sample | spot | {"案卷号": "P1", "问题描述": "圆通街口堆放暴露垃圾。"},
        sample | spot | {"案卷号": "P2", "问题描述": "路边有生活垃圾无人清理，味道很大。", "坐标": "102.7111,25.0531"},
        sample | spot | {"案卷号": "P3", "问题描述": "圆通街口堆放暴露垃圾。", "坐标": "102.7110,25.0560"},
    ]
    for file in files:
        complaints.push(file, "hotline_12319")
        complaints.case_of(file["案卷号"], "hotline_12319")

    p1, p2, p3 = (complaints.case_of(f"P{n}", "hotline_12319") for n in (1, 2, 3))
    assert (p1["point"], p1["_id"] == p2["_id"], p1["_id"] == p3["_id"]) == ([102.711, 25.053], True, False)
    assert "相距15米" in p1["history"][-1]["why"]


def test_duplicates_within_one_push_become_one_case(complaints: Complaints) -> None:
    first = order("E1")

    complaints.push([first, first | {"工单编号": "E2"}, order("E3"), first | {"工单编号": "E4"}])

    assert complaints.case_of("E1")["_id"] == complaints.case_of("E2")["_id"] == complaints.case_of("E4")["_id"]
    assert complaints.case_of("E3")["_id"] != complaints.case_of("E1")["_id"]


def test_a_report_on_a_matter_that_was_closed_opens_a_new_case(complaints: Complaints) -> None:
    first = order("F1")
    complaints.push(first)
    case = complaints.case_in("F1", "filed")
    complaints.call("void_case", case["_id"], 1, DESK, "重复录入", "r/1")

    complaints.push(first | {"工单编号": "F2"})

    assert complaints.case_of("F2")["_id"] != case["_id"]
    progress = complaints.ask("F1").json()
    assert (progress["status"], progress["reason"]) == ("voided", "重复录入")


def test_a_report_told_again_stays_in_its_one_case(complaints: Complaints) -> None:
    complaints.push(order("G1"))
    case = in_same_state = complaints.case_in("G1", "filed")
    told = [one for one in complaints.said("report/hotline_12345:G1") if one.type == "report_received"]
    event = msgspec.json.decode(told[0].data, type=ReportReceived)

    publish(complaints.settings, [received(event, "report/hotline_12345:G1", 1, AT)] * 3)
    complaints.push(order("G2"))
    complaints.case_in("G2", "filed")

    assert complaints.db.cases.count_documents({"joined.report_id": "hotline_12345:G1"}) == 1
    assert complaints.case_of("G1") == case == in_same_state


@pytest.mark.parametrize(
    ("method", "arguments", "kind"),
    [
        ("close_case", (1, STREET_OFFICER, "已修复", "好了。", "r"), Forbidden),
        ("close_case", (7, DESK, "已修复", "好了。", "r"), Stale),
        ("close_case", (1, DESK, "已修复", "好了。", "r"), Refused),
        ("close_case", (None, DESK, "已修复", "好了。", "r"), InvalidInput),
        ("close_case", (1, {"role": "king"}, "已修复", "好了。", "r"), InvalidInput),
        ("request_rework", (1, DESK, "未修复", "r"), Refused),
        ("answer_case", (1, DESK, "答复", "r"), Refused),
        ("void_case", (1, DESK, "  ", "r"), InvalidInput),
        ("void_case", (1, {"role": "hotline_desk", "unit": "5301/530103", "name": "周九"}, "无效", "r"), Forbidden),
        ("void_case", (7, {"role": "hotline_desk", "unit": "5301/530103", "name": "周九"}, "无效", "r"), Forbidden),
        ("file_case", (1, DESK, "r"), Refused),
        ("correct_case", (1, DESK, "r"), InvalidInput),
        ("correct_case", (1, DESK, "r", "no.such"), InvalidInput),
        ("correct_case", (1, DESK, "r", None, "5301/~psb"), InvalidInput),
        ("correct_case", (1, DESK, "r", None, None, "soon"), InvalidInput),
        ("correct_case", (7, STREET_OFFICER, "r", None, None, "critical"), Forbidden),
        ("correct_case", (7, DESK, "r", None, None, "critical"), Stale),
        ("file_case", (1, DESK, "r", "no.such"), InvalidInput),
        ("file_case", (1, DESK, "r", None, "5301/~psb"), InvalidInput),
    ],
)
def test_what_is_refused_changes_nothing_and_leaves_no_event(
    complaints: Complaints, method: str, arguments: tuple[Any, ...], kind: type[Problem]
) -> None:
    number = f"H-{method}-{random.getrandbits(40)}"
    complaints.push(order(number))
    before = complaints.case_in(number, "filed")

    with pytest.raises(kind):
        complaints.call(method, before["_id"], *arguments)

    assert complaints.case_of(number) == before
    assert len(complaints.said(f"case/{before['_id']}")) == 1


def test_a_stale_command_is_told_who_changed_what(complaints: Complaints) -> None:
    case = in_checking(complaints, "I1")
    complaints.call("request_rework", case["_id"], case["sequence"], DESK, "路面未修复", "r/1")

    with pytest.raises(Stale) as refusal:
        complaints.call("close_case", case["_id"], case["sequence"], OFFICE, "已修复", "好了。", "r/2")

    assert (refusal.value.extra["changed_by"], refusal.value.extra["changed_what"]) == ("钱七（昆明市）", "返工")
    assert refusal.value.extra["current_version"] == case["sequence"] + 1


def test_a_case_that_does_not_exist_is_not_found(complaints: Complaints) -> None:
    with pytest.raises(NotFound):
        complaints.call("void_case", "0" * 24, 1, DESK, "无效", "r")


def test_lists_are_turned_page_by_page_newest_first_within_the_scope(complaints: Complaints) -> None:
    place = next(unit.path for unit in Registry.load("5301").children("5301/530127"))
    complaints.push([order(f"L{n}", 诉求类型="咨询", 事发地址="嵩明县") for n in range(5)])
    for n in range(5):
        case = complaints.case_in(f"L{n}", "received")
        complaints.call("file_case", case["_id"], 1, OFFICE, "r", place_path=place)
    scope = {"place": "5301/530127", "unit": None, "statuses": ["filed"]}

    first = complaints.call("cases", scope, 2, None)
    second = complaints.call("cases", scope, 2, first["end_cursor"])
    third = complaints.call("cases", scope, 2, second["end_cursor"])

    pages = (first, second, third)
    ids = [view["case_id"] for page in pages for view in page["items"]]
    stored = complaints.db.cases.find({"place_path": place}).sort([("received_at", -1), ("_id", -1)])
    assert ids == [case["_id"] for case in stored]
    assert [page["has_next"] for page in pages] == [True, True, False]
    asked = [{"scope": scope, "first": 2, "after": after} for after in (None, first["end_cursor"])]
    assert [page["items"] for page in complaints.call("case_pages", asked)] == [first["items"], second["items"]]
    wait_until(lambda: complaints.call("cases", scope, 2, None)["total"] == 5, "the counters have caught up")
    assert complaints.call("cases", {**scope, "statuses": ["closed"]}, 2, None)["items"] == []


def test_a_units_list_holds_what_it_is_responsible_for(complaints: Complaints) -> None:
    complaints.push(order("M1"))
    case = complaints.case_in("M1", "filed")
    unit = "5301/~water"
    complaints.tell((TaskAssigned(task=of_case(case, TaskStatus.ISSUED, responsible_unit=unit)), f"{case['_id']}-1", 1))
    complaints.case_in("M1", "dispatched")

    page = complaints.call("cases", {"place": None, "unit": unit, "statuses": None}, 10, None)
    both = complaints.call("cases", {"place": STREET, "unit": unit, "statuses": None}, 10, None)
    elsewhere = complaints.call("cases", {"place": "5301/530103", "unit": unit, "statuses": None}, 10, None)

    assert [view["case_id"] for view in page["items"]] == [case["_id"]]
    assert ([view["case_id"] for view in both["items"]], both["total"]) == ([case["_id"]], 1)
    assert (elsewhere["items"], elsewhere["total"], elsewhere["end_cursor"]) == ([], 0, None)


@pytest.mark.parametrize(
    ("scope", "first", "after", "field"),
    [
        ({}, 0, None, "first"),
        ({}, 1000, None, "first"),
        ({}, 10, "!", "after"),
        ({}, 10, "bm90IGEgY3Vyc29y", "after"),
        ({"statuses": ["lost"]}, 10, None, "scope"),
        ({"place": 5}, 10, None, "scope"),
    ],
)
def test_a_list_that_cannot_be_asked_for_is_refused_by_name(
    complaints: Complaints, scope: dict[str, Any], first: int, after: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        complaints.call("cases", scope, first, after)

    assert refusal.value.field == field


def test_a_list_reads_no_more_than_its_page_along_an_index(complaints: Complaints) -> None:
    query = {
        "status": {"$in": ["received", "filed", "dispatched", "handling", "checking", "closed"]},
        "inside_places": "5301",
    }
    plan = complaints.db.command(
        "explain",
        {"find": "cases", "filter": query, "sort": {"received_at": -1, "_id": -1}, "limit": 3},
        verbosity="executionStats",
    )

    assert "SORT'" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] <= 3 + 6


def test_counts_are_summed_upward_and_totals_add_up(complaints: Complaints) -> None:
    def actual(status: str) -> int:
        return complaints.db.cases.count_documents({"status": status})

    def agree() -> bool:
        counts = complaints.call("case_counts", ["5301"])["5301"]
        return all(counts.get(status, 0) == actual(status) for status in ("received", "filed", "closed", "checking"))

    wait_until(agree, "the counters agree with the documents")
    totals = complaints.call("intake_totals")
    in_cases = sum(len(case["joined"]) for case in complaints.db.cases.find())
    assert totals["reports"] == complaints.db.reports.count_documents({}) == in_cases
    assert totals["cases"] == complaints.db.cases.count_documents({})
    assert totals["joined"] == in_cases - totals["cases"]
    revisions = sum(len(report["versions"]) - 1 for report in complaints.db.reports.find())
    assert (totals["refused"], totals["revisions"], totals["waiting"]) == (0, revisions, actual("received"))
    assert complaints.call("case_counts", ["5301/530199"]) == {"5301/530199": {}}


def test_an_imported_standard_gives_the_limit_until_the_desk_chooses_another_row(complaints: Complaints) -> None:
    file = base64.b64encode(xlsx()).decode()
    args = ("5301", "标准.xlsx", file, "2026-01-01", OFFICE, "首次导入", "t/import")
    edition = complaints.call("import_standard", *args)["edition"]
    sample = known_channels()["hotline_12319"].sample
    said = "五华区华山街道翠湖南路雨水井盖破损"
    item = sample | {"案卷号": "S1", "大类": "公用设施", "小类": "雨水井盖", "问题类型": "部件", "问题描述": said}

    complaints.push(item, "hotline_12319")
    case = complaints.case_of("S1", "hotline_12319")
    chosen = complaints.call(
        "correct_case", case["_id"], case["sequence"], DESK, "t/correct", standard_row="部件01-01-1"
    )
    page = complaints.call("case_standard", code="部件01-01-1")

    assert (case["limit_amount"], case["limit_clock"], case["limit_row"]) == (
        4.0,
        "work_hour",
        f"{edition}:部件01-01-2",
    )
    assert (chosen["limit"]["amount"], chosen["limit"]["clock"]) == (2.0, "urgent_hour")
    assert chosen["history"][-1]["what"] == "更正案件标准"
    assert (page["version"], page["total"], page["rows"][0]["row"]["minor"]) == (1, 1, "雨水井盖")
    wait_until(
        lambda: [one.type for one in complaints.said("case_standard/5301")] == ["case_standard_changed"], "it is told"
    )
