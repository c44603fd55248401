"""The rooms of tasks on a real database, without a broker: events stay in the outboxes, where they can be read."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from infra import mongo
from infra.calendar import WorkingCalendar
from infra.clock import FixedClock
from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.problem import Forbidden, InvalidInput, Refused, Stale
from infra.reconciliation.books import Span
from infra.settings import Settings
from services.complaints.contracts import CaseFiled, CaseRevised, CaseStatus, CaseVoided
from services.tasks import issuing
from services.tasks.books import LEDGERS
from services.tasks.contracts import TASK_EVENTS, TaskStatus
from services.tasks.desk import Desk, open_desk
from services.tasks.plan import Plan
from services.tasks.scanner import due
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from services.tasks.work_list import Request, Scope
from tests.unit.measures_plan import plan_from_measures
from tests.unit.tasks_made import KUNMING, MONDAY_NINE, STREET, case

OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DISTRICT = {"role": "district", "unit": "5301/530102", "name": "李四"}
OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
DUE = datetime(2026, 12, 31, tzinfo=UTC)
KINDS = {kind.type(): kind for kind in TASK_EVENTS}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_NINE)


@pytest.fixture
def store() -> Store:
    return Store(None, service="tasks")


@pytest.fixture
def desk(mongodb_url: str, clock: FixedClock, store: Store) -> Iterator[Desk]:
    settings = Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"test_{uuid4().hex[:10]}_")
    database = mongo.connect(settings, "tasks")
    mongo.ensure_indexes([Task, Plan, Supervision])
    yield open_desk(store, KUNMING, clock, WorkingCalendar())
    database.client.drop_database(database.name)
    mongo.disconnect("tasks")


def file_cases(desk: Desk, *numbers: int, **facts: Any) -> None:
    desk.cases.follow([_received(CaseFiled(case=case(case_id=f"c{n}", **facts)), f"case/c{n}", 1) for n in numbers])


def _received(event: Any, subject: str, sequence: int) -> Received[Any]:
    return Received(event, seal(event, subject=subject, sequence=sequence, at=MONDAY_NINE, cause="test"))


def outboxes() -> list[Received[Any]]:
    """Every event that tasks have recorded, opened."""
    events = []
    for document in Task._get_collection().find({}, {"outbox": 1}):
        for envelope in Task.outbox.to_python(document["outbox"]):
            event = msgspec.json.decode(envelope.data, type=KINDS[envelope.type])
            events.append(Received(event, envelope))
    return events


def stored() -> list[dict[str, Any]]:
    return list(Task._get_collection().find().sort("_id", 1))


def measures() -> dict[str, Any]:
    return msgspec.to_builtins(plan_from_measures(DUE))


def test_the_fifty_measures_are_issued_once(desk: Desk, clock: FixedClock) -> None:
    first = desk.plans.issue(measures(), OFFICE, "request/1")
    clock.advance(timedelta(days=1))
    again = desk.plans.issue(measures(), OFFICE, "request/2")
    assert first == {"plan_id": "kbf-2017-30", "rows": 50, "tasks": 1555, "already": False}
    assert again == first | {"already": True}
    assert len(outboxes()) == len(stored()) == 1555
    desk.counters.count(outboxes())
    assert desk.counters.counts(["5301", "5301/530102", "5301/~psb"], "responsible") == {
        "5301": {"issued": 1555},
        "5301/530102": {"issued": 9 * (1 + len(KUNMING.children("5301/530102", kind="street")))},
        "5301/~psb": {"issued": 4},
    }
    assert desk.counters.totals() == {"tasks": 1555, "case_tasks": 0, "plan_tasks": 1555, "open": 1555, "overdue": 0}


def test_issuing_that_was_interrupted_is_taken_up_with_the_same_deadlines(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def fail_after_300(*args: Any) -> Task:
        made.append("one")
        if len(made) > 300:
            raise RuntimeError("the power went")
        return task_of(*args)

    task_of = issuing.task_of
    monkeypatch.setattr(issuing, "task_of", fail_after_300)
    with pytest.raises(RuntimeError):
        desk.plans.issue(measures(), OFFICE, "request/1")
    monkeypatch.undo()
    assert len(stored()) == 250
    clock.advance(timedelta(days=3))
    assert desk.plans.issue(measures(), OFFICE, "request/2")["already"] is False
    assert len(stored()) == 1555
    assert {document["issued_at"] for document in stored()} == {MONDAY_NINE}


def test_an_unknown_lead_unit_issues_nothing_at_all(desk: Desk) -> None:
    plan = measures()
    plan["rows"][49]["lead_units"] = ["市太空局"]
    with pytest.raises(InvalidInput) as refused:
        desk.plans.issue(plan, OFFICE, "request/1")
    assert (refused.value.field, refused.value.extra["row"]) == ("rows[49].lead_units[0]", "10.4")
    assert (stored(), Plan._get_collection().count_documents({})) == ([], 0)


def test_a_plan_sent_again_is_the_same_down_to_the_milliseconds_that_are_stored(desk: Desk) -> None:
    plan = measures() | {"deadline": "2026-12-31T18:00:00.123456+08:00", "rows": measures()["rows"][:1]}
    assert desk.plans.issue(plan, OFFICE, "request/1")["already"] is False
    assert desk.plans.issue(plan, OFFICE, "request/2")["already"] is True
    by_path = plan | {"rows": [plan["rows"][0] | {"lead_units": ["5301/~ucb"]}]}
    assert desk.plans.issue(by_path, OFFICE, "request/3")["already"] is True
    with pytest.raises(Refused) as refused:
        desk.plans.issue(plan | {"time_below": 0.5}, OFFICE, "request/4")
    assert refused.value.field == "rows"


def test_only_the_office_issues_plans(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.plans.issue(measures(), DISTRICT, "request/1")


def test_progress_climbs_from_street_to_district_to_row(desk: Desk) -> None:
    desk.plans.issue(measures(), OFFICE, "request/1")
    district_id = "kbf-2017-30-v1-3.1-5301.530102"
    streets = [unit.path for unit in KUNMING.children("5301/530102", kind="street")]
    [view] = desk.work_list.by_id([district_id])
    assert (view.progress, view.children) == (0.0, len(streets))
    for street in streets:
        task_id = f"{district_id}.{street.rpartition('/')[2]}"
        officer = {"role": "street", "unit": street, "name": "张三"}
        desk.commands.accept(task_id, 1, officer, "request/2")
        desk.commands.self_check(task_id, 2, officer, True, "合格", "", "request/3")
        desk.commands.submit(task_id, 3, officer, "已提高", "request/3")
        desk.commands.verify(task_id, 4, DISTRICT, True, "合格", "request/4")
    [view] = desk.work_list.by_id([district_id])
    assert (view.progress, view.state.status) == (1.0, TaskStatus.ISSUED)
    row = next(row for row in desk.plans.progress("kbf-2017-30") if row.row == "3.1")
    assert (row.tasks, row.done) == (164, len(streets))
    assert row.lead_units == [
        unit.path for kind in ("district", "dev_zone") for unit in KUNMING.children("5301", kind=kind)
    ]
    assert row.progress == pytest.approx(1 / 18)


def test_a_district_submits_only_after_its_streets_and_never_verifies_itself(desk: Desk) -> None:
    desk.plans.issue(measures(), OFFICE, "request/1")
    district_id = "kbf-2017-30-v1-3.1-5301.530102"
    desk.commands.accept(district_id, 1, DISTRICT, "request/2")
    with pytest.raises(Refused) as refused:
        desk.commands.submit(district_id, 2, DISTRICT, "已提高", "request/3")
    assert refused.value.extra == {"unfinished": len(KUNMING.children("5301/530102", kind="street"))}
    with pytest.raises(Forbidden):
        desk.commands.verify(district_id, 2, DISTRICT, True, None, "request/4")


def test_who_submitted_for_a_unit_below_does_not_verify_it_and_the_office_is_one_unit(desk: Desk) -> None:
    desk.plans.issue(measures(), OFFICE, "request/1")
    for_below, for_all = "kbf-2017-30-v1-3.1-5301.530102.530102001", "kbf-2017-30-v1-1.1-5301.~ucb"
    for task_id, officer in ((for_below, DISTRICT), (for_all, OFFICE)):
        desk.commands.accept(task_id, 1, officer, "request/2")
        desk.commands.self_check(task_id, 2, officer, True, "合格", "", "request/3")
        desk.commands.submit(task_id, 3, officer, "已提高", "request/3")
    with pytest.raises(Refused):
        desk.commands.verify(for_below, 4, DISTRICT, True, None, "request/4")
    with pytest.raises(Refused) as refused:
        desk.commands.verify(for_all, 4, OFFICE | {"unit": "5301", "name": "钱七"}, True, None, "request/4")
    assert refused.value.extra == {"unit": "5301/~office"}
    assert desk.commands.verify(for_below, 4, OFFICE, True, None, "request/5").state.status == TaskStatus.CLOSED
    submitted = desk.work_list.by_id([for_all])[0].history[-1]
    assert (submitted.what, submitted.by, submitted.by_unit) == ("submitted", "赵六", "5301/~office")


def test_submitting_after_the_deadline_is_overdue_before_the_scanner_comes(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, 1)
    desk.commands.accept("c1-1", 1, OFFICER, "request/1")
    clock.advance(timedelta(days=1))
    view = desk.commands.submit("c1-1", 2, OFFICER, "已清运", "request/2")
    assert (view.version, view.state.overdue, view.state.status) == (5, True, TaskStatus.SUBMITTED)
    assert sum(desk.scanner.scan().values()) == 0
    assert [one.envelope.type for one in outboxes()][-2:] == ["task_overdue", "task_submitted"]


def revise(desk: Desk, sequence: int, unchanged_since: int = 0, **facts: Any) -> None:
    event = CaseRevised(case=case(**({"case_id": "c1"} | facts)), what="更正", unchanged_since=unchanged_since)
    desk.cases.follow([_received(event, "case/c1", sequence)])


def duties() -> list[tuple[str, str, str]]:
    return [(one["_id"], one["responsible_unit"], one["status"]) for one in stored()]


OTHER_STREET = "5301/530103/530103001"


def test_a_corrected_place_takes_the_duty_to_the_street_where_it_is(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, 1)
    for _ in range(2):
        revise(desk, 3, place_path=OTHER_STREET)
    revise(desk, 2)
    assert duties() == [("c1-1", STREET, "withdrawn"), ("c1-2", OTHER_STREET, "issued")]
    [view] = desk.work_list.by_id(["c1-2"])
    assert (view.state.place_path, view.state.round, view.state.returns) == (OTHER_STREET, 2, 0)
    withdrawn, assigned = outboxes()[1:]
    assert withdrawn.event.reason.startswith("案件信息更正，改由")
    assert (assigned.envelope.type, assigned.envelope.cause) == ("task_assigned", withdrawn.envelope.id)


def test_corrections_in_any_order_leave_the_duty_where_the_newest_says(desk: Desk) -> None:
    file_cases(desk, 1)
    revise(desk, 5, category="transport.order")
    revise(desk, 3, place_path=OTHER_STREET)
    assert duties() == [("c1-1", STREET, "withdrawn"), ("c1-2", "5301/~psb", "issued")]
    revise(desk, 7, place_path=OTHER_STREET)
    assert duties()[2:] == [("c1-3", OTHER_STREET, "issued")]
    desk.cases.follow([_received(CaseFiled(case=case(case_id="c2")), "case/c2", 1)])
    assert desk.counters.recount(mend=True) != []
    assert desk.counters.recount() == []


def test_a_correction_that_comes_before_the_filing_makes_the_right_task_at_once(desk: Desk) -> None:
    revise(desk, 3, category="transport.order")
    file_cases(desk, 1)
    assert duties() == [("c1-1", "5301/~psb", "issued")]


def test_a_shorter_limit_moves_the_deadline_of_the_same_task(desk: Desk) -> None:
    file_cases(desk, 1)
    for _ in range(2):
        revise(desk, 3, limit_amount=2.0, limit_clock="urgent_hour")
    [document] = stored()
    assert document["deadline"] == MONDAY_NINE + timedelta(hours=2)
    assert document["watch_until"] == document["due_soon_at"] == MONDAY_NINE + timedelta(hours=1.5)
    assert [one.envelope.type for one in outboxes()] == ["task_assigned", "task_assigned"]
    assert outboxes()[1].event.task.deadline == MONDAY_NINE + timedelta(hours=2)


def test_a_correction_in_the_same_street_keeps_the_unit_and_says_what_it_is_now(desk: Desk) -> None:
    file_cases(desk, 1)
    revise(desk, 3, category="sanitation.toilet")
    [document] = stored()
    assert (document["category"], document["title"]) == ("sanitation.toilet", "公共厕所（华山街道）")
    assert [step["what"] for step in document["history"]] == ["assigned", "corrected"]


def test_a_unit_that_has_accepted_keeps_its_task(desk: Desk) -> None:
    file_cases(desk, 1)
    desk.commands.accept("c1-1", 1, OFFICER, "request/1")
    revise(desk, 3, category="transport.order", limit_amount=1.0)
    assert duties() == [("c1-1", STREET, "accepted")]
    assert stored()[0]["case_sequence"] == 3


def test_an_echo_of_what_a_task_knows_leaves_it_untouched_and_one_of_what_was_lost_brings_it(desk: Desk) -> None:
    file_cases(desk, 1)
    before = stored()
    revise(desk, 2, unchanged_since=1, status=CaseStatus.DISPATCHED)
    assert stored() == before

    revise(desk, 7, unchanged_since=6, category="sanitation.toilet")  # number 6 rests among the dead letters
    revise(desk, 6, category="sanitation.toilet")
    revise(desk, 5, category="transport.order")

    [document] = stored()
    assert (document["category"], document["case_sequence"], document["sequence"]) == ("sanitation.toilet", 6, 2)
    span = Span(MONDAY_NINE)
    assert list(LEDGERS["heard"](span)) == [("c1", "6")]


def test_the_news_after_a_correction_reach_the_new_task(desk: Desk) -> None:
    file_cases(desk, 1)
    revise(desk, 3, place_path=OTHER_STREET)
    voided = CaseVoided(case=case(CaseStatus.VOIDED, case_id="c1", place_path=OTHER_STREET), reason="重复")
    desk.cases.follow([_received(voided, "case/c1", 4)])
    assert [status for _, _, status in duties()] == ["withdrawn", "withdrawn"]
    assert stored()[1]["case_sequence"] == 4


def test_the_office_names_the_unit_of_a_case_that_came_to_it_and_there_it_stays(desk: Desk) -> None:
    file_cases(desk, 1, place_path="5301")
    assert duties() == [("c1-1", "5301/~office", "issued")]
    view = desk.commands.assign("c1-1", 1, OFFICE, STREET, "request/1")
    assert (view.task_id, view.state.responsible_unit, view.state.round) == ("c1-2", STREET, 2)
    assert view.state.routed_because == "总指挥部办公室裁定，由华山街道承办"
    assert duties() == [("c1-1", "5301/~office", "withdrawn"), ("c1-2", STREET, "issued")]
    with pytest.raises(Refused) as refused:
        desk.commands.give_back("c1-2", 1, OFFICER, "不属本街道", "request/2")
    assert refused.value.detail_zh == "已由总指挥部办公室裁定，不能再退回"
    revise(desk, 3, place_path=OTHER_STREET)
    assert duties()[1:] == [("c1-2", STREET, "issued")]


def test_an_assignment_by_the_office_that_is_refused_changes_nothing(desk: Desk) -> None:
    file_cases(desk, 1, place_path="5301")
    file_cases(desk, 2)
    before = stored()
    for unit in ("5301", "5301/~office", "5301/539999", "5301/530102/530102001/530102001001", None):
        with pytest.raises(InvalidInput) as refused:
            desk.commands.assign("c1-1", 1, OFFICE, unit, "request/1")
        assert refused.value.field == "unit"
    with pytest.raises(Refused):
        desk.commands.assign("c2-1", 1, OFFICE, STREET, "request/1")
    with pytest.raises(Forbidden):
        desk.commands.assign("c1-1", 1, DISTRICT, STREET, "request/1")
    with pytest.raises(Stale):
        desk.commands.assign("c1-1", 2, OFFICE, STREET, "request/1")
    assert stored() == before


def test_a_refused_command_leaves_document_and_outbox_as_they_were(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, 1)
    clock.advance(timedelta(days=2))
    before = stored()
    with pytest.raises(Refused):
        desk.commands.give_back("c1-1", 1, OFFICER, "不属本街道", "request/1")
    with pytest.raises(Refused):
        desk.commands.submit("c1-1", 1, OFFICER, "已清运", "request/2")
    assert stored() == before


def test_a_work_list_is_paged_in_the_order_of_deadlines(desk: Desk, clock: FixedClock) -> None:
    for n, hours in enumerate([5, 1, 4, 2, 3, 6]):
        file_cases(desk, n, limit_amount=float(hours), limit_clock="urgent_hour")
    desk.commands.accept("c1-1", 1, OFFICER, "request/1")
    desk.commands.submit("c1-1", 2, OFFICER, "已清运", "request/2")
    file_cases(desk, 9, place_path="5301/530103")
    pages, after = [], None
    while True:
        page = desk.work_list.page(Request(Scope(unit="5301/530102"), 2, after))
        pages.append([view.task_id for view in page.items])
        after = page.end_cursor
        assert page.total == 6
        if not page.has_next:
            break
    assert pages == [["c3-1", "c4-1"], ["c2-1", "c0-1"], ["c5-1", "c1-1"]]
    beyond = desk.work_list.page(Request(Scope(unit="5301/530102"), 2, after))
    assert (beyond.items, beyond.end_cursor, beyond.has_next) == ([], None, False)


def test_a_work_list_can_be_narrowed(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, 1, limit_amount=1.0, limit_clock="urgent_hour")
    file_cases(desk, 2, category="transport.order")
    file_cases(desk, 3)
    desk.commands.accept("c3-1", 1, OFFICER, "request/1")
    clock.advance(timedelta(hours=2))
    assert desk.scanner.scan()["overdue"] == 1

    def shown(**scope: Any) -> list[str]:
        page = desk.work_list.page(Request(msgspec.convert(scope, Scope), 10))
        assert page.total == len(page.items)
        return [view.task_id for view in page.items]

    assert shown() == ["c1-1", "c2-1", "c3-1"]
    assert shown(unit="5301/~psb") == ["c2-1"]
    assert set(shown(place=STREET)) == {"c1-1", "c2-1", "c3-1"}
    assert shown(place=STREET, unit="5301/~psb") == ["c2-1"]
    assert shown(unit=STREET, statuses=["accepted"]) == ["c3-1"]
    assert shown(unit=STREET, statuses=["closed"]) == shown(unit=STREET, statuses=[]) == []
    assert shown(overdue=True) == ["c1-1"]
    assert shown(unit=STREET, overdue=False) == ["c3-1"]
    assert shown(source="plan") == []


def test_several_lists_are_read_at_once(desk: Desk) -> None:
    file_cases(desk, 1)
    file_cases(desk, 2, place_path="5301/530103")
    scopes = [Scope(unit="5301/530103"), Scope(), Scope(place=STREET), Scope(unit="5301/530111")]
    pages = desk.work_list.pages([Request(scope, 10) for scope in scopes])
    assert [{view.task_id for view in page.items} for page in pages] == [{"c2-1"}, {"c1-1", "c2-1"}, {"c1-1"}, set()]


def test_the_scanner_reads_only_what_became_due(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, *range(300))
    file_cases(desk, *range(300, 310), limit_amount=1.0, limit_clock="urgent_hour")
    clock.advance(timedelta(hours=1, minutes=1))
    assert len(due(Task, clock.now())) == 10
    query = Task._get_collection().find({"watch_until": {"$lt": clock.now()}}, {"_id": 1}).sort("watch_until", 1)
    assert query.explain()["executionStats"]["totalKeysExamined"] == 10
    assert [dict(desk.scanner.scan()) for _ in range(2)] == [{"due_soon": 10, "overdue": 10}, {}]


def test_a_page_of_a_work_list_reads_only_its_own_length(desk: Desk) -> None:
    file_cases(desk, *range(300))
    query = Scope(unit=STREET, statuses=[TaskStatus.ISSUED]).query("5301")
    plan = Task._get_collection().find(query).sort("order_key", 1).limit(21).explain()["executionStats"]
    assert (plan["totalKeysExamined"], plan["totalDocsExamined"]) == (21, 21)


def test_two_scanners_at_once_say_everything_once(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, *range(50), limit_amount=1.0, limit_clock="urgent_hour")
    clock.advance(timedelta(hours=2))
    said: list[int] = []
    threads = [threading.Thread(target=lambda: said.append(desk.scanner.scan()["overdue"])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(said) == 50
    assert sum(one.envelope.type == "task_overdue" for one in outboxes()) == 50


def test_a_return_and_the_voiding_of_its_case_at_once_leave_no_open_task(desk: Desk) -> None:
    for n in range(15):
        file_cases(desk, n)
        voided = _received(CaseVoided(case=case(CaseStatus.VOIDED, case_id=f"c{n}"), reason="重复"), f"case/c{n}", 2)
        threads = [
            threading.Thread(target=desk.cases.follow, args=([voided],)),
            threading.Thread(target=_try_to_return, args=(desk, f"c{n}-1")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    last = {document["case_id"]: document["status"] for document in stored()}
    assert set(last.values()) == {"withdrawn"}


def _try_to_return(desk: Desk, task_id: str) -> None:
    with suppress(Stale):
        desk.commands.give_back(task_id, 1, OFFICER, "不属本街道", "request/1")


def test_the_counters_equal_a_recount_in_whatever_order_the_events_come(desk: Desk, clock: FixedClock) -> None:
    file_cases(desk, *range(20))
    for n in range(0, 20, 2):
        desk.commands.accept(f"c{n}-1", 1, OFFICER, "request/1")
    for n in range(0, 20, 4):
        desk.commands.submit(f"c{n}-1", 2, OFFICER, "已清运", "request/2")
    clock.advance(timedelta(days=1))
    desk.scanner.scan()
    events = outboxes()
    desk.counters.count(events[::-1])
    desk.counters.count(events[:25])
    assert desk.counters.recount() == []
    assert desk.counters.counts([STREET], "place") == {
        STREET: {"issued": 10, "accepted": 5, "submitted": 5, "overdue": 15, "yellow_card": 15, "red_card": 15}
    }
