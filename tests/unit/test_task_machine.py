"""Whatever officers, cases and the clock do in whatever sequence: no transition outside the table, every bound
holds."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from infra.problem import Problem
from services.complaints.contracts import CaseStatus
from services.tasks.contracts import TaskSource, TaskStatus
from services.tasks.request_rules import Ask, granted, waiting
from services.tasks.task import Task
from services.tasks.task_states import ENDED, WITH_THE_UNIT, WORKING, Step, after, transitions
from tests.unit.tasks_made import ASSIGNER, HOUR, MONDAY_NINE, STREET, case, case_task, plan_task

UNIT, ABOVE = "own", "above"
TIME = ASSIGNER.time
HEARD = [CaseStatus.HANDLING] * 3 + [CaseStatus.CLOSED, CaseStatus.MERGED]
spans = st.integers(1, 40 * 24).map(lambda hours: hours * HOUR)


def next_look(task: Task) -> datetime | None:
    """When the clock says something next, spelled out."""
    if task.status == TaskStatus.SUSPENDED:
        return task.resume_at
    if task.status not in WITH_THE_UNIT:
        return None
    if task.overdue:
        return task.supervise_at
    return task.deadline if task.due_soon else min(task.due_soon_at, task.deadline)


class Duty(RuleBasedStateMachine):
    """One task and everything that can happen to it."""

    task: Task

    @initialize(made=st.sampled_from([case_task, plan_task]))
    def issue(self, made: Callable[[], Task]) -> None:
        self.task, self.at, self.sequence = made(), MONDAY_NINE, 1
        self.longest = self.task.deadline

    def _try(self, step: Callable[[Task], Any]) -> None:
        """Take the step; where it is refused, nothing has changed, and where not, the table of states says so."""
        before, facts = self.task.status, copy.deepcopy(self.task.to_mongo())
        told = self.task.sequence
        try:
            step(self.task)
        except Problem:
            assert self.task.to_mongo() == facts
            return
        table = transitions(self.task.source)
        reachable = {row.leads(before) for row in table.values() if before in row.before}
        reachable |= WORKING if before == TaskStatus.SUSPENDED else set()  # it is again where it was
        if self.task.source != TaskSource.CASE:
            reachable |= {TaskStatus.CLOSED}  # verified, and with that done
        assert self.task.status in reachable | {before}
        assert self.task.sequence > told

    @rule(by=spans)
    def time_passes(self, by: timedelta) -> None:
        self.at += by / 24
        self.task.notice(self.at)
        if self.task.must_resume(self.at):
            self.task.resume("系统", "挂账到期", TIME.resumed(self.task, self.at), self.at, "clock")

    @rule()
    def accept(self) -> None:
        self._try(lambda task: task.accept("张三", self.at, "r", by_unit=UNIT))

    @rule(percent=st.integers(-5, 105))
    def progress(self, percent: int) -> None:
        self._try(lambda task: task.report_progress("张三", percent, "进展", self.at, "r"))

    @rule(id=st.sampled_from(["m1", "m2", "m3"]))
    def add_materials(self, id: str) -> None:
        before = self.task.status, self.task.resume_at
        self._try(lambda task: task.add_materials("张三", [id], ["现场.jpg"], self.at, "r", by_unit=STREET))
        assert (self.task.status, self.task.resume_at) == before

    @rule(passed=st.booleans())
    def self_check(self, passed: bool) -> None:
        self._try(lambda task: task.self_check("张三", passed, "结果", "问题", self.at, "r"))

    @rule(below=st.integers(0, 1), assists=st.integers(0, 1))
    def submit(self, below: int, assists: int) -> None:
        def step(task: Task) -> None:
            task.submit("张三", "已办", self.at, "r", by_unit=UNIT, unfinished_below=below, assists_open=assists)

        self._try(step)

    @rule(by=spans)
    def ask_extension(self, by: timedelta) -> None:
        latest, until = TIME.latest_extension(self.task), self.task.deadline + by / 8
        self._try(lambda task: task.ask_extension("张三", until, "忙", self.at, "r", latest=latest, by_unit=UNIT))

    @rule(by=spans)
    def ask_suspension(self, by: timedelta) -> None:
        self._try(lambda task: task.ask_suspension("张三", self.at + by * 10, "等", self.at, "r", by_unit=UNIT))

    @rule(yes=st.booleans(), unit=st.sampled_from([UNIT, ABOVE, ABOVE]))
    def answer(self, yes: bool, unit: str) -> None:
        asked = waiting(self.task.requests)
        until = asked["until"] if asked and asked["kind"] == Ask.EXTENSION else None
        given = TIME.extended(self.task, until, self.at)
        if yes:
            self._try(lambda task: task.grant("李四", "同意", self.at, "r", until=given, by_unit=unit))
        else:
            self._try(lambda task: task.refuse("李四", "不同意", self.at, "r", by_unit=unit))

    @precondition(lambda self: self.task.status == TaskStatus.SUSPENDED)
    @rule()
    def resume(self) -> None:
        until = TIME.resumed(self.task, self.at)
        self._try(lambda task: task.resume("张三", "提前", until, self.at, "r"))

    @rule(passed=st.booleans())
    def check(self, passed: bool) -> None:
        def step(task: Task) -> None:
            if passed:
                task.verify("李四", "", self.at, "r", by_unit=ABOVE)
            else:
                task.fail("李四", "不合格", self.at, "r", by_unit=ABOVE, until=TIME.again(task, self.at))

        self._try(step)

    @rule(status=st.sampled_from(HEARD), more=st.booleans())
    def hear(self, status: CaseStatus, more: bool) -> None:
        if self.task.source == TaskSource.CASE:
            self.sequence += 1
            state = case(status, reworks=self.task.case_reworks + more)
            self.task.follow(state, self.sequence, "", self.at, "c", TIME.again)

    @invariant()
    def bounds_hold(self) -> None:
        task = self.task
        assert task.extensions == granted(task.requests, Ask.EXTENSION) <= 2
        assert granted(task.requests, Ask.SUSPENSION) <= 1
        assert all(one.get("decided_at") for one in task.requests[:-1])
        assert waiting(task.requests) is None or task.status in WORKING
        assert (task.resume_at is not None) == (task.status == TaskStatus.SUSPENDED)
        if task.resume_at is not None:
            assert task.suspended_at < task.resume_at <= task.suspended_at + timedelta(days=365)
        assert task.watch_until == next_look(task)
        assert task.due_soon >= task.overdue
        assert task.yellow_cards >= task.due_soon
        assert task.red_cards >= task.overdue

    @invariant()
    def lists_know_where_it_is(self) -> None:
        task = self.task
        assert (task.desk_key is None) == (task.status in ENDED)
        to_decide = waiting(task.requests) is not None
        checked = task.status == TaskStatus.SUBMITTED and task.source != TaskSource.CASE
        assert (task.decision_key is not None) == (to_decide or checked)
        assert [step["version"] for step in task.history] == list(range(1, task.sequence + 1))


TestDuty = Duty.TestCase
TestDuty.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_a_resumed_task_is_where_it_was_and_the_table_allows_nothing_else() -> None:
    row = transitions(TaskSource.CASE)
    assert {step for step, one in row.items() if TaskStatus.SUSPENDED in one.before} == {
        "resumed",
        "withdrawn",
        "rectifying",
        "closed",
        "materials_added",
    }
    assert after(Step.RESUME, TaskStatus.SUSPENDED, TaskSource.CASE) in WORKING
