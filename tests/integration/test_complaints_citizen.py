"""A citizen learns with receipt and query code how far their report is, and says once how it ended."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from infra.problem import Forbidden, InvalidInput
from services.complaints.citizen_entrypoints import CODE_HEADER
from services.complaints.guesses import MOST_OF_ASKER, MOST_OF_RECEIPT, MOST_WRONG, Guesses, TooManyGuesses
from tests.integration.complaints_running import DESK, OFFICE, STREET_OFFICER, Complaints, complaints_running, order
from tests.integration.one_service import DEADLINE, wait_until

AHEAD = 4_102_444_800.0  # 2100: the database forgets counters whose hour is over, also in the midst of a test
HOUR = 3600.0


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module; every test uses numbers of its own."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


def pushed(complaints: Complaints, number: str, **changes: Any) -> tuple[str, str]:
    """Receipt and query code of a work order, once it has its case."""
    told = complaints.push(order(number, **changes)).json()
    complaints.case_of(number)
    return told["receipt"], told["query_code"]


def answered(complaints: Complaints, number: str, reply: str = "翠湖公园全年免费开放。") -> tuple[str, str]:
    """Receipt and query code of an enquiry that the desk has answered."""
    receipt, code = pushed(complaints, number, 诉求类型="咨询")
    case = complaints.case_in(number, "received")
    complaints.call("answer_case", case["_id"], case["sequence"], DESK, reply, "c/1")
    return receipt, code


def ask(complaints: Complaints, receipt: str, code: str | None = None, **headers: str) -> httpx.Response:
    """Ask with the code in the header."""
    return complaints.client.get(f"/citizen/{receipt}", headers=({CODE_HEADER: code} if code else {}) | headers)


def test_who_has_receipt_and_code_sees_how_far_it_is_in_public_fields_only(complaints: Complaints) -> None:
    receipt, code = answered(complaints, "C1", "翠湖公园全年免费开放，详询 13812345678。")

    by_header = ask(complaints, receipt, code.lower().replace("-", " "))
    by_body = complaints.client.post(f"/citizen/{receipt}", json={"code": code})

    found = by_header.json()
    assert (by_header.status_code, by_header.headers["Cache-Control"]) == (200, "no-store")
    assert by_body.json() == found
    assert set(found) == {
        *("receipt", "received_at", "status", "status_zh", "milestones", "unit", "reply", "replied_at"),
        *("missing", "missing_by", "may_rate", "rated"),
    }
    assert (found["receipt"], found["status_zh"]) == (receipt, "已答复")
    assert found["reply"] == "翠湖公园全年免费开放，详询 138****5678。"
    assert [step["what"] for step in found["milestones"]] == ["已受理", "已答复"]
    assert found["may_rate"] is True


def test_a_wrong_code_and_an_unknown_receipt_are_the_same_refusal(complaints: Complaints) -> None:
    receipt, code = pushed(complaints, "C2")
    other, other_code = pushed(complaints, "C3")

    wrong, unknown, swapped = (
        ask(complaints, *pair) for pair in ((receipt, "2222-2222"), ("HZ-2026-9999999", code), (other, code))
    )

    assert [answer.status_code for answer in (wrong, unknown, swapped)] == [404, 404, 404]
    assert wrong.content == unknown.content == swapped.content
    assert wrong.json()["detail_zh"] == "回执编号或查询码不正确"
    assert ask(complaints, other, other_code).status_code == 200


def test_after_ten_wrong_codes_nobody_may_try_any_receipt_or_not(complaints: Complaints) -> None:
    receipt, code = pushed(complaints, "C4")

    for about in (receipt, "HZ-2026-8888888"):
        wait_until(lambda: time.time() % HOUR < HOUR - DEADLINE, "the service's hour does not end", 2 * DEADLINE)
        tried = [ask(complaints, about, f"2222-22{n:02}").status_code for n in range(MOST_WRONG)]
        after = ask(complaints, about, code)

        assert tried == [404] * MOST_WRONG
        assert (after.status_code, after.json()["code"]) == (429, "too_many_guesses")
        assert 0 < int(after.headers["Retry-After"]) <= 3600


def test_who_guesses_from_one_address_keeps_nobody_out_who_asks_from_another(complaints: Complaints) -> None:
    guesses = Guesses(complaints.db, wall=lambda: AHEAD)
    for _ in range(MOST_WRONG):
        guess_wrong(guesses, "HZ-1", "203.0.113.5")

    with pytest.raises(TooManyGuesses):
        guess_wrong(guesses, "HZ-1", "203.0.113.5")
    for _ in range(MOST_WRONG + 1):
        with guesses.one("HZ-1", "198.51.100.1"):
            pass
    with guesses.one("HZ-2", "203.0.113.5"):
        pass


def test_who_tries_many_receipts_may_try_none_any_more_and_uses_up_nothing_of_others(complaints: Complaints) -> None:
    guesses = Guesses(complaints.db, wall=lambda: AHEAD + HOUR)
    for n in range(MOST_OF_ASKER):
        guess_wrong(guesses, f"HZ-{n}", "203.0.113.5")

    with pytest.raises(TooManyGuesses) as refusal:
        guess_wrong(guesses, "HZ-500", "203.0.113.5")

    window = int((AHEAD + HOUR) // HOUR)
    counted = {one["wrong"] for one in complaints.db.query_guesses.find({"_id": {"$regex": f"[|]{window}$"}})}
    assert refusal.value.extra["retry_after"] == 3600
    assert counted == {0, 1, MOST_OF_ASKER}
    with guesses.one("HZ-500", "198.51.100.1"):
        pass


def test_wrong_codes_from_many_addresses_keep_no_address_out_that_has_not_failed(
    complaints: Complaints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.complaints.guesses.MOST_OF_RECEIPT", 2 * MOST_WRONG)
    guesses = Guesses(complaints.db, wall=lambda: AHEAD + 2 * HOUR)
    for n in range(2 * MOST_WRONG):
        guess_wrong(guesses, "HZ-1", f"203.0.113.{n % 2}")

    for _ in range(3 + 1):
        with guesses.one("HZ-1", "198.51.100.1"):
            pass
    for asker in ("198.51.100.2", "2001:db8:1:1::/64", "2001:db8:2:1::/64"):
        for _ in range(3):
            guess_wrong(guesses, "HZ-1", asker)
    for asker in ("198.51.100.2", "2001:db8:1:2::/64"):  # of IPv6 the whole site has used up its tries
        with pytest.raises(TooManyGuesses):
            guess_wrong(guesses, "HZ-1", asker)
    with guesses.one("HZ-1", "2001:db8:3:1::/64"), guesses.one("HZ-2", "198.51.100.2"):
        pass


def test_a_citizen_is_answered_while_others_try_their_receipt_from_many_addresses(complaints: Complaints) -> None:
    receipt, code = pushed(complaints, "C9")
    guess_wrong(Guesses(complaints.db, wall=time.time), receipt, "203.0.113.5")
    full = {"$set": {"wrong": MOST_OF_RECEIPT}}
    assert complaints.db.query_guesses.update_many({"_id": {"$regex": f"[|]{MOST_OF_RECEIPT}[|]"}}, full).matched_count

    wrong = ask(complaints, receipt, "2222-2222")

    assert (wrong.status_code, wrong.json()["code"]) == (404, "not_found")
    assert ask(complaints, receipt, code).status_code == 200


def guess_wrong(guesses: Guesses, receipt: str, asker: str) -> None:
    """One wrong try. Raises TooManyGuesses."""
    with suppress(InvalidInput), guesses.one(receipt, asker):
        raise InvalidInput("wrong", "错误")


def test_asking_rightly_is_never_limited(complaints: Complaints) -> None:
    receipt, code = pushed(complaints, "C5")

    assert {ask(complaints, receipt, code).status_code for _ in range(MOST_WRONG + 2)} == {200}


def test_without_a_code_a_program_is_refused_and_a_browser_gets_the_form(complaints: Complaints) -> None:
    program, browser = ask(complaints, "HZ-2026-0000001"), ask(complaints, "HZ-2026-0000001", Accept="text/html")

    assert (program.status_code, program.json()["field"]) == (401, CODE_HEADER)
    assert browser.status_code == 200
    assert 'value="HZ-2026-0000001"' in browser.text


def test_the_page_shows_it_and_takes_the_answer_without_a_script(complaints: Complaints) -> None:
    receipt, code = answered(complaints, "C6")

    shown = complaints.client.post("/citizen", data={"receipt": receipt.lower(), "code": code})
    wrong = complaints.client.post("/citizen", data={"receipt": receipt, "code": "2222-2222"})
    rated = complaints.client.post(
        f"/citizen/{receipt}/satisfaction",
        data={"code": code, "contacted": "true", "solved": "true", "satisfied": "false", "words": "太慢"},
    )

    assert (shown.status_code, wrong.status_code, rated.status_code) == (200, 404, 200)
    assert "已答复" in shown.text
    assert f'action="/citizen/{receipt}/satisfaction"' in shown.text
    assert "回执编号或查询码不正确" in wrong.text
    assert f'value="{receipt}"' in wrong.text
    assert "感谢您的评价" in rated.text
    assert "default-src 'none'" in rated.headers["Content-Security-Policy"]


def test_satisfaction_is_taken_once_and_told(complaints: Complaints) -> None:
    receipt, code = answered(complaints, "C7")
    case = complaints.case_in("C7", "answered")
    said = {"code": code, "contacted": None, "solved": False, "satisfied": False, "words": "电话 13912345678 无人接"}

    first, again, other = (
        complaints.client.post(f"/citizen/{receipt}/satisfaction", json=said | change)
        for change in ({}, {}, {"satisfied": True})
    )

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    assert first.json()["rated"] == {"contacted": None, "solved": False, "satisfied": False}
    assert first.json()["may_rate"] is False
    assert again.json() == first.json()
    assert other.json()["detail_zh"] == "您已评价过，不能更改"
    rated = complaints.case_in("C7", "answered")
    assert [(one["rated_by"], one["by"], one["solved"]) for one in rated["ratings"]] == [
        ("citizen", f"市民（{receipt}）", False)
    ]
    wait_until(lambda: complaints.said(f"case/{case['_id']}")[-1].type == "citizen_rated", "it is told")
    (read,) = complaints.call("citizen_answers", case["_id"], DESK)
    assert (read["receipt"], read["ending"], read["words"]) == (receipt, 0, "电话 139****5678 无人接")
    with pytest.raises(Forbidden):
        complaints.call("citizen_answers", case["_id"], STREET_OFFICER)
    (noted,) = complaints.call("unmasked_reads", receipt, OFFICE)
    assert (noted["name"], noted["outcome"], noted["purpose"]) == ("钱七", "shown", "查看市民评价补充意见")
    stored = repr(list(complaints.db.citizen_answers.find()))
    assert "13912345678" not in stored
    assert "无人接" not in stored


def test_before_the_end_there_is_nothing_to_rate(complaints: Complaints) -> None:
    receipt, code = pushed(complaints, "C8")

    answer = complaints.client.post(
        f"/citizen/{receipt}/satisfaction", json={"code": code, "solved": True, "satisfied": True}
    )

    assert (answer.status_code, answer.json()["detail_zh"]) == (409, "该事项尚未办结，暂不能评价")
    assert complaints.db.citizen_answers.count_documents({"receipt": receipt}) == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/citizen/HZ-1", b"{", 400),
        ("POST", "/citizen/HZ-1", b'{"code": 7}', 400),
        ("POST", "/citizen/HZ-1", b"[" * 9000, 400),
        ("POST", "/citizen/HZ-1", b" " * 20_000, 413),
        ("POST", "/citizen/HZ-1/satisfaction", b'{"code": "2222-2222"}', 400),
        ("POST", "/citizen/%00%FF", b'{"code": "\\u0000"}', 404),
        ("GET", "/citizen/HZ-1/satisfaction", b"", 405),
        ("DELETE", "/citizen/HZ-1", b"", 405),
        ("PUT", "/citizen", b"", 405),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(
    complaints: Complaints, method: str, path: str, body: bytes, status: int
) -> None:
    answer = complaints.client.request(method, path, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["status"]) == (status, status)
