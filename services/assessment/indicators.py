"""Operational indicators (运行指标) of units by month, counted as events arrive. Coordinate: the responsible unit.

    closing_rate           of the tasks due in the month, those that were closed
    on_time_closing_rate   of the tasks due in the month, those that were closed before their deadline
    on_time_acceptance     of the tasks issued in the month, those that were accepted in time
    dispatch_accuracy      of the tasks issued in the month, those that were not returned
    rework_rate            of the cases filed in the month and dispatched, those that were reworked
    response_rate          of the closings followed up in the month (回访), those whose citizen was reached
    resolution_rate        of these closings, those of which the citizen said that it is solved
    satisfaction_rate      of these closings, those with which the citizen was satisfied
    miss_rate              of the cases filed in the month at a place, those that the public had to report and that
                           were found on site in the month: by place, so that a department has none

Tasks are those of cases. One that was returned is not due from the unit that returned it; one that was withdrawn counts
nowhere. Of the month that is running only the days up to today count as due. A quarter is the sum of its months.
The counters are a tally: the last state of every subject moves them, so repeated and shuffled events change nothing.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from infra.clock import CITY_ZONE, Clock
from infra.messaging.event import Envelope, Event, Received
from infra.problem import InvalidInput
from infra.tally import State, Tally
from services.assessment.contracts import IndicatorValue
from services.complaints.contracts import CaseState, CaseStatus, CitizenRated, RatingSource, ReportVerified
from services.tasks.contracts import TaskState, TaskStatus

NOT_COUNTED = frozenset({CaseStatus.VOIDED, CaseStatus.ANSWERED, CaseStatus.MERGED})
AT_PLACE = "@place"  # behind a month: counted at the place instead of at the responsible unit
ONLY_AT_PLACE = frozenset({"filed_here", "missed_here"})
FOUR_PLACES = Decimal("0.0001")
_PERIOD = re.compile(r"(?P<year>20\d\d)-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))\Z")


class Indicator(msgspec.Struct, frozen=True):
    """Which counted labels make the numerator and the denominator."""

    name: str
    numerator: str
    denominator: str


INDICATORS = (
    Indicator("closing_rate", "closed", "due"),
    Indicator("on_time_closing_rate", "closed_in_time", "due"),
    Indicator("on_time_acceptance", "accepted_in_time", "dispatched"),
    Indicator("dispatch_accuracy", "kept", "dispatched"),
    Indicator("rework_rate", "case_reworked", "case_dispatched"),
    Indicator("response_rate", "reached", "followed_up"),
    Indicator("resolution_rate", "solved", "followed_up"),
    Indicator("satisfaction_rate", "satisfied", "followed_up"),
    Indicator("miss_rate", "missed_here", "filed_here"),
)


def rate(numerator: int, denominator: int) -> float | None:
    """The quotient to four decimals (96.16 % is 0.9616), halves up; None for a zero denominator."""
    if not denominator:
        return None
    return float((Decimal(numerator) / denominator).quantize(FOUR_PLACES, ROUND_HALF_UP))


def states_of(received: Received[Event]) -> list[State]:
    """What the event's subject counts for from now on: a task twice (as due, as issued), a case once, each of its
    follow-ups and its verification once more."""
    event, envelope = received.event, received.envelope
    if isinstance(task := getattr(event, "task", None), TaskState):
        return _task_states(envelope, task) if task.stands_for_its_case else []
    case = getattr(event, "case", None)
    if not isinstance(case, CaseState):
        return []
    return [_case_state(envelope, case), *_follow_up(envelope, event), *_verified(envelope, event)]


def _task_states(envelope: Envelope, task: TaskState) -> list[State]:
    due, issued = _local(task.deadline), _local(task.issued_at)
    returned = task.status == TaskStatus.RETURNED
    as_due = {
        f"due_{due:%d}": not returned,
        f"closed_{due:%d}": task.status == TaskStatus.CLOSED,
        f"closed_in_time_{due:%d}": task.status == TaskStatus.CLOSED and _in_time(task),
    }
    as_issued = {
        "dispatched": True,
        "accepted_in_time": task.accepted_in_time is True,
        "kept": not returned,
    }
    counted = task.status != TaskStatus.WITHDRAWN
    return [
        _state(envelope, "due", due, task.responsible_unit, as_due if counted else {}),
        _state(envelope, "issued", issued, task.responsible_unit, as_issued if counted else {}),
    ]


def _in_time(task: TaskState) -> bool:
    return task.closed_at is not None and task.closed_at <= task.deadline


def _case_state(envelope: Envelope, case: CaseState) -> State:
    subject = f"{envelope.subject}|filed"
    if case.filed_at is None or case.status in NOT_COUNTED:
        return State(subject, envelope.sequence, {}, ())
    month = f"{_local(case.filed_at):%Y-%m}"
    paths = {month + AT_PLACE: case.place_path}
    labels = {
        "filed_here": True,
        "case_dispatched": case.dispatches > 0,
        "case_reworked": case.dispatches > 0 and case.reworks > 0,
    }
    if case.responsible_unit is not None:
        paths[month] = case.responsible_unit
    return State(subject, envelope.sequence, paths, [label for label, holds in labels.items() if holds])


def _follow_up(envelope: Envelope, event: Event) -> list[State]:
    """What an officer heard of one closing; what citizens say by themselves is another matter."""
    if not isinstance(event, CitizenRated) or event.rated_by != RatingSource.FOLLOW_UP:
        return []
    labels = {
        "followed_up": True,
        "reached": event.contacted is True,
        "solved": event.solved is True,
        "satisfied": event.satisfied is True,
    }
    role, unit = f"rated#{envelope.sequence}", event.case.responsible_unit or event.case.place_path
    return [_state(envelope, role, _local(envelope.time), unit, labels)]


def _verified(envelope: Envelope, event: Event) -> list[State]:
    """What the public had to report and was found on site, at its place."""
    if not isinstance(event, ReportVerified) or not event.found:
        return []
    paths = {f"{_local(envelope.time):%Y-%m}{AT_PLACE}": event.case.place_path}
    return [State(f"{envelope.subject}|verified", envelope.sequence, paths, ["missed_here"])]


def _state(envelope: Envelope, role: str, day: datetime, unit: str, labels: dict[str, bool]) -> State:
    """Counted under the month as coordinate, at the unit's path."""
    which = [label for label, holds in labels.items() if holds]
    return State(f"{envelope.subject}|{role}", envelope.sequence, {f"{day:%Y-%m}": unit}, which)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(CITY_ZONE)


