"""Reports on the same matter become one case, and a report is never in two."""

import msgspec
import pytest

from infra.problem import Problem
from services.complaints.channels import known_channels
from services.complaints.contracts import ReportReceived
from tests.integration.complaints_running import (
    DESK,
    Complaints,
    order,
)
from tests.integration.one_service import publish, received
from tests.unit.case_samples import AT


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


def test_a_more_urgent_report_makes_its_case_urgent_and_everybody_who_has_the_case_reads_what_each_says(
    complaints: Complaints,
) -> None:
    first = order("U1", 诉求内容="五华区华山街道圆通街路灯不亮，联系13912345678。", 紧急程度="一般")
    complaints.push(first)
    case = complaints.case_in("U1", "filed")

    complaints.push(first | {"工单编号": "U2", "紧急程度": "特急"})
    complaints.case_of("U2")
    (view,) = complaints.call("cases_by_id", [case["_id"]])
    page, rest = complaints.call(
        "case_reports",
        [{"case_id": case["_id"], "first": 1}, {"case_id": case["_id"], "first": 5, "after": view["receipts"][0]}],
    )

    assert (case["urgency"], view["urgency"], view["life"]["desk"]) == ("urgent", "critical", ["escalated"])
    assert view["reasons"]["urgency"]["text_zh"] == f"依据来件{view['receipts'][1]}：来件注明紧急程度“特急”"
    assert (page["total"], page["has_next"], page["end_cursor"]) == (2, True, view["receipts"][0])
    assert (rest["has_next"], [one["receipt"] for one in rest["items"]]) == (False, view["receipts"][1:])
    assert [(one["text"], one["revision"], one["channel"]) for one in [*page["items"], *rest["items"]]] == [
        ("五华区华山街道圆通街路灯不亮，联系139****5678。", 0, "hotline_12345")
    ] * 2


def test_reports_are_listed_of_cases_that_there_are_and_behind_receipts_that_they_hold(complaints: Complaints) -> None:
    complaints.push(order("U3"))
    case = complaints.case_of("U3")

    for request in (
        {"case_id": "none"},
        {"case_id": case["_id"], "after": "HZ-1"},
        {"case_id": case["_id"], "first": 0},
    ):
        with pytest.raises(Problem):
            complaints.call("case_reports", [request])


def test_what_the_sender_demands_is_read_with_its_report_masked_and_bounds_no_limit(complaints: Complaints) -> None:
    demands = {"市级办理期限": "2026-03-06", "区级办理期限": "2026-03-05 18:00:00", "办理期限": "三个工作日内"}
    complaints.push(order("D9", 来电人="欧阳标", 主办单位="五华区，请联系欧阳标13912345678", **demands))
    case = complaints.case_in("D9", "filed")

    (view,) = complaints.call("cases_by_id", [case["_id"]])
    (page,) = complaints.call("case_reports", [{"case_id": case["_id"], "first": 1}])
    (said,) = page["items"]

    assert (view["demanded_by"], view["ends_after_demand"]) == ("2026-03-05T10:00:00Z", False)
    assert (view["limit"]["amount"], view["limit"]["clock"]) == (case["limit_amount"], case["limit_clock"])
    assert said["deadlines"] == {"市级办理期限": "2026-03-06T15:59:59.999000Z", "区级办理期限": "2026-03-05T10:00:00Z"}
    assert said["handed_over_at"] == "2026-03-02T00:10:00Z"
    assert {name: said["facts"][name] for name in ("办理期限", "主办单位")} == {
        "办理期限": "三个工作日内",
        "主办单位": "五华区，请联系某某139****5678",
    }
