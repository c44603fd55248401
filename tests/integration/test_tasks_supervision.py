"""The scanner, cards and supervision orders on a real database; events stay in the outboxes."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from mongoengine.connection import get_db
from pymongo.errors import AutoReconnect

from infra import mongo, walking
from infra.calendar import WorkingCalendar
from infra.clock import FixedClock
from infra.lease import Lease
from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.problem import Forbidden, InvalidInput, Refused, Stale
from infra.settings import Settings
from services.complaints.contracts import CaseClosed, CaseFiled, CaseReopened, CaseStatus
from services.tasks import scanner, supervision_list
from services.tasks.desk import Desk, open_desk
from services.tasks.plan import Plan
from services.tasks.supervising import Supervisor
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from tests.unit.tasks_made import HOUR, KUNMING, MONDAY_NINE, STREET, case

WUHUA = "5301/530102"
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DISTRICT = {"role": "district", "unit": WUHUA, "name": "李四"}
NEIGHBOUR = {"role": "district", "unit": "5301/530103", "name": "孙八"}
OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_NINE)


@pytest.fixture(scope="module")
def database(mongodb_url: str) -> Iterator[Any]:
    settings = Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"test_{uuid4().hex[:10]}_")
    database = mongo.connect(settings, "tasks")
    mongo.ensure_indexes([Task, Plan, Supervision])
    yield database
    database.client.drop_database(database.name)
    mongo.disconnect("tasks")


@pytest.fixture
def desk(database: Any, clock: FixedClock) -> Desk:
    for name in ("tasks", "supervisions", "numbers", "leases", "set_aside", "turns"):
        database[name].delete_many({})
    return new_desk(clock)


def new_desk(clock: FixedClock, wall: Callable[[], float] = time.time) -> Desk:
    return open_desk(Store(None, service="tasks"), KUNMING, clock, WorkingCalendar(), wall=wall)


def told(event: Any, id: str, sequence: int) -> Received[Any]:
    return Received(event, seal(event, subject=f"case/{id}", sequence=sequence, at=MONDAY_NINE, cause="test"))


def file_cases(desk: Desk, *ids: str, **facts: Any) -> None:
    desk.cases.follow([told(CaseFiled(case=case(case_id=id, **facts)), id, 1) for id in ids])


def task(id: str) -> dict[str, Any]:
    return Task._get_collection().find_one({"_id": id}) or {}


def orders() -> list[dict[str, Any]]:
    return list(Supervision._get_collection().find().sort("_id", 1))


def events(kind: type) -> list[str]:
    return [event["type"] for one in kind._get_collection().find().sort("_id", 1) for event in one["outbox"]]


def steps(id: str) -> list[str]:
    return [step["what"] for step in task(id)["history"]]


def do(desk: Desk, command: str, by: dict[str, Any], *args: Any, number: int = 1) -> Any:
    order = orders()[number - 1]
    return getattr(desk.supervisions, command)(order["_id"], order["sequence"], by, *args, "request/1")


def test_cards_are_shown_in_their_order_and_then_the_unit_above_supervises(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, "c1")  # four working hours: 09:00-12:00, 14:00-15:00
    clock.advance(3 * HOUR)
    assert dict(desk.scanner.scan()) == {}
    clock.advance(timedelta(milliseconds=1))
    assert dict(desk.scanner.scan()) == {"due_soon": 1}
    assert dict(desk.scanner.scan()) == {}
    clock.advance(3 * HOUR)
    assert dict(desk.scanner.scan()) == {"overdue": 1}
    clock.advance(3 * DAY - HOUR)
    assert dict(desk.scanner.scan()) == {}
    clock.advance(HOUR)
    assert dict(desk.scanner.scan()) == {"supervised": 1}
    assert dict(desk.scanner.scan()) == {}
    [order] = orders()
    assert (order["_id"], order["number"], order["unit"], order["by_unit"]) == (
        "c1-1-s1",
        "五华区创督〔2026〕1号",
        STREET,
        WUHUA,
    )
    assert order["answer_by"] == clock.now() + 4 * DAY  # Thursday 15:00: two working days end on Monday 15:00
    assert steps("c1-1") == ["assigned", "due_soon", "overdue", "supervised"]
    [view] = desk.work_list.by_id(["c1-1"])
    assert view.state.cards == ["yellow_card", "red_card", "supervised"]


def test_nothing_is_missed_where_the_clock_jumps_by_months_and_nothing_unsaid_where_it_goes_back(
    desk: Desk, clock: FixedClock
) -> None:
    file_cases(desk, "c1", "c2")
    clock.advance(100 * DAY)
    assert dict(new_desk(clock).scanner.scan()) == {"due_soon": 2, "overdue": 2, "supervised": 2}
    assert [one["number"] for one in orders()] == ["五华区创督〔2026〕1号", "五华区创督〔2026〕2号"]
    clock.advance(-100 * DAY)
    before = list(Task._get_collection().find())
    get_db("tasks")["leases"].delete_many({})
    assert dict(desk.scanner.scan()) == {}
    assert list(Task._get_collection().find()) == before
    clock.advance(100 * DAY)
    assert dict(desk.scanner.scan()) == {}


def test_one_scans_at_a_time_and_another_takes_over_when_it_dies(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, "c1")
    clock.advance(DAY)
    first, second = new_desk(clock).scanner, new_desk(clock).scanner
    assert first.lease.hold()
    assert not second.lease.hold()
    assert dict(second.scan()) == {}
    get_db("tasks")["leases"].update_one({}, [{"$set": {"until": "$$NOW"}}])  # the first does not renew it any more
    assert dict(second.scan()) == {"due_soon": 1, "overdue": 1}
    assert not first.lease.hold()
    second.lease.release()
    assert first.lease.hold()
    assert first.lease.term() == 3


def test_a_lease_is_held_by_one_of_many_who_want_it_at_once(desk: Desk) -> None:
    leases = [Lease(get_db("tasks"), "another") for _ in range(5)]
    assert sum(one.hold() for one in leases) == 1
    assert sum(one.hold() for one in leases) == 1


def test_two_who_both_believe_that_they_hold_the_lease_say_everything_once_and_number_without_gaps(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "PAGE", 5)
    file_cases(desk, *(f"c{n}" for n in range(20)))
    clock.advance(4 * DAY)
    both = [new_desk(clock).scanner for _ in range(2)]
    monkeypatch.setattr(Lease, "hold", lambda lease: True)
    with ThreadPoolExecutor(2) as replicas:
        said = [one.result() for one in [replicas.submit(scanner_.scan) for scanner_ in both]]
    assert dict(said[0] + said[1]) == {"due_soon": 20, "overdue": 20, "supervised": 20}
    assert {tuple(steps(f"c{n}-1")) for n in range(20)} == {("assigned", "due_soon", "overdue", "supervised")}
    assert sorted(one["serial"] for one in orders()) == list(range(1, 21))
    assert (len({one["number"] for one in orders()}), aside()) == (20, [])


@pytest.fixture
def refused_by_the_database(database: Any) -> Iterator[None]:
    """As long as this lasts, the database takes no change that makes the task c2-1 due soon."""
    database.command("collMod", "tasks", validator={"$nor": [{"_id": "c2-1", "due_soon": True}]})
    yield
    database.command("collMod", "tasks", validator={})


def aside() -> list[dict[str, Any]]:
    return list(get_db("tasks")["set_aside"].find())


def test_what_the_database_refuses_for_good_is_set_aside_and_said_once_when_the_cause_has_ended(
    desk: Desk, clock: FixedClock, database: Any, refused_by_the_database: None
) -> None:
    wall = FixedClock(MONDAY_NINE)
    scanner = new_desk(clock, lambda: wall.now().timestamp()).scanner
    file_cases(desk, "c1", "c2", "c3")
    clock.advance(DAY)
    assert [dict(scanner.scan()) for _ in range(2)] == [{"due_soon": 2, "overdue": 2}, {}]
    [row] = aside()
    assert (row["job"], row["id"], row["failures"]) == ("deadlines of tasks", "c2-1", 1)
    assert row["why"].startswith("BulkWriteError at ") or row["why"].startswith("WriteError at ")
    wall.advance(timedelta(seconds=15))
    file_cases(desk, "c4")
    clock.advance(DAY)
    assert [dict(scanner.scan()) for _ in range(2)] == [{"due_soon": 1, "overdue": 1}, {}]
    assert [(one["failures"], one["again_at"] - one["since"]) for one in aside()] == [(2, timedelta(seconds=45))]
    database.command("collMod", "tasks", validator={})
    wall.advance(timedelta(seconds=30))
    assert [dict(scanner.scan()) for _ in range(2)] == [{"due_soon": 1, "overdue": 1}, {}]
    assert (aside(), steps("c2-1")) == ([], ["assigned", "due_soon", "overdue"])


def test_what_breaks_a_rule_does_not_hold_up_orders_and_another_replica_finds_it_set_aside(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_and_supervised(desk, clock)
    file_cases(desk, "c2")
    clock.advance(10 * DAY)
    notice = Task.notice

    def broken(task: Task, at: datetime) -> Any:
        if task.pk == "c2-1":
            raise ValueError("broken")
        return notice(task, at)

    monkeypatch.setattr(Task, "notice", broken)
    assert dict(desk.scanner.scan()) == {"clues": 1}
    monkeypatch.undo()
    desk.scanner.lease.release()
    wall = time.time() + 15
    assert dict(new_desk(clock, lambda: wall).scanner.scan()) == {"due_soon": 1, "overdue": 1, "supervised": 1}
    assert aside() == []


def test_who_lost_the_lease_in_the_midst_of_a_page_that_failed_leaves_the_rest_to_who_has_it_now(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_cases(desk, "c1", "c2", "c3")
    clock.advance(DAY)
    first, second = new_desk(clock).scanner, new_desk(clock).scanner
    looked: list[list[str]] = []
    look = first._look_at_tasks

    def paused(now: datetime, ids: list[str]) -> Any:
        looked.append(ids)
        if len(ids) == 1:  # alone: so long that the other one takes over
            get_db("tasks")["leases"].update_one({}, [{"$set": {"until": "$$NOW"}}])
            assert dict(second.scan()) == {"due_soon": 3, "overdue": 3}
            return look(now, ids)
        raise ValueError("broken")

    monkeypatch.setattr(first, "_look_at_tasks", paused)
    assert dict(first.scan()) == {}
    assert [len(ids) for ids in looked] == [3, 1]
    assert (aside(), steps("c3-1")) == ([], ["assigned", "due_soon", "overdue"])


def test_where_one_job_fails_altogether_the_others_go_on_and_the_failure_is_told(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_and_supervised(desk, clock)
    file_cases(desk, "c2")
    clock.advance(10 * DAY)

    def broken(task: Task, at: datetime) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(Task, "notice", broken)
    monkeypatch.setattr(walking, "MOST_ASIDE", 0)
    with pytest.raises(ExceptionGroup, match="deadlines of tasks") as caught:
        desk.scanner.scan()
    assert [str(one) for one in caught.value.exceptions] == ["broken"]
    assert [one["overdue"] for one in orders()] == [True]


def test_where_the_database_is_away_nothing_is_set_aside(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_cases(desk, "c1")
    clock.advance(DAY)

    def away(task: Task, at: datetime) -> Any:
        raise AutoReconnect("away")

    monkeypatch.setattr(Task, "notice", away)
    with pytest.raises(AutoReconnect):
        desk.scanner.scan()
    monkeypatch.undo()
    assert aside() == []
    assert dict(desk.scanner.scan()) == {"due_soon": 1, "overdue": 1}


def test_a_suspension_ends_by_itself(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, "c1", limit_amount=5.0, limit_clock="work_day")
    desk.commands.accept("c1-1", 1, OFFICER, "r")
    desk.commands.ask_suspension("c1-1", 2, OFFICER, "2026-06-01T09:00:00+08:00", "待雨季结束", "r")
    desk.commands.answer_request("c1-1", 3, DISTRICT, True, "同意", "r")
    assert dict(desk.scanner.scan()) == {}
    clock.advance(91 * DAY + timedelta(milliseconds=1))  # Monday 2026-06-01, 09:00
    assert dict(desk.scanner.scan()) == {"resumed": 1}
    assert task("c1-1")["deadline"].isoformat() == "2026-06-08T01:00:00+00:00"
    assert task("c1-1")["due_soon_at"].isoformat() == "2026-06-04T09:00:00+00:00"  # 30 of 40 hours: Thursday 17:00


def test_who_supervises_finds_that_a_suspension_is_over(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, "c1", limit_amount=5.0, limit_clock="work_day")
    desk.commands.accept("c1-1", 1, OFFICER, "r")
    desk.commands.ask_assist("c1-1", 2, OFFICER, "5301/~psb", None, "清理违停车辆", "r")
    desk.commands.ask_suspension("c1-1", 3, OFFICER, "2026-06-01T09:00:00+08:00", "待雨季结束", "r")
    desk.commands.answer_request("c1-1", 4, DISTRICT, True, "同意", "r")
    clock.advance(90 * DAY)
    with pytest.raises(Refused):
        desk.supervisions.open("c1-1", None, 5, DISTRICT, "群众多次反映", None, "r")
    assert (orders(), task("c1-1")["sequence"]) == ([], 5)
    clock.advance(DAY)  # over, and nobody has looked
    desk.supervisions.open("c1-1", None, 5, DISTRICT, "群众多次反映", None, "r")
    assert steps("c1-1")[-2:] == ["resumed", "supervised"]
    assert (steps("c1-1.1")[-1], task("c1-1.1")["status"]) == ("resumed", "issued")
    assert task("c1-1")["deadline"].isoformat() == "2026-06-08T01:00:00+00:00"


def late_and_supervised(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, "c1")
    clock.advance(4 * DAY)
    desk.scanner.scan()


def test_an_order_is_acknowledged_answered_given_back_answered_and_closed(desk: Desk, clock: FixedClock) -> None:
    late_and_supervised(desk, clock)
    with pytest.raises(Forbidden) as stranger:
        do(desk, "acknowledge", NEIGHBOUR)
    assert stranger.value.detail_zh == "您（盘龙区）无权代华山街道办理"
    with pytest.raises(InvalidInput) as empty:
        do(desk, "answer", OFFICER, " ")
    assert empty.value.extra.get("field", getattr(empty.value, "field", None)) == "answer"
    with pytest.raises(Refused):
        do(desk, "send_back", DISTRICT, "未答复")
    do(desk, "acknowledge", OFFICER)
    with pytest.raises(Refused):
        do(desk, "acknowledge", OFFICER)
    do(desk, "answer", OFFICER, "明日清运")
    with pytest.raises(Forbidden):
        do(desk, "close", OFFICER, "可以了")
    before = orders()
    with pytest.raises(Stale) as stale:
        desk.supervisions.close("c1-1-s1", 1, DISTRICT, "可以了", "r")
    assert (stale.value.extra["changed_by"], stale.value.extra["changed_what"]) == ("张三", "answered")
    assert orders() == before
    returned = do(desk, "send_back", DISTRICT, "未说明原因").state
    assert (returned.returns, returned.status, returned.answer_by) == (1, "returned", returned.answer_by)
    do(desk, "answer", OFFICER, "因车辆故障，明日清运")
    closed = do(desk, "close", DISTRICT, "已落实")
    assert [step.what for step in closed.history] == [
        "opened",
        "acknowledged",
        "answered",
        "returned",
        "answered",
        "closed",
    ]
    with pytest.raises(Refused):
        do(desk, "close", DISTRICT, "再销号")


def test_what_is_still_late_a_week_after_its_order_was_closed_is_pushed_again_once(
    desk: Desk, clock: FixedClock
) -> None:
    late_and_supervised(desk, clock)
    for number in (1, 2):
        do(desk, "answer", OFFICER, "明日清运", number=number)
        do(desk, "close", DISTRICT, "同意", number=number)
        assert task("c1-1")["watch_until"] == task("c1-1")["supervise_at"] == clock.now() + 7 * DAY
        clock.advance(7 * DAY)
        assert dict(desk.scanner.scan()) == {}
        clock.advance(timedelta(seconds=1))
        assert [dict(desk.scanner.scan()) for _ in range(2)] == [{"supervised": 1}, {}]
    found = [(one["_id"], one["status"], one["trigger"], bool(one.get("clue"))) for one in orders()]
    assert found == [
        ("c1-1-s1", "closed", "overdue", False),
        ("c1-1-s2", "closed", "overdue", False),
        ("c1-1-s3", "opened", "overdue", True),
    ]


def test_as_long_as_another_order_pushes_it_the_duty_is_not_pushed_again(desk: Desk, clock: FixedClock) -> None:
    late_and_supervised(desk, clock)
    desk.supervisions.open("c1-1", None, Task.objects.get(pk="c1-1").sequence, OFFICE, "群众反映强烈", None, "r")
    do(desk, "close", DISTRICT, "并入市级督办")
    assert task("c1-1").get("supervise_at") is None
    do(desk, "close", OFFICE, "已说明", number=2)
    assert task("c1-1")["supervise_at"] == clock.now() + 7 * DAY


def test_what_is_answered_and_left_open_by_its_issuer_is_marked_once_and_no_clue(desk: Desk, clock: FixedClock) -> None:
    late_and_supervised(desk, clock)
    do(desk, "answer", OFFICER, "明日清运")
    clock.advance(5 * DAY)
    assert [dict(desk.scanner.scan()) for _ in range(2)] == [{}, {}]
    [line] = desk.desks.page(WUHUA).items
    assert (line.kind, line.supervision and line.supervision.left_open) == ("supervision_answer", True)
    assert events(Supervision) == ["supervision_opened", "supervision_answered"]
    assert orders()[0].get("watch_until") is None
    returned = do(desk, "send_back", DISTRICT, "未说明原因").state
    assert (returned.left_open, returned.judge_by) == (False, None)


def test_an_order_that_is_not_answered_is_a_clue_once(desk: Desk, clock: FixedClock) -> None:
    late_and_supervised(desk, clock)
    clock.advance(10 * DAY)
    assert [dict(desk.scanner.scan()) for _ in range(2)] == [{"clues": 1}, {}]
    assert events(Supervision) == ["supervision_opened", "accountability_proposed"]
    [order] = supervision_list.page({"unit": WUHUA}).items
    assert (order.state.overdue, order.state.unit) == (True, STREET)
    with pytest.raises(Stale) as stale:
        desk.supervisions.acknowledge(order.supervision_id, 1, OFFICER, "r")
    assert stale.value.extra["changed_what"] == "overdue"  # a clue is for the headquarters' office
    assert supervision_list.page({"unit": WUHUA}).items == [order]


def test_the_third_order_to_one_unit_within_the_window_is_a_clue_and_the_count_begins_anew(
    desk: Desk, clock: FixedClock
) -> None:
    file_cases(desk, *"abcdefg")
    clock.advance(4 * DAY)
    desk.scanner.scan()
    assert [bool(one.get("clue")) for one in orders()] == [False, False, True, False, False, True, False]
    assert orders()[2]["clue"] == "90日内第3次被督办"


def test_of_two_issuers_at_the_same_instant_one_sees_both_orders_and_proposes_the_clue(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_cases(desk, "c1", "c2", "c3")
    desk.supervisions.open("c1-1", None, 1, DISTRICT, "群众多次反映", None, "request/1")
    both, met, one = threading.Barrier(2, timeout=60), threading.local(), Supervisor._one

    def together(self: Supervisor, *order: Any) -> Supervision:
        if not getattr(met, "once", False):
            met.once = True
            both.wait()
        return one(self, *order)

    monkeypatch.setattr(Supervisor, "_one", together)
    with ThreadPoolExecutor(2) as issuers:
        opened = [
            issuers.submit(desk.supervisions.open, id, None, 1, by, "群众多次反映", None, f"request/{id}")
            for id, by in (("c2-1", DISTRICT), ("c3-1", OFFICE))
        ]
        numbers = {one.result().state.number for one in opened}
    assert numbers == {"五华区创督〔2026〕2号", "昆明创督〔2026〕1号"}
    assert sorted(one["clue"] for one in orders() if "clue" in one) == ["90日内第3次被督办"]
    assert events(Supervision).count("accountability_proposed") == 1


def test_the_count_goes_on_from_page_to_page_of_one_scan(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "PAGE", 2)
    file_cases(desk, *"abcde")
    clock.advance(4 * DAY)
    desk.scanner.scan()
    as_opened = sorted(orders(), key=lambda one: one["number"])
    assert [bool(one.get("clue")) for one in as_opened] == [False, False, True, False, False]


def test_an_officer_above_supervises_a_case_with_a_reason(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, "c1")

    def open_(by: dict[str, Any], reason: str = "群众多次反映", seen: int = 1, until: str | None = None) -> Any:
        return desk.supervisions.open(None, "c1", seen, by, reason, until, "request/9")

    for by, reason, until, kind in (
        (OFFICER, "自己督办", None, Forbidden),
        (NEIGHBOUR, "别区", None, Forbidden),
        (DISTRICT, " ", None, InvalidInput),
        (DISTRICT, "催", "2026-03-01T09:00:00+08:00", InvalidInput),
    ):
        with pytest.raises(kind):
            open_(by, reason, until=until)
    assert (orders(), task("c1-1")["sequence"]) == ([], 1)
    view = open_(OFFICE)
    assert (view.state.number, view.state.by_unit, view.state.trigger) == (
        "昆明创督〔2026〕1号",
        "5301/~office",
        "officer",
    )
    with pytest.raises(Stale):
        open_(OFFICE)
    with pytest.raises(Forbidden):  # who changed it last is not for everybody
        open_(NEIGHBOUR)
    assert open_(DISTRICT, seen=2).state.number == "五华区创督〔2026〕1号"
    assert get_db("tasks")["numbers"].count_documents({}) == 2
    assert task("c1-1")["supervisions"] == 2


def lines(desk: Desk, unit: str) -> list[tuple[str, str]]:
    return [(one.kind, one.group) for one in desk.desks.page(unit).items]


def test_an_order_lies_on_the_desk_of_the_unit_and_its_answer_on_that_of_the_issuer(
    desk: Desk, clock: FixedClock
) -> None:
    late_and_supervised(desk, clock)
    assert lines(desk, STREET) == [("duty", "overdue"), ("supervision", "due_soon")]
    assert desk.desks.page(STREET).counts["due_soon"] == 1
    do(desk, "answer", OFFICER, "明日清运")
    assert lines(desk, STREET) == [("duty", "overdue"), ("supervision", "waiting")]
    assert lines(desk, WUHUA) == [("supervision_answer", "decision")]
    do(desk, "close", DISTRICT, "已落实")
    assert (lines(desk, STREET), lines(desk, WUHUA)) == ([("duty", "overdue")], [])


def test_an_order_ends_with_the_duty_that_it_pushes(desk: Desk, clock: FixedClock) -> None:
    late_and_supervised(desk, clock)
    closed = case(CaseStatus.CLOSED, case_id="c1", closed_at=clock.now())
    desk.cases.follow([told(CaseClosed(case=closed, condition="恢复"), "c1", 5)])
    assert [(one["status"], one["history"][-1]["note"]) for one in orders()] == [("closed", "所督办的任务已办结或撤回")]


def test_what_a_follow_up_found_unsolved_is_supervised_at_once_in_whatever_order_the_news_come(
    desk: Desk, clock: FixedClock
) -> None:
    file_cases(desk, "c1", "c2")
    news = {
        id: (
            told(CaseClosed(case=case(CaseStatus.CLOSED, case_id=id, closed_at=MONDAY_NINE), condition="恢复"), id, 2),
            told(
                CaseReopened(
                    case=case(CaseStatus.REOPENED, case_id=id, reopenings=1), reason="回访反映未解决", not_solved=True
                ),
                id,
                3,
            ),
        )
        for id in ("c1", "c2")
    }
    desk.cases.follow([*news["c1"]])
    desk.cases.follow([news["c2"][1]])
    desk.cases.follow([*news["c2"], *news["c1"]])
    clock.advance(timedelta(seconds=1))
    assert dict(desk.scanner.scan()) == {"supervised": 2}
    desk.cases.follow([*news["c2"], *news["c1"]])
    assert dict(desk.scanner.scan()) == {}
    found = [(one["task_id"], one["trigger"], one["because"]) for one in orders()]
    assert found == [("c1-2", "not_solved", "回访反映未解决"), ("c2-2", "not_solved", "回访反映未解决")]
