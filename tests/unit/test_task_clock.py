"""The clock of a task: extension, suspension, resumption, correction, reopening; each with its exact deadline."""

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.calendar import ClockUnit, Deadline, WorkingCalendar
from infra.problem import InvalidInput, Problem, Refused
from services.complaints.contracts import CaseStatus
from services.tasks.case_following import first_tasks, tell
from services.tasks.case_news import CaseNews
from services.tasks.clock_ledger import in_words
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Limit, after_rework
from services.tasks.recalculation import recalculated
from services.tasks.self_check import self_check_by
from services.tasks.task import Task
from services.tasks.timekeeping import Timekeeper, original_limit
from tests.unit.tasks_made import ASSIGNER, HOUR, MONDAY_NINE, case, case_task, plan_task, says_overdue, told

TIME = ASSIGNER.time
UNIT, ABOVE = "5301/530102/530102001", "5301/530102"
TUESDAY_NINE = MONDAY_NINE + 24 * HOUR
DUE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # Monday 15:00, four working hours after nine


def at_work(**facts: object) -> Task:
    task = case_task(**facts)
    task.accept("张三", MONDAY_NINE, "r/1", by_unit=UNIT)
    return task


def extended(task: Task, until: datetime, at: datetime = MONDAY_NINE + HOUR) -> Task:
    latest = TIME.latest_extension(task)
    task.ask_extension("张三", until, "待管线单位配合", at, "r/2", latest=latest, by_unit=UNIT)
    task.grant("李四", "同意", at, "r/3", until=TIME.extended(task, until), by_unit=ABOVE)
    return task


def suspended(task: Task, until: datetime, at: datetime = MONDAY_NINE + HOUR) -> Task:
    task.ask_suspension("张三", until, "待雨季结束", at, "r/2", by_unit=UNIT)
    task.grant("李四", "同意", at, "r/3", until=TIME.extended(task), by_unit=ABOVE)
    return task


def test_an_extension_lasts_at_most_one_original_limit_by_its_own_clock() -> None:
    latest = TIME.latest_extension(at_work())
    assert latest == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # Tuesday 9:00: three hours until 18:00, one after eight
    task = extended(at_work(), latest)
    assert (task.deadline, task.extensions) == (latest, 1)
    assert task.watch_until == task.due_soon_at == MONDAY_NINE + 8 * HOUR  # six of its eight working hours have gone
    assert told(task)[-2:] == ["task_progressed", "task_extended"]
    with pytest.raises(InvalidInput) as refused:
        extended(at_work(), latest + timedelta(milliseconds=1))
    assert (refused.value.field, refused.value.extra) == ("until", {"latest": "2026-03-03T01:00:00+00:00"})


def test_an_extension_is_granted_twice_and_never_a_third_time() -> None:
    task = extended(extended(at_work(), DUE + HOUR), DUE + 2 * HOUR)
    assert (task.deadline, task.extensions) == (DUE + 2 * HOUR, 2)
    with pytest.raises(Refused) as refused:
        extended(task, DUE + 3 * HOUR)
    assert refused.value.detail_zh == "已延期2次，不能再延期"


def test_a_refusal_needs_a_reason_does_not_count_and_keeps_who_when_and_why() -> None:
    task, at = at_work(), MONDAY_NINE + HOUR
    task.ask_extension("张三", DUE + HOUR, "忙", at, "r/2", latest=DUE + 4 * HOUR, by_unit=UNIT)
    with pytest.raises(InvalidInput):
        task.refuse("李四", " ", at, "r/3", by_unit=ABOVE)
    task.refuse("李四", "理由不足", at, "r/3", by_unit=ABOVE)
    assert (task.extensions, task.deadline) == (0, DUE)
    assert task.requests == [
        {
            "kind": "extension",
            "by": "张三",
            "by_unit": UNIT,
            "at": at,
            "reason": "忙",
            "until": DUE + HOUR,
            "granted": False,
            "decided_by": "李四",
            "decided_by_unit": ABOVE,
            "decided_at": at,
            "why": "理由不足",
        }
    ]
    assert extended(extended(task, DUE + HOUR), DUE + 2 * HOUR).extensions == 2


