"""Parts of duties, requests, instructions and work lists on a real database; events stay in the outboxes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from threading import Thread
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from pymongo.client_session import ClientSession

from infra import mongo
from infra.calendar import WorkingCalendar
from infra.clock import FixedClock
from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.problem import Forbidden, InvalidInput, Refused, Stale
from infra.settings import Settings
from services.complaints.contracts import CaseClosed, CaseFiled, CaseReopened, CaseRevised, CaseStatus
from services.tasks import case_following, command_room, commands, waking
from services.tasks.contracts import TaskStatus
from services.tasks.desk import Desk, open_desk
from services.tasks.plan import Plan
from services.tasks.task import Task
from services.tasks.timekeeping import Timekeeper
from tests.unit.tasks_made import KUNMING, MONDAY_NINE, STREET, case

WUHUA, PANLONG, POLICE = "5301/530102", "5301/530103", "5301/~psb"
OTHER = "5301/530102/530102002"
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DISTRICT = {"role": "district", "unit": WUHUA, "name": "李四"}
NEIGHBOUR = {"role": "district", "unit": PANLONG, "name": "孙八"}
POLICEMAN = {"role": "department", "unit": POLICE, "name": "周九"}
OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
OTHER_OFFICER = {"role": "street", "unit": OTHER, "name": "吴十"}
LIMIT = {"amount": 10, "clock": "work_day"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_NINE)


@pytest.fixture
def desk(mongodb_url: str, clock: FixedClock) -> Iterator[Desk]:
    settings = Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"test_{uuid4().hex[:10]}_")
    database = mongo.connect(settings, "tasks")
    mongo.ensure_indexes([Task, Plan])
    yield open_desk(Store(None, service="tasks"), KUNMING, clock, WorkingCalendar())
    database.client.drop_database(database.name)
    mongo.disconnect("tasks")


def told(event: Any, sequence: int) -> Received[Any]:
    return Received(event, seal(event, subject="case/c1", sequence=sequence, at=MONDAY_NINE, cause="test"))


def stored() -> list[dict[str, Any]]:
    return list(Task._get_collection().find().sort("_id", 1))


def stands() -> dict[str, str]:
    return {one["_id"]: one["status"] for one in stored()}


def instruct(desk: Desk, unit: str = WUHUA, id: str = "z1", **more: Any) -> str:
    body = {"id": id, "source": "leader_instruction", "title": "整治背街小巷", "unit": unit, "because": "市长批示"}
    return desk.instructions.issue(body | {"limit": LIMIT} | more, OFFICE, "request/1").task_id


def seen(task_id: str) -> int:
    return next(one["sequence"] for one in stored() if one["_id"] == task_id)


def do(desk: Desk, command: str, task_id: str, by: dict[str, Any], *args: Any) -> Any:
    return getattr(desk.commands, command)(task_id, seen(task_id), by, *args, "request/2")


def test_an_instruction_is_issued_once_by_the_office(desk: Desk) -> None:
    assert instruct(desk) == instruct(desk) == "z1-1"
    [view] = desk.work_list.by_id(["z1-1"])
    assert (view.state.source, view.answers_to) == ("leader_instruction", "5301/~office")
    assert view.deadline_because == "2026-03-02 09:00起算10个工作日，期限2026-03-16 09:00"
    with pytest.raises(Refused):
        instruct(desk, title="别的事")
    with pytest.raises(Forbidden):
        desk.instructions.issue(
            {"id": "z2", "source": "meeting", "title": "x", "unit": WUHUA, "because": "x"} | {"limit": LIMIT},
            DISTRICT,
            "r",
        )
    for wrong in ({"source": "case"}, {"unit": "5301"}, {"limit": None}, {"place": "5301/999999"}):
        with pytest.raises(InvalidInput):
            instruct(desk, **({"id": "z3"} | wrong))
    assert len(stored()) == 1


def test_a_district_delegates_to_its_streets_and_is_done_when_they_are(desk: Desk) -> None:
    task_id = instruct(desk)
    do(desk, "accept", task_id, DISTRICT)
    whole = do(desk, "delegate", task_id, DISTRICT, [STREET, OTHER], None, "各自整治辖区内背街小巷")
    parts = [one for one in stored() if one.get("parent_id") == task_id]
    assert [(one["_id"], one["responsible_unit"], one["answers_to"]) for one in parts] == [
        ("z1-1.1", STREET, WUHUA),
        ("z1-1.2", OTHER, WUHUA),
    ]
    assert all(MONDAY_NINE < one["deadline"] <= whole.state.deadline for one in parts)
    listed = desk.work_list.parts([task_id, "z9"])
    assert {whole: [part.task_id for part in found] for whole, found in listed.items()} == {
        "z1-1": ["z1-1.1", "z1-1.2"]
    }
    assert (whole.children, whole.progress, whole.state.responsible_unit) == (2, 0.0, WUHUA)
    with pytest.raises(Refused) as refused:
        do(desk, "submit", task_id, DISTRICT, "已办")
    assert refused.value.extra == {"unfinished": 2}
    do(desk, "accept", "z1-1.1", OFFICER)
    with pytest.raises(Forbidden) as stranger:
        do(desk, "submit", "z1-1.1", NEIGHBOUR, "已整治")
    assert stranger.value.detail_zh == "您（盘龙区）无权代华山街道办理"
    do(desk, "submit", "z1-1.1", OFFICER, "已整治")
    with pytest.raises(Forbidden):
        do(desk, "verify", "z1-1.1", NEIGHBOUR, True, "")
    do(desk, "verify", "z1-1.1", DISTRICT, True, "合格")
    returned = do(desk, "give_back", "z1-1.2", OTHER_OFFICER, "不在辖区")
    assert returned.state.status == TaskStatus.RETURNED
    assert do(desk, "submit", task_id, DISTRICT, "已办").state.status == TaskStatus.SUBMITTED
    [view] = desk.work_list.by_id([task_id])
    assert view.progress == 1.0


def test_a_part_lies_below_ends_before_the_whole_and_is_withdrawn_by_who_gave_it(desk: Desk) -> None:
    task_id = instruct(desk)
    with pytest.raises(Refused):  # not accepted yet
        do(desk, "delegate", task_id, DISTRICT, [STREET], None, "整治")
    do(desk, "accept", task_id, DISTRICT)
    do(desk, "delegate", task_id, DISTRICT, [STREET], "2026-03-10T09:00:00+08:00", "整治")
    before = stored()
    late = "2026-03-16T09:00:01+08:00"
    for units, deadline, kind in (
        ([PANLONG], None, InvalidInput),
        ([WUHUA], None, InvalidInput),
        ([], None, InvalidInput),
        ([OTHER], late, InvalidInput),
        ([OTHER], "2026-03-01T09:00:00+08:00", InvalidInput),
        ([OTHER], "tomorrow", InvalidInput),
        ([STREET], None, Refused),
        ([OTHER, OTHER], None, Refused),
    ):
        with pytest.raises(kind):
            do(desk, "delegate", task_id, DISTRICT, units, deadline, "整治")
    with pytest.raises(Forbidden):
        do(desk, "withdraw", "z1-1.1", OFFICER, "不想办")
    with pytest.raises(Stale) as stale:
        desk.commands.delegate(task_id, 1, DISTRICT, [OTHER], None, "整治", "r")
    assert stale.value.extra["changed_what"] == "delegated"
    assert stored() == before
    do(desk, "withdraw", "z1-1.1", DISTRICT, "另行安排")
    do(desk, "delegate", task_id, DISTRICT, [STREET], None, "再次交办")
    assert stands() == {"z1-1": "accepted", "z1-1.1": "withdrawn", "z1-1.2": "issued"}
    do(desk, "withdraw", task_id, OFFICE, "批示已撤销")
    assert stands() == {"z1-1": "withdrawn", "z1-1.1": "withdrawn", "z1-1.2": "withdrawn"}


def file_case(desk: Desk) -> None:
    desk.cases.follow([told(CaseFiled(case=case(limit_amount=5.0, limit_clock="work_day")), 1)])
    do(desk, "accept", "c1-1", OFFICER)


def close_case(desk: Desk) -> None:
    desk.cases.follow([told(CaseClosed(case=case(CaseStatus.CLOSED, closed_at=MONDAY_NINE), condition="恢复"), 5)])


def test_the_lead_waits_for_who_assists_or_releases_them_with_a_reason(desk: Desk) -> None:
    file_case(desk)
    do(desk, "ask_assist", "c1-1", OFFICER, POLICE, None, "清理违停车辆")
    do(desk, "ask_assist", "c1-1", OFFICER, PANLONG, None, "清运交界处垃圾")
    assist = stored()[1]
    assert (assist["role"], assist["lead_task_id"], assist["answers_to"]) == ("assist", "c1-1", STREET)
    assert assist["deadline"] <= stored()[0]["deadline"]
    assert [part.state.responsible_unit for part in desk.work_list.parts(["c1-1"])["c1-1"]] == [POLICE, PANLONG]
    with pytest.raises(Refused) as refused:
        do(desk, "submit", "c1-1", OFFICER, "已清运")
    assert refused.value.extra == {"assists": 2}
    for unit, kind in ((POLICE, Refused), (WUHUA, InvalidInput), (STREET, InvalidInput)):
        with pytest.raises(kind):
            do(desk, "ask_assist", "c1-1", OFFICER, unit, None, "再请")
    do(desk, "accept", "c1-1.1", POLICEMAN)
    with pytest.raises(Refused):
        do(desk, "ask_assist", "c1-1.1", POLICEMAN, PANLONG, None, "转请")
    do(desk, "submit", "c1-1.1", POLICEMAN, "已清理")
    do(desk, "withdraw", "c1-1.2", OFFICER, "已自行清运")
    assert do(desk, "submit", "c1-1", OFFICER, "已清运").state.status == TaskStatus.SUBMITTED
    close_case(desk)
    assert stands() == {"c1-1": "closed", "c1-1.1": "closed", "c1-1.2": "withdrawn"}


def test_parts_end_with_a_case_and_a_reopened_one_starts_without_them(desk: Desk) -> None:
    file_case(desk)
    do(desk, "ask_assist", "c1-1", OFFICER, POLICE, None, "清理违停车辆")
    with pytest.raises(Refused):
        do(desk, "withdraw", "c1-1", OFFICE, "不办了")
    close_case(desk)
    assert stands() == {"c1-1": "closed", "c1-1.1": "withdrawn"}
    reopened = case(CaseStatus.REOPENED, reopenings=1, limit_amount=5.0, limit_clock="work_day")
    for _ in range(2):
        desk.cases.follow([told(CaseReopened(case=reopened, reason="未解决"), 6)])
    assert stands() == {"c1-1": "closed", "c1-1.1": "withdrawn", "c1-2": "issued"}
    assert stored()[2]["responsible_unit"] == STREET


def lines(desk: Desk, unit: str, **options: Any) -> list[tuple[str, str, str]]:
    return [(one.task.task_id, one.kind, one.group) for one in desk.desks.page(unit, **options).items]


def test_a_request_lies_on_the_desk_above_and_time_that_stood_still_is_given_back(
    desk: Desk, clock: FixedClock
) -> None:
    file_case(desk)
    until = "2026-06-01T09:00:00+08:00"
    asked = do(desk, "ask_suspension", "c1-1", OFFICER, until, "待雨季结束")
    assert asked.requests[0].granted is None
    assert lines(desk, WUHUA) == [("c1-1", "suspension", "decision")]
    assert lines(desk, STREET) == [("c1-1", "duty", "running")]
    with pytest.raises(Forbidden):
        do(desk, "answer_request", "c1-1", OFFICER, True, "自批")
    do(desk, "answer_request", "c1-1", DISTRICT, True, "同意")
    assert (lines(desk, WUHUA), lines(desk, STREET)) == ([], [("c1-1", "duty", "waiting")])
    clock.advance(timedelta(days=100))  # beyond the chosen end: the next command finds the clock running since then
    view = do(desk, "report_progress", "c1-1", OFFICER, 40, "已开工", [])
    assert [step.what for step in view.history][-4:] == ["resumed", "due_soon", "overdue", "progressed"]
    assert view.state.deadline.isoformat() == "2026-06-08T01:00:00+00:00"
    assert lines(desk, STREET, group="overdue") == [("c1-1", "duty", "overdue")]


def due() -> dict[str, str]:
    return {one["_id"]: f"{one['deadline'] + timedelta(hours=8):%m-%d %H:%M}" for one in stored()}


def test_what_was_given_to_others_stands_still_and_goes_on_with_the_whole(desk: Desk, clock: FixedClock) -> None:
    task_id = instruct(desk)
    do(desk, "accept", task_id, DISTRICT)
    do(desk, "delegate", task_id, DISTRICT, [STREET], None, "整治")
    do(desk, "accept", "z1-1.1", OFFICER)
    do(desk, "ask_assist", "z1-1.1", OFFICER, OTHER, None, "协助")
    assert due() == {"z1-1": "03-16 09:00", "z1-1.1": "03-14 23:24", "z1-1.1.1": "03-13 17:09"}
    do(desk, "ask_suspension", task_id, DISTRICT, "2026-06-01T09:00:00+08:00", "待雨季结束")
    do(desk, "answer_request", task_id, OFFICE, True, "同意")
    assert set(stands().values()) == {"suspended"}
    before = stored()
    with pytest.raises(Refused):
        do(desk, "resume", "z1-1.1", OFFICER, "想继续")
    assert stored() == before
    clock.advance(timedelta(days=91, seconds=1))
    assert dict(desk.scanner.scan()) == {"resumed": 1}
    assert stands() == {"z1-1": "accepted", "z1-1.1": "accepted", "z1-1.1.1": "issued"}
    assert due() == {"z1-1": "06-15 09:00", "z1-1.1": "06-12 18:00", "z1-1.1.1": "06-12 17:09"}
    assert [one["outbox"][-1]["type"] for one in stored()] == ["task_resumed"] * 3
    assert dict(desk.scanner.scan()) == {}


def test_what_stands_still_with_a_part_goes_on_when_anybody_finds_that_its_time_has_come(
    desk: Desk, clock: FixedClock
) -> None:
    file_case(desk)
    do(desk, "ask_assist", "c1-1", OFFICER, POLICE, None, "清理违停车辆")
    do(desk, "ask_suspension", "c1-1", OFFICER, "2026-06-01T09:00:00+08:00", "待雨季结束")
    do(desk, "answer_request", "c1-1", DISTRICT, True, "同意")
    clock.advance(timedelta(days=91, hours=1))
    do(desk, "report_progress", "c1-1", OFFICER, 40, "已开工", [])
    assert stands() == {"c1-1": "in_progress", "c1-1.1": "issued"}
    assert due() == {"c1-1": "06-08 09:00", "c1-1.1": "06-05 18:00"}  # 40 and 39 working hours since 9:00


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType, Callable[[], Any]], None]:
    """Let somebody do something right after a command has looked at the whole of its part, once."""

    def set_up(module: ModuleType, act: Callable[[], Any]) -> None:
        acts, look = [act], module.whole_of

        def whole_of(part: Task) -> Task | None:
            found = look(part)
            if acts:
                acts.pop()()
            return found

        monkeypatch.setattr(module, "whole_of", whole_of)

    return set_up


def submitted_part(desk: Desk) -> None:
    task_id = instruct(desk)
    do(desk, "accept", task_id, DISTRICT)
    do(desk, "delegate", task_id, DISTRICT, [STREET], None, "整治")
    do(desk, "accept", "z1-1.1", OFFICER)
    do(desk, "submit", "z1-1.1", OFFICER, "已办")
    do(desk, "ask_suspension", task_id, DISTRICT, "2026-06-01T09:00:00+08:00", "待雨季结束")


def test_a_part_that_is_sent_back_while_somebody_suspends_its_whole_stands_still_with_it(
    desk: Desk, meanwhile: Callable[[ModuleType, Callable[[], Any]], None]
) -> None:
    submitted_part(desk)
    meanwhile(commands, lambda: do(desk, "answer_request", "z1-1", OFFICE, True, "同意"))
    view = do(desk, "verify", "z1-1.1", DISTRICT, False, "未清")
    assert stands() == {"z1-1": "suspended", "z1-1.1": "suspended"}
    assert (view.state.status, view.state.reworks) == ("suspended", 1)
    assert [step["what"] for step in stored()[1]["history"]][-3:] == ["submitted", "rectifying", "suspended_with_whole"]


def test_who_suspends_a_whole_while_a_part_of_it_is_sent_back_finds_the_part_at_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted_part(desk)
    find = command_room.keep_parts
    sending_back = Thread(target=partial(do, desk, "verify", "z1-1.1", DISTRICT, False, "未清"))

    def keep(store: Store, tasks: Iterable[Task], time: Timekeeper, session: ClientSession) -> None:
        if sending_back.ident is None:
            sending_back.start()
            sending_back.join(1)  # it waits for the whole, or is done before anybody has told the part
        find(store, tasks, time, session)

    request = seen("z1-1")
    monkeypatch.setattr(command_room, "keep_parts", keep)
    desk.commands.answer_request("z1-1", request, OFFICE, True, "同意", "request/2")
    sending_back.join(60)
    assert (stands(), seen("z1-1")) == ({"z1-1": "suspended", "z1-1.1": "suspended"}, request + 1)


TRANSPORT = {"role": "department", "unit": "5301/~transport", "name": "郑七"}


def about_illegal_taxis(days: float) -> Any:
    """The department leads, the district assists."""
    return case(category="transport.illegal", limit_amount=days, limit_clock="work_day")


def part_whose_suspension_is_over(desk: Desk, clock: FixedClock) -> Callable[[], None]:
    """Nobody has looked yet. What corrects the whole, due on 03-09, so that it is due on 03-05."""
    desk.cases.follow([told(CaseFiled(case=about_illegal_taxis(5.0)), 1)])
    do(desk, "accept", "c1-1.1", DISTRICT)
    do(desk, "ask_suspension", "c1-1.1", DISTRICT, "2026-03-04T09:00:00+08:00", "待联合执法")
    do(desk, "answer_request", "c1-1.1", TRANSPORT, True, "同意")
    clock.advance(timedelta(days=2, seconds=1))
    correction = told(CaseRevised(case=about_illegal_taxis(3.0), what="更正时限"), 2)
    return partial(desk.cases.follow, [correction])


def meanwhile_in_a_thread(act: Callable[[], Any]) -> Thread:
    """Somebody does it now: it waits for us, or is done before we have written."""
    thread = Thread(target=act)
    thread.start()
    thread.join(0.5)
    return thread


def test_a_correction_in_the_moment_in_which_a_part_goes_on_by_itself_finds_it_running(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct, look, others = part_whose_suspension_is_over(desk, clock), waking.whole_of, list[Thread]()

    def looked(part: Task, session: ClientSession | None = None) -> Task | None:
        whole = look(part, session)
        if not others:
            others.append(meanwhile_in_a_thread(correct))
        return whole

    monkeypatch.setattr(waking, "whole_of", looked)
    assert dict(desk.scanner.scan()) == {"resumed": 1}
    others[0].join(60)
    assert due() == {"c1-1": "03-05 09:00", "c1-1.1": "03-05 09:00"}


def test_a_part_that_goes_on_by_itself_while_its_whole_is_being_corrected_is_due_by_the_corrected_limit(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct, keep, others = part_whose_suspension_is_over(desk, clock), case_following.keep_parts, list[Thread]()

    def kept(*args: Any) -> None:
        keep(*args)  # it has found the part standing still, and leaves it
        if not others:
            others.append(meanwhile_in_a_thread(desk.scanner.scan))

    monkeypatch.setattr(case_following, "keep_parts", kept)
    correct()
    others[0].join(60)
    assert due() == {"c1-1": "03-05 09:00", "c1-1.1": "03-05 09:00"}


def test_who_hands_in_a_photo_for_a_part_whose_suspension_is_over_waits_for_who_corrects_the_whole(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct, keep, others = part_whose_suspension_is_over(desk, clock), case_following.keep_parts, list[Thread]()
    photo = partial(do, desk, "report_progress", "c1-1.1", DISTRICT, 40, "已开工", ["photo"])

    def kept(*args: Any) -> None:
        keep(*args)
        if not others:
            others.append(meanwhile_in_a_thread(photo))

    monkeypatch.setattr(command_room, "attach", lambda *args: ["现场.jpg"])
    monkeypatch.setattr(case_following, "keep_parts", kept)
    correct()
    others[0].join(60)
    assert (due(), stands()["c1-1.1"]) == ({"c1-1": "03-05 09:00", "c1-1.1": "03-05 09:00"}, "in_progress")


def test_a_work_list_shows_what_hurts_first_and_pages_through_both_desks(desk: Desk, clock: FixedClock) -> None:
    for n, days in enumerate((9, 5, 7)):
        instruct(desk, id=f"z{n}", limit={"amount": days, "clock": "natural_day"})
    instruct(desk, unit=STREET, id="y1")
    do(desk, "accept", "y1-1", OFFICER)
    do(desk, "submit", "y1-1", OFFICER, "已办")
    clock.advance(timedelta(days=6))
    desk.scanner.scan()
    expected = [
        ("z1-1", "duty", "overdue"),
        ("y1-1", "verification", "decision"),
        ("z2-1", "duty", "due_soon"),
        ("z0-1", "duty", "running"),
    ]
    assert lines(desk, WUHUA) == expected
    found, after = [], None
    while True:
        page = desk.desks.page(WUHUA, 1, after)
        found += [(one.task.task_id, one.kind, one.group) for one in page.items]
        after = page.end_cursor
        assert page.counts == {"overdue": 1, "decision": 1, "due_soon": 1, "running": 1, "waiting": 0}
        if not page.has_next:
            break
    assert found == expected
    with pytest.raises(InvalidInput):
        desk.desks.page(WUHUA, group="all")


def test_a_page_of_a_work_list_walks_only_its_own_range(desk: Desk) -> None:
    for n in range(30):
        instruct(desk, id=f"z{n}", unit=(WUHUA, PANLONG)[n % 2])
    query = {"desk_key": {"$gte": f"{WUHUA}|", "$lt": f"{WUHUA}|~~"}}
    plan = Task._get_collection().find(query).sort("desk_key", 1).limit(6).explain()["executionStats"]
    assert (plan["totalKeysExamined"], plan["totalDocsExamined"]) == (6, 6)
    assert len(lines(desk, WUHUA)) == 15


def test_parts_are_counted_where_they_are_and_inflate_neither_cases_nor_categories(desk: Desk) -> None:
    file_case(desk)
    do(desk, "ask_assist", "c1-1", OFFICER, POLICE, None, "清理违停车辆")
    instruct(desk)
    do(desk, "accept", "z1-1", DISTRICT)
    do(desk, "delegate", "z1-1", DISTRICT, [OTHER], None, "整治")
    assert desk.counters.recount(mend=True) != []
    counts = desk.counters.counts_by
    assert desk.counters.counts(["5301"], "responsible") == {"5301": {"accepted": 2, "issued": 2}}
    assert counts(["5301"], "responsible", "source") == {"5301": {"case": 1, "leader_instruction": 1}}
    assert counts(["5301", POLICE], "responsible", "role") == {
        "5301": {"duty": 2, "assist": 1, "part": 1},
        POLICE: {"assist": 1},
    }
    assert counts([WUHUA, PANLONG], "place", "category", "accepted") == {WUHUA: {"sanitation.garbage": 1}, PANLONG: {}}
    assert counts([WUHUA], "place", "category", "closed") == {WUHUA: {}}
    assert desk.counters.totals() == {"tasks": 4, "case_tasks": 1, "plan_tasks": 0, "open": 4, "overdue": 0}
    for wrong in (("sideways", "state", None), ("place", "colour", None), ("place", "state", "late")):
        with pytest.raises(InvalidInput):
            counts([WUHUA], *wrong)


def test_what_the_office_instructs_about_a_case_is_not_the_task_that_follows_it(desk: Desk) -> None:
    instruct(desk, id="a-case", case_id="c1")
    desk.cases.follow([told(CaseFiled(case=case()), 1)])
    instruct(desk, id="z1", case_id="c1")
    assert stands() == {"a-case-1": "issued", "c1-1": "issued", "z1-1": "issued"}
    desk.cases.follow([told(CaseClosed(case=case(CaseStatus.CLOSED, closed_at=MONDAY_NINE), condition="恢复"), 2)])
    assert stands() == {"a-case-1": "issued", "c1-1": "closed", "z1-1": "issued"}
