"""The clock of a part follows that of its whole: exact moments, and that no order of steps leads out of it."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE, in_milliseconds
from infra.organisation.registry import Unit
from infra.problem import InvalidInput, Problem, Refused
from services.tasks.clock_ledger import given_at
from services.tasks.contracts import OPEN_STATUSES, TaskRole, TaskStatus
from services.tasks.parts import make_parts
from services.tasks.task import Task
from services.tasks.task_states import WITH_THE_UNIT, WORKING, Step
from services.tasks.whole_and_part import bound_of, follow_whole
from tests.unit.tasks_made import ASSIGNER, HOUR, KUNMING, MONDAY_NINE, STREET, case_task, plan_task

TIME = ASSIGNER.time
POLICE, HOUSING = KUNMING.unit("5301/~psb"), KUNMING.unit("5301/~housing")
TUESDAY_NINE = MONDAY_NINE + 24 * HOUR


def city(moment: datetime | None) -> str | None:
    return moment and f"{moment.astimezone(CITY_ZONE):%m-%d %H:%M}"


def at_work(**facts: Any) -> Task:
    """The task of a case with five working days, filed and accepted on Monday 03-02 at 9:00: due on 03-09 at 9:00."""
    task = case_task(**({"limit_amount": 5.0, "limit_clock": "work_day"} | facts))
    task.accept("张三", MONDAY_NINE, "r", by_unit=STREET)
    return task


def part_of(whole: Task, until: datetime, at: datetime = MONDAY_NINE, unit: Unit = POLICE) -> Task:
    whole.share(Step.ASK_ASSIST, 1, "请协办", "张三", at, "r", by_unit=STREET)
    return make_parts(whole, [unit], TaskRole.ASSIST, until, "请协办", at, "张三", WorkingCalendar())[0]


def suspend(task: Task, until: datetime, at: datetime) -> None:
    task.ask_suspension("张三", until, "待雨季结束", at, "r", by_unit="own")
    task.grant("李四", "同意", at, "r", until=TIME.extended(task), by_unit="above")


def resume(task: Task, at: datetime, whole: Task | None = None) -> None:
    task.resume("张三", "条件具备", TIME.resumed(task, at, bound_of(whole)), at, "r")


def follow(part: Task, whole: Task, at: datetime) -> None:
    follow_whole(part, whole, TIME, at, "whole")


JUNE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # Monday 06-01, 9:00
FRIDAY = MONDAY_NINE + 96 * HOUR  # 03-06 9:00


def test_a_part_stands_still_with_its_whole_and_goes_on_with_it() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)  # 32 working hours, to be accepted until Tuesday 9:00
    suspend(whole, JUNE, MONDAY_NINE + 2 * HOUR)
    follow(part, whole, MONDAY_NINE + 2 * HOUR)
    assert (part.status, city(part.suspended_until), part.watch_until) == (TaskStatus.SUSPENDED, "06-01 09:00", None)
    with pytest.raises(Refused) as accepting:
        part.accept("周九", TUESDAY_NINE, "r")
    assert accepting.value.detail_zh == "任务已挂账，不能签收"
    assert not part.must_resume(JUNE)
    resume(whole, JUNE)
    follow(part, whole, JUNE)
    assert (part.status, part.suspended_until, part.stopped_with) == (TaskStatus.ISSUED, None, None)
    assert city(whole.deadline) == "06-05 17:00"  # 38 hours were left
    assert city(part.deadline) == "06-04 17:00"  # 30 hours were left
    assert city(part.due_soon_at) == "06-03 17:00"  # 22 of them: 24 of 32 hours have gone
    assert city(part.answer_by) == "06-01 17:00"  # six of eight working hours
    assert [one.type for one in part.outbox] == ["task_assigned", "task_suspended", "task_resumed"]
    assert part.outbox[-1].cause == "whole"


def test_a_part_goes_on_earlier_where_its_whole_does_and_again_changes_nothing() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    suspend(whole, JUNE, MONDAY_NINE + 2 * HOUR)
    for _ in range(2):
        follow(part, whole, MONDAY_NINE + 2 * HOUR)
    resume(whole, TUESDAY_NINE)
    for _ in range(2):
        follow(part, whole, TUESDAY_NINE + HOUR)  # however late it is told: since the whole goes on
    assert (city(part.deadline), part.sequence) == ("03-06 17:00", 3)  # 30 hours from Tuesday 9:00
    assert city(whole.deadline) == "03-09 17:00"  # 38 hours


def test_who_was_suspended_for_longer_than_the_whole_stays_so_and_is_due_no_later() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    part.accept("周九", MONDAY_NINE, "r")
    suspend(part, FRIDAY, MONDAY_NINE)  # 32 hours are left
    suspend(whole, FRIDAY - 24 * HOUR, MONDAY_NINE)  # 40 hours are left
    follow(part, whole, MONDAY_NINE)
    assert (city(part.suspended_until), part.watch_until) == ("03-06 09:00", None)
    with pytest.raises(Refused) as alone:
        resume(part, TUESDAY_NINE, whole)
    assert alone.value.detail_zh == "主办或上级任务挂账期间，随其一并恢复"
    resume(whole, TUESDAY_NINE)  # due on Tuesday 03-10 9:00
    follow(part, whole, TUESDAY_NINE)
    assert (part.status, part.watch_until, city(whole.deadline)) == (TaskStatus.SUSPENDED, FRIDAY, "03-10 09:00")
    resume(part, FRIDAY, whole)  # 32 hours from Friday 9:00 would end on Thursday 03-12
    assert city(part.deadline) == "03-10 09:00"
    assert city(part.due_soon_at) == "03-09 15:00"  # 16 of 32 hours are given: four before the end is a quarter of it


def test_a_suspension_that_was_over_when_the_whole_was_suspended_has_ended_then() -> None:
    whole = at_work()
    part = part_of(whole, TUESDAY_NINE + 48 * HOUR)
    part.accept("周九", MONDAY_NINE, "r")
    suspend(part, TUESDAY_NINE, MONDAY_NINE)  # 24 hours are left; nobody looks on Tuesday
    wednesday = TUESDAY_NINE + 24 * HOUR
    suspend(whole, JUNE, wednesday)
    follow(part, whole, wednesday)
    assert [one.type for one in part.outbox][-3:] == ["task_suspended", "task_resumed", "task_suspended"]
    resume(whole, JUNE)
    follow(part, whole, JUNE)
    assert city(part.deadline) == "06-03 09:00"  # 16 of 24 hours: it ran since Tuesday


def test_a_suspension_that_was_over_when_somebody_finds_that_the_whole_goes_on_has_ended_then() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    part.accept("周九", MONDAY_NINE, "r")
    suspend(part, MONDAY_NINE + 6 * HOUR, MONDAY_NINE)
    suspend(whole, MONDAY_NINE + 5 * HOUR, MONDAY_NINE)
    follow(part, whole, MONDAY_NINE)
    resume(whole, MONDAY_NINE + 7 * HOUR)  # since 14:00, the part since 15:00
    follow(part, whole, MONDAY_NINE + 7 * HOUR)
    assert (part.status, part.stopped_with, city(part.clock_ledger[-1]["at"])) == ("accepted", None, "03-02 15:00")


def test_a_part_that_is_given_and_due_in_one_night_runs_in_natural_time() -> None:
    whole = at_work()
    night = MONDAY_NINE + 10 * HOUR  # Monday 19:00
    part = part_of(whole, night + 8 * HOUR, night)
    assert (part.limit_clock, city(part.deadline), city(part.due_soon_at)) == (None, "03-03 03:00", "03-03 01:00")
    part.accept("周九", night, "r")
    part.submit("周九", "已办", night + HOUR, "r", by_unit="5301/~psb")
    back = night + 2 * HOUR
    part.fail("张三", "未清", back, "r", by_unit=STREET, until=TIME.again(part, back, bound_of(whole)))
    assert city(part.deadline) == "03-03 18:00"  # a working day, as whoever has a limit of one or more


def test_a_suspension_of_a_part_alone_ends_before_its_whole_is_due() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    part.accept("周九", MONDAY_NINE, "r")
    before = copy.deepcopy(part.to_mongo())
    with pytest.raises(InvalidInput) as refused:
        part.ask_suspension("周九", JUNE, "等", MONDAY_NINE, "r", bound=whole.deadline, by_unit="5301/~psb")
    assert (refused.value.field, refused.value.detail_zh) == ("until", "期限不得晚于上级或主办任务的期限")
    assert part.to_mongo() == before


def test_a_part_that_is_sent_back_is_due_within_its_whole() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    part.accept("周九", MONDAY_NINE, "r")
    part.submit("周九", "已办", MONDAY_NINE + HOUR, "r", by_unit="5301/~psb")  # 31 hours are left
    at = FRIDAY + 6 * HOUR  # Friday 15:00: from here until Thursday, but the whole is due on Monday 9:00
    part.fail("张三", "未清", at, "r", by_unit=STREET, until=TIME.again(part, at, bound_of(whole)))
    assert (city(part.deadline), city(part.due_soon_at)) == ("03-09 09:00", "03-06 18:00")  # after three of four hours


def test_what_is_sent_back_while_its_whole_stands_still_waits_with_it() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    part.accept("周九", MONDAY_NINE, "r")
    part.submit("周九", "已办", MONDAY_NINE + HOUR, "r", by_unit="5301/~psb")
    suspend(whole, JUNE, MONDAY_NINE + 2 * HOUR)
    follow(part, whole, MONDAY_NINE + 2 * HOUR)
    assert (part.status, part.stopped_with) == (TaskStatus.SUBMITTED, None)
    part.fail("张三", "未清", TUESDAY_NINE, "r", by_unit=STREET, until=TIME.again(part, TUESDAY_NINE, bound_of(whole)))
    follow(part, whole, TUESDAY_NINE)
    assert part.status == TaskStatus.SUSPENDED
    resume(whole, JUNE)
    follow(part, whole, JUNE)
    assert (part.status, city(part.deadline)) == (TaskStatus.RECTIFYING, "06-04 18:00")  # 31 hours


def test_a_part_that_was_late_already_stays_late_and_gets_no_new_time() -> None:
    whole = at_work()
    part = part_of(whole, TUESDAY_NINE)
    part.notice(TUESDAY_NINE + HOUR)
    pushed = part.supervise_at
    suspend(whole, JUNE, TUESDAY_NINE + HOUR)
    follow(part, whole, TUESDAY_NINE + HOUR)
    resume(whole, JUNE)
    follow(part, whole, JUNE)
    assert (part.deadline, part.overdue, part.red_cards) == (TUESDAY_NINE, True, 1)
    assert part.supervise_at == pushed + (JUNE - TUESDAY_NINE - HOUR)


def test_an_extension_of_the_whole_leaves_its_parts_and_a_shorter_limit_takes_them_along() -> None:
    whole = at_work()
    part = part_of(whole, FRIDAY)
    latest = TIME.latest_extension(whole)
    whole.ask_extension("张三", latest, "忙", MONDAY_NINE, "r", latest=latest, by_unit=STREET)
    whole.grant(
        "李四", "同意", MONDAY_NINE, "r", until=TIME.extended(whole, latest, MONDAY_NINE), by_unit="5301/530102"
    )
    follow(part, whole, MONDAY_NINE)
    assert (part.deadline, part.sequence) == (FRIDAY, 1)
    shorter = case_task(limit_amount=2.0, limit_clock="work_day")
    follow(part, shorter, MONDAY_NINE)  # as where its case is corrected before anybody accepted it
    assert (city(part.deadline), city(part.due_soon_at)) == ("03-04 09:00", "03-03 15:00")
    assert [one.type for one in part.outbox] == ["task_assigned", "task_recalculated"]


def submitted(part: Task, at: datetime) -> Task:
    part.accept("周九", MONDAY_NINE, "r")
    part.submit("周九", "已办", at, "r", by_unit="5301/~psb")
    return part


def send_back(part: Task, whole: Task, at: datetime) -> None:
    part.fail("张三", "未清", at, "r", by_unit=STREET, until=TIME.again(part, at, bound_of(whole)))
    follow(part, whole, at)


def test_a_part_that_is_sent_back_after_its_whole_was_due_has_its_own_time_and_is_not_late_at_once() -> None:
    whole = at_work()  # due on Monday 03-09 at 9:00
    part = submitted(part_of(whole, FRIDAY), FRIDAY - HOUR)  # an hour is left
    at = FRIDAY + 120 * HOUR  # Wednesday 03-11 9:00
    whole.notice(at)
    send_back(part, whole, at)
    assert (whole.overdue, city(part.deadline), city(part.due_soon_at)) == (True, "03-12 09:00", "03-11 17:00")
    follow(part, whole, at + HOUR)  # whatever becomes of its whole
    assert (part.notice(at + HOUR), city(part.deadline), part.red_cards) == ([], "03-12 09:00", 0)
    assert part.notice(at + 25 * HOUR) == [Step.DUE_SOON, Step.OVERDUE]


def test_what_was_late_itself_gets_no_new_time_where_its_whole_is_late_too() -> None:
    whole = at_work()
    part = submitted(part_of(whole, FRIDAY), FRIDAY + HOUR)
    send_back(part, whole, FRIDAY + 120 * HOUR)
    assert (part.overdue, city(part.deadline), part.red_cards) == (True, "03-06 09:00", 1)


def test_a_part_that_has_its_own_time_beyond_its_whole_is_neither_extended_nor_suspended() -> None:
    whole = at_work()
    part = submitted(part_of(whole, FRIDAY), FRIDAY - HOUR)
    at = FRIDAY + 120 * HOUR
    send_back(part, whole, at)
    before, latest = copy.deepcopy(part.to_mongo()), TIME.latest_extension(part)
    with pytest.raises(InvalidInput):
        part.ask_extension("周九", latest, "忙", at, "r", latest=latest, bound=whole.deadline, by_unit="5301/~psb")
    with pytest.raises(InvalidInput):
        part.ask_suspension("周九", at + HOUR, "等", at, "r", bound=whole.deadline, by_unit="5301/~psb")
    assert part.to_mongo() == before


def test_what_is_sent_back_before_anybody_finds_that_its_whole_goes_on_loses_no_time() -> None:
    whole = at_work()
    part = submitted(part_of(whole, FRIDAY), MONDAY_NINE + HOUR)  # 31 hours are left
    suspend(whole, TUESDAY_NINE, MONDAY_NINE + 2 * HOUR)
    follow(part, whole, MONDAY_NINE + 2 * HOUR)
    wednesday = TUESDAY_NINE + 24 * HOUR
    send_back(part, whole, wednesday)  # nobody has looked at the whole since Tuesday 9:00
    assert (part.status, city(part.deadline)) == (TaskStatus.SUSPENDED, "03-09 18:00")
    resume(whole, wednesday + HOUR)
    follow(part, whole, wednesday + HOUR)
    assert (city(whole.clock_ledger[-1]["at"]), city(whole.deadline)) == ("03-03 09:00", "03-09 17:00")
    assert (city(part.clock_ledger[-1]["at"]), city(part.deadline)) == ("03-04 09:00", "03-09 17:00")


def test_a_shorter_limit_of_the_whole_does_not_warn_again_who_was_warned() -> None:
    part = part_of(at_work(), FRIDAY)  # three quarters have gone on Thursday at 9:00
    at = FRIDAY - 23 * HOUR
    assert part.notice(at) == [Step.DUE_SOON]
    follow(part, case_task(limit_amount=30.0, limit_clock="work_hour"), at)  # due on Thursday at 17:00
    assert (city(part.deadline), part.notice(at + HOUR), part.yellow_cards) == ("03-05 17:00", [], 1)


spans = st.integers(1, 72).map(lambda hours: hours * HOUR)
which = st.integers(0, 5)


class Family(RuleBasedStateMachine):
    """A duty, its parts and theirs: suspended, resumed, extended, sent back, shared in any order."""

    @initialize(made=st.sampled_from([at_work, plan_task]))
    def issue(self, made: Callable[[], Task]) -> None:
        whole = made()
        self.at, self.family = MONDAY_NINE, {whole.pk: whole}
        if whole.status == TaskStatus.ISSUED:
            whole.accept("张三", self.at, "r")
        for n in range(3):
            self.delegate(n, 95)
            self.accept(n + 1)

    def _whole(self, task: Task) -> Task | None:
        return self.family.get(task.whole_id or "")

    def _do(self, n: int, step: Callable[[Task, Task | None], Any]) -> None:
        """Take the step with one of them, as commands do: what ended by itself first, then the parts follow."""
        task = list(self.family.values())[n % len(self.family)]
        self._wake(task)
        try:
            step(task, self._whole(task))
        except Problem:
            return
        finally:
            self._follow()

    def _wake(self, task: Task) -> None:
        if task.must_resume(self.at):
            until = TIME.resumed(task, self.at, bound_of(self._whole(task)))
            task.resume("系统", "挂账到期", until, self.at, "clock")

    def _follow(self) -> None:
        for part in self.family.values():  # wholes stand before their parts
            whole = self._whole(part)
            if whole is not None:
                follow(part, whole, self.at)

    @rule(by=spans)
    def time_passes(self, by: timedelta) -> None:
        self.at = in_milliseconds(self.at + by / 8)
        for task in self.family.values():
            self._wake(task)
            self._follow()
            task.notice(self.at)

    @rule(n=which, share=st.integers(1, 100))
    def delegate(self, n: int, share: int) -> None:
        def step(task: Task, whole: Task | None) -> None:
            until = TIME.part_until(task, self.at, share / 100)
            if len(self.family) < 6 and until > self.at:
                task.share(Step.ASK_ASSIST, 1, "协办", "张三", self.at, "r", by_unit="own")
                [part] = make_parts(task, [HOUSING], TaskRole.ASSIST, until, "协办", self.at, "张三", TIME.calendar)
                self.family[part.pk] = part

        self._do(n, step)

    @rule(n=which)
    def accept(self, n: int) -> None:
        self._do(n, lambda task, whole: task.accept("周九", self.at, "r"))

    @rule(n=which, by=spans, bounded=st.booleans())
    def suspend(self, n: int, by: timedelta, bounded: bool) -> None:
        def step(task: Task, whole: Task | None) -> None:
            bound = bound_of(whole)
            task.ask_suspension("张三", self.at + by, "等", self.at, "r", bound=bound and bound.at, by_unit="own")
            task.grant("李四", "", self.at, "r", until=TIME.extended(task), bound=bound and bound.at, by_unit="above")

        self._do(n, step)

    @rule(n=which)
    def resume(self, n: int) -> None:
        def step(task: Task, whole: Task | None) -> None:
            task.check_can(Step.RESUME)
            resume(task, self.at, whole)

        self._do(n, step)

    @rule(n=which, by=spans)
    def extend(self, n: int, by: timedelta) -> None:
        def step(task: Task, whole: Task | None) -> None:
            bound, latest, until = bound_of(whole), TIME.latest_extension(task), task.deadline + by / 8
            limit = bound and bound.at
            task.ask_extension("张三", until, "忙", self.at, "r", latest=latest, bound=limit, by_unit="own")
            given = TIME.extended(task, until, self.at)
            task.grant("李四", "", self.at, "r", until=given, bound=limit, by_unit="above")

        self._do(n, step)

    @rule(n=which, hours=st.integers(0, 30))
    def send_back(self, n: int, hours: int) -> None:
        def submit(task: Task, whole: Task | None) -> None:
            task.submit("张三", "已办", self.at, "r", by_unit="own")

        def rectify(task: Task, whole: Task | None) -> None:
            task.rectify("李四", "未清", self.at, "r", until=TIME.again(task, self.at, bound_of(whole)))

        self._do(n, submit)
        self.at += hours * HOUR
        self._do(n, rectify)

    @invariant()
    def no_part_outlasts_its_whole(self) -> None:
        for part in self.family.values():
            whole = self._whole(part)
            if whole is None or part.status not in OPEN_STATUSES or whole.status not in OPEN_STATUSES:
                assert part.stopped_with is None
            elif whole.status == TaskStatus.SUSPENDED:
                assert part.status not in WITH_THE_UNIT
                assert (part.stopped_with == whole.pk) == (part.status == TaskStatus.SUSPENDED)
                assert part.status != TaskStatus.SUSPENDED or part.suspended_until >= whole.suspended_until
            else:
                assert part.stopped_with is None
                late = given_at(part.clock_ledger) >= whole.deadline  # then it has its own time
                assert part.status == TaskStatus.SUSPENDED or part.deadline <= whole.deadline or late

    @invariant()
    def following_again_changes_nothing(self) -> None:
        before = {id: task.to_mongo() for id, task in self.family.items()}
        self._follow()
        assert {id: task.to_mongo() for id, task in self.family.items()} == before

    @invariant()
    def what_stands_still_alone_is_watched_and_what_follows_is_not(self) -> None:
        for task in self.family.values():
            if task.status == TaskStatus.SUSPENDED:
                assert task.watch_until == (None if task.stopped_with else task.resume_at)
            assert (task.suspended_at is None) == (task.status != TaskStatus.SUSPENDED)
            assert task.status_before is None or task.status_before in WORKING | {TaskStatus.ISSUED}


TestFamily = Family.TestCase
TestFamily.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
