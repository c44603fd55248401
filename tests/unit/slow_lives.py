"""A task and, beside it, a clock that counts single minutes: both are led through the same life.

The days begin with Monday 2026-12-28: what is drawn of 2027 may be known from the start, or come as a calendar later.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from infra.calendar import ClockUnit, WorkingCalendar
from infra.clock import CITY_ZONE
from services.tasks.assignment import Assigner
from services.tasks.recalculation import recalculated
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.task_clock import BY_ITSELF
from tests.unit.tasks_made import KUNMING, case

UNIT, ABOVE = "5301/530102/530102001", "5301/530102"
MONDAY = date(2026, 12, 28)
MIDNIGHT = datetime(2026, 12, 28, tzinfo=CITY_ZONE)
DAY, OF_2026 = 1440, 4  # minutes of a day; the first four days are of 2026
NEW_YEAR = 4  # the only statutory holiday of the days that are counted, a Friday
MINUTES_OF = {ClockUnit.URGENT_HOUR: 60, ClockUnit.NATURAL_DAY: DAY, ClockUnit.WORK_HOUR: 60, ClockUnit.WORK_DAY: 480}

Odd = frozenset[int]  # the days, counted from the Monday, that are not as their weekday says


def moment(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


class SlowClock:
    """Counts minute by minute since the Monday at midnight; nothing of the product's arithmetic. It warns no earlier
    than `since`, when it was set last."""

    def __init__(self, odd: Odd, unit: ClockUnit, start: int, whole: int) -> None:
        self.odd, self.unit, self.since, self.original, self.whole = odd, unit, start, whole, whole
        self.end = self.after(start, whole, unit)

    def counts(self, at: int, unit: ClockUnit) -> bool:
        if unit in (ClockUnit.URGENT_HOUR, ClockUnit.NATURAL_DAY):
            return True
        day, minute = divmod(at, DAY)
        worked = (day % 7 >= 5) == (day in self.odd)
        return worked and (480 <= minute < 720 or 840 <= minute < 1080)

    def after(self, at: int, minutes: int, unit: ClockUnit) -> int:
        while minutes > 0:
            minutes -= self.counts(at, unit)
            at += 1
        return at

    def left(self, at: int) -> int:
        return sum(self.counts(minute, self.unit) for minute in range(at, self.end))

    def soon(self) -> int:
        at, left = self.since, self.left(self.since)
        while left * 4 > self.whole:
            left -= self.counts(at, self.unit)
            at += 1
        return at

    def says_soon(self) -> int:
        """The first minute at which it warns: after the one at which exactly a quarter is left."""
        soon = self.soon()
        return soon + (soon == self.since or self.left(soon) * 4 == self.whole)

    def extend(self, at: int, end: int) -> None:
        """A date that was granted stays; the limit itself gives no less."""
        before, self.end = self.end, max(end, self.end)
        self.whole, self.since = self.whole + self.left(before), at

    def stand_still(self, at: int, back: int) -> None:
        self.end, self.since = self.after(back, self.left(at), self.unit), back

    def rework(self, submitted: int, back: int) -> None:
        """What was left, at least a working day or the whole limit where that is shorter."""
        rest = self.after(back, self.left(submitted), self.unit)
        least = min(self.after(back, 480, ClockUnit.WORK_DAY), self.after(back, self.original, self.unit))
        self.end, self.since = max(rest, least), back
        self.whole = self.left(back)


class Extension(NamedTuple):
    """Asked for at that share of the time until the deadline, for that share of the original limit; granted at that
    share of the time until what it asks for, perhaps after the deadline; all in percent."""

    at: int
    more: int
    granted: int = 0


class Suspension(NamedTuple):
    """At that share of the time until the deadline, for so many minutes, ended at that share of them (percent)."""

    at: int
    minutes: int
    ended: int


class Rework(NamedTuple):
    """Submitted at that share of the time until the deadline, sent back so many minutes later."""

    at: int
    minutes: int


AnyStep = Extension | Suspension | Rework
Turn = Callable[[SlowClock], None]


class Life:
    """A task and the slow clock. Where 2027 is not `known`, its days go by rule until `calendar_comes`."""

    def __init__(self, odd: Odd, unit: ClockUnit, amount: float, start: int, *, known: bool = True) -> None:
        self.odd, self.unit, self.start, self.known = odd, unit, start, known
        self.calendar = WorkingCalendar(published_until=date(2026, 12, 31))
        self.calendar.take_up(self._years(), 1)
        assigner = Assigner(KUNMING, self.calendar, shipped_table)
        filed = case(limit_amount=amount, limit_clock=unit.value, filed_at=moment(start))
        self.time, self.task = assigner.time, assigner.first(filed, "case/c1#1")
        self.slow = SlowClock(self._odd_now(), unit, start, round(amount * MINUTES_OF[unit]))
        self.now, self.yellow, self.red, self.turns = start, 0, 0, list[Turn]()
        self.task.accept("张三", moment(start), "r/1", by_unit=UNIT)

    def _odd_now(self) -> Odd:
        return self.odd if self.known else frozenset({n for n in self.odd if n < OF_2026} | {NEW_YEAR})

    def _years(self) -> dict[int, dict[date, bool]]:
        known = [2026, 2027] if self.known else [2026]
        days = {MONDAY + timedelta(days=n): n % 7 >= 5 for n in self.odd}
        return {year: {day: worked for day, worked in days.items() if day.year == year} for year in known}

    def calendar_comes(self) -> None:
        """2027 as it was drawn: what is provisional is counted again, as if it had been known all along."""
        self.known = True
        self.calendar.take_up(self._years(), 2)
        if self.task.deadline_provisional:
            self.task.recalculate(recalculated(self.task, self.time), 2, moment(self.now), "calendar/2")
        self.slow = SlowClock(self.odd, self.unit, self.start, self.slow.original)
        for turn in self.turns:
            turn(self.slow)

    def step(self, step: AnyStep, *, calendar_comes: bool = False) -> None:
        """Take the step; the calendar comes after it, or while the clock stands still."""
        at = self.now + (self.slow.end - self.now) * step.at // 100
        if isinstance(step, Extension):
            self._extend(at, max(4, self.slow.original * step.more // 100 // 4 * 4), step.granted)
            if calendar_comes:
                self.calendar_comes()
            return
        self.yellow += at >= self.slow.says_soon()
        if isinstance(step, Suspension):
            self._suspend(at, step, calendar_comes)
        else:
            self._rework(at, at + step.minutes)
            if calendar_comes:
                self.calendar_comes()

    def _turn(self, turn: Turn, now: int) -> None:
        turn(self.slow)
        self.turns.append(turn)
        self.now = now

    def _extend(self, at: int, minutes: int, share: int) -> None:
        end = self.slow.after(self.slow.end, minutes, self.unit)
        then = at + (end - at) * share // 100
        self.yellow += then >= self.slow.says_soon() or then > self.slow.end
        self.red += then > self.slow.end
        until, latest = moment(end), self.time.latest_extension(self.task)
        self.task.ask_extension("张三", until, "待管线单位配合", moment(at), "r/2", latest=latest, by_unit=UNIT)
        due = self.time.extended(self.task, until, moment(then))
        self.task.grant("李四", "同意", moment(then), "r/3", until=due, by_unit=ABOVE)
        self._turn(lambda slow: slow.extend(then, end), then)

    def _suspend(self, at: int, step: Suspension, calendar_comes: bool) -> None:
        until, back = at + step.minutes, at + step.minutes * step.ended // 100
        self.task.ask_suspension("张三", moment(until), "待雨季结束", moment(at), "r/4", by_unit=UNIT)
        self.task.grant("李四", "同意", moment(at), "r/5", until=self.time.extended(self.task), by_unit=ABOVE)
        if calendar_comes:
            self.calendar_comes()
        due = self.time.resumed(self.task, moment(back))
        self.task.resume("系统", BY_ITSELF, due, moment(back), "deadline/c1-1")
        runs = min(back, until)  # who looks late finds the clock running since the chosen end
        self._turn(lambda slow: slow.stand_still(at, runs), runs)

    def _rework(self, at: int, back: int) -> None:
        self.task.submit("张三", "已办", moment(at), "r/6", by_unit=UNIT)
        due = self.time.again(self.task, moment(back))
        self.task.rectify("系统", "仍有垃圾", moment(back), "case/c1#9", until=due)
        self._turn(lambda slow: slow.rework(at, back), back)

    def clocks(self) -> tuple[datetime, datetime]:
        """When it is due and, in full minutes, due soon."""
        soon = self.task.due_soon_at
        return self.task.deadline, soon + (MIDNIGHT - soon) % timedelta(minutes=1)

    def counted(self) -> tuple[datetime, datetime]:
        return moment(self.slow.end), moment(self.slow.soon())


def lived(life: Life, steps: Iterable[AnyStep]) -> Life:
    for step in steps:
        life.step(step)
    return life
