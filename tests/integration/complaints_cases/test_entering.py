"""How a matter becomes a case: triage, filing, corrections, direct answers, voiding."""

import json

import pytest

from infra.problem import Forbidden, InvalidInput
from tests.integration.complaints_running import (
    DESK,
    OFFICE,
    STREET_OFFICER,
    Complaints,
    order,
)
from tests.integration.one_service import wait_until
from tests.unit.case_samples import STREET


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
        "file_case",
        case["_id"],
        1,
        OFFICE,
        "r/1",
        category="sanitation.garbage",
        place_path="5301/530103",
        request_kind="complaint",
    )

    assert (view["status"], view["category"], view["place_path"]) == ("filed", "sanitation.garbage", "5301/530103")
    assert (view["request_kind"], view["reasons"]["request_kind"]["by"]) == ("complaint", "赵六（总指挥部办公室）")
    assert view["limit"]["row"]["code"] == "城乡建设-垃圾清运"
    assert view["reasons"]["place"]["text_zh"].startswith("赵六")
    assert view["reasons"]["place"]["text_zh"].endswith("地点由华山街道更正为盘龙区")
    assert view["filed_at"] is not None


def test_what_is_found_on_site_is_filed_as_it_was_found(complaints: Complaints) -> None:
    complaints.push(order("A4", 诉求类型="咨询"))
    case = complaints.case_in("A4", "received")
    about = (case["_id"], 1, DESK)
    wrong = {"request_kind": "complaint", "urgency": "critical"}

    with pytest.raises(InvalidInput) as refused:
        complaints.call("verify_case", *about, False, "并无此事", "r/1", **wrong)
    assert refused.value.field == "found"
    with pytest.raises(Forbidden):  # whose duty it may become does not say how urgent it is
        complaints.call("verify_case", case["_id"], 1, STREET_OFFICER, True, "垃圾成堆", "r/1", **wrong)
    assert complaints.case_of("A4")["sequence"] == 1
    view = complaints.call("verify_case", *about, True, "垃圾成堆", "r/2", **wrong)

    assert (view["status"], view["urgency"], view["request_kind"]) == ("filed", "critical", "complaint")
    assert view["history"][-1]["why"].startswith("现场核实属实；紧急程度由紧急更正为特急；诉求类型由咨询更正为投诉")


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
