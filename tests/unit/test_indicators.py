"""Operational indicators: what an event counts for, and the published figures of two cities."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.messaging.event import Event, Received, seal
from infra.problem import InvalidInput
from infra.tally import State
from services.assessment.indicator_states import if_excused, late_closing, states_of
from services.assessment.indicators import days_until, months_of, rate
from services.complaints.contracts import (
    CaseClosed,
    CaseRevised,
    CaseState,
    CaseStatus,
    CitizenRated,
    RatingSource,
    ReportVerified,
    RequestKind,
    Urgency,
)
from services.tasks.contracts import (
    TaskAccepted,
    TaskAssigned,
    TaskClosed,
    TaskReturned,
    TaskSource,
    TaskState,
    TaskStatus,
    TaskSuspended,
    TaskWithdrawn,
)

HUASHAN = "5301/530102/530102001"
MARCH_2, MARCH_9 = datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 3, 9, 10, tzinfo=UTC)
LATE = MARCH_9 + timedelta(seconds=1)

TASK = TaskState(
    task_id="t1",
    source=TaskSource.CASE,
    status=TaskStatus.ISSUED,
    title="道路破损（华山街道）",
    responsible_unit=HUASHAN,
    place_path=HUASHAN,
    issued_at=MARCH_2,
    deadline=MARCH_9,
    deadline_provisional=False,
    overdue=False,
    case_id="c1",
)
CASE = CaseState(
    case_id="c1",
    number="KM1",
    status=CaseStatus.DISPATCHED,
    category="x",
    place_path=HUASHAN,
    urgency=Urgency.NORMAL,
    request_kind=RequestKind.COMPLAINT,
    channels=[],
    reports=1,
    filed_at=MARCH_2,
    limit_amount=5.0,
    limit_clock="work_day",
    responsible_unit=HUASHAN,
    task_id="t1",
    dispatches=1,
    returns=0,
    reworks=0,
    closed_at=None,
)


def task(**changes: Any) -> TaskState:
    return msgspec.structs.replace(TASK, **changes)


def heard(event: Event, subject: str = "task/t1", sequence: int = 7) -> Received[Event]:
    return Received(event, seal(event, subject=subject, sequence=sequence, at=MARCH_2, cause="test"))


def labels(event: Event) -> dict[str, list[str]]:
    return {state.subject.rpartition("|")[2]: list(state.labels) for state in states_of(heard(event))}


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (23_974, 24_932, 0.9616),  # 连云港 2017-04, closed: 96.16 %
        (22_345, 24_932, 0.8962),  # 连云港 2017-04, on time: 89.62 %
        (6_507, 6_523, 0.9975),  # 宿州 2022-03, closed: 99.75 %
        (0, 7, 0.0),
        (7, 7, 1.0),
    ],
)
def test_rates_are_those_that_cities_published(numerator: int, denominator: int, expected: float) -> None:
    assert rate(numerator, denominator) == expected


def test_a_zero_denominator_is_no_value() -> None:
    assert rate(0, 0) is None


def test_an_assigned_task_is_due_and_dispatched() -> None:
    assert states_of(heard(TaskAssigned(task=TASK))) == [
        State("task/t1|due", 7, {"2026-03": HUASHAN}, ["due_09"]),
        State("task/t1|issued", 7, {"2026-03": HUASHAN}, ["dispatched", "kept"]),
    ]


def test_the_month_is_that_of_the_city_and_not_of_greenwich() -> None:
    late = datetime(2026, 2, 28, 17, tzinfo=UTC)  # 1 March, 01:00 in Kunming

    issued = states_of(heard(TaskAssigned(task=task(issued_at=late))))[1]

    assert issued.paths == {"2026-03": HUASHAN}


def test_acceptance_in_time_counts() -> None:
    accepted = task(status=TaskStatus.ACCEPTED, accepted_in_time=True)
    late = task(status=TaskStatus.ACCEPTED, accepted_in_time=False)

    assert labels(TaskAccepted(task=accepted, by="x"))["issued"] == ["dispatched", "accepted_in_time", "kept"]
    assert labels(TaskAccepted(task=late, by="x"))["issued"] == ["dispatched", "kept"]


@pytest.mark.parametrize(
    ("overdue", "expected"),
    [(False, ["due_09", "closed_09", "closed_in_time_09"]), (True, ["due_09", "closed_09"])],
)
def test_the_time_of_the_check_is_not_the_units(overdue: bool, expected: list[str]) -> None:
    checked_late = task(status=TaskStatus.CLOSED, submitted_at=MARCH_2, closed_at=LATE, overdue=overdue)
    assert labels(TaskClosed(task=checked_late))["due"] == expected


def test_what_stands_still_is_not_due_but_what_was_overdue_before_is() -> None:
    assert labels(TaskSuspended(task=task(status=TaskStatus.SUSPENDED), by="x", reason="y"))["due"] == []
    overdue = task(status=TaskStatus.SUSPENDED, overdue=True)
    assert labels(TaskSuspended(task=overdue, by="x", reason="y"))["due"] == ["due_09"]


def test_an_excused_delay_counts_as_closed_in_time_on_the_day_of_its_deadline() -> None:
    state = task(status=TaskStatus.CLOSED, closed_at=MARCH_9 + timedelta(days=30), overdue=True)
    late = heard(TaskClosed(task=state))

    assert late_closing(late) == state
    assert if_excused(late.envelope, state) == State("task/t1|excused", 7, {"2026-03": HUASHAN}, ["closed_in_time_09"])
    assert labels(late.event)["due"] == ["due_09", "closed_09"]


@pytest.mark.parametrize(
    "event",
    [
        TaskClosed(task=task(status=TaskStatus.CLOSED, closed_at=MARCH_9)),
        TaskClosed(task=task(status=TaskStatus.CLOSED, closed_at=LATE, overdue=True, source=TaskSource.PLAN)),
        TaskClosed(task=task(status=TaskStatus.CLOSED, closed_at=LATE, overdue=True, parent_id="t0")),
        TaskAssigned(task=TASK),
    ],
)
def test_there_is_no_delay_to_excuse_in_time_outside_a_case_or_before_the_end(event: Event) -> None:
    assert late_closing(heard(event)) is None


def test_a_returned_task_is_no_longer_due_but_was_dispatched() -> None:
    returned = TaskReturned(task=task(status=TaskStatus.RETURNED), by="x", reason="y", next_unit=None)

    assert labels(returned) == {"due": [], "issued": ["dispatched"]}


@pytest.mark.parametrize("overdue", [True, False])
def test_a_withdrawn_task_counts_nowhere(overdue: bool) -> None:
    withdrawn = task(status=TaskStatus.WITHDRAWN, overdue=overdue)
    assert labels(TaskWithdrawn(task=withdrawn, reason="并案")) == {"due": [], "issued": []}


def test_what_was_overdue_when_it_left_stays_due_from_the_unit_that_had_it() -> None:
    returned = TaskReturned(task=task(status=TaskStatus.RETURNED, overdue=True), by="x", reason="y", next_unit=None)
    assert labels(returned) == {"due": ["due_09"], "issued": ["dispatched"]}
    late = task(status=TaskStatus.WITHDRAWN, overdue=True, reassigned=True)
    assert labels(TaskWithdrawn(task=late, reason="改派")) == {"due": ["due_09"], "issued": []}
    early = task(status=TaskStatus.WITHDRAWN, reassigned=True)
    assert labels(TaskWithdrawn(task=early, reason="改派")) == {"due": [], "issued": []}


def test_a_plan_task_is_not_an_operational_matter() -> None:
    assert states_of(heard(TaskAssigned(task=task(source=TaskSource.PLAN)))) == []


def test_a_reworked_case_counts_once() -> None:
    case = msgspec.structs.replace(CASE, reworks=3, status=CaseStatus.CLOSED)

    assert states_of(heard(CaseClosed(case=case, condition="z"), "case/c1", 9)) == [
        State(
            "case/c1|filed",
            9,
            {"2026-03@place": HUASHAN, "2026-03": HUASHAN},
            ["filed_here", "case_dispatched", "case_reworked"],
        )
    ]


def test_a_case_that_no_unit_has_yet_was_filed_at_its_place() -> None:
    case = msgspec.structs.replace(CASE, responsible_unit=None, dispatches=0, status=CaseStatus.FILED)

    assert states_of(heard(CaseRevised(case=case, what="x"), "case/c1", 1)) == [
        State("case/c1|filed", 1, {"2026-03@place": HUASHAN}, ["filed_here"])
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((True, True, False), ["followed_up", "reached", "solved"]),
        ((True, None, None), ["followed_up", "reached"]),
        ((False, None, None), ["followed_up"]),
    ],
)
def test_every_follow_up_counts_once_whatever_becomes_of_the_case(
    answers: tuple[bool, bool | None, bool | None], expected: list[str]
) -> None:
    contacted, solved, satisfied = answers
    event = CitizenRated(
        case=CASE, rated_by=RatingSource.FOLLOW_UP, contacted=contacted, solved=solved, satisfied=satisfied
    )

    states = states_of(heard(event, "case/c1", 9))

    assert states[1:] == [State("case/c1|rated#9", 9, {"2026-03": HUASHAN}, expected)]
    again = msgspec.structs.replace(event, due=MARCH_2)
    assert states_of(heard(again, "case/c1", 9))[1:] == [
        State("case/c1|rated@0", 9, {"2026-03": HUASHAN}, expected),
    ]


def test_who_was_reached_too_late_is_asked_but_not_in_time() -> None:
    event = CitizenRated(
        case=CASE,
        rated_by=RatingSource.FOLLOW_UP,
        contacted=True,
        solved=True,
        satisfied=True,
        due=MARCH_2 - timedelta(seconds=1),
    )
    assert labels(event)["rated@0"] == ["followed_up", "solved", "satisfied"]


def test_what_a_citizen_says_unasked_is_no_follow_up() -> None:
    event = CitizenRated(case=CASE, rated_by=RatingSource.CITIZEN, contacted=None, solved=True, satisfied=True)

    assert labels(event).keys() == {"filed"}


def test_what_the_public_reported_and_was_found_was_missed_at_its_place() -> None:
    found, not_found = (ReportVerified(case=CASE, found=one, by="孙八") for one in (True, False))

    assert states_of(heard(found, "case/c1", 2))[1:] == [
        State("case/c1|verified", 2, {"2026-03@place": HUASHAN}, ["missed_here"])
    ]
    assert len(states_of(heard(not_found, "case/c1", 2))) == 1


@pytest.mark.parametrize("changes", [{"filed_at": None}, {"status": CaseStatus.VOIDED}])
def test_a_case_that_was_not_filed_or_is_void_counts_nowhere(changes: dict[str, Any]) -> None:
    case = msgspec.structs.replace(CASE, **changes)

    assert labels(CaseRevised(case=case, what="x")) == {"filed": []}


def test_a_quarter_has_three_months() -> None:
    assert months_of("2026-Q4") == ["2026-10", "2026-11", "2026-12"]
    assert months_of("2026-03") == ["2026-03"]


@pytest.mark.parametrize("period", ["", "2026", "2026-13", "2026-Q5", "2026-3", "26-03", "2026-03-01"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        months_of(period)
    assert refused.value.field == "period"


@pytest.mark.parametrize(
    ("month", "last_day"), [("2026-02", 28), ("2026-03", 9), ("2026-04", 0), ("2025-12", 31), ("2027-01", 0)]
)
def test_of_the_running_month_only_the_days_up_to_today_are_due(month: str, last_day: int) -> None:
    assert days_until(month, date(2026, 3, 9)) == last_day


@given(st.sampled_from(TaskStatus), st.sampled_from([None, True, False]), st.booleans(), st.booleans())
def test_no_indicator_can_pass_one_hundred_per_cent(
    status: TaskStatus, in_time: bool | None, overdue: bool, reassigned: bool
) -> None:
    state = task(status=status, accepted_in_time=in_time, overdue=overdue, reassigned=reassigned)

    due, issued = (set(one.labels) for one in states_of(heard(TaskAssigned(task=state))))

    assert "due_09" in due or not due
    assert "closed_09" in due or "closed_in_time_09" not in due
    assert "dispatched" in issued or not issued


@given(st.sampled_from(TaskStatus), st.booleans(), st.booleans())
def test_what_is_late_is_due_from_its_unit_until_it_falls_away_and_never_closed_in_time(
    status: TaskStatus, overdue: bool, reassigned: bool
) -> None:
    event = TaskClosed(task=task(status=status, closed_at=LATE, overdue=overdue, reassigned=reassigned))
    due = set(labels(event)["due"])

    if overdue:
        assert ("due_09" in due) == (status != TaskStatus.WITHDRAWN or reassigned)
        assert "closed_in_time_09" not in due
    assert not (late_closing(heard(event)) and "closed_in_time_09" in due)  # else an appeal would count it twice
