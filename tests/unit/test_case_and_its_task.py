"""A real case and its real tasks, each hearing the other in any order, late and again: what is only an echo need not be
heard, and nothing is missed by that."""

import contextlib
import random
from functools import partial
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from infra.clock import in_milliseconds
from infra.messaging.event import Envelope, Received
from infra.problem import Problem
from services.complaints.case import Case
from services.complaints.contracts import CASE_EVENTS, CaseState, CaseStatus, RatingSource
from services.complaints.corrections import Decided
from services.complaints.limits import Limit
from services.tasks.case_following import Current, first_tasks, tell
from services.tasks.case_news import by_case, read
from services.tasks.contracts import TASK_EVENTS, TaskStatus
from services.tasks.service import CASE_NEWS
from services.tasks.task import Task
from tests.unit.case_samples import AT, DESK, STREET, case, task
from tests.unit.tasks_made import ASSIGNER, HOUR

OTHER = "5301/530102/530102002"
KINDS = {kind.type(): kind for kind in (*CASE_EVENTS, *TASK_EVENTS)}
HEARD_BY_TASKS = {"case_filed", *(kind.type() for kind in CASE_NEWS)}
HOW_FAR_ITS_UNIT_IS = {"status": CaseStatus.FILED, "responsible_unit": None, "task_id": None, "dispatches": 0}
TO_DO = frozenset(CaseStatus) - {CaseStatus.CLOSED, CaseStatus.VOIDED}


def opened(envelope: Envelope) -> Received[Any]:
    return Received(msgspec.json.decode(envelope.data, type=KINDS[envelope.type]), envelope)


def what_a_duty_rests_on(state: CaseState) -> CaseState:
    """`state` without how far its unit is."""
    ended = {} if state.status in TO_DO else {"status": state.status}
    return msgspec.structs.replace(state, **HOW_FAR_ITS_UNIT_IS | {"returns": 0} | ended)


