"""What a hotline pushes is stored before it is answered, or refused with a reason; each answer has its status."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.problem import InvalidInput
from infra.signature import signed_headers
from services.complaints import service
from services.complaints.report import MOST_REVISIONS
from tests.integration.complaints_running import JSON, OFFICE, SECRETS, Complaints, complaints_running, order
from tests.integration.one_service import wait_until


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module; every test uses numbers of its own."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


@pytest.fixture
def stored(complaints: Complaints) -> Iterator[Any]:
    """How many reports and misfits there are."""
    return lambda: (complaints.db.reports.count_documents({}), complaints.db.misfits.count_documents({}))


def test_a_work_order_is_stored_before_it_is_answered_with_a_receipt(complaints: Complaints) -> None:
    answer = complaints.push(order("A1"))

    stored = complaints.db.reports.find_one({"_id": "hotline_12345:A1"})
    assert stored is not None
    assert answer.status_code == 202
    told = answer.json()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told.pop("query_code"))
    assert told == {"external_id": "A1", "receipt": stored["receipt"], "outcome": "received", "status": 202}
    assert stored["receipt"].startswith("HZ-")


def test_no_personal_data_is_stored_in_clear_or_told(complaints: Complaints) -> None:
    complaints.push(order("A2", 来电人="欧阳独秀", 号码="13912345678"))

    case = complaints.case_of("A2")
    stored = repr(complaints.db.reports.find_one({"_id": "hotline_12345:A2"})) + repr(case)
    wait_until(lambda: complaints.said(f"case/{case['_id']}"), "the case is told")
    for private in ("欧阳独秀", "13912345678"):
        assert private not in stored
        assert all(private not in one.data.decode() for one in complaints.said())


def test_the_same_content_again_has_the_same_receipt_however_it_is_written(complaints: Complaints) -> None:
    first = order("A3")
    told = complaints.push(first).json()

    again = complaints.push(dict(reversed(first.items())))

    assert again.status_code == 202
    assert again.json() == told | {"outcome": "already_received"}
    stored = complaints.db.reports.find_one({"_id": "hotline_12345:A3"})
    assert stored is not None
    assert len(stored["versions"]) == 1


def test_an_array_that_changes_a_work_order_and_changes_it_back_keeps_three_versions(complaints: Complaints) -> None:
    one = order("A9")
    other = one | {"备注": "来电人补充：井口很深"}

    answer = complaints.push([one, other, other, one])

    outcomes = [result["outcome"] for result in answer.json()["results"]]
    assert outcomes == ["received", "revised", "already_received", "revised"]
    stored = complaints.db.reports.find_one({"_id": "hotline_12345:A9"})
    assert stored is not None
    assert len(stored["versions"]) == 3


def test_what_comes_after_the_last_possible_revision_is_kept_and_the_sender_is_told(complaints: Complaints) -> None:
    first = order("A10")
    complaints.push([first | {"备注": f"第{n}次"} for n in range(MOST_REVISIONS + 1)])
    one_more = first | {"备注": "又一次"}

    alone, in_an_array = complaints.push(one_more), complaints.push([order("A11"), one_more])

    told = alone.json()
    assert (alone.status_code, told["code"]) == (409, "refused")
    assert told["detail_zh"] == "A10 已修改50次，请以新编号报送"
    assert complaints.db.misfits.count_documents({"_id": told["kept_as"]}) == 1
    assert in_an_array.status_code == 207
    assert [result["status"] for result in in_an_array.json()["results"]] == [202, 409]
    assert in_an_array.json()["results"][1]["kept_as"] == told["kept_as"]


def test_of_what_was_erased_nobody_says_that_it_is_kept(complaints: Complaints) -> None:
    receipt = complaints.push(order("A19")).json()["receipt"]
    complaints.call("erase_report", receipt, OFFICE, "本人要求", "request/1")
    before = complaints.db.misfits.count_documents({})

    answer = complaints.push([order("A19", 备注="又一次")])

    told = answer.json()
    assert (answer.status_code, told["detail_zh"]) == (422, "全部未能收下，仅注明留存编号的已留存")
    assert told["detail"] == "no item was taken in; kept is what has kept_as"
    assert [("kept_as" in one, one["status"]) for one in told["results"]] == [(False, 409)]
    assert complaints.db.misfits.count_documents({}) == before


def test_new_content_under_the_same_number_is_a_revision_that_the_case_shows(complaints: Complaints) -> None:
    first = order("A4")
    told = complaints.push(first).json()
    complaints.case_of("A4")

    answer = complaints.push(first | {"诉求内容": "五华区华山街道翠湖南路两个井盖缺失，请尽快。"})

    assert answer.json() == told | {"outcome": "revised"}
    wait_until(lambda: complaints.case_of("A4")["joined"][0]["revision"] == 1, "the case knows the revision")
    case = complaints.case_of("A4")
    assert case["text"] == "五华区华山街道翠湖南路两个井盖缺失，请尽快。"
    assert [entry["what"] for entry in case["history"]] == ["立案", "来件有修改"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed_headers(b"another secret", int(time.time()), b"{}"),
        signed_headers(SECRETS["hotline_12319"].encode(), int(time.time()), b"{}"),
        {**signed_headers(SECRETS["hotline_12345"].encode(), int(time.time()), b"{ }")},
        {**signed_headers(SECRETS["hotline_12345"].encode(), int(time.time()) - 400, b"{}")},
    ],
    ids=["unsigned", "unknown secret", "secret of another channel", "over another body", "too old"],
)
def test_without_the_right_signature_nothing_is_stored(
    complaints: Complaints, stored: Any, headers: dict[str, str]
) -> None:
    before = stored()

    answer = complaints.client.post("/intake/hotline_12345", content=b"{}", headers=JSON | headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert stored() == before


def test_what_is_authentic_but_not_understood_is_kept_once_with_its_reason(complaints: Complaints, stored: Any) -> None:
    reports, misfits = stored()
    odd = order("A5", 事发时间="昨天", 来电人="司马独")

    first, again = complaints.push(odd), complaints.push(odd)

    assert (first.status_code, first.json()["field"], first.json()["code"]) == (422, "事发时间", "not_understood")
    assert first.json()["kept_as"] == again.json()["kept_as"]
    kept = complaints.db.misfits.find_one({"_id": first.json()["kept_as"]})
    told = first.json()
    assert kept is not None
    assert kept["problem"] == InvalidInput(told["detail"], told["detail_zh"], field="事发时间").as_json()
    assert "司马独" not in repr(kept)
    assert stored() == (reports, misfits + 1)


def test_what_was_corrected_and_pushed_again_is_taken(complaints: Complaints) -> None:
    assert complaints.push(order("A6", 诉求内容="")).status_code == 422

    assert complaints.push(order("A6")).json()["outcome"] == "received"


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"17", b'"text"', b"null", b'{"a":' * 5000, b"[1,", b"[[]]"])
def test_what_is_no_json_object_is_kept_too(complaints: Complaints, body: bytes) -> None:
    answer = complaints.push_raw(body)

    assert answer.status_code == 422
    kept = answer.json().get("kept_as") or answer.json()["results"][0]["kept_as"]
    assert complaints.db.misfits.count_documents({"_id": kept}) == 1


def test_an_array_of_good_items_is_answered_item_by_item(complaints: Complaints) -> None:
    answer = complaints.push([order("B1"), order("B2"), order("B3")])

    assert answer.status_code == 202
    results = answer.json()["results"]
    assert [(one["index"], one["external_id"], one["outcome"]) for one in results] == [
        (0, "B1", "received"),
        (1, "B2", "received"),
        (2, "B3", "received"),
    ]
    receipts = [one["receipt"] for one in results]
    assert (len(set(receipts)), receipts) == (3, sorted(receipts))  # numbered as they were sent


def test_a_mixed_array_is_answered_207_with_a_result_for_every_index(complaints: Complaints) -> None:
    known = order("C1")
    complaints.push(known)

    answer = complaints.push([order("C2"), {"工单编号": "C3"}, known, known | {"标题": "改"}, 17])

    results = answer.json()["results"]
    assert answer.status_code == 207
    assert [one["status"] for one in results] == [202, 422, 202, 202, 422]
    assert [one.get("outcome") for one in results] == ["received", None, "already_received", "revised", None]
    assert (results[1]["field"], results[1]["code"]) == ("诉求内容", "not_understood")
    assert complaints.db.misfits.count_documents({"_id": {"$in": [results[1]["kept_as"], results[4]["kept_as"]]}}) == 2


def test_one_item_with_an_endless_number_costs_its_neighbours_nothing(complaints: Complaints) -> None:
    endless = json.dumps(order("B8"), ensure_ascii=False)[:-1] + f', "坐标": [{"9" * 400}, 25]}}'
    body = f"[{json.dumps(order('B7'), ensure_ascii=False)}, {endless}]".encode()

    answer = complaints.push_raw(body)

    assert answer.status_code == 207
    good, odd = answer.json()["results"]
    assert (good["status"], good["outcome"]) == (202, "received")
    assert (odd["status"], odd["kept_as"][:2]) == (422, "M-")


def test_the_same_number_twice_in_one_array_is_one_report(complaints: Complaints) -> None:
    one = order("D1")

    results = complaints.push([one, one, one | {"标题": "改"}]).json()["results"]

    assert [result["outcome"] for result in results] == ["received", "already_received", "revised"]
    assert len({result["receipt"] for result in results}) == 1


def test_an_array_in_which_nothing_is_understood_is_422(complaints: Complaints) -> None:
    answer = complaints.push([{"工单编号": "E1"}, {}])

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [one["status"] for one in answer.json()["results"]] == [422, 422]


def test_a_chunked_body_is_read_as_well(complaints: Complaints) -> None:
    body = json.dumps(order("E2"), ensure_ascii=False).encode()
    signed = signed_headers(SECRETS["hotline_12345"].encode(), int(time.time()), body)
    parts = [body[:10], body[10:]]

    answer = complaints.client.post("/intake/hotline_12345", content=iter(parts), headers=JSON | signed)

    assert (answer.status_code, answer.json()["external_id"]) == (202, "E2")


def test_an_empty_array_is_bad_input(complaints: Complaints) -> None:
    answer = complaints.push([])

    assert (answer.status_code, answer.json()["field"]) == (400, "body")


def test_too_many_items_or_bytes_are_refused_and_nothing_is_stored(complaints: Complaints, stored: Any) -> None:
    before = stored()

    many = complaints.push([{"工单编号": str(n), "诉求内容": "x"} for n in range(1001)])
    large = complaints.push_raw(b" " * (5 * 1024 * 1024 + 1))
    signed = signed_headers(SECRETS["hotline_12345"].encode(), int(time.time()), b" " * 6 * 1024 * 1024)
    parts = iter([b" " * 1024 * 1024] * 6)
    chunked = complaints.client.post("/intake/hotline_12345", content=parts, headers=JSON | signed)

    assert [(one.status_code, one.json()["code"]) for one in (many, large, chunked)] == [(413, "too_large")] * 3
    assert stored() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(complaints: Complaints, stored: Any, kind: str) -> None:
    before = stored()

    answer = complaints.push(order("F1"), **{"Content-Type": kind})

    assert (answer.status_code, answer.json()["field"]) == (415, "Content-Type")
    assert stored() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/intake/hotline_99999", 404, "not_found"),
        ("POST", "/intake/weibo", 404, "not_found"),
        ("PUT", "/intake/hotline_12345", 405, "method_not_allowed"),
        ("DELETE", "/intake/hotline_12345/A1", 405, "method_not_allowed"),
        ("GET", "/elsewhere/entirely", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("PUT", "/intake", 404, "not_found"),
    ],
)
def test_every_other_address_answers_with_a_problem(
    complaints: Complaints, method: str, path: str, status: int, code: str
) -> None:
    answer = complaints.client.request(method, path, headers=JSON, content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_health_says_that_service_and_database_answer(complaints: Complaints) -> None:
    assert complaints.client.get("/health").json() == {"service": "complaints", "status": "ok"}


def test_the_other_hotline_pushes_its_own_fields(complaints: Complaints) -> None:
    item = {
        "案卷号": "K1",
        "问题描述": "盘龙区鼓楼街道桃源广场北侧堆放暴露垃圾。",
        "大类": "市容环境",
        "小类": "暴露垃圾",
    }

    assert complaints.push(item, "hotline_12319").json()["outcome"] == "received"
    case = complaints.case_of("K1", "hotline_12319")
    assert (case["status"], case["place_path"][:11]) == ("filed", "5301/530103")


def test_a_work_order_can_be_asked_for_only_by_its_own_hotline(complaints: Complaints) -> None:
    complaints.push(order("G1"))
    complaints.case_in("G1", "filed")

    own, foreign, unknown = complaints.ask("G1"), complaints.ask("G1", "hotline_12319"), complaints.ask("nothing")
    unsigned = complaints.client.get("/intake/hotline_12345/G1")

    assert (own.status_code, own.json()["status"], own.json()["reply"]) == (200, "filed", None)
    assert [one.status_code for one in (foreign, unknown, unsigned)] == [404, 404, 401]


def test_a_number_in_chinese_can_be_asked_for(complaints: Complaints) -> None:
    complaints.push(order("工单/7号"))

    answer = complaints.ask("工单/7号")

    assert (answer.status_code, answer.json()["external_id"]) == (200, "工单/7号")


def test_the_commands_of_the_readme_push_a_work_order_and_ask_for_it(complaints: Complaints, tmp_path: Path) -> None:
    secrets = tmp_path / ".wenming/local/secrets.json"
    secrets.parent.mkdir(parents=True)
    secrets.write_text(json.dumps(SECRETS))
    readme = Path(service.__file__).with_name("README.md").read_text("utf-8")
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "curl " in block]
    commands = "\n".join(blocks).replace("curl ", "curl -s ")
    address = str(complaints.client.base_url).rstrip("/")
    script = commands.replace("http://127.0.0.1:8601", address)
    assert script.count(address) == 2

    done = subprocess.run(["bash", "-euc", script], cwd=tmp_path, capture_output=True, check=True, timeout=60)

    pushed, asked = msgspec.json.decode(b"[" + done.stdout.replace(b"}{", b"},{") + b"]")
    assert (pushed["external_id"], pushed["outcome"], pushed["status"]) == ("GD20260302000117", "received", 202)
    assert (asked["receipt"], asked["revisions"], asked["channel"]) == (pushed["receipt"], 0, "hotline_12345")
