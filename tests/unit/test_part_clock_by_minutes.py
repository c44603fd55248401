"""The clock of a part against one that counts single minutes: its whole and itself are suspended in any order, each
suspension ends early, or at its chosen end and is found then or later; holidays and 调休 as they are drawn."""

from datetime import timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.calendar import ClockUnit
from services.tasks.clock_ledger import running_since
from services.tasks.contracts import TaskRole, TaskStatus
from services.tasks.parts import make_parts
from services.tasks.task import SYSTEM, Task
from services.tasks.task_clock import BY_ITSELF
from services.tasks.task_states import Step
from services.tasks.whole_and_part import bound_of, follow_whole
from tests.unit.slow_lives import ABOVE, DAY, MIDNIGHT, UNIT, Life, Odd, SlowClock, moment
from tests.unit.tasks_made import KUNMING

POLICE = "5301/~psb"


class Stop(NamedTuple):
    """A suspension of the whole, or of the part itself: so many minutes after the last one had ended, for so many
    minutes; ended by somebody after so many, or by itself and found so many minutes later."""

    of_whole: bool
    after: int
    minutes: int
    ended: int | None
    found: int


class SlowPart(NamedTuple):
    """What is counted: how many minutes were left at the given minute, and when the clock stood still."""

    given: int
    left: int
    stops: list[range]

    def end(self, whole: SlowClock) -> int:
        """When it is due by its own clock, which is the one of its whole."""
        at, left = self.given, self.left
        while left > 0:
            left -= whole.counts(at, whole.unit) and not any(at in stop for stop in self.stops)
            at += 1
        return at


class Family:
    """A whole and its part beside the slow clocks; `now` is the minute."""

    def __init__(self, odd: Odd, unit: ClockUnit, amount: float, start: int, share: int) -> None:
        self.life, self.now = Life(odd, unit, amount, start), start
        self.whole, self.time = self.life.task, self.life.time
        left = max(1, self.life.slow.whole * share // 100)
        until = self.life.slow.after(start, left, unit)
        self.whole.share(Step.ASK_ASSIST, 1, "请协办", "张三", moment(start), "r", by_unit=UNIT)
        police, calendar = [KUNMING.unit(POLICE)], self.life.calendar
        words = (moment(until), "请协办", moment(start), "张三", calendar)
        [self.part] = make_parts(self.whole, police, TaskRole.ASSIST, *words)
        self.part.accept("周九", moment(start), "r", by_unit=POLICE)
        self.slow = SlowPart(start, left, [])

    def stop(self, stop: Stop) -> None:
        """Suspend one of them, and let it go on; not where that is refused."""
        at, task = self.now + stop.after, self.whole if stop.of_whole else self.part
        until = at + stop.minutes
        within = stop.of_whole or moment(until) < self.whole.deadline
        if task.requests or moment(at) > self.part.deadline or not within:
            return
        task.ask_suspension("张三", moment(until), "待雨季结束", moment(at), "r", by_unit="own")
        task.grant("李四", "同意", moment(at), "r", until=self.time.extended(task), by_unit=ABOVE)
        self._follow(at)
        back = until if stop.ended is None else at + stop.minutes * stop.ended // 100
        self.now = back + (stop.found if stop.ended is None else 0)
        self._resume(task, self.now)
        self.slow.stops.append(range(at, back))
        if stop.of_whole:
            self.life.slow.stand_still(at, back)

    def _resume(self, task: Task, at: int) -> None:
        until = self.time.resumed(task, moment(at), bound_of(self.whole) if task is self.part else None)
        task.resume(SYSTEM, BY_ITSELF, until, moment(at), "c")
        self._follow(at)

    def _follow(self, at: int) -> None:
        for _ in range(2):  # whatever is told twice
            follow_whole(self.part, self.whole, self.time, moment(at), "c")


spans = st.integers(0, DAY)
ends = st.none() | st.integers(1, 100)
stops = st.builds(Stop, st.booleans(), spans, st.integers(1, 2 * DAY), ends, spans)
units = st.sampled_from([(ClockUnit.WORK_DAY, 3.0), (ClockUnit.NATURAL_DAY, 4.0), (ClockUnit.WORK_HOUR, 12.0)])
odd_days = st.frozensets(st.integers(0, 13), max_size=8)


@settings(max_examples=60, deadline=None)
@given(odd_days, units, st.integers(0, 3 * DAY), st.integers(1, 100), st.lists(stops, max_size=2))
def test_a_part_is_due_when_counting_the_minutes_of_its_clock_finds_it_and_never_after_its_whole(
    odd: Odd, unit: tuple[ClockUnit, float], start: int, share: int, drawn: list[Stop]
) -> None:
    family = Family(odd, *unit, start, share)
    for stop in drawn:
        family.stop(stop)
        assert (family.whole.status, family.part.status) == (TaskStatus.ACCEPTED, TaskStatus.ACCEPTED)
    due = min(family.slow.end(family.life.slow), family.life.slow.end)
    assert family.part.deadline - MIDNIGHT == timedelta(minutes=due)


turns = st.lists(st.sampled_from(["started", "stopped", "resumed", "extended", "reworked", "bounded"]), min_size=1)


@given(turns)
def test_a_clock_runs_since_it_was_resumed_last_whatever_else_it_did(drawn: list[str]) -> None:
    ledger = [{"what": what, "at": moment(n), "until": moment(n)} for n, what in enumerate(drawn)]
    since = None
    for one in ledger:  # minute by minute
        since = one["at"] if one["what"] == "resumed" else None if one["what"] == "stopped" else since
    assert running_since(ledger) == since
