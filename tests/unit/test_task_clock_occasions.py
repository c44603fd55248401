"""Every occasion that moves a clock of a task, with every clock afterwards: until when it may be accepted or returned,
when it is due soon, when it is due, and when the scanner looks next (the table stands in services/tasks/README.md)."""

from datetime import UTC, date, datetime
from typing import Any

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from services.complaints.contracts import CaseStatus
from services.tasks.assignment import Assigner
from services.tasks.case_following import CaseNews, tell
from services.tasks.contracts import TaskStatus
from services.tasks.recalculation import answer_again, recalculated
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.task import Task
from services.tasks.task_clock import BY_ITSELF
from tests.unit.tasks_made import ASSIGNER, HOUR, KUNMING, MONDAY_NINE, case, case_task

TIME = ASSIGNER.time
OWN, ABOVE, ELSEWHERE = "5301/530102/530102001", "5301/530102", "5301/530103/530103001"
TUESDAY_NINE = MONDAY_NINE + 24 * HOUR
HALF_PAST_TWO = MONDAY_NINE + 5.5 * HOUR  # most of four working hours has gone since noon
EVE_OF_QINGMING = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)  # Friday 17:00; work begins again on Tuesday 04-07


def clocks(task: Task) -> tuple[str | None, ...]:
    """Answer by, due soon, due, next look: in the city's time."""
    moments = (task.answer_by, task.due_soon_at, task.deadline, task.watch_until)
    return tuple(moment and f"{moment.astimezone(CITY_ZONE):%m-%d %H:%M}" for moment in moments)


def flags(task: Task) -> tuple[bool, bool, int]:
    return task.due_soon, task.overdue, task.yellow_cards


def hear(task: Task, status: CaseStatus, at: datetime, **facts: Any) -> list[Task]:
    """The tasks that follow from the next news of the case."""
    news = CaseNews(case(status, **facts), task.case_sequence + 1, "", at, "c#")
    return list(tell(task, [news], ASSIGNER).following)


def at_work(**facts: Any) -> Task:
    task = case_task(**facts)
    task.accept("张三", MONDAY_NINE, "r", by_unit=OWN)
    return task


def suspended(task: Task, at: datetime, until: datetime = EVE_OF_QINGMING) -> Task:
    task.ask_suspension("张三", until, "待雨季结束", at, "r", by_unit=OWN)
    task.grant("李四", "同意", at, "r", until=TIME.extended(task), by_unit=ABOVE)
    return task


def test_at_issue() -> None:
    assert clocks(case_task()) == ("03-03 09:00", "03-02 12:00", "03-02 15:00", "03-02 12:00")


def test_after_a_change_of_category_that_leaves_it_with_its_unit() -> None:
    task = case_task()
    task.notice(MONDAY_NINE + 4 * HOUR)
    assert flags(task) == (True, False, 1)
    changed = {"category": "sanitation.toilet", "limit_amount": 1.0, "limit_clock": "work_day"}
    assert hear(task, CaseStatus.DISPATCHED, MONDAY_NINE + 4 * HOUR, **changed) == []
    assert clocks(task) == ("03-03 09:00", "03-02 17:00", "03-03 09:00", "03-02 17:00")
    assert flags(task) == (False, False, 1)


def test_after_a_correction_that_makes_it_another_units_duty() -> None:
    task = case_task()
    [moved] = hear(task, CaseStatus.DISPATCHED, MONDAY_NINE + 2 * HOUR, place_path=ELSEWHERE)
    assert clocks(moved) == ("03-03 11:00", "03-02 16:00", "03-02 17:00", "03-02 16:00")
    assert task.watch_until is None


def test_after_a_return() -> None:
    task, noon = case_task(), MONDAY_NINE + 3 * HOUR
    route = ASSIGNER.next_unit(task)
    assert route is not None
    task.give_back("张三", "不属本辖区", route.unit, noon, "r")
    following = ASSIGNER.next(task, route, "系统", noon, "c")
    assert clocks(following) == ("03-03 12:00", "03-02 17:00", "03-02 18:00", "03-02 17:00")
    assert task.watch_until is None


def test_after_merging_and_splitting() -> None:
    task = at_work()
    hear(task, CaseStatus.MERGED, MONDAY_NINE + HOUR, merged_into="c0")
    assert (task.status, task.watch_until) == (TaskStatus.WITHDRAWN, None)
    assert task.notice(TUESDAY_NINE) == []
    [restored] = hear(task, CaseStatus.FILED, TUESDAY_NINE)
    assert clocks(restored) == ("03-04 09:00", "03-03 12:00", "03-03 15:00", "03-03 12:00")


