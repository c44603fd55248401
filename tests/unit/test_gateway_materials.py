"""How officers are led to materials: the gateway says who asks, the service gives the ticket."""

import json
from typing import Any

import httpx
import pytest
from graphql_relay import to_global_id

from infra.problem import Forbidden
from tests.unit.gateway_fakes import CITY, OF_HUASHAN, Town, bearer

TICKET = {"url": "http://127.0.0.1:8609/materials?ticket=a.1.b", "expires_at": "2026-03-02T01:10:00Z"}
VIEW = {
    "material_id": "m1",
    "task_id": "t1",
    "name": "现场.jpg",
    "kind": "jpeg",
    "media_type": "image/jpeg",
    "size": 10,
    "uploaded_at": "2026-03-02T01:00:00Z",
    "by": "张三",
    "by_unit": "5301/530102/530102001",
    "attached": True,
    "has_thumbnail": False,
}
FETCH = {"url": "http://t/materials/m1?ticket=x", "thumbnail_url": None, "expires_at": TICKET["expires_at"]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The town's services answer about materials; what they were asked."""
    calls: list[tuple[Any, ...]] = []

    async def call(self: Any, service: str, method: str, *args: Any, timeout: float, **kwargs: Any) -> Any:
        calls.append((service, method, *args))
        if args[0] == "another unit's":
            raise Forbidden("not yours", "无权")
        return {"upload_ticket": TICKET, "download_ticket": FETCH | {"material": VIEW}}.get(method, [VIEW])

    monkeypatch.setattr("tests.unit.gateway_fakes.FakeServices.call", call)
    return calls


def post(task: str, body: Any, officer: Any = OF_HUASHAN) -> httpx.Response:
    return Town().request("POST", f"/materials/{task}", content=json.dumps(body).encode(), headers=bearer(officer))


def test_an_upload_is_led_to_the_service_with_a_ticket(asked: list[tuple[Any, ...]]) -> None:
    answer = post("case/530100-1/1", {"name": "现场.jpg", "size": 10, "attach": True})
    assert (answer.status_code, answer.json()) == (201, TICKET)
    ((service, method, task, name, size, by, cause, attach),) = asked
    assert (service, method, task, name, size, attach) == (
        "tasks",
        "upload_ticket",
        "case/530100-1/1",
        "现场.jpg",
        10,
        True,
    )
    assert (by["role"], by["unit"]) == (OF_HUASHAN.role, OF_HUASHAN.unit)
    assert cause == answer.headers.get("X-Request-Id", cause)


def test_a_task_is_named_by_its_global_id_too(asked: list[tuple[Any, ...]]) -> None:
    task = to_global_id("Task", "case/530100-1/1")
    assert post(task, {"name": "现场.jpg", "size": 10}).status_code == 201
    assert Town().request("GET", f"/materials?task={task}", headers=bearer(CITY)).json() == [VIEW]
    assert [question[2] for question in asked] == ["case/530100-1/1", "case/530100-1/1"]


def test_a_download_is_led_there_and_a_thumbnail_that_is_none_is_not_found(asked: list[tuple[Any, ...]]) -> None:
    town = Town()
    answer = town.request("GET", "/materials/m1", headers=bearer(CITY))
    assert (answer.status_code, answer.headers["Location"]) == (307, FETCH["url"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert town.request("GET", "/materials/m1/thumbnail", headers=bearer(CITY)).status_code == 404
    assert town.request("GET", "/materials?task=t1", headers=bearer(CITY)).json() == [VIEW]


def test_nobody_unknown_and_nobody_without_the_right_is_led_anywhere(asked: list[tuple[Any, ...]]) -> None:
    assert Town().request("GET", "/materials/m1").status_code == 401
    assert Town().request("POST", "/materials/t1", content=b"{}").status_code == 401
    assert asked == []
    assert Town().request("GET", "/materials/another unit's", headers=bearer(OF_HUASHAN)).status_code == 403


@pytest.mark.parametrize("body", [{}, {"name": "a"}, {"name": 1, "size": 1}, [], "x", {"name": "a", "size": "1"}])
def test_a_wish_without_name_and_size_is_refused(asked: list[tuple[Any, ...]], body: Any) -> None:
    answer = post("t1", body)
    assert (answer.status_code, answer.json()["field"], asked) == (400, "body", [])
    large = post("t1", {"name": "a" * 5000, "size": 1})
    assert large.status_code == 413
