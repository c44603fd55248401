"""Indicators counted from events on a real database: the same figures however the events arrive."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from infra.clock import FixedClock
from infra.messaging.event import Received
from infra.tally import Tally
from services.assessment.contracts import IndicatorValue
from services.assessment.excuses import Excuses
from services.assessment.indicators import IndicatorBook
from services.complaints.contracts import (
    APPEAL_GRANTED,
    CaseFiled,
    CaseRevised,
    CaseReworkRequested,
    CaseState,
    CaseStatus,
    CitizenRated,
    RatingSource,
    ReportVerified,
)
from services.tasks.contracts import (
    TaskAccepted,
    TaskAssigned,
    TaskClosed,
    TaskReturned,
    TaskState,
    TaskStatus,
)
from tests.integration.one_service import connected, own_settings, received
from tests.unit.test_indicators import CASE, HUASHAN, MARCH_2, MARCH_9, TASK

HUGUO, WUHUA, POLICE = "5301/530102/530102002", "5301/530102", "5301/~psb"


@pytest.fixture(scope="module")
def database() -> Iterator[Database[dict[str, Any]]]:
    with connected(own_settings(), "assessment", []) as database:
        yield database


def book_of(database: Database[dict[str, Any]], today: datetime) -> IndicatorBook:
    """A book with empty pages."""
    for name in ("indicators_counters", "indicators_marks", "excuses"):
        database[name].delete_many({})
    return open_book(database, today)


def open_book(database: Database[dict[str, Any]], today: datetime) -> IndicatorBook:
    return IndicatorBook(Tally(database, "indicators"), Excuses(database), FixedClock(today))


def of_task(task_id: str, sequence: int, kind: type, unit: str = HUASHAN, **changes: Any) -> Received[Any]:
    state: TaskState = msgspec.structs.replace(TASK, task_id=task_id, responsible_unit=unit, **changes)
    more: dict[type, dict[str, Any]] = {
        TaskAccepted: {"by": "x"},
        TaskReturned: {"by": "x", "reason": "y", "next_unit": None},
    }
    return received(kind(task=state, **more.get(kind, {})), f"task/{task_id}", sequence, MARCH_2)


def of_case(case_id: str, sequence: int, kind: type, unit: str | None, **changes: Any) -> Received[Any]:
    solved, what = changes.pop("solved", None), changes.pop("what", "x")
    state: CaseState = msgspec.structs.replace(CASE, case_id=case_id, responsible_unit=unit, **changes)
    heard = {"rated_by": RatingSource.FOLLOW_UP, "contacted": True, "solved": solved, "satisfied": None}
    more: dict[type, dict[str, Any]] = {
        CaseRevised: {"what": what},
        CaseReworkRequested: {"reason": "x"},
        CitizenRated: heard,
        ReportVerified: {"found": True, "by": "x"},
    }
    return received(kind(case=state, **more.get(kind, {})), f"case/{case_id}", sequence, MARCH_2)


CLOSED: dict[str, Any] = {"status": TaskStatus.CLOSED, "accepted_in_time": True}
STORY = [
    # closed in time
    of_task("a", 1, TaskAssigned),
    of_task("a", 2, TaskAccepted, status=TaskStatus.ACCEPTED, accepted_in_time=True),
    of_task("a", 3, TaskClosed, closed_at=MARCH_9, **CLOSED),
    # closed too late
    of_task("b", 1, TaskAssigned),
    of_task("b", 2, TaskClosed, closed_at=MARCH_9 + timedelta(days=1), overdue=True, **CLOSED),
    # returned by the street, then with the police, due in April
    of_task("c", 1, TaskAssigned),
    of_task("c", 2, TaskReturned, status=TaskStatus.RETURNED),
    of_task("d", 1, TaskAssigned, unit=POLICE, deadline=MARCH_9 + timedelta(days=31)),
    # still open, of another street
    of_task("e", 1, TaskAssigned, unit=HUGUO),
    # cases: one reworked twice, one not; first filed without a unit
    of_case("f", 1, CaseFiled, None, dispatches=0, status=CaseStatus.FILED),
    of_case("f", 2, CaseRevised, HUASHAN),
    of_case("f", 3, CaseReworkRequested, HUASHAN, reworks=1),
    of_case("f", 4, CaseReworkRequested, HUASHAN, reworks=2),
    of_case("g", 1, CaseFiled, HUASHAN),
    # reported in public and found on site; followed up after each of two closings
    of_case("k", 1, ReportVerified, None, filed_at=None, dispatches=0, status=CaseStatus.VERIFYING),
    of_case("k", 2, CaseFiled, POLICE, place_path=HUGUO),
    of_case("k", 3, CitizenRated, POLICE, place_path=HUGUO, solved=False),
    of_case("k", 4, CitizenRated, POLICE, place_path=HUGUO, solved=True),
]
MARCH = {
    (HUASHAN, "closing_rate"): (2, 2, 1.0),
    (HUASHAN, "on_time_closing_rate"): (1, 2, 0.5),
    (HUASHAN, "on_time_acceptance"): (2, 3, 0.6667),
    (HUASHAN, "dispatch_accuracy"): (2, 3, 0.6667),
    (HUASHAN, "rework_rate"): (1, 2, 0.5),
    (WUHUA, "closing_rate"): (2, 3, 0.6667),
    (WUHUA, "on_time_acceptance"): (2, 4, 0.5),
    (POLICE, "closing_rate"): (0, 0, None),
    (POLICE, "response_rate"): (2, 2, 1.0),
    (POLICE, "resolution_rate"): (1, 2, 0.5),
    (POLICE, "satisfaction_rate"): (0, 2, 0.0),
    (POLICE, "miss_rate"): (0, 0, None),
    (HUASHAN, "response_rate"): (0, 0, None),
    (HUASHAN, "miss_rate"): (1, 2, 0.5),
    ("5301", "miss_rate"): (1, 3, 0.3333),
    (POLICE, "dispatch_accuracy"): (1, 1, 1.0),
    ("5301", "on_time_closing_rate"): (1, 3, 0.3333),
    ("5301", "dispatch_accuracy"): (4, 5, 0.8),
}


def figures(values: list[IndicatorValue]) -> dict[tuple[str, str], tuple[int, int, float | None]]:
    return {(one.unit, one.indicator): (one.numerator, one.denominator, one.rate) for one in values}


def march(book: IndicatorBook) -> dict[tuple[str, str], tuple[int, int, float | None]]:
    found = figures(book.values([HUASHAN, WUHUA, POLICE, "5301"], "2026-03"))
    return {key: found[key] for key in MARCH}


def test_every_unit_gets_its_figures_with_everything_below_it(database: Database[dict[str, Any]]) -> None:
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))

    book.count(STORY)

    assert march(book) == MARCH


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seed=st.integers(0, 10_000))
def test_shuffled_and_repeated_events_give_the_same_figures(database: Database[dict[str, Any]], seed: int) -> None:
    chance = random.Random(seed)
    arriving = STORY * 2
    chance.shuffle(arriving)
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))

    while arriving:
        size = chance.randint(1, 8)
        book.count(arriving[:size])
        arriving = arriving[size:]

    assert march(book) == MARCH


def test_what_is_due_later_this_month_is_not_due_yet(database: Database[dict[str, Any]]) -> None:
    book = book_of(database, datetime(2026, 3, 8, 15, 59, tzinfo=UTC))  # still 8 March in Kunming
    book.count(STORY)
    assert figures(book.values([HUASHAN], "2026-03"))[HUASHAN, "closing_rate"] == (0, 0, None)

    on_the_day = open_book(database, datetime(2026, 3, 8, 16, tzinfo=UTC))
    assert figures(on_the_day.values([HUASHAN], "2026-03"))[HUASHAN, "closing_rate"] == (2, 2, 1.0)


def test_a_quarter_is_the_sum_of_its_months(database: Database[dict[str, Any]]) -> None:
    book = book_of(database, datetime(2026, 8, 1, tzinfo=UTC))
    book.count(STORY)
    book.count([of_task("h", 1, TaskAssigned, deadline=datetime(2026, 5, 4, tzinfo=UTC))])

    assert figures(book.values(["5301"], "2026-Q1"))["5301", "closing_rate"] == (2, 3, 0.6667)
    assert figures(book.values(["5301"], "2026-Q2"))["5301", "closing_rate"] == (0, 2, 0.0)


def test_a_unit_without_work_has_no_values(database: Database[dict[str, Any]]) -> None:
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))

    assert {value.rate for value in book.values([HUGUO], "2026-03")} == {None}


class Round(NamedTuple):
    """One task of a case, closed so many days after its deadline (before it where negative)."""

    unit: str
    days_late: int
    deadline: datetime

    @property
    def closed_at(self) -> datetime:
        return self.deadline + timedelta(days=self.days_late)


class Appealed(NamedTuple):
    """A case with its rounds, reopened between them; the appeal is granted after so many of them, or never."""

    rounds: list[Round]
    granted_after: int | None

    @property
    def granted_at(self) -> datetime | None:
        if self.granted_after is None:
            return None
        before = self.rounds[: self.granted_after]
        return before[-1].closed_at + timedelta(hours=1) if before else MARCH_2

    def in_time(self, one: Round) -> bool:
        excused = self.granted_at is not None and one.closed_at <= self.granted_at
        return one.closed_at <= one.deadline or excused


@st.composite
def appealed(draw: st.DrawFn) -> Appealed:
    """Deadlines are twenty days apart, so that rounds are due in different months."""
    lateness = draw(st.lists(st.integers(-1, 2), min_size=1, max_size=3))
    rounds = [
        Round(draw(st.sampled_from((HUASHAN, HUGUO))), days, MARCH_9 + timedelta(days=20 * n))
        for n, days in enumerate(lateness)
    ]
    return Appealed(rounds, draw(st.none() | st.integers(0, len(rounds))))


def events_of(name: str, case: Appealed) -> list[Received[Any]]:
    closed = {"status": TaskStatus.CLOSED}
    told = [
        of_task(
            f"{name}-{n}",
            3,
            TaskClosed,
            one.unit,
            case_id=name,
            deadline=one.deadline,
            closed_at=one.closed_at,
            overdue=one.closed_at > one.deadline,
            **closed,
        )
        for n, one in enumerate(case.rounds)
    ]
    if case.granted_at is not None:
        state = msgspec.structs.replace(CASE, case_id=name, excused=True)
        told.append(received(CaseRevised(case=state, what=APPEAL_GRANTED), f"case/{name}", 9, case.granted_at))
        told.append(received(CaseRevised(case=state, what="已阅"), f"case/{name}", 10, case.granted_at))
    return told


def on_time(book: IndicatorBook, unit: str, month: str) -> tuple[int, int]:
    one = figures(book.values([unit], month))[unit, "on_time_closing_rate"]
    return one[:2]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cases=st.lists(appealed(), min_size=1, max_size=3), chance=st.randoms(use_true_random=False))
def test_what_was_late_until_a_granted_appeal_counts_as_in_time_however_the_events_arrive(
    database: Database[dict[str, Any]], cases: list[Appealed], chance: random.Random
) -> None:
    arriving = [event for n, case in enumerate(cases) for event in events_of(f"c{n}", case)] * 2
    chance.shuffle(arriving)
    book = book_of(database, datetime(2026, 8, 1, tzinfo=UTC))

    while arriving:
        size = chance.randint(1, 3)
        book.count(arriving[:size])
        arriving = arriving[size:]

    for unit in (HUASHAN, HUGUO):
        for month in ("2026-03", "2026-04"):
            due = [
                (case, one)
                for case in cases
                for one in case.rounds
                if (one.unit, f"{one.deadline:%Y-%m}") == (unit, month)
            ]
            assert on_time(book, unit, month) == (sum(case.in_time(one) for case, one in due), len(due))


def test_an_appeal_that_is_granted_after_the_month_has_ended_moves_the_months_figure(
    database: Database[dict[str, Any]],
) -> None:
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))
    late, granted, _ = events_of("c1", Appealed([Round(HUASHAN, 1, MARCH_9)], 1))
    book.count([late])
    assert on_time(book, HUASHAN, "2026-03") == (0, 1)

    for _ in range(2):
        book.count([granted])

    found = figures(book.values([HUASHAN], "2026-03"))
    assert found[HUASHAN, "on_time_closing_rate"] == found[HUASHAN, "closing_rate"] == (1, 1, 1.0)


def test_an_appeal_whose_counting_was_interrupted_counts_when_it_comes_again(
    database: Database[dict[str, Any]],
) -> None:
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))
    late, granted, _ = events_of("c1", Appealed([Round(HUASHAN, 1, MARCH_9)], 1))
    Excuses(database).heed([granted, late])  # kept, and then the process died

    book.count([late])

    assert on_time(book, HUASHAN, "2026-03") == (1, 1)


def test_what_was_counted_before_excuses_were_kept_is_excused_once_it_is_heard_again(
    database: Database[dict[str, Any]],
) -> None:
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))
    late, granted, _ = events_of("c1", Appealed([Round(HUASHAN, 1, MARCH_9)], 1))
    book.count([late])
    database["excuses"].delete_many({})  # as an earlier version left it
    book.count([granted])
    assert on_time(book, HUASHAN, "2026-03") == (0, 1)

    for _ in range(2):
        book.count([late, granted])

    found = figures(book.values([HUASHAN], "2026-03"))
    assert found[HUASHAN, "on_time_closing_rate"] == found[HUASHAN, "closing_rate"] == (1, 1, 1.0)


def test_an_appeal_that_was_not_granted_changes_no_figure(database: Database[dict[str, Any]]) -> None:
    book = book_of(database, datetime(2026, 4, 20, tzinfo=UTC))
    late, *_ = events_of("c1", Appealed([Round(HUASHAN, 1, MARCH_9)], None))

    book.count([late, of_case("c1", 9, CaseRevised, HUASHAN, what="申诉不成立")])

    assert on_time(book, HUASHAN, "2026-03") == (0, 1)
