"""Every occasion that moves a clock of a task, with every clock afterwards: until when it may be accepted or returned,
when it is due soon, when it is due, and when the scanner looks next (the table stands in services/tasks/README.md)."""

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from infra.problem import Refused
from services.complaints.contracts import CaseStatus
from services.tasks.assignment import Assigner
from services.tasks.case_following import tell
from services.tasks.case_news import CaseNews
from services.tasks.contracts import TaskRole, TaskStatus
from services.tasks.parts import make_parts
from services.tasks.recalculation import answer_again, recalculated
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.task import Task
from services.tasks.task_clock import BY_ITSELF
from services.tasks.task_states import Step
from services.tasks.whole_and_part import bound_of
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


def asked_in_time(until: datetime) -> Task:
    task = at_work()
    latest = TIME.latest_extension(task)
    task.ask_extension("张三", until, "忙", HALF_PAST_TWO, "r", latest=latest, by_unit=OWN)
    return task


def granted_late(task: Task, at: datetime) -> Task:
    until = task.requests[-1]["until"]
    task.grant("李四", "同意", at, "r", until=TIME.extended(task, until, at), by_unit=ABOVE)
    return task


def test_an_extension_that_was_asked_in_time_and_is_granted_after_the_deadline_makes_nobody_late() -> None:
    at, until = MONDAY_NINE + 8 * HOUR, TUESDAY_NINE + 3 * HOUR  # granted on Monday at 17:00, for Tuesday 12:00
    task = asked_in_time(TUESDAY_NINE)
    assert task.notice(MONDAY_NINE + 7 * HOUR) == [Step.OVERDUE]
    granted_late(task, at)
    assert clocks(task) == ("03-03 09:00", "03-02 17:00", "03-03 09:00", "03-02 17:00")
    assert (flags(task), task.red_cards, task.extensions) == ((False, False, 1), 1, 1)
    assert task.supervise_at is None
    assert task.notice(until) == [Step.DUE_SOON, Step.OVERDUE]
    assert (task.yellow_cards, task.red_cards) == (2, 2)


def test_whoever_grants_an_extension_late_before_the_scanner_looked_finds_the_same() -> None:
    task = granted_late(asked_in_time(TUESDAY_NINE), MONDAY_NINE + 8 * HOUR)
    assert (flags(task), task.red_cards, task.supervise_at) == ((False, False, 1), 1, None)


def test_what_is_late_by_the_deadline_that_was_granted_too_stays_overdue_and_is_supervised_after_that() -> None:
    task = granted_late(asked_in_time(TUESDAY_NINE), TUESDAY_NINE + HOUR)
    assert (task.deadline, flags(task), task.red_cards) == (TUESDAY_NINE, (True, True, 1), 1)
    assert task.supervise_at == task.watch_until == TUESDAY_NINE + 72 * HOUR
    assert task.notice(TUESDAY_NINE + 2 * HOUR) == []


def test_an_extension_that_is_refused_after_the_deadline_leaves_it_late_and_none_is_asked_for_any_more() -> None:
    task = asked_in_time(TUESDAY_NINE)
    task.refuse("李四", "理由不足", MONDAY_NINE + 8 * HOUR, "r", by_unit=ABOVE)
    assert (task.deadline, task.overdue, task.red_cards) == (MONDAY_NINE + 6 * HOUR, True, 1)
    with pytest.raises(Refused) as late:
        task.ask_extension("张三", TUESDAY_NINE, "忙", MONDAY_NINE + 8 * HOUR, "r", latest=TUESDAY_NINE, by_unit=OWN)
    assert late.value.detail_zh == "期限已过，不能延期"


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


def test_what_was_submitted_late_is_supervised_no_sooner_for_the_time_of_its_check() -> None:
    task = at_work()  # due at 15:00
    task.submit("张三", "已清运", TUESDAY_NINE, "r")
    assert task.supervise_at == MONDAY_NINE + 78 * HOUR  # Thursday 15:00
    hear(task, CaseStatus.HANDLING, TUESDAY_NINE + 120 * HOUR, reworks=1)
    assert (task.watch_until, flags(task)) == (MONDAY_NINE + 198 * HOUR, (True, True, 1))  # Tuesday 03-10 15:00
    assert not task.must_supervise(TUESDAY_NINE + 121 * HOUR)