def test_after_reopening_with_another_limit() -> None:
    task = at_work()
    hear(task, CaseStatus.CLOSED, MONDAY_NINE + HOUR, closed_at=MONDAY_NINE + HOUR)
    assert task.watch_until is None
    [again] = hear(task, CaseStatus.REOPENED, TUESDAY_NINE, reopenings=1, limit_amount=8.0)
    assert clocks(again) == ("03-04 09:00", "03-03 17:00", "03-04 09:00", "03-03 17:00")


def test_while_suspended_and_after_its_end_before_a_holiday() -> None:
    task = suspended(at_work(), MONDAY_NINE + HOUR)  # three hours are left
    assert (task.watch_until, task.notice(EVE_OF_QINGMING)) == (EVE_OF_QINGMING, [])
    late = EVE_OF_QINGMING + 48 * HOUR
    task.resume("系统", BY_ITSELF, TIME.resumed(task, late), late, "c")
    assert clocks(task) == ("03-03 09:00", "04-07 09:00", "04-07 10:00", "04-07 09:00")
    assert flags(task) == (False, False, 0)


def test_after_a_suspension_that_began_when_it_was_due_soon() -> None:
    task = suspended(at_work(), HALF_PAST_TWO)  # half an hour is left
    assert flags(task) == (True, False, 1)
    task.resume("张三", "条件具备", TIME.resumed(task, TUESDAY_NINE), TUESDAY_NINE, "r", by_unit=OWN)
    assert clocks(task) == ("03-03 09:00", "03-03 09:00", "03-03 09:30", "03-03 09:00")
    assert flags(task) == (False, False, 1)


def test_after_an_extension_when_it_was_due_soon() -> None:
    task = at_work()
    until = TIME.latest_extension(task)
    task.ask_extension("张三", until, "忙", HALF_PAST_TWO, "r", latest=until, by_unit=OWN)
    task.grant("李四", "同意", HALF_PAST_TWO, "r", until=TIME.extended(task, until, HALF_PAST_TWO), by_unit=ABOVE)
    assert clocks(task) == ("03-03 09:00", "03-02 17:00", "03-03 09:00", "03-02 17:00")
    assert flags(task) == (False, False, 1)


def test_after_rework() -> None:
    task = at_work(limit_amount=16.0)
    task.submit("张三", "已清运", MONDAY_NINE + 2 * HOUR, "r")  # 14 working hours are left
    assert task.watch_until is None
    hear(task, CaseStatus.HANDLING, TUESDAY_NINE, reworks=1, limit_amount=16.0)
    assert clocks(task) == ("03-03 09:00", "03-04 11:30", "03-04 17:00", "03-04 11:30")


def test_after_a_suspension_and_then_rework() -> None:
    task = suspended(at_work(), MONDAY_NINE + HOUR)
    task.resume("张三", "条件具备", TIME.resumed(task, TUESDAY_NINE), TUESDAY_NINE, "r", by_unit=OWN)
    assert clocks(task)[1:3] == ("03-03 11:00", "03-03 12:00")
    task.submit("张三", "已清运", TUESDAY_NINE + HOUR, "r")  # two hours are left: fewer than the limit
    hear(task, CaseStatus.HANDLING, TUESDAY_NINE + 24 * HOUR, reworks=1)
    assert clocks(task)[1:] == ("03-04 12:00", "03-04 15:00", "03-04 12:00")


def test_after_rework_while_suspended() -> None:
    task = suspended(at_work(), MONDAY_NINE + HOUR)
    hear(task, CaseStatus.HANDLING, TUESDAY_NINE, reworks=1)
    assert (task.status, task.suspended_until) == (TaskStatus.RECTIFYING, None)
    assert clocks(task)[1:] == ("03-03 11:00", "03-03 12:00", "03-03 11:00")


def test_after_the_calendar_of_the_year_has_come() -> None:
    calendar = WorkingCalendar(published_until=date(2026, 12, 31))
    assigner, filed_at = Assigner(KUNMING, calendar, shipped_table), datetime(2026, 12, 31, 8, 0, tzinfo=UTC)
    task = assigner.first(case(filed_at=filed_at, limit_amount=2.0, limit_clock="work_day"), "c")  # Thursday 16:00
    assert (clocks(task), task.deadline_provisional) == (
        ("01-04 16:00", "01-05 10:00", "01-05 16:00", "01-05 10:00"),
        True,
    )
    off, worked = {date(2027, 1, 1): False}, {date(2027, 1, 2): True}  # New Year's Day, and the Saturday after it
    calendar.take_up({2027: off | worked}, 1)
    answer_by = answer_again(task, assigner.time)
    task.recalculate(recalculated(task, assigner.time), 1, filed_at, "calendar/1", answer_by=answer_by)
    assert (clocks(task), task.deadline_provisional) == (
        ("01-02 16:00", "01-04 10:00", "01-04 16:00", "01-04 10:00"),
        False,
    )