class CaseAndItsTask(RuleBasedStateMachine):
    """`said` are all events of the case that tasks hears, `late_…` those that are still on their way to the other."""

    @initialize(steps=st.integers(0, 5))
    def begin(self, steps: int) -> None:
        """Late states are many steps away from the first: chance alone seldom goes there."""
        self.at, self.case = AT, case()
        self.tasks: list[Task] = []
        self.said: list[Received[Any]] = []
        self.late_for_tasks: list[Received[Any]] = []
        self.late_for_case: list[Received[Any]] = []
        self._case_speaks()
        rated = partial(self.rate, RatingSource.CITIZEN, solved=True)
        for step in (self.accept, self.submit, self.close, rated, self.reopen)[:steps]:
            self.all_arrives(random.Random(steps))
            step()

    def _case_speaks(self) -> None:
        told = [opened(one) for one in self.case.outbox if one.type in HEARD_BY_TASKS]
        self.late_for_tasks += told
        self.said += told
        self.case.outbox = []

    def _tasks_speak(self) -> None:
        for one in self.tasks:
            self.late_for_case += map(opened, one.outbox)
            one.outbox = []

    def _now(self) -> Any:
        self.at = in_milliseconds(self.at + HOUR / 60)
        return self.at

    @rule(take=st.integers(1, 6), again=st.integers(0, 2), chance=st.randoms(use_true_random=False))
    def tasks_hear(self, take: int, again: int, chance: random.Random) -> None:
        """Some of what is on its way, in any order, and something for the second time, as one batch or one by one."""
        chance.shuffle(self.late_for_tasks)
        batch = self.late_for_tasks[:take] + chance.sample(self.said, min(again, len(self.said)))
        del self.late_for_tasks[:take]
        for group in [batch] if chance.random() < 0.5 else [[one] for one in batch]:
            self._hear(group)

    def _hear(self, batch: list[Received[Any]]) -> None:
        """As CaseFollower does with the news of one case."""
        for news in by_case(map(read, batch)).values():
            if not self.tasks:
                self.tasks += first_tasks(news, ASSIGNER)
                continue
            duty = self._current()
            before = duty.to_mongo() if Current(duty.pk, duty.case_sequence).knows(news) else None
            told = tell(duty, news, ASSIGNER)
            assert told.done
            assert before is None or (duty.to_mongo(), told.following) == (before, ())
            self.tasks += told.following
        self._tasks_speak()

    @rule(take=st.integers(1, 6), chance=st.randoms(use_true_random=False))
    def the_case_hears(self, take: int, chance: random.Random) -> None:
        """Some of what its tasks said, in any order."""
        chance.shuffle(self.late_for_case)
        for one in self.late_for_case[:take]:
            self.case.follow(
                one.event.task,
                one.envelope.sequence,
                next_unit=getattr(one.event, "next_unit", None),
                result=getattr(one.event, "result", None),
                at=self._now(),
                cause=one.envelope.id,
            )
        del self.late_for_case[:take]
        self._case_speaks()

    @rule(category=st.sampled_from(["facility.manhole", "transport.order"]), place=st.sampled_from([STREET, OTHER]))
    def correct(self, category: str, place: str) -> None:
        now = msgspec.structs.replace(self.case.decided(), category=category, place_path=place)
        assert isinstance(now, Decided)
        limit = Limit(2.0 if category == "transport.order" else 4.0, "work_hour")
        self._officer(lambda: self.case.correct(DESK, now, limit=limit, at=self._now(), cause="r"))

    @rule(really=st.integers(0, 4))
    def void(self, really: int) -> None:
        if not really:  # else most lives would end so
            self._officer(lambda: self.case.void(DESK, "无效", at=self._now(), cause="r"))

    @rule()
    def rework(self) -> None:
        self._officer(lambda: self.case.request_rework(DESK, "未修复", at=self._now(), cause="r"))

    @rule()
    def close(self) -> None:
        self._officer(lambda: self.case.close(DESK, "已修复", "已办。", at=self._now(), cause="r"))

    @rule()
    def reopen(self) -> None:
        self._officer(lambda: self.case.reopen(DESK, "又坏了", until=self.at + HOUR, at=self._now(), cause="r"))

    @rule(source=st.sampled_from(RatingSource), solved=st.booleans())
    def rate(self, source: RatingSource, solved: bool) -> None:
        self._officer(lambda: self.case.rate(source, True, solved, None, at=self._now(), cause="r"))

    def _officer(self, act: Any) -> None:
        before = self.case.sequence
        try:
            act()
        except Problem:
            assert self.case.sequence == before
        self._case_speaks()

    @rule()
    def accept(self) -> None:
        self._unit(lambda one: one.accept("张三", self._now(), "r"))

    @rule()
    def submit(self) -> None:
        self._unit(lambda one: one.submit("张三", "已办", self._now(), "r"))

    @rule()
    def give_back(self) -> None:
        def step(one: Task) -> list[Task]:
            route = ASSIGNER.next_unit(one)
            assert route is not None
            one.give_back("张三", "不在辖区", route.unit, self._now(), "r")
            return ASSIGNER.with_assists(ASSIGNER.next(one, route, "系统", self.at, "r"))

        self._unit(step)

    def _unit(self, step: Any) -> None:
        with contextlib.suppress(Problem):
            self.tasks += step(self._current()) or [] if self.tasks else []
        self._tasks_speak()

    def _current(self) -> Task:
        leads = [one for one in self.tasks if one.whole_id is None]
        [found] = [one for one in leads if one.status != TaskStatus.RETURNED and not one.reassigned]
        return found

    @invariant()
    def what_stands_under_one_number_says_the_same(self) -> None:
        told: dict[int, CaseState] = {}
        for one in getattr(self, "said", []):
            now = what_a_duty_rests_on(one.event.case)
            assert told.setdefault(read(one).sequence, now) == now

    def teardown(self) -> None:
        """Every life comes to rest in the end."""
        if hasattr(self, "case"):
            self.all_arrives(random.Random(len(self.said)))

    @rule(chance=st.randoms(use_true_random=False))
    def all_arrives(self, chance: random.Random) -> None:
        """Whatever was on its way, also what had been lost: then the books are equal, and the task as its case says."""
        while self.late_for_tasks or self.late_for_case:
            self.tasks_hear(3, 1, chance)
            self.the_case_hears(3, chance)
        duty, state = self._current(), self.case.state()
        assert duty.case_sequence == self.case.unchanged_since
        assert duty.case_reworks == state.reworks
        if state.status in TO_DO:
            assert duty.status not in (TaskStatus.CLOSED, TaskStatus.WITHDRAWN)
        else:
            ended = {CaseStatus.CLOSED: TaskStatus.CLOSED, CaseStatus.VOIDED: TaskStatus.WITHDRAWN}
            assert duty.status == ended[state.status]
        if duty.status == TaskStatus.ISSUED:
            assert (duty.category, duty.place_path) == (state.category, state.place_path)
            assert (duty.limit_amount, duty.limit_clock) == (state.limit_amount, state.limit_clock)