def test_what_was_to_be_supervised_before_it_was_submitted_is_supervised_at_once_when_it_comes_back() -> None:
    task, friday = at_work(), MONDAY_NINE + 96 * HOUR
    task.submit("张三", "已清运", friday, "r")
    hear(task, CaseStatus.HANDLING, friday + 72 * HOUR, reworks=1)
    assert task.must_supervise(friday + 72 * HOUR)


def test_what_is_checked_when_its_order_is_closed_is_pushed_again_a_week_after_it_came_back() -> None:
    task = at_work()  # due at 15:00
    task.supervise("王五", "群众多次反映", TUESDAY_NINE, "r")
    task.submit("张三", "已清运", TUESDAY_NINE + HOUR, "r")
    task.await_next_supervision(TUESDAY_NINE + 49 * HOUR)  # its order is closed on the third day of the check
    back = TUESDAY_NINE + 73 * HOUR
    hear(task, CaseStatus.HANDLING, back, reworks=1)
    assert task.watch_until == task.supervise_at == back + 7 * 24 * HOUR


def test_a_rework_that_was_wanted_before_the_suspension_and_is_heard_later_takes_no_time_away() -> None:
    task = suspended(at_work(), MONDAY_NINE + 2 * HOUR)  # at 11:00: two hours are left
    hear(task, CaseStatus.HANDLING, MONDAY_NINE + HOUR, reworks=1)
    assert (task.status, clocks(task)[2]) == (TaskStatus.RECTIFYING, "03-02 15:00")


def test_a_rework_that_was_wanted_before_the_submission_and_is_heard_later_counts_from_the_submission() -> None:
    task = at_work(limit_amount=16.0)
    task.submit("张三", "已清运", MONDAY_NINE + 2 * HOUR, "r")  # 14 working hours are left
    hear(task, CaseStatus.HANDLING, MONDAY_NINE + HOUR, reworks=1, limit_amount=16.0)
    assert (clocks(task)[2], task.clock_ledger[-1]["at"]) == ("03-04 09:00", MONDAY_NINE + 2 * HOUR)


def unsolved(task: Task, at: datetime) -> list[Task]:
    """The tasks that follow where a follow-up finds the closed case unsolved; told again, the same news."""
    reopened = case(CaseStatus.REOPENED, reopenings=1)
    return list(tell(task, [CaseNews(reopened, 9, "回访未解决", at, "c#9", not_solved=True)], ASSIGNER).following)


def returned(task: Task, at: datetime) -> Task:
    route = ASSIGNER.next_unit(task)
    assert route is not None
    task.give_back("张三", "不属本辖区", route.unit, at, "r")
    return ASSIGNER.next(task, route, "系统", at, "c")


def test_what_a_follow_up_wants_supervised_stays_wanted_where_the_duty_goes_on_with_another_unit() -> None:
    task = at_work()
    hear(task, CaseStatus.CLOSED, MONDAY_NINE + HOUR, closed_at=MONDAY_NINE + HOUR)
    [again] = unsolved(task, TUESDAY_NINE)
    following = returned(again, TUESDAY_NINE + HOUR)  # before anybody has looked
    assert (following.supervise_at, following.supervise_because) == (TUESDAY_NINE, "回访未解决")
    assert following.must_supervise(TUESDAY_NINE + HOUR)


def test_a_follow_up_that_is_told_again_after_its_order_supervises_nobody_else() -> None:
    task = at_work()
    hear(task, CaseStatus.CLOSED, MONDAY_NINE + HOUR, closed_at=MONDAY_NINE + HOUR)
    [again] = unsolved(task, TUESDAY_NINE)
    again.supervise("系统", "回访未解决", TUESDAY_NINE + HOUR, "c")
    following = returned(again, TUESDAY_NINE + 2 * HOUR)
    for _ in range(2):
        assert unsolved(following, TUESDAY_NINE) == []
    assert (following.supervise_at, following.supervise_because) == (None, None)