def months_of(period: str) -> list[str]:
    """`2026-Q1` → `2026-01`, `2026-02`, `2026-03`; a month → itself. Raises InvalidInput."""
    found = _PERIOD.match(period)
    if found is None:
        raise InvalidInput(
            f"{period!r} is no period; expected 2026-03 or 2026-Q1",
            f"时段应写作“2026-03”或“2026-Q1”：{period}",
            field="period",
        )
    if found["month"]:
        return [period]
    first = 3 * int(found["quarter"]) - 2
    return [f"{found['year']}-{month:02d}" for month in range(first, first + 3)]


def days_until(month: str, today: date) -> int:
    """The last day of `month` that is not after `today`; 0 where the month is yet to come."""
    year, number = int(month[:4]), int(month[5:])
    if (year, number) > (today.year, today.month):
        return 0
    return today.day if (year, number) == (today.year, today.month) else calendar.monthrange(year, number)[1]


class IndicatorBook:
    """The counters of one city's units."""

    def __init__(self, tally: Tally, clock: Clock) -> None:
        self._tally, self._clock = tally, clock

    def count(self, batch: Iterable[Received[Event]]) -> int:
        """Count what the events tell; how many of the states were news."""
        return self._tally.apply(state for received in batch for state in states_of(received))

    def values(self, units: Sequence[str], period: str) -> list[IndicatorValue]:
        """Every indicator of each of `units`, everything below it included. Two queries per month."""
        today = _local(self._clock.now()).date()
        sums: dict[str, Counter[str]] = {unit: Counter() for unit in units}
        for month in months_of(period):
            last_day = days_until(month, today)
            for unit, counts in self._tally.sum_under(month, units).items():
                sums[unit].update(_without_days(_only(counts, at_place=False), last_day))
            for unit, counts in self._tally.sum_under(month + AT_PLACE, units).items():
                sums[unit].update(_only(counts, at_place=True))
        return [_value(unit, indicator, period, sums[unit]) for unit in units for indicator in INDICATORS]


def _only(counts: dict[str, int], *, at_place: bool) -> dict[str, int]:
    """The labels that belong to the coordinate: a state carries the same ones under each."""
    return {label: count for label, count in counts.items() if (label in ONLY_AT_PLACE) == at_place}


def _without_days(counts: dict[str, int], last_day: int) -> Counter[str]:
    """Labels with a day (`due_05`) added up to those without (`due`), as far as `last_day`."""
    result: Counter[str] = Counter()
    for label, count in counts.items():
        head, _, day = label.rpartition("_")
        if not day.isdigit():
            result[label] += count
        elif int(day) <= last_day:
            result[head] += count
    return result


def _value(unit: str, indicator: Indicator, period: str, counts: Counter[str]) -> IndicatorValue:
    numerator, denominator = counts[indicator.numerator], counts[indicator.denominator]
    return IndicatorValue(
        unit=unit,
        indicator=indicator.name,
        period=period,
        numerator=numerator,
        denominator=denominator,
        rate=rate(numerator, denominator),
    )
