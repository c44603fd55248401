"""Errors: a silent service makes its part null, everything else arrives in time, and every error has one shape."""

import asyncio
import time
from collections import Counter

import pytest

from gateway.app import GRACE
from gateway.rpc import LATE, Breaker, Desk
from infra.messaging.rpc_client import RemoteFailure
from infra.problem import Unavailable
from tests.unit.gateway_fakes import CITY, OF_HUASHAN, FakeServices, Town, bearer

PICTURE = "{ city { name caseCounts { total } overdue score rank children { caseCounts { total } overdue score } } }"
ACCEPT = 'mutation { acceptTask(input: {id: "t1", seenVersion: %d}) { task { status } } }'


def test_a_service_that_is_down_makes_its_part_null_with_an_error_and_the_rest_arrives() -> None:
    town = Town()
    town.services.down.add("assessment")
    answer = town.ask("{ city { name caseCounts { total } overdue score } }")
    assert answer["data"] == {"city": {"name": "昆明市", "caseCounts": {"total": 5}, "overdue": 1, "score": None}}
    [error] = answer["errors"]
    assert error["path"] == ["city", "score"]
    assert error["extensions"] | {"cause": ""} == {
        "type": "urn:wenming:problem:unavailable",
        "code": "unavailable",
        "status": 503,
        "detail": "the service assessment does not answer",
        "detail_zh": "测评服务暂时没有应答，请稍后再试",
        "service": "assessment",
        "cause": "",
    }


def test_the_errors_of_a_silent_service_are_folded_one_for_each_field_of_the_query() -> None:
    town = Town()
    town.services.down.add("assessment")
    errors = town.ask(PICTURE)["errors"]
    assert [(error["path"], error["extensions"].get("fields", 1)) for error in errors] == [
        (["city", "score"], 1),
        (["city", "rank"], 1),
        (["city", "children", 0, "score"], 18),
    ]


def test_all_services_down_is_still_an_answer() -> None:
    town = Town()
    town.services.down = {"complaints", "tasks", "assessment", "notify"}
    answer = town.ask("{ city { name caseCounts { total } overdue score bulletins { edges { cursor } } } }")
    assert answer["data"]["city"] == {
        "name": "昆明市",
        "caseCounts": None,
        "overdue": None,
        "score": None,
        "bulletins": None,
    }
    assert {error["extensions"]["service"] for error in answer["errors"]} == {
        "complaints",
        "tasks",
        "assessment",
        "notify",
    }


def test_the_rest_arrives_within_the_deadline_also_what_needs_a_second_answer() -> None:
    town = Town(deadline=30.0, rpc_timeout=1.5)
    town.services.silent.add("assessment")
    began = time.monotonic()
    answer = town.ask("{ city { score tasks { edges { node { title case { number } } } } } }")
    assert time.monotonic() - began < 30.0 + GRACE
    [edge] = answer["data"]["city"]["tasks"]["edges"]
    assert edge == {"node": {"title": "占道经营 · 华山街道", "case": {"number": "5301-2026-000001"}}}
    assert [error["path"] for error in answer["errors"]] == [["city", "score"]]


def test_a_dead_service_is_waited_for_once_in_a_request() -> None:
    town = Town(deadline=30.0, rpc_timeout=1.0, breaker_failures=100)
    town.services.silent.add("tasks")
    town.ask(
        "{ city { overdue own: overdue(coordinate: RESPONSIBLE) tasks { totalCount } }"
        '  case(id: "c1") { task { title } } }'
    )
    assert town.services.calls == Counter(
        {"tasks.task_counts": 2, "tasks.tasks": 1, "complaints.cases_by_id": 1}
    )  # all at once; the task of the case is not asked for any more


def test_after_two_silences_a_service_rests_and_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.rpc.LATE", 60.0)  # however busy this machine is
    town = Town(deadline=30.0, rpc_timeout=0.05, breaker_failures=2, breaker_rest=60.0)
    town.services.silent.add("assessment")
    for _ in range(4):
        assert town.ask("{ city { score } }")["data"] == {"city": {"score": None}}
    assert town.services.calls == Counter({"assessment.latest_standings": 2})
    assert town.request("GET", "/health").json() == {"status": "up", "silent_services": ["assessment"]}


def test_a_service_that_is_known_to_be_absent_is_asked_again_at_once() -> None:
    town = Town()
    town.services.down.add("assessment")
    for _ in range(4):
        assert town.ask('{ district(code: "530102") { score } }')["data"] == {"district": {"score": None}}
    town.services.down.clear()
    assert town.data('{ district(code: "530102") { score } }') == {"district": {"score": 86.25}}


def test_a_resting_service_is_tried_once_and_admitted_again_when_it_answers() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, rest=5.0, now=lambda: now[0])
    breaker.silent("tasks")
    assert breaker.admit("tasks") is True
    breaker.silent("tasks")
    assert (breaker.admit("tasks"), breaker.resting()) == (False, ["tasks"])
    now[0] = 5.0
    assert [breaker.admit("tasks"), breaker.admit("tasks")] == [True, False]
    breaker.answered("tasks")
    assert (breaker.admit("tasks"), breaker.resting()) == (True, [])


def test_other_services_are_admitted_while_one_rests() -> None:
    breaker = Breaker(failures=1, rest=5.0)
    breaker.silent("tasks")
    assert (breaker.admit("tasks"), breaker.admit("notify")) == (False, True)