def test_who_assisted_before_a_case_was_reopened_is_asked_again_with_clocks_of_its_own() -> None:
    facts = {"category": "transport.illegal", "limit_amount": 2.0, "limit_clock": "work_day"}
    task = case_task(**facts)
    [old] = ASSIGNER.assists(task)
    task.accept("郑七", MONDAY_NINE, "r")
    hear(task, CaseStatus.CLOSED, MONDAY_NINE + HOUR, closed_at=MONDAY_NINE + HOUR, **facts)
    again, helping = hear(task, CaseStatus.REOPENED, TUESDAY_NINE, reopenings=1, **facts)
    assert (again.pk, again.parts, helping.pk, helping.responsible_unit) == ("c1-2", 1, "c1-2.1", ABOVE)
    assert clocks(old) == ("03-03 09:00", "03-03 14:15", "03-04 04:12", "03-03 14:15")
    assert clocks(again) == ("03-04 09:00", "03-04 15:00", "03-05 09:00", "03-04 15:00")
    assert clocks(helping) == ("03-04 09:00", "03-04 14:15", "03-05 04:12", "03-04 14:15")


def test_what_was_suspended_is_neither_extended_nor_raised_nor_suspended_and_keeps_its_clocks() -> None:
    task = suspended(at_work(), MONDAY_NINE + HOUR)
    before, at, latest = copy.deepcopy(task.to_mongo()), MONDAY_NINE + 2 * HOUR, TIME.latest_extension(task)
    for asking in (
        lambda: task.ask_extension("张三", latest, "忙", at, "r", latest=latest, by_unit=OWN),
        lambda: task.ask_suspension("张三", EVE_OF_QINGMING, "等", at, "r", by_unit=OWN),
        lambda: task.ask_raise("张三", "难", at, "r", decided=False, by_unit=OWN),
        lambda: task.grant("李四", "同意", at, "r", until=TIME.extended(task), by_unit=ABOVE),
    ):
        with pytest.raises(Refused):
            asking()
    assert task.to_mongo() == before


def test_a_task_that_was_extended_and_then_suspended_goes_on_with_what_the_extension_left() -> None:
    task = at_work()
    latest = TIME.latest_extension(task)
    task.ask_extension("张三", latest, "忙", MONDAY_NINE, "r", latest=latest, by_unit=OWN)
    task.grant("李四", "同意", MONDAY_NINE, "r", until=TIME.extended(task, latest, MONDAY_NINE), by_unit=ABOVE)
    suspended(task, MONDAY_NINE + HOUR)  # seven hours are left
    task.resume("张三", "条件具备", TIME.resumed(task, TUESDAY_NINE), TUESDAY_NINE, "r", by_unit=OWN)
    assert clocks(task)[1:3] == ("03-03 16:00", "03-03 18:00")


NEW_YEARS_EVE = datetime(2026, 12, 31, 8, 0, tzinfo=UTC)  # Thursday 16:00
OFF, WORKED = {date(2027, 1, 1): False}, {date(2027, 1, 2): True}  # New Year's Day, and the Saturday after it


def assigner_until_2026() -> Assigner:
    return Assigner(KUNMING, WorkingCalendar(published_until=date(2026, 12, 31)), shipped_table)


def recalculate(task: Task, assigner: Assigner, at: datetime, whole: Task | None = None) -> None:
    task.recalculate(recalculated(task, assigner.time, whole), 1, at, "calendar/1")


def test_what_is_not_late_by_the_calendar_that_has_come_is_not_overdue_any_more_and_late_once_more_later() -> None:
    assigner = assigner_until_2026()
    task = assigner.first(case(filed_at=NEW_YEARS_EVE, limit_amount=1.0, limit_clock="work_day"), "c")
    task.accept("张三", NEW_YEARS_EVE, "r", by_unit=OWN)
    tuesday = datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
    assert (clocks(task)[2], task.notice(tuesday)) == ("01-04 16:00", [Step.DUE_SOON, Step.OVERDUE])
    assigner.calendar.take_up({2027: OFF | {date(2027, 1, 4): False, date(2027, 1, 5): False}}, 1)
    recalculate(task, assigner, tuesday)
    assert (clocks(task)[1:], flags(task)) == (("01-06 12:00", "01-06 16:00", "01-06 16:00"), (True, False, 1))
    assert (task.supervise_at, task.red_cards) == (None, 1)
    assert task.notice(tuesday + 48 * HOUR) == [Step.OVERDUE]
    assert task.supervise_at == task.deadline + 72 * HOUR


