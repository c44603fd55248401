"""The desk's queue: what needs a person comes to it by itself, and leaves it when somebody has seen to it."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.problem import InvalidInput, Refused
from tests.integration.complaints_running import DESK, Complaints, complaints_running, order
from tests.integration.one_service import wait_until


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module; every test uses numbers of its own."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


def enquiry() -> dict[str, str]:
    """What makes a work order an enquiry in words of its own."""
    said = "".join(random.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏", k=60))
    return {"标题": "户口迁移", "诉求类型": "咨询", "诉求内容": f"请问办理户口迁移需要哪些材料？{said}"}


def kinds_of(complaints: Complaints, case: dict[str, Any]) -> list[str]:
    """Why the case needs a person, as the queue of its place says; [] where it is not in it."""
    page = complaints.call("desk_queue", {"place": case["place_path"]}, 200, None)
    return next((one["kinds"] for one in page["items"] if one["case"]["case_id"] == case["_id"]), [])


def alike(complaints: Complaints, number: str) -> list[dict[str, Any]]:
    """Three filed cases of one place and category: the last is suggested to be the same matter as the others."""
    said = "".join(random.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳", k=40))
    texts = [f"雨水井盖缺失，{said}{uuid.uuid4().hex[:end]}" for end in (24, 26, 25)]
    for n, text in enumerate(texts):
        complaints.push(order(f"{number}{n}", 诉求内容=text, 事发地址=f"五华区华山街道 翠湖{n}号"))
        complaints.case_in(f"{number}{n}", "filed")
    return [complaints.case_of(f"{number}{n}") for n in range(3)]


def test_what_hurts_first_stands_first_in_the_queue_and_leaves_it_when_it_is_done(complaints: Complaints) -> None:
    place = "5301/530129"
    complaints.push(
        [
            order(f"Q{n}", 事发地址="寻甸回族彝族自治县", 紧急程度=urgency, **enquiry())
            for n, urgency in enumerate(["一般", "特急", "紧急", "一般"])
        ]
    )
    for n in range(4):
        complaints.case_in(f"Q{n}", "received")

    first = complaints.call("desk_queue", {"place": place}, 3, None)
    rest = complaints.call("desk_queue", {"place": place}, 3, first["end_cursor"])
    none = complaints.call("desk_queue", {"place": place, "kinds": ["check"]}, 3, None)

    items = [*first["items"], *rest["items"]]
    assert [one["case"]["urgency"] for one in items] == ["critical", "urgent", "normal", "normal"]
    assert {one["kind"] for one in items} == {"enquiry"}
    assert (first["has_next"], rest["has_next"], none["items"]) == (True, False, [])
    done = items[0]["case"]
    draft = complaints.call(
        "draft_reply", done["case_id"], "enquiry", {"policy": "条例第五条", "content": "可以"}, DESK
    )
    assert draft["missing"] == ["phone"]
    with pytest.raises(InvalidInput):
        complaints.call("answer_case", done["case_id"], 1, DESK, draft["text"], "r/1")
    with pytest.raises(InvalidInput) as unknown:
        complaints.call("answer_case", done["case_id"], 1, DESK, "可以。", "r/1", "no_such")
    assert (unknown.value.field, unknown.value.detail_zh) == ("answered_as", "没有这个模板：no_such")
    complaints.call(
        "answer_case", done["case_id"], 1, DESK, draft["text"].replace("〔待填：联系电话〕", "12345"), "r/1"
    )
    assert len(complaints.call("desk_queue", {"place": place}, 10, None)["items"]) == 3


def test_a_page_of_the_queue_reads_no_more_than_itself_along_an_index(complaints: Complaints) -> None:
    query = {"inside_places": "5301", "desk_kind": {"$in": ["enquiry", "unclear", "check", "follow_up"]}}
    plan = complaints.db.command(
        "explain", {"find": "cases", "filter": query, "sort": {"desk_key": 1}, "limit": 2}, verbosity="executionStats"
    )

    assert "SORT'" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] <= 2 + 4


def test_a_citizen_who_was_asked_for_facts_brings_the_case_back_to_the_desk(complaints: Complaints) -> None:
    first = order("F1", 诉求类型="咨询")
    complaints.push(first)
    case = complaints.case_in("F1", "received")

    asked = complaints.call("return_for_facts", case["_id"], 1, DESK, ["具体地址", "联系时间"], "r/1")
    with pytest.raises(Refused):
        complaints.call("return_for_facts", case["_id"], 2, DESK, ["照片"], "r/2")
    complaints.push(first | {"诉求内容": "补充：具体地址为翠湖南路9号。"})
    wait_until(lambda: complaints.case_of("F1")["sequence"] == 3, "the facts are noted")

    (view,) = complaints.call("cases_by_id", [case["_id"]])
    assert asked["life"]["facts_asked"]["missing"] == ["具体地址", "联系时间"]
    assert "enquiry" not in asked["life"]["desk"]
    assert view["life"]["desk"][0] == "facts_arrived"


def test_what_is_suggested_stands_in_the_queue_until_it_is_dismissed_with_a_reason(complaints: Complaints) -> None:
    one, other, last = alike(complaints, "D")
    suggested = {each["case_id"] for each in last["suggestions"]}
    assert suggested == {one["_id"], other["_id"]}
    assert kinds_of(complaints, last) == ["duplicate"]

    view = complaints.call("dismiss_duplicates", last["_id"], 1, DESK, "r/1", reason="另一处井盖", others=[one["_id"]])
    assert [(each["case_id"], each["why"]) for each in view["life"]["dismissed"]] == [(one["_id"], "另一处井盖")]
    complaints.call("void_case", other["_id"], other["sequence"], DESK, "测试", "r/2", "test")

    wait_until(lambda: not complaints.case_of("D2")["suggestions"], "the suggestion of what ended is dropped")
    assert kinds_of(complaints, last) == []
    assert complaints.case_of("D2")["history"][-1]["why"] == f"{other['number']}已办结"


def test_what_was_merged_is_suggested_as_the_case_that_goes_on(complaints: Complaints) -> None:
    one, other, _ = alike(complaints, "G")
    complaints.push(order("G9"))
    whole = complaints.case_in("G9", "filed")

    complaints.call("merge_cases", whole["_id"], 1, DESK, [{"case_id": one["_id"], "seen": 1}], "同一", "r/1")

    wait_until(
        lambda: {each["case_id"] for each in complaints.case_of("G2")["suggestions"]} == {other["_id"], whole["_id"]},
        "the suggestion moves on",
    )


def test_who_does_not_say_in_time_what_is_missing_comes_back_to_the_desk_by_the_clock(complaints: Complaints) -> None:
    complaints.push(order("T1", **enquiry()))
    case = complaints.case_in("T1", "received")
    complaints.call("return_for_facts", case["_id"], 1, DESK, ["具体地址"], "r/1")
    assert kinds_of(complaints, case) == []

    past = datetime(2026, 1, 1, tzinfo=UTC)
    complaints.db.cases.update_one({"_id": case["_id"]}, {"$set": {"wakes_at": past, "facts_asked.due": past}})

    wait_until(lambda: complaints.case_of("T1").get("desk_kind") == "facts_expired", "the scanner has woken it")
    assert kinds_of(complaints, case) == ["facts_expired"]
    assert "wakes_at" not in complaints.case_of("T1")
    wait_until(lambda: len(complaints.said(f"case/{case['_id']}")) == 3, "it is told once")


def test_a_case_that_triage_was_not_sure_of_leaves_the_queue_when_it_is_confirmed(complaints: Complaints) -> None:
    complaints.push(order("U1", 诉求内容=f"雨水井盖缺失 {uuid.uuid4().hex}{uuid.uuid4().hex}", 事发地址=""))
    case = complaints.case_in("U1", "filed")
    assert kinds_of(complaints, case) == ["unclear"]

    view = complaints.call("confirm_case", case["_id"], 1, DESK, "r/1")

    assert (view["life"]["confirmed"], view["life"]["desk"], kinds_of(complaints, case)) == (True, [], [])
    with pytest.raises(Refused):
        complaints.call("confirm_case", case["_id"], 2, DESK, "r/2")


def test_a_citizen_who_is_not_satisfied_raises_the_case_in_the_queue(complaints: Complaints) -> None:
    pushed = complaints.push(order("Z1", **enquiry())).json()
    case = complaints.case_in("Z1", "received")
    view = complaints.call("answer_case", case["_id"], 1, DESK, "请到街道办理。", "r/1")
    assert kinds_of(complaints, case) == []

    complaints.client.post(
        f"/citizen/{pushed['receipt']}/satisfaction",
        json={"code": pushed["query_code"], "contacted": None, "solved": False, "satisfied": False},
    ).raise_for_status()
    assert kinds_of(complaints, case) == ["unsatisfied"]
    view = complaints.call("take_note", case["_id"], view["version"] + 1, DESK, "r/2")

    assert (view["status"], kinds_of(complaints, case)) == ("answered", [])
