"""GraphQL over HTTP: methods, media types, status codes, limits."""

import json
import re
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from tests.unit.gateway_fakes import CITY, OF_HUASHAN, Town, bearer

NEW = "application/graphql-response+json"
ME = {"query": "{ me { name } }"}
ACCEPT = 'mutation { acceptTask(input: {id: "t1", seenVersion: 1}) { task { status } } }'


def post(town: Town, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return town.request(
        "POST", "/graphql", content=content, headers=bearer(CITY) | {"Content-Type": "application/json"} | headers
    )


@pytest.mark.parametrize(
    ("accept", "media", "status_of_a_bad_query"),
    [
        ("*/*", NEW, 400),
        (NEW, NEW, 400),
        (f"{NEW}, application/json;q=0.9", NEW, 400),
        ("application/json", "application/json", 200),
        (f"application/json, {NEW};q=0.5", "application/json", 200),
        ("text/html", NEW, 400),
    ],
)
def test_media_type_and_status_follow_the_accept_header(accept: str, media: str, status_of_a_bad_query: int) -> None:
    town = Town()
    good = post(town, ME, Accept=accept)
    assert (good.status_code, good.headers["content-type"]) == (200, f"{media}; charset=utf-8")
    assert good.json() == {"data": {"me": {"name": "张三"}}}
    bad = post(town, {"query": "{ nonsense }"}, Accept=accept)
    assert (bad.status_code, bad.headers["content-type"]) == (status_of_a_bad_query, f"{media}; charset=utf-8")
    assert list(bad.json()) == ["errors"]


def test_an_error_in_a_part_is_200_with_data() -> None:
    answer = post(Town(), {"query": '{ unit(path: "5301/1") { name } me { name } }'})
    assert (answer.status_code, answer.json()["data"]) == (200, {"unit": None, "me": {"name": "张三"}})


NOT_WELL_FORMED = {
    "no JSON": (b"{", 400, "invalid_input", "body"),
    "not UTF-8": (b'{"query":"\xff"}', 400, "invalid_input", "body"),
    "a list": ([ME], 400, "invalid_input", "body"),
    "no query": ({}, 400, "invalid_input", "query"),
    "a query that is no text": ({"query": 7}, 400, "invalid_input", "query"),
    "variables that are no object": (ME | {"variables": []}, 400, "invalid_input", "variables"),
    "an operation name that is no text": (ME | {"operationName": 1}, 400, "invalid_input", "operationName"),
    "too large": (ME | {"extensions": {"x": "x" * 70_000}}, 413, "too_large", None),
}


@pytest.mark.parametrize(("body", "status", "code", "field"), NOT_WELL_FORMED.values(), ids=NOT_WELL_FORMED.keys())
def test_what_is_not_a_graphql_request_is_refused_with_problem_details(
    body: Any, status: int, code: str, field: str | None
) -> None:
    answer = post(Town(), body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (answer.json()["code"], answer.json().get("field")) == (code, field)


def test_another_media_type_is_415() -> None:
    answer = post(Town(), ME, **{"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["field"]) == (415, "Content-Type")


INVALID_QUESTIONS = {
    "syntax": ({"query": "{"}, "query"),
    "unknown field": ({"query": "{ city { mayor } }"}, "query"),
    "missing variable": ({"query": "query($p: String!) { unit(path: $p) { name } }"}, "variables"),
    "variable of another type": (
        {"query": "query($p: String!) { unit(path: $p) { name } }", "variables": {"p": 1}},
        "variables",
    ),
    "no such operation": ({"query": "query A { me { name } }", "operationName": "B"}, "operationName"),
    "which of two operations": ({"query": "query A { me { name } } query B { me { name } }"}, "operationName"),
    "too many tokens": ({"query": "{" + " a" * 5000 + "}"}, "query"),
    "too deep": (
        {"query": "{ city" + " { children" * 12 + " { name }" + " }" * 12 + " }"},
        "query",
    ),
    "too costly": (
        {"query": "{ city { children { children { children { caseCounts { total open closed } } } } } }"},
        "query",
    ),
    "too many items": (
        {
            "query": "query($n: Int!) { city { tasks(first: $n) { edges { node { title } } } } }",
            "variables": {"n": 9999},
        },
        "query",
    ),
    "fragments that spread each other": (
        {
            "query": "{ me { unit { ...a0 } } }"
            + "".join(f"fragment a{n} on Unit {{ ...a{n + 1} ...a{n + 1} }}" for n in range(40))
            + "fragment a40 on Unit { name }"
        },
        "query",
    ),
    "introspection of introspection": (
        {"query": "{ __schema { types" + " { fields { type" * 4 + " { name }" + " } }" * 4 + " } }"},
        "query",
    ),
}


@pytest.mark.parametrize(("body", "field"), INVALID_QUESTIONS.values(), ids=INVALID_QUESTIONS.keys())
def test_a_question_that_cannot_be_executed_is_400_without_data(body: dict[str, Any], field: str) -> None:
    town = Town()
    answer = post(town, body)
    assert (answer.status_code, list(answer.json())) == (400, ["errors"])
    assert {(e["extensions"]["code"], e["extensions"]["field"]) for e in answer.json()["errors"]} == {
        ("invalid_input", field)
    }
    assert not town.services.calls


def test_the_city_its_districts_and_streets_with_all_figures_is_within_the_limits() -> None:
    figures = "path name caseCounts { total open } taskCounts { total open overdue } score rank grade change"
    town = Town()
    assert (
        town.data(f"{{ city {{ {figures} children {{ {figures} children {{ {figures} }} }} }} }}")["city"]["path"]
        == "5301"
    )


def test_the_usual_introspection_is_answered() -> None:
    answer = post(Town(), {"query": get_introspection_query()})
    assert (answer.status_code, answer.json()["data"]["__schema"]["queryType"]["name"]) == (200, "Query")


def test_a_question_may_come_by_get() -> None:
    town = Town()
    asked = {
        "query": "query Q($p: String!) { unit(path: $p) { name } }",
        "variables": '{"p": "5301"}',
        "operationName": "Q",
    }
    answer = town.request("GET", "/graphql", params=asked, headers=bearer(CITY))
    assert (answer.status_code, answer.json()) == (200, {"data": {"unit": {"name": "昆明市"}}})


def test_a_mutation_by_get_is_405_and_nothing_is_done() -> None:
    town = Town()
    answer = town.request("GET", "/graphql", params={"query": ACCEPT}, headers=bearer(OF_HUASHAN))
    assert (answer.status_code, answer.headers["allow"], answer.json()["code"]) == (405, "POST", "method_not_allowed")
    assert not town.services.calls


def test_other_methods_and_addresses_are_refused_in_the_same_shape() -> None:
    town = Town()
    put, nowhere = town.request("PUT", "/graphql"), town.request("GET", "/nowhere")
    assert [(answer.status_code, answer.json()["code"]) for answer in (put, nowhere)] == [
        (405, "method_not_allowed"),
        (404, "not_found"),
    ]


def test_the_request_id_of_the_client_is_kept_and_reaches_the_service_as_cause() -> None:
    town = Town()
    headers = bearer(OF_HUASHAN) | {"X-Request-Id": "portal-42"}
    answer = town.request("POST", "/graphql", json={"query": ACCEPT}, headers=headers)
    assert answer.headers["x-request-id"] == "portal-42"
    assert town.services.asked[-1] == (
        "tasks.accept_task",
        (),
        {
            "task_id": "t1",
            "seen": 1,
            "by": {"role": "street", "unit": "5301/530102/530102001", "name": "张三"},
            "cause": "portal-42",
        },
    )


@pytest.mark.parametrize("given", ["", "with a space", "x" * 65, "a\nb".replace("\n", "%0A")])
def test_a_request_without_a_usable_id_gets_one(given: str) -> None:
    made = post(Town(), ME, **{"X-Request-Id": given}).headers["x-request-id"]
    assert re.fullmatch(r"request-[0-9a-f-]{36}", made)


def test_health_needs_no_token() -> None:
    answer = Town().request("GET", "/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "up", "silent_services": []})