def test_what_is_late_by_the_calendar_that_has_come_too_is_supervised_three_days_after_that_deadline() -> None:
    assigner = assigner_until_2026()
    task = assigner.first(case(filed_at=NEW_YEARS_EVE, limit_amount=1.0, limit_clock="work_day"), "c")
    thursday = datetime(2027, 1, 7, 1, 0, tzinfo=UTC)
    task.notice(thursday)
    assigner.calendar.take_up({2027: OFF | {date(2027, 1, 4): False}}, 1)
    recalculate(task, assigner, thursday)
    assert (clocks(task)[2:], flags(task)) == (("01-05 16:00", "01-08 16:00"), (True, True, 1))
    assert (task.red_cards, task.notice(thursday + HOUR)) == (1, [])


def test_what_was_submitted_in_time_by_the_calendar_that_has_come_later_is_not_overdue() -> None:
    assigner = assigner_until_2026()
    task = assigner.first(case(filed_at=NEW_YEARS_EVE, limit_amount=1.0, limit_clock="work_day"), "c")
    task.accept("张三", NEW_YEARS_EVE, "r", by_unit=OWN)
    task.submit("张三", "已清运", datetime(2027, 1, 4, 9, 0, tzinfo=UTC), "r")  # Monday 17:00, an hour too late
    assert task.overdue
    assigner.calendar.take_up({2027: OFF | {date(2027, 1, 4): False}}, 1)
    recalculate(task, assigner, datetime(2027, 1, 7, tzinfo=UTC))
    assert (clocks(task)[2], task.overdue, task.supervise_at) == ("01-05 16:00", False, None)


def test_a_part_that_went_on_over_the_new_year_has_what_was_left_by_the_calendar_that_has_come() -> None:
    assigner = assigner_until_2026()
    whole = assigner.first(case(filed_at=NEW_YEARS_EVE, limit_amount=5.0, limit_clock="work_day"), "c")
    whole.accept("张三", NEW_YEARS_EVE, "r", by_unit=OWN)
    whole.share(Step.ASK_ASSIST, 1, "请协办", "张三", NEW_YEARS_EVE, "r", by_unit=OWN)
    until = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)  # Monday 17:00: nine hours from Thursday 16:00
    police, calendar = [KUNMING.unit("5301/~psb")], assigner.calendar
    [part] = make_parts(whole, police, TaskRole.ASSIST, until, "请协办", NEW_YEARS_EVE, "张三", calendar)
    back = NEW_YEARS_EVE + HOUR  # Thursday 17:00: eight hours are left
    part.accept("周九", NEW_YEARS_EVE, "r")
    suspended(part, back, back + HOUR)
    part.resume("周九", "条件具备", assigner.time.resumed(part, back + HOUR, bound_of(whole)), back + HOUR, "r")
    assert (clocks(part)[2], part.deadline_provisional) == ("01-04 18:00", True)
    calendar.take_up({2027: OFF | WORKED}, 1)
    recalculate(whole, assigner, back + HOUR)
    recalculate(part, assigner, back + HOUR, whole)
    # Until Monday 17:00 there were sixteen hours when it was suspended, by the calendar that has come.
    assert (clocks(part)[2], part.deadline_provisional) == ("01-04 18:00", False)
    assert part.time_given == 17 * 3600


def test_after_the_calendar_of_the_year_has_come() -> None:
    calendar = WorkingCalendar(published_until=date(2026, 12, 31))
    assigner, filed_at = Assigner(KUNMING, calendar, shipped_table), datetime(2026, 12, 31, 8, 0, tzinfo=UTC)
    task = assigner.first(case(filed_at=filed_at, limit_amount=2.0, limit_clock="work_day"), "c")  # Thursday 16:00
    assert (clocks(task), task.deadline_provisional) == (
        ("01-04 16:00", "01-05 10:00", "01-05 16:00", "01-05 10:00"),
        True,
    )
    calendar.take_up({2027: OFF | WORKED}, 1)
    answer = answer_again(task, assigner.time)
    task.recalculate(recalculated(task, assigner.time), 1, filed_at, "calendar/1", answer=answer)
    assert (clocks(task), task.deadline_provisional) == (
        ("01-02 16:00", "01-04 10:00", "01-04 16:00", "01-04 10:00"),
        False,
    )