TestCaseAndItsTask = CaseAndItsTask.TestCase
TestCaseAndItsTask.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


def test_in_an_ordinary_life_tasks_has_nothing_to_do_between_filing_and_closing() -> None:
    found = case()
    for n, status in enumerate((TaskStatus.ISSUED, TaskStatus.ACCEPTED, TaskStatus.SUBMITTED), start=1):
        found.follow(task(status), n, at=AT, cause=f"t/{n}")
    found.close(DESK, "已修复", "已办。", at=AT, cause="r/1")
    found.rate(RatingSource.CITIZEN, None, True, True, at=AT, cause="r/2")

    events = [opened(one) for one in found.outbox]

    heard = [(one.envelope.type, read(one).sequence) for one in events if one.envelope.type in HEARD_BY_TASKS]
    assert heard == [
        ("case_filed", 1),
        ("case_revised", 1),
        ("case_revised", 1),
        ("case_revised", 1),
        ("case_closed", 5),
    ]
    assert (found.sequence, found.unchanged_since) == (6, 5)


def test_the_next_unit_is_told_how_the_case_stands() -> None:
    found = case()
    found.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    found.follow(task(TaskStatus.RETURNED), 2, at=AT, cause="t/2")
    found.follow(task(TaskStatus.ISSUED, task_id="t2", round=2), 1, at=AT, cause="t2/1")

    assert [read(opened(one)).sequence for one in found.outbox] == [1, 1, 1, 4]
    assert found.unchanged_since == 4


def test_a_case_from_before_this_was_kept_tells_its_next_echo_under_its_newest_number() -> None:
    found = case()
    found.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    found = Case._from_son({**found.to_mongo(), "changed_sequence": 0})
    found.follow(task(TaskStatus.ACCEPTED), 2, at=AT, cause="t/2")

    assert (found.sequence, found.unchanged_since) == (3, 2)
    assert read(opened(found.outbox[-1])).sequence == 2


def test_a_correction_that_came_too_late_for_one_unit_reaches_the_next() -> None:
    life, chance = CaseAndItsTask(), random.Random(1)
    life.begin(0)
    life.all_arrives(chance)
    life.accept()
    life.correct("transport.order", OTHER)
    life.all_arrives(chance)
    assert [one.category for one in life.tasks] == ["facility.manhole"]

    life.give_back()
    life.all_arrives(chance)

    newest = life.tasks[-1]
    assert (newest.status, newest.category, newest.place_path) == (TaskStatus.ISSUED, "transport.order", OTHER)


def test_what_a_follow_up_heard_is_told_also_to_a_task_that_knows_the_case() -> None:
    found = case()
    found.follow(task(TaskStatus.SUBMITTED), 1, at=AT, cause="t/1")
    found.close(DESK, "已修复", "已办。", at=AT, cause="r/1")
    found.rate(RatingSource.FOLLOW_UP, True, False, None, at=AT, cause="r/2")
    [reopened] = [read(opened(one)) for one in found.outbox if one.type == "case_reopened"]

    assert not Current("t1", reopened.sequence).knows([reopened])
    assert Current("t1", reopened.sequence).knows([reopened._replace(not_solved=False)])
    assert not Current("t1", reopened.sequence - 1).knows([reopened._replace(not_solved=False)])