def test_a_timeout_that_this_process_was_too_busy_to_notice_does_not_count_against_a_service() -> None:
    class Busy(FakeServices):
        async def call(self, service: str, method: str, *args: object, timeout: float, **kwargs: object) -> None:
            time.sleep(timeout + LATE)  # the loop stands still, as it does under a heavy load
            raise TimeoutError

    async def ask(breaker: Breaker) -> None:
        with pytest.raises(Unavailable):
            await Desk(Busy(), breaker, deadline=1.0, rpc_timeout=0.05).ask("tasks", "task_counts", [], "place")

    breaker = Breaker(failures=1, rest=60.0)
    asyncio.run(ask(breaker))
    assert breaker.resting() == []


def test_a_request_whose_turn_does_not_come_within_its_deadline_is_503_and_asks_nothing() -> None:
    town = Town(deadline=0.05, concurrent=0)
    answer = town.request("POST", "/graphql", json={"query": "{ city { score } }"}, headers=bearer(CITY))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert not town.services.calls


def test_nothing_is_asked_after_the_deadline() -> None:
    services = FakeServices()
    desk = Desk(services, Breaker(failures=2, rest=5.0), deadline=0.0, rpc_timeout=1.0)

    async def ask() -> None:
        await desk.ask("tasks", "task_counts", [], "place")

    with pytest.raises(Unavailable):
        asyncio.run(ask())
    assert not services.calls


def test_a_command_with_a_stale_version_says_who_changed_what() -> None:
    town = Town()
    town.data(ACCEPT % 1, OF_HUASHAN)
    assert town.refusal(ACCEPT % 1, OF_HUASHAN) | {"cause": ""} == {
        "type": "urn:wenming:problem:stale",
        "code": "stale",
        "status": 409,
        "detail": "version 1 was seen, it is 2 now",
        "detail_zh": "已被他人更新，当前版本2",
        "field": "seenVersion",
        "current_version": 2,
        "changed_by": "李四",
        "changed_what": "accepted",
        "cause": "",
    }


def test_a_refusal_names_the_field_as_the_caller_wrote_it() -> None:
    query = 'mutation { returnTask(input: {id: "t1", seenVersion: 1, reason: " "}) { task { status } } }'
    refusal = Town().refusal(query, OF_HUASHAN)
    assert (refusal["code"], refusal["field"], refusal["detail_zh"]) == ("refused", "reason", "请填写退回理由")


def test_a_command_to_a_service_that_is_down_is_an_error_and_null() -> None:
    town = Town()
    town.services.down.add("tasks")
    answer = town.ask(ACCEPT % 1, OF_HUASHAN)
    assert answer["data"] == {"acceptTask": None}
    assert answer["errors"][0]["extensions"]["code"] == "unavailable"


def test_a_command_that_was_not_answered_says_that_its_outcome_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town()

    def fall_silent(**_: object) -> None:
        raise Unavailable("no answer", "服务未及时响应")

    monkeypatch.setattr(town.services, "tasks_accept_task", fall_silent)
    refusal = town.refusal(ACCEPT % 1, OF_HUASHAN)
    assert (refusal["code"], refusal["detail"]) == (
        "unavailable",
        "the service tasks did not answer; look whether it was done before you try again",
    )


def test_what_does_not_exist_is_not_found_with_the_field() -> None:
    town = Town()
    assert [
        (refusal["code"], refusal["field"])
        for refusal in (
            town.refusal('{ case(id: "c9") { number } }'),
            town.refusal('{ task(id: "t9") { title } }'),
            town.refusal('{ unit(path: "5301/530199") { name } }'),
            town.refusal('{ district(code: "530102001") { name } }'),
            town.refusal('{ street(name: "不存在街道") { name } }'),
        )
    ] == [("not_found", "id"), ("not_found", "id"), ("not_found", "unit"), ("not_found", "code"), ("not_found", "name")]


def test_bad_input_names_its_field() -> None:
    town = Town()
    assert [
        (refusal["code"], refusal["field"])
        for refusal in (
            town.refusal("{ district { name } }"),
            town.refusal('{ district(code: "530102", name: "五华区") { name } }'),
            town.refusal("{ city { tasks(first: 0) { totalCount } } }"),
            town.refusal("{ city { cases(first: 51) { totalCount } } }"),
            town.refusal('{ city { cases(after: "?") { totalCount } } }'),
            town.refusal('{ unit(path: "5301/~psb") { overdue(coordinate: PLACE) } }'),
            town.refusal('{ node(id: "nonsense") { id } }'),
            town.refusal('{ case(id: "VGFzazp0MQ==") { number } }'),
        )
    ] == [
        ("invalid_input", "path"),
        ("invalid_input", "path"),
        ("invalid_input", "first"),
        ("invalid_input", "first"),
        ("invalid_input", "after"),
        ("invalid_input", "coordinate"),
        ("invalid_input", "id"),
        ("invalid_input", "id"),
    ]


def test_a_failure_inside_a_service_is_internal_and_tells_nothing_but_where_to_look(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    town = Town()

    def fail(units: list[str]) -> None:
        raise RemoteFailure("OperationFailure", "mongodb://user:password@db")

    monkeypatch.setattr(town.services, "assessment_latest_standings", fail)
    answer = town.request(
        "POST",
        "/graphql",
        json={"query": "{ city { name score } }"},
        headers=bearer(CITY) | {"X-Request-Id": "test-7"},
    )
    assert answer.json()["data"] == {"city": {"name": "昆明市", "score": None}}
    assert answer.json()["errors"][0]["extensions"] == {
        "type": "urn:wenming:problem:internal",
        "code": "internal",
        "status": 500,
        "detail": "an internal error; please name the request id when you report it",
        "detail_zh": "系统内部错误，请提供请求编号以便查询",
        "cause": "test-7",
    }
    assert "test-7 failed at ['city', 'score']" in caplog.text
