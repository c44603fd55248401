"""The clock of a task against a slow one that counts single minutes: made-up holidays and 调休, all four clocks, two
extensions and a suspension in any order, the yellow card after three quarters, the red one after the deadline."""

import copy
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.calendar import ClockUnit, WorkingCalendar
from infra.clock import CITY_ZONE
from services.tasks.assignment import Assigner
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.task import Task
from services.tasks.task_clock import BY_ITSELF
from services.tasks.task_states import Step
from tests.unit.tasks_made import KUNMING, case

UNIT, ABOVE = "5301/530102/530102001", "5301/530102"
MONDAY = date(2026, 6, 1)
MIDNIGHT = datetime(2026, 6, 1, tzinfo=CITY_ZONE)
DRAWN_DAYS, DAY = 14, 1440  # days with a drawn calendar, minutes of a day
MINUTES_OF = {ClockUnit.URGENT_HOUR: 60, ClockUnit.NATURAL_DAY: DAY, ClockUnit.WORK_HOUR: 60, ClockUnit.WORK_DAY: 480}

Odd = frozenset[int]  # the days, counted from the Monday, that are not as their weekday says


def moment(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


class SlowClock:
    """Counts minute by minute since a Monday at midnight; nothing of the product's arithmetic."""

    def __init__(self, odd: Odd, unit: ClockUnit, start: int, whole: int) -> None:
        self.odd, self.unit, self.now, self.left, self.whole = odd, unit, start, whole, whole

    def counts(self) -> bool:
        if self.unit in (ClockUnit.URGENT_HOUR, ClockUnit.NATURAL_DAY):
            return True
        day, minute = divmod(self.now, DAY)
        worked = (day % 7 >= 5) == (day in self.odd)
        return worked and (480 <= minute < 720 or 840 <= minute < 1080)

    def tick(self) -> None:
        self.left -= self.counts()
        self.now += 1

    def run_to(self, minute: int) -> None:
        while self.now < minute:
            self.tick()

    def deadline(self) -> int:
        other = copy.copy(self)
        while other.left > 0:
            other.tick()
        return other.now

    def soon(self) -> int:
        other = copy.copy(self)
        while other.left * 4 > other.whole:
            other.tick()
        return other.now


class Extension(NamedTuple):
    """At that share of the time until the deadline, for that share of the original limit, both in percent."""

    at: int
    more: int


class Suspension(NamedTuple):
    """At that share of the time until the deadline, for so many minutes, ended at that share of them (percent)."""

    at: int
    minutes: int
    ended: int


class Life:
    """A task and the slow clock, led through the same steps."""

    def __init__(self, odd: Odd, unit: ClockUnit, amount: float, start: int) -> None:
        days = {MONDAY + timedelta(days=n): n % 7 >= 5 for n in odd}
        calendar = WorkingCalendar()
        calendar.take_up({2026: days}, 1)
        assigner = Assigner(KUNMING, calendar, shipped_table)
        filed = case(limit_amount=amount, limit_clock=unit.value, filed_at=moment(start))
        self.time, self.task = assigner.time, assigner.first(filed, "case/c1#1")
        self.slow = SlowClock(odd, unit, start, round(amount * MINUTES_OF[unit]))
        self.original, self.yellow = self.slow.whole, 0
        self.task.accept("张三", moment(start), "r/1", by_unit=UNIT)

    def step(self, step: Extension | Suspension) -> None:
        now, soon = self.slow.now, self.slow.soon()
        at = now + (self.slow.deadline() - now) * step.at // 100
        self.yellow += at > soon
        if isinstance(step, Extension):
            self._extend(at, max(4, self.original * step.more // 100 // 4 * 4))
        else:
            self._suspend(at, step)

    def _extend(self, at: int, minutes: int) -> None:
        self.slow.run_to(at)
        self.slow.left += minutes
        self.slow.whole += minutes
        until, latest = moment(self.slow.deadline()), self.time.latest_extension(self.task)
        self.task.ask_extension("张三", until, "待管线单位配合", moment(at), "r/2", latest=latest, by_unit=UNIT)
        due = self.time.extended(self.task, until, moment(at))
        self.task.grant("李四", "同意", moment(at), "r/3", until=due, by_unit=ABOVE)

    def _suspend(self, at: int, step: Suspension) -> None:
        self.slow.run_to(at)
        until, back = at + step.minutes, at + step.minutes * step.ended // 100
        self.task.ask_suspension("张三", moment(until), "待雨季结束", moment(at), "r/4", by_unit=UNIT)
        self.task.grant("李四", "同意", moment(at), "r/5", until=self.time.extended(self.task), by_unit=ABOVE)
        due = self.time.resumed(self.task, moment(back))
        self.task.resume("系统", BY_ITSELF, due, moment(back), "deadline/c1-1")
        self.slow.now = min(back, until)  # who looks late finds the clock running since the chosen end


def clocks(task: Task) -> tuple[datetime, datetime | None]:
    return task.deadline, task.due_soon_at


def limits() -> st.SearchStrategy[tuple[ClockUnit, float]]:
    hours = st.tuples(st.sampled_from([ClockUnit.URGENT_HOUR, ClockUnit.WORK_HOUR]), st.integers(1, 12).map(float))
    halves = st.integers(1, 6).map(lambda n: n / 2)
    return hours | st.tuples(st.sampled_from([ClockUnit.NATURAL_DAY, ClockUnit.WORK_DAY]), halves)


percent = st.integers(0, 100)
odd_days = st.frozensets(st.integers(0, DRAWN_DAYS - 1), max_size=8)
starts = st.integers(0, 7 * DAY)
extensions = st.builds(Extension, percent, st.integers(1, 100))
suspensions = st.builds(Suspension, percent, st.integers(1, 4 * DAY), st.integers(1, 130))
lives = st.tuples(extensions, extensions, suspensions).flatmap(st.permutations)


@settings(max_examples=150, deadline=None)
@given(odd_days, limits(), starts)
def test_every_clock_ends_and_warns_at_the_minute_that_counting_finds(
    odd: Odd, limit: tuple[ClockUnit, float], start: int
) -> None:
    life = Life(odd, *limit, start)
    assert clocks(life.task) == (moment(life.slow.deadline()), moment(life.slow.soon()))


@settings(max_examples=100, deadline=None)
@given(odd_days, limits(), starts, lives, st.integers(0, 3))
def test_extended_and_suspended_in_any_order_it_still_agrees_with_counting_minutes(
    odd: Odd, limit: tuple[ClockUnit, float], start: int, steps: list[Extension | Suspension], taken: int
) -> None:
    life = Life(odd, *limit, start)
    for step in steps[:taken]:
        life.step(step)
        assert clocks(life.task) == (moment(life.slow.deadline()), moment(life.slow.soon()))
    assert life.task.yellow_cards == life.yellow


@settings(max_examples=60, deadline=None)
@given(odd_days, limits(), starts, lives, st.integers(0, 3))
def test_each_card_is_shown_in_the_minute_after_its_moment_and_once(
    odd: Odd, limit: tuple[ClockUnit, float], start: int, steps: list[Extension | Suspension], taken: int
) -> None:
    life = Life(odd, *limit, start)
    for step in steps[:taken]:
        life.step(step)
    soon, end = life.slow.soon(), life.slow.deadline()
    looks = sorted({soon, soon + 1, end, end + 1, end + 2})
    said = {look: life.task.notice(moment(look)) for look in looks if look >= life.slow.now}
    told = {look: steps for look, steps in said.items() if steps}
    expected = {soon + 1: [Step.DUE_SOON], end + 1: [Step.OVERDUE]}
    assert told == (expected if soon < end else {end + 1: [Step.DUE_SOON, Step.OVERDUE]})
