"""An error says the same thing on both sides of a wire."""

import json

import pytest

from infra.problem import (
    Forbidden,
    InvalidInput,
    NotFound,
    NotUnderstood,
    Problem,
    Refused,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)

KINDS = [
    (InvalidInput, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Refused, 409),
    (Stale, 409),
    (TooLarge, 413),
    (NotUnderstood, 422),
    (TooMany, 429),
    (Unavailable, 503),
]


def test_the_body_has_the_members_of_problem_details() -> None:
    problem = InvalidInput("the field 诉求内容 is missing", "缺少诉求内容", field="诉求内容", index=3)

    assert problem.as_json() == {
        "type": "urn:wenming:problem:invalid_input",
        "code": "invalid_input",
        "status": 400,
        "detail": "the field 诉求内容 is missing",
        "detail_zh": "缺少诉求内容",
        "field": "诉求内容",
        "index": 3,
    }


def test_a_problem_without_field_names_none() -> None:
    assert "field" not in Unavailable("tasks does not answer", "任务服务无响应").as_json()


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_each_kind_has_its_status_and_survives_the_wire(kind: type[Problem], status: int) -> None:
    sent = kind("no", "否", field="seen", current_version=7)

    received = Problem.parse(json.loads(json.dumps(sent.args[0])))
    assert received is not None

    assert type(received) is kind
    assert received.status == status
    assert received.as_json() == sent.as_json()
    assert received.extra == {"current_version": 7}


def test_every_kind_is_tested_here() -> None:
    here = {kind for kind in Problem.__subclasses__() if kind.__module__ == Problem.__module__}
    assert {kind for kind, _ in KINDS} == here


def test_an_unknown_code_is_still_a_problem() -> None:
    received = Problem.from_json({"code": "from_the_future", "detail": "d", "detail_zh": "z"})

    assert type(received) is Problem


def test_its_text_names_code_detail_and_field() -> None:
    assert str(Stale("it changed", "已被修改", field="seen")) == "stale: it changed [seen]"
    assert str(NotFound("nothing", "没有")) == "not_found: nothing"