LATE = DUE + timedelta(milliseconds=1)
NEVER: dict[str, Callable[[Task], object]] = {
    "asking for an extension after the deadline": lambda task: extended(task, DUE + HOUR, LATE),
    "asking for a suspension after the deadline": lambda task: suspended(task, TUESDAY_NINE, LATE),
    "suspending for more than a year": lambda task: suspended(task, MONDAY_NINE + timedelta(days=366, hours=1)),
    "suspending into the past": lambda task: suspended(task, MONDAY_NINE),
    "granting what nobody asked": lambda task: task.grant("李四", "", DUE, "r", until=TIME.extended(task)),
    "refusing what nobody asked": lambda task: task.refuse("李四", "x", DUE, "r"),
    "resuming what is not suspended": lambda task: task.resume("李四", "x", TIME.extended(task), DUE, "r"),
    "an extension that ends before the deadline": lambda task: extended(task, DUE),
    "an extension without a reason": lambda task: task.ask_extension("张三", DUE + HOUR, "", DUE, "r", latest=LATE),
    "progress beyond everything": lambda task: task.report_progress("张三", 101, "x", DUE, "r"),
    "progress without words": lambda task: task.report_progress("张三", 50, " ", DUE, "r"),
    "self-checking the task of a case": lambda task: task.self_check("张三", True, "合格", "", DUE, "r"),
}


@pytest.mark.parametrize("step", NEVER.values(), ids=NEVER.keys())
def test_what_the_rules_forbid_changes_nothing(step: Callable[[Task], object]) -> None:
    task = at_work()
    before = copy.deepcopy(task.to_mongo())
    with pytest.raises(Problem):
        step(task)
    assert task.to_mongo() == before


def test_one_request_waits_at_a_time_and_who_asked_does_not_answer_it() -> None:
    task = at_work()
    task.ask_extension("张三", DUE + HOUR, "忙", MONDAY_NINE, "r/2", latest=DUE + 4 * HOUR, by_unit=UNIT)
    before = copy.deepcopy(task.to_mongo())
    with pytest.raises(Refused) as twice:
        task.ask_suspension("张三", TUESDAY_NINE, "等", MONDAY_NINE, "r/3", by_unit=UNIT)
    with pytest.raises(Refused) as own:
        task.grant("李四", "", MONDAY_NINE, "r/3", until=TIME.extended(task, DUE + HOUR), by_unit=UNIT)
    assert (twice.value.detail_zh, own.value.detail_zh) == (
        "延期申请尚未答复，不能再次申请",
        "本单位提出的申请不能由本单位批准",
    )
    assert task.to_mongo() == before
    task.submit("张三", "已清运", MONDAY_NINE + HOUR, "r/4")
    assert (task.requests[-1]["granted"], task.requests[-1]["why"]) == (False, "任务状态已变化，申请失效")


def test_a_part_is_not_extended_beyond_the_whole() -> None:
    task, bound = at_work(), DUE + HOUR
    with pytest.raises(InvalidInput) as refused:
        task.ask_extension("张三", LATE + HOUR, "忙", DUE, "r", latest=LATE + 2 * HOUR, bound=bound)
    assert refused.value.detail_zh == "期限不得晚于上级或主办任务的期限"


def test_a_suspension_stops_the_clock_and_what_was_left_runs_on_by_the_clock_of_the_limit() -> None:
    task = suspended(at_work(), datetime(2026, 6, 1, 1, 0, tzinfo=UTC))  # asked at ten: three working hours are left
    assert (task.status, task.watch_until) == (TaskStatus.SUSPENDED, task.resume_at)
    assert task.suspended_until == task.resume_at == datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
    assert not says_overdue(task, datetime(2026, 5, 1, tzinfo=UTC))
    late = datetime(2026, 6, 3, tzinfo=UTC)  # the scanner came two days late: the clock has run since the chosen end
    assert task.must_resume(late)
    task.resume("系统", "挂账到期，自动恢复", TIME.resumed(task, late), late, "deadline/c1-1")
    assert (task.status, task.deadline) == (TaskStatus.ACCEPTED, datetime(2026, 6, 1, 4, 0, tzinfo=UTC))
    assert (task.suspended_until, task.resume_at, task.suspended_at) == (None, None, None)
    assert says_overdue(task, late)


def test_a_suspension_that_ends_early_gives_what_was_left_from_then() -> None:
    task = suspended(at_work(), datetime(2026, 6, 1, tzinfo=UTC))
    task.resume("张三", "条件已具备", TIME.resumed(task, TUESDAY_NINE), TUESDAY_NINE, "r/4", by_unit=UNIT)
    assert task.deadline == datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        suspended(task, datetime(2026, 6, 1, tzinfo=UTC), TUESDAY_NINE)
    assert refused.value.detail_zh == "已挂账1次，不能再挂账"


def test_a_case_that_is_closed_while_its_task_is_suspended_is_judged_by_a_clock_that_ran_on() -> None:
    task, at = suspended(at_work(), datetime(2026, 6, 1, tzinfo=UTC)), TUESDAY_NINE
    task.follow(case(CaseStatus.CLOSED, closed_at=at), 5, "恢复", at, "cause", ASSIGNER.again)
    assert told(task)[-2:] == ["task_resumed", "task_closed"]
    assert (task.closed_at, task.deadline, task.overdue) == (at, datetime(2026, 3, 3, 4, 0, tzinfo=UTC), False)


