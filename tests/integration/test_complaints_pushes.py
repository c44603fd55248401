"""One item a line, as fast as the channel may, signed with the secret of the day."""

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

import pytest

from infra.local.secret_file import write_private
from infra.rotating_secrets import rotated
from services.complaints.channels import known_channels
from tests.integration.complaints_running import SECRETS, Complaints, complaints_running, order
from tests.integration.one_service import DEADLINE, wait_until

ON_SITE = {"inspection", "patrol", "assessor", "leader_instruction", "superior_inspection"}
LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module; every test uses numbers of its own."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


def in_lines(*items: Any) -> bytes:
    """The items as NDJSON; bytes stand as they are."""
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode() for one in items)


def test_what_is_found_on_site_is_filed_and_counted_under_its_channel(complaints: Complaints) -> None:
    found = {name: known for name, known in known_channels().items() if name in ON_SITE}
    for name, known in found.items():
        assert complaints.push(known.sample, name).json()["outcome"] == "received"

    cases = {name: complaints.case_of(next(iter(known.sample.values())), name) for name, known in found.items()}
    assert {case["status"] for case in cases.values()} == {"filed"}
    assert {name: case["difficult"] for name, case in cases.items()} == dict.fromkeys(ON_SITE, False) | {
        "leader_instruction": True,
        "superior_inspection": True,
    }
    stored = complaints.db.reports.find_one({"channel": "superior_inspection"})
    assert stored is not None
    assert [photo["sha256"][:2] for photo in stored["versions"][0]["content"]["photos"]] == ["1b", "2c"]
    wait_until(
        lambda: complaints.call("case_counts_by_channel", ["5301"])["5301"].keys() >= ON_SITE, "the counters know them"
    )
    counts = complaints.call("case_counts_by_channel", ["5301"])["5301"]
    assert {name: counts[name] for name in ON_SITE} == dict.fromkeys(ON_SITE, 1)
    assert not ON_SITE & complaints.call("case_counts", ["5301"])["5301"].keys()


def test_one_item_a_line_is_answered_line_by_line_and_a_broken_line_costs_only_itself(complaints: Complaints) -> None:
    body = in_lines(order("N1"), b"", b'{"\xff', b"  \r", order("N2"), order("N3", 事发时间="昨天"), b"")

    answer = complaints.push_raw(body, **LINES)

    results = answer.json()["results"]
    assert answer.status_code == 207
    assert [(one["line"], one["status"]) for one in results] == [(1, 202), (3, 422), (5, 202), (6, 422)]
    assert [one.get("external_id") for one in results] == ["N1", None, "N2", None]
    assert [one.get("field") for one in results] == [None, "body", None, "事发时间"]
    assert all(complaints.db.misfits.find_one({"_id": results[n]["kept_as"]}) for n in (1, 3))


def test_good_lines_are_202_and_no_line_at_all_is_bad_input(complaints: Complaints) -> None:
    good, none = (
        complaints.push_raw(in_lines(order("N4"), order("N5")), **LINES),
        complaints.push_raw(b"\n \n", **LINES),
    )

    assert (good.status_code, [one["line"] for one in good.json()["results"]]) == (202, [1, 2])
    assert (none.status_code, none.json()["field"]) == (400, "body")


def test_more_lines_than_a_body_may_hold_are_refused_and_nothing_is_stored(complaints: Complaints) -> None:
    before = complaints.db.reports.count_documents({}), complaints.db.misfits.count_documents({})

    answer = complaints.push_raw(b"{}\n" * 1001, **LINES)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert (complaints.db.reports.count_documents({}), complaints.db.misfits.count_documents({})) == before


def test_a_rotated_secret_opens_without_a_restart_and_the_old_one_until_its_overlap_ends(
    complaints: Complaints,
) -> None:
    now = time.time()
    body = json.dumps(order("S1"), ensure_ascii=False).encode()

    def write(overlap: float) -> None:
        entries = rotated(SECRETS, "hotline_12345", "the next one", overlap=overlap, now=now)
        write_private(complaints.secrets_file, json.dumps(entries))

    def statuses() -> list[int]:
        return [complaints.push_raw(body, secret=one).status_code for one in ("the next one", SECRETS["hotline_12345"])]

    try:
        write(overlap=3600)
        during = statuses()
        write(overlap=0)
        after = statuses()
        other = complaints.push({"案卷号": "S2", "问题描述": "路灯不亮"}, "hotline_12319").status_code
    finally:
        write_private(complaints.secrets_file, json.dumps(SECRETS))
    assert (during, after, other) == ([202, 202], [202, 401], 202)


def test_who_sends_too_fast_is_told_when_to_come_again_and_nothing_is_stored(complaints: Complaints) -> None:
    items = [{"工单编号": "only to count"}] * 14

    first = complaints.push(items, "patrol")
    stored = complaints.db.reports.count_documents({}), complaints.db.misfits.count_documents({})
    second = complaints.push([{"another": n} for n in range(15)], "patrol")

    assert first.status_code == 422
    assert (second.status_code, second.json()["code"]) == (429, "too_many")
    assert second.headers["Content-Type"] == "application/problem+json"
    assert int(second.headers["Retry-After"]) == second.json()["retry_after"] > 600
    assert (complaints.db.reports.count_documents({}), complaints.db.misfits.count_documents({})) == stored
    assert complaints.push(order("S3")).status_code == 202, "another channel counts for itself"


def test_questions_have_a_limit_too(complaints: Complaints) -> None:
    answers = [complaints.ask("none", "patrol") for _ in range(4)]

    assert [one.status_code for one in answers] == [404, 404, 404, 429]
    assert int(answers[3].headers["Retry-After"]) > 50


def test_a_body_may_be_smaller_for_one_channel_than_for_others(complaints: Complaints) -> None:
    assert complaints.push_raw(b" " * 10_001, "patrol").status_code == 413


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("", "X-Wenming-Timestamp"),
        ("X-Wenming-Timestamp: {long_ago}\r\nX-Wenming-Signature: {some}\r\n", "X-Wenming-Timestamp"),
        ("X-Wenming-Timestamp: {now}\r\n", "X-Wenming-Signature"),
        ("X-Wenming-Timestamp: {now}\r\nX-Wenming-Signature: {some}00\r\n", "X-Wenming-Signature"),
    ],
)
def test_who_has_nothing_to_show_is_refused_before_the_body_is_read(
    complaints: Complaints, header: str, field: str
) -> None:
    at = complaints.client.base_url
    said = header.format(now=int(time.time()), long_ago=int(time.time()) - 301, some="0" * 64)
    with socket.create_connection((at.host, at.port or 0), timeout=DEADLINE) as line:
        line.sendall(
            f"POST /intake/hotline_12345 HTTP/1.1\r\nHost: {at.host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: 1000000\r\n{said}\r\n".encode()
        )  # and not a byte of the body
        answer = HTTPResponse(line)
        answer.begin()
        told = json.loads(answer.read())
    assert (answer.status, told["field"]) == (401, field)
