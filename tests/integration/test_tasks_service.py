"""The service of tasks on a real broker and database: what it makes of the cases it hears, and what it answers."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pymongo import MongoClient

from infra.problem import Forbidden, InvalidInput, NotFound, Refused, Stale
from infra.settings import Settings
from services.complaints.contracts import (
    CaseClosed,
    CaseFiled,
    CaseReworkRequested,
    CaseState,
    CaseStatus,
    CaseVoided,
)
from tests.integration.one_service import own_host
from tests.integration.tasks_running import Tasks, wait_for
from tests.unit.tasks_made import MONDAY_NINE, STREET, case

STANDING = "simulated:2026-03-02T09:00:00+08:00,0,0"  # Monday nine o'clock, for ever
NUMBERS = itertools.count(1)
STREET_OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
DISTRICT_OFFICER = {"role": "district", "unit": "5301/530102", "name": "李四"}
OTHER_DISTRICT = {"role": "district", "unit": "5301/530103", "name": "王五"}
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}


@contextmanager
def host_and_database() -> Iterator[Settings]:
    """Settings with a broker host and a database of their own; the clock stands still."""
    with own_host() as settings:
        yield msgspec.structs.replace(settings, clock_setting=STANDING)
        with MongoClient[dict[str, Any]](settings.mongodb_url) as client:
            client.drop_database(f"{settings.db_prefix}tasks")


@pytest.fixture(scope="module")
def running(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tasks]:
    """One process of the service for all tests that do not disturb each other."""
    with host_and_database() as settings:
        tasks = Tasks(settings, tmp_path_factory.mktemp("tasks"))
        tasks.start()
        yield tasks
        tasks.stop()


@pytest.fixture
def tasks(running: Tasks) -> Tasks:
    """The service, with a name for the cases of this test: it hears only what is said about them."""
    running.about = f"c{next(NUMBERS)}x"
    return running


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Tasks]:
    """The service, not started yet; everything published waits for it."""
    with host_and_database() as settings:
        tasks = Tasks(settings, tmp_path)
        yield tasks
        tasks.stop()


def filed(case_id: str, **facts: Any) -> tuple[CaseFiled, str, int]:
    return CaseFiled(case=case(case_id=case_id, **facts)), f"case/{case_id}", 1


def now(status: CaseStatus, case_id: str, **facts: Any) -> CaseState:
    return case(status, case_id=case_id, **facts)


def assigned(tasks: Tasks) -> dict[str, Any]:
    """File a case and wait for its task."""
    tasks.hear(filed(tasks.about))
    [event] = tasks.waits_until_said("task_assigned")
    return event["task"]


def test_a_filed_case_becomes_one_task_of_its_street_however_often_it_is_told(tasks: Tasks) -> None:
    tasks.hear(filed(tasks.about), filed(tasks.about), filed(tasks.about))
    tasks.hear(filed(f"{tasks.about}2"))
    tasks.waits_until_said("task_assigned", 2)
    assert {envelope.id: envelope.cause for envelope in tasks.said()} == {
        f"tasks/task/{tasks.about}-1#1": f"complaints/case/{tasks.about}#1",
        f"tasks/task/{tasks.about}2-1#1": f"complaints/case/{tasks.about}2#1",
    }
    [view] = tasks.call("tasks_by_id", [f"{tasks.about}-1"])
    assert view["state"]["responsible_unit"] == STREET
    assert view["state"]["deadline"] == "2026-03-02T07:00:00Z"


def test_the_unit_accepts_and_submits_and_the_case_closes_its_task(tasks: Tasks) -> None:
    task = assigned(tasks)
    view = tasks.call("accept_task", task["task_id"], 1, STREET_OFFICER, "request/1")
    assert (view["version"], view["state"]["status"], view["state"]["accepted_in_time"]) == (2, "accepted", True)
    view = tasks.call("submit_task", task["task_id"], 2, STREET_OFFICER, "已清运", "request/2")
    assert view["state"]["status"] == "submitted"
    [submitted] = tasks.waits_until_said("task_submitted")
    assert (submitted["result"], submitted["by"]) == ("已清运", "张三")
    closed = now(CaseStatus.CLOSED, tasks.about, closed_at=MONDAY_NINE)
    tasks.hear((CaseClosed(case=closed, condition="垃圾已清运"), f"case/{tasks.about}", 6))
    [event] = tasks.waits_until_said("task_closed")
    assert (event["task"]["status"], event["task"]["closed_at"]) == ("closed", "2026-03-02T01:00:00Z")
    [view] = tasks.call("tasks_by_id", [f"{tasks.about}-1", "unknown"])
    assert view["progress"] == 1.0
    assert [(step["what"], step["by"], step["note"]) for step in view["history"]] == [
        ("assigned", "系统", "垃圾清运属日常工作，由属地办理；地点在华山街道"),
        ("accepted", "张三", None),
        ("submitted", "张三", "已清运"),
        ("closed", "系统", "垃圾已清运"),
    ]


def test_a_failed_check_sends_the_same_unit_to_rectify(tasks: Tasks) -> None:
    task = assigned(tasks)
    tasks.call("accept_task", task["task_id"], 1, STREET_OFFICER, "request/1")
    tasks.call("submit_task", task["task_id"], 2, STREET_OFFICER, "已清运", "request/2")
    rework = CaseReworkRequested(case=now(CaseStatus.HANDLING, tasks.about, reworks=1), reason="仍有垃圾")
    tasks.hear((rework, f"case/{tasks.about}", 6), (rework, f"case/{tasks.about}", 6))
    [event] = tasks.waits_until_said("task_rectifying")
    assert (event["reason"], event["task"]["responsible_unit"], event["task"]["reworks"]) == ("仍有垃圾", STREET, 1)
    view = tasks.call("submit_task", task["task_id"], 4, STREET_OFFICER, "再次清运", "request/3")
    assert (view["state"]["status"], view["version"]) == ("submitted", 5)


def test_a_return_leads_to_the_district_and_a_second_one_to_the_office_where_it_stays(tasks: Tasks) -> None:
    assigned(tasks)
    tasks.call("return_task", f"{tasks.about}-1", 1, STREET_OFFICER, "不属本街道", "request/1")
    tasks.call("return_task", f"{tasks.about}-2", 1, DISTRICT_OFFICER, "属市级事权", "request/2")
    assert [(one["next_unit"], one["reason"]) for one in tasks.waits_until_said("task_returned", 2)] == [
        ("5301/530102", "不属本街道"),
        ("5301/~office", "属市级事权"),
    ]
    given = [event["task"] for event in tasks.waits_until_said("task_assigned", 3)]
    assert sorted((task["round"], task["responsible_unit"]) for task in given) == [
        (1, STREET),
        (2, "5301/530102"),
        (3, "5301/~office"),
    ]
    with pytest.raises(Refused) as refused:
        tasks.call("return_task", f"{tasks.about}-3", 1, OFFICE, "不办", "request/3")
    assert refused.value.detail_zh == "已由总指挥部办公室裁定，不能再退回"


def test_the_news_of_a_case_reach_the_task_that_has_the_duty_now(tasks: Tasks) -> None:
    assigned(tasks)
    tasks.call("return_task", f"{tasks.about}-1", 1, STREET_OFFICER, "不属本街道", "request/1")
    tasks.hear((CaseVoided(case=now(CaseStatus.VOIDED, tasks.about), reason="重复"), f"case/{tasks.about}", 4))
    [event] = tasks.waits_until_said("task_withdrawn")
    assert (event["task"]["task_id"], event["reason"]) == (f"{tasks.about}-2", "重复")
    views = {
        view["task_id"]: view["state"]["status"]
        for view in tasks.call("tasks_by_id", [f"{tasks.about}-1", f"{tasks.about}-2"])
    }
    assert views == {f"{tasks.about}-1": "returned", f"{tasks.about}-2": "withdrawn"}


def test_what_was_told_while_the_service_was_down_in_any_order_is_made_good(stopped: Tasks) -> None:
    voided = (CaseVoided(case=now(CaseStatus.VOIDED, "c1"), reason="重复"), "case/c1", 2)
    stopped.hear(voided, filed("c2"), filed("c1"), voided)
    stopped.start()
    stopped.waits_until_said("task_withdrawn")
    stopped.waits_until_said("task_assigned", 2)
    views = {view["task_id"]: view["state"]["status"] for view in stopped.call("tasks_by_id", ["c1-1", "c2-1"])}
    assert views == {"c1-1": "withdrawn", "c2-1": "issued"}


def test_a_stale_command_is_refused_and_told_who_changed_what(tasks: Tasks) -> None:
    assigned(tasks)
    tasks.call("accept_task", f"{tasks.about}-1", 1, STREET_OFFICER, "request/1")
    with pytest.raises(Stale) as refused:
        tasks.call("submit_task", f"{tasks.about}-1", 1, DISTRICT_OFFICER, "已清运", "request/2")
    assert refused.value.field == "seen"
    assert refused.value.extra.pop("current_version") == 2
    assert refused.value.extra == {
        "changed_by": "张三",
        "changed_at": "2026-03-02T01:00:00+00:00",
        "changed_what": "accepted",
    }


def test_who_has_no_business_with_a_task_is_told_so_and_nothing_else(tasks: Tasks) -> None:
    assigned(tasks)
    desk = {"role": "hotline_desk", "unit": "5301", "name": "坐席"}
    for officer in (OTHER_DISTRICT, desk):
        for seen in (1, 99):
            with pytest.raises(Forbidden) as refused:
                tasks.call("accept_task", f"{tasks.about}-1", seen, officer, "request/1")
            assert set(refused.value.extra) == {"unit"}
    [view] = tasks.call("tasks_by_id", [f"{tasks.about}-1"])
    assert (view["version"], len(tasks.said())) == (1, 1)


def test_bad_arguments_name_their_field(tasks: Tasks) -> None:
    assigned(tasks)
    for field, arguments in {
        "seen": ("accept_task", f"{tasks.about}-1", "1", STREET_OFFICER, "request/1"),
        "by": ("accept_task", f"{tasks.about}-1", 1, {"role": "street"}, "request/1"),
        "reason": ("return_task", f"{tasks.about}-1", 1, STREET_OFFICER, " ", "request/1"),
        "first": ("tasks", {}, 0),
        "after": ("tasks", {}, 10, "%%%"),
        "scope": ("tasks", {"statuses": ["unknown"]}, 10),
        "scope.unit": ("tasks", {"unit": "Kunming"}, 10),
        "coordinate": ("task_counts", ["5301"], "sideways"),
    }.items():
        with pytest.raises(InvalidInput) as refused:
            tasks.call(*arguments)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        tasks.call("accept_task", "nothing", 1, STREET_OFFICER, "request/1")


def test_counts_are_summed_upward_on_both_coordinates(tasks: Tasks) -> None:
    district, street = "5301/530103", "5301/530103/530103001"  # where no other test has a case
    facts = [{"place_path": street}, {"place_path": street, "category": "transport.order"}, {"place_path": district}]
    tasks.hear(*[filed(f"{tasks.about}{n}", **one) for n, one in enumerate(facts)])
    tasks.waits_until_said("task_assigned", 3)
    tasks.call("accept_task", f"{tasks.about}0-1", 1, OFFICE, "request/1")
    at_place = {
        district: {"issued": 2, "accepted": 1},
        street: {"issued": 1, "accepted": 1},
        "5301/530111": {},
    }
    wait_for(lambda: tasks.call("task_counts", list(at_place), "place") == at_place)
    responsible = tasks.call("task_counts", [district, "5301/~psb"], "responsible")
    assert responsible == {district: {"issued": 1, "accepted": 1}, "5301/~psb": {"issued": 1}}


def test_two_replicas_say_once_that_a_deadline_has_passed(stopped: Tasks) -> None:
    hastening = f"simulated:2026-03-02T09:00:00+08:00,600,{time.time()}"
    stopped.settings = msgspec.structs.replace(stopped.settings, clock_setting=hastening)
    stopped.start()
    stopped.start()
    count = 30
    stopped.hear(*[filed(f"c{n}", limit_amount=0.1, limit_clock="urgent_hour") for n in range(count)])
    stopped.waits_until_said("task_overdue", count)
    counted = dict.fromkeys(("issued", "overdue", "yellow_card", "red_card"), count)
    wait_for(lambda: stopped.call("task_counts", [STREET], "place") == {STREET: counted})
    assert len(stopped.said("task_overdue")) == count
    late = stopped.call("tasks", {"unit": STREET, "overdue": True}, 50)
    assert (len(late["items"]), late["total"]) == (count, count)