def test_rework_after_an_extension_has_what_was_left_of_the_extended_time() -> None:
    task = extended(at_work(), datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
    task.submit("张三", "已清运", MONDAY_NINE + 2 * HOUR, "r/4")  # 11:00: six working hours left
    task.follow(case(CaseStatus.HANDLING, reworks=1), 5, "未清", TUESDAY_NINE, "cause", ASSIGNER.again)
    assert task.deadline == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # Tuesday 17:00


def test_the_next_unit_has_the_original_limit_whatever_the_first_was_extended() -> None:
    task = extended(at_work(), DUE + HOUR)
    route = ASSIGNER.next_unit(task)
    task.give_back("张三", "不属本辖区", route.unit, MONDAY_NINE + HOUR, "r/4")
    following = ASSIGNER.next(task, route, "系统", TUESDAY_NINE, "cause")
    assert (following.deadline, following.extensions) == (datetime(2026, 3, 3, 7, 0, tzinfo=UTC), 0)
    assert following.requests == []


def test_a_task_with_a_deadline_of_its_own_has_the_days_until_it_as_its_limit() -> None:
    task = plan_task()
    assert original_limit(task).amount == pytest.approx(29 + 23 / 24)
    assert TIME.latest_extension(task) == datetime(2026, 4, 30, 23, 0, tzinfo=UTC)


def news(sequence: int, status: CaseStatus, hours: int, **facts: object) -> CaseNews:
    return CaseNews(case(status, **facts), sequence, f"第{sequence}步", MONDAY_NINE + hours * HOUR, f"c#{sequence}")


def lives(items: list[CaseNews]) -> list[Task]:
    tasks: list[Task] = []
    for one in items:
        if not tasks:
            tasks = first_tasks([one], ASSIGNER)
        else:
            following = tell(tasks[-1], [one], ASSIGNER).following
            tasks += following
    return tasks


S = CaseStatus
FILED, CLOSED, REOPENED = news(1, S.FILED, 0), news(2, S.CLOSED, 2), news(3, S.REOPENED, 24, reopenings=1)
MERGED, SPLIT = news(2, S.MERGED, 2, merged_into="c0"), news(3, S.FILED, 24)


def test_a_reopened_case_gets_another_task_of_the_same_unit_with_its_limit_from_then() -> None:
    first, second = lives([FILED, CLOSED, REOPENED])
    assert (first.status, first.reassigned) == (TaskStatus.CLOSED, True)
    assert (second.pk, second.round, second.responsible_unit) == ("c1-2", 2, first.responsible_unit)
    assert (second.issued_at, second.deadline) == (TUESDAY_NINE, datetime(2026, 3, 3, 7, 0, tzinfo=UTC))
    assert second.routed_because == "案件重办或恢复，由原承办单位办理"


def test_a_merged_case_withdraws_its_task_and_a_restored_one_gets_it_again() -> None:
    first, second = lives([FILED, MERGED, SPLIT])
    assert (first.status, second.status, second.round) == (TaskStatus.WITHDRAWN, TaskStatus.ISSUED, 2)
    assert (second.issued_at, second.deadline) == (TUESDAY_NINE, datetime(2026, 3, 3, 7, 0, tzinfo=UTC))


def test_a_corrected_limit_counts_from_the_same_issue_and_is_the_limit_from_then_on() -> None:
    [task] = lives([FILED, news(2, S.DISPATCHED, 1, limit_amount=2.0, limit_clock="urgent_hour")])
    assert (task.deadline, TIME.latest_extension(task)) == (MONDAY_NINE + 2 * HOUR, MONDAY_NINE + 4 * HOUR)


def test_a_correction_before_the_scanner_looks_does_not_undo_the_push_that_a_follow_up_wants() -> None:
    unsolved = REOPENED._replace(not_solved=True)
    later = news(4, S.REOPENED, 25, reopenings=1, limit_amount=8.0)
    task = lives([FILED, CLOSED, unsolved, later])[-1]
    assert (task.pk, task.supervise_because, task.history[-1]["what"]) == ("c1-2", "第3步", "corrected")
    assert task.must_supervise(TUESDAY_NINE + 2 * HOUR)


REOPENINGS = [FILED, news(2, S.CHECKING, 1), news(3, S.CLOSED, 2), news(4, S.REOPENED, 24, reopenings=1)]
UNIONS = [FILED, MERGED, SPLIT, news(4, S.MERGED, 26, merged_into="c0")]


@given(st.sampled_from([REOPENINGS, UNIONS]), st.data())
def test_in_whatever_order_reopening_merging_and_splitting_come_the_duty_ends_the_same(
    life: list[CaseNews], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(life), max_size=4))
    shuffled, in_order = lives(data.draw(st.permutations([*life, *repeated]))), lives(life)
    one, other = shuffled[-1], in_order[-1]
    assert (one.status, one.responsible_unit, one.case_sequence) == (other.status, other.responsible_unit, 4)
    assert all(task.status in {"closed", "withdrawn"} for task in shuffled[:-1])
    if life is REOPENINGS:
        assert (one.pk, one.deadline) == (other.pk, other.deadline)


