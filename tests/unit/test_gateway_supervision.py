"""Orders of supervision through GraphQL: the list, and what officers do with one."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.permissions import SUPERVISE, enforce
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden
from services.tasks.contracts import CLUE_PROPOSED, Step, SupervisionPage, TaskView
from services.tasks.rights import require_superior
from tests.unit import gateway_fake_duties
from tests.unit.gateway_fakes import (
    CITY,
    HUASHAN,
    OF_HUASHAN,
    OF_POLICE,
    OF_WUHUA,
    PANLONG,
    POLICE,
    WUHUA,
    Town,
    officer,
    task,
)


def part_of(giver: str, unit: str) -> TaskView:
    """A part of a task that `giver` gave to `unit`."""
    return msgspec.structs.replace(task(unit=unit), answers_to=giver)


def test_orders_are_listed_by_whom_they_push_or_by_who_opened_them() -> None:
    town = Town()
    query = """{ supervisions(statuses: [OPENED]) { edges { node {
      supervisionId version number status trigger because answerBy
      unit { name } byUnit { name } task { taskId } } } } }"""
    [edge] = town.data(query, OF_HUASHAN)["supervisions"]["edges"]
    assert edge["node"] == {
        "supervisionId": "s1",
        "version": 2,
        "number": "昆创文督〔2026〕1号",
        "status": "OPENED",
        "trigger": "OVERDUE",
        "because": "逾期3日",
        "answerBy": "2026-03-02T01:00:00+00:00",
        "unit": {"name": "华山街道"},
        "byUnit": {"name": "五华区"},
        "task": {"taskId": "t1"},
    }
    town.data("{ supervisions(issued: true) { edges { cursor } } }", CITY)
    asked = [arguments[0] for name, arguments, _ in town.services.asked if name == "tasks.supervisions"]
    assert asked == [{"unit": HUASHAN, "statuses": ["opened"]}, {"by_unit": "5301/~office", "statuses": None}]


def test_that_an_order_became_a_clue_is_told_to_the_citys_office_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    steps = [Step(version=n, what=what, by="系统", at=at) for n, what in ((1, "opened"), (2, CLUE_PROPOSED))]
    page = SupervisionPage(
        items=[msgspec.structs.replace(gateway_fake_duties.ORDER, history=steps)], end_cursor="1", has_next=False
    )
    monkeypatch.setattr(gateway_fake_duties.FakeDuties, "tasks_supervisions", lambda *asked: page)
    query = "{ supervisions { edges { node { history { what } } } } }"

    def told(who: Officer) -> list[str]:
        [edge] = Town().data(query, who)["supervisions"]["edges"]
        return [step["what"] for step in edge["node"]["history"]]

    assert told(CITY) == ["opened", "clue_proposed"]
    for who in (OF_HUASHAN, OF_WUHUA, officer(Role.HOTLINE_DESK, "5301")):
        assert told(who) == ["opened"]


def test_who_opened_orders_may_list_them_but_nobody_lists_those_of_another_unit() -> None:
    town = Town()
    query = '{ supervisions(unit: "%s", issued: true) { edges { cursor } } }'
    town.data(query % WUHUA, OF_WUHUA)
    assert town.services.asked[-1][1][0] == {"by_unit": WUHUA, "statuses": None}
    town.services.asked.clear()
    assert town.refusal(query % PANLONG, OF_WUHUA)["code"] == "forbidden"
    assert town.services.asked == []


ORDERS = [
    ("acknowledgeSupervision", "", OF_HUASHAN, "acknowledge_supervision", {}),
    ("answerSupervision", 'answer: "三日内办结"', OF_HUASHAN, "answer_supervision", {"answer": "三日内办结"}),
    ("closeSupervision", 'note: "已办结"', OF_WUHUA, "close_supervision", {"note": "已办结"}),
    ("returnSupervision", 'reason: "未说明期限"', OF_WUHUA, "return_supervision", {"reason": "未说明期限"}),
]


@pytest.mark.parametrize(("name", "words", "who", "method", "arguments"), ORDERS, ids=[row[0] for row in ORDERS])
def test_a_command_on_an_order_reaches_the_service(
    name: str, words: str, who: Officer, method: str, arguments: dict[str, Any]
) -> None:
    town = Town()
    query = f'mutation {{ {name}(input: {{id: "s1", seenVersion: 2, {words}}}) {{ supervision {{ number }} }} }}'
    assert town.data(query, who) == {name: {"supervision": {"number": "昆创文督〔2026〕1号"}}}
    [(called, _, sent)] = town.services.asked
    assert called == f"tasks.{method}"
    assert {name: sent[name] for name in sent if name not in ("by", "cause")} == {
        "supervision_id": "s1",
        "seen": 2,
    } | arguments


SUPERIORS = [
    (OF_WUHUA, task(unit=HUASHAN), True),
    (CITY, task(unit=POLICE), True),
    (OF_WUHUA, part_of(POLICE, HUASHAN), True),  # above the unit, whoever gave the part
    (OF_POLICE, part_of(POLICE, HUASHAN), False),  # gave the part, but is not above the unit
    (OF_WUHUA, task(unit=WUHUA), False),  # nobody supervises their own
    (CITY, task(unit="5301/~office"), False),
    (officer(Role.DISTRICT, PANLONG), task(unit=HUASHAN), False),
    (officer(Role.HOTLINE_DESK, "5301"), task(unit=HUASHAN), False),
]


@pytest.mark.parametrize(("who", "thing", "may"), SUPERIORS)
def test_the_gateway_lets_supervise_whom_the_service_lets(who: Officer, thing: TaskView, may: bool) -> None:
    if may:
        enforce(SUPERVISE, who, thing)
        require_superior(who, thing.state.responsible_unit)
        return
    with pytest.raises(Forbidden):
        enforce(SUPERVISE, who, thing)
    with pytest.raises(Forbidden):
        require_superior(who, thing.state.responsible_unit)


OF_CASE = """mutation { openSupervision(input: {case: "c1", seenVersion: 1, reason: "久拖不办"}) {
  supervision { number } } }"""


def test_a_case_is_supervised_by_those_above_the_unit_of_its_task_which_the_service_finds() -> None:
    town = Town()
    town.data(OF_CASE, OF_WUHUA)
    _, _, sent = town.services.asked[-1]
    assert {name: sent[name] for name in sent if name not in ("by", "cause")} == {
        "task_id": None,
        "case_id": "c1",
        "seen": 1,
        "reason": "久拖不办",
        "answer_by": None,
    }
    town.services.calls.clear()
    assert town.refusal(OF_CASE, OF_HUASHAN)["code"] == "forbidden"
    assert town.refusal(OF_CASE, officer(Role.DISTRICT, PANLONG))["code"] == "forbidden"
    assert "tasks.open_supervision" not in town.services.calls


@pytest.mark.parametrize("about", ["", 'id: "t1", case: "c1",'])
def test_an_order_is_about_one_task_or_case(about: str) -> None:
    town = Town()
    refusal = town.refusal(OF_CASE.replace('case: "c1",', about), OF_WUHUA)
    assert (refusal["code"], refusal["field"]) == ("invalid_input", "id")
    assert not town.services.calls


def test_a_task_is_supervised_by_those_above_its_unit() -> None:
    town = Town()
    query = """mutation { openSupervision(input: {id: "t1", seenVersion: 1, reason: "久拖不办"}) {
      supervision { number } } }"""
    town.data(query, OF_WUHUA)
    _, _, sent = town.services.asked[-1]
    assert {name: sent[name] for name in sent if name not in ("by", "cause")} == {
        "task_id": "t1",
        "case_id": None,
        "seen": 1,
        "reason": "久拖不办",
        "answer_by": None,
    }
    assert town.refusal(query, OF_HUASHAN)["code"] == "forbidden"