def test_a_deadline_explains_itself() -> None:
    task = suspended(extended(at_work(), DUE + HOUR), datetime(2026, 6, 1, 1, 0, tzinfo=UTC))
    assert in_words(task.clock_ledger, original_limit(task)) == (
        "2026-03-02 09:00起算4个工作小时，期限2026-03-02 15:00；"
        "2026-03-02 10:00批准延期至2026-03-02 16:00；"
        "2026-03-02 10:00挂账停算，至2026-06-01 09:00"
    )


def test_a_plan_is_self_checked_every_quarter_and_before_it_is_submitted() -> None:
    task, end = plan_task(deadline=datetime(2026, 12, 31, tzinfo=UTC)), datetime(2026, 12, 31, tzinfo=UTC)
    task.accept("李四", MONDAY_NINE, "r/1")
    with pytest.raises(Refused) as refused:
        task.submit("李四", "已完成", MONDAY_NINE, "r/2")
    assert refused.value.detail_zh == "分解任务应先自查再申报完成"
    until = self_check_by(task.issued_at, None, end)
    assert until == datetime(2026, 3, 31, 15, 59, 59, 999000, tzinfo=UTC)
    task.self_check("李四", False, "未达标", "两处楼道有杂物，限期清理", until, "r/3")
    assert (task.status, told(task)[-1]) == (TaskStatus.IN_PROGRESS, "self_check_published")
    task.self_check("李四", True, "已达标", "", until, "r/4")
    assert (task.status, task.self_checks) == (TaskStatus.SELF_CHECKED, 2)
    assert self_check_by(task.issued_at, until, end) == datetime(2026, 6, 30, 15, 59, 59, 999000, tzinfo=UTC)
    task.report_progress("李四", 90, "收尾", until, "r/5", materials=["m1", "m1", "m2"])
    assert (task.status, task.progress_percent, task.materials) == (TaskStatus.IN_PROGRESS, 90, ["m1", "m2"])


def test_rework_in_natural_time_is_provisional_where_the_working_day_that_it_has_at_least_is() -> None:
    calendar, own = WorkingCalendar(published_until=date(2026, 12, 31)), Limit(2.5, ClockUnit.NATURAL_DAY)
    at = datetime(2026, 12, 31, 7, 20, tzinfo=UTC)  # Thursday 15:20; the first of January is off by rule
    until = after_rework(calendar, at, at, Deadline(at, False), own)
    assert (until.at, until.provisional) == (at + 60 * HOUR, True)  # a working day would last until Monday
    calendar.take_up({2027: {date(2027, 1, 1): True}}, 1)
    until = after_rework(calendar, at, at, Deadline(at, False), own)
    assert (until.at, until.provisional) == (at + 24 * HOUR, False)


def test_rework_of_what_was_given_a_date_is_provisional_as_long_as_the_working_day_may_reach_beyond_what_was_left() -> (
    None
):
    calendar, at = WorkingCalendar(published_until=date(2026, 12, 31)), datetime(2026, 12, 31, 7, 20, tzinfo=UTC)
    left = timedelta(days=4, minutes=10)  # ten minutes beyond the working day that is counted by rule, on Monday
    until = after_rework(calendar, at, at, Deadline(at + left, False), None)
    assert (until.at, until.provisional) == (at + left, True)
    calendar.take_up({2027: {date(2027, 1, 1): False, date(2027, 1, 4): False}}, 1)  # Monday is off as well
    until = after_rework(calendar, at, at, Deadline(at + left, False), None)
    assert (until.at, until.provisional) == (at + 120 * HOUR, False)


def test_a_rework_of_what_was_given_a_date_is_counted_again_when_the_calendar_comes() -> None:
    calendar = WorkingCalendar(published_until=date(2026, 12, 31))
    time, at = Timekeeper(calendar), datetime(2026, 12, 31, 7, 20, tzinfo=UTC)
    task = plan_task(deadline=at)
    task.accept("李四", MONDAY_NINE, "r/1")
    task.self_check("李四", True, "已达标", "", MONDAY_NINE, "r/2")
    task.submit("李四", "已完成", at, "r/3")
    task.rectify("张三", "两处未清理", at, "r/4", until=time.again(task, at))
    assert (task.deadline, task.deadline_provisional) == (at + 96 * HOUR, True)

    calendar.take_up({2027: {date(2027, 1, 1): False, date(2027, 1, 4): False}}, 1)
    assert task.recalculate(recalculated(task, time), 1, at, "calendar/1")

    assert (task.deadline, task.deadline_provisional) == (at + 120 * HOUR, False)
