"""The task follows its case: in whatever order and however often the case's events come, it ends in the same state."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from infra.messaging.event import Received, seal
from services.complaints.contracts import (
    CaseClosed,
    CaseRevised,
    CaseReworkRequested,
    CaseState,
    CaseStatus,
    CaseVoided,
)
from services.tasks.assignment import Assigner, needs_task
from services.tasks.case_following import first_tasks, tell
from services.tasks.case_news import CaseNews, by_case, read
from services.tasks.contracts import TaskStatus
from services.tasks.task import Task
from tests.unit.tasks_made import ASSIGNER, HOUR, MONDAY_NINE, case, case_task, says_overdue, told

S = CaseStatus


def first_task(news: list[CaseNews], assigner: Assigner) -> Task | None:
    return next(iter(first_tasks(news, assigner)), None)


CLOSED_AT = MONDAY_NINE + 6 * HOUR


def life(*states: tuple[CaseStatus, int], **at_the_end: Any) -> list[CaseNews]:
    """The news of a case that goes through `states` (status, reworks so far), numbered from 1, an hour apart."""
    cases = [case(status, reworks=reworks) for status, reworks in states]
    cases[-1] = msgspec.structs.replace(cases[-1], **at_the_end)
    return [CaseNews(one, n, f"第{n}步", MONDAY_NINE + n * HOUR, f"c#{n}") for n, one in enumerate(cases, start=1)]


def again(news: list[CaseNews], status: CaseStatus, **counted: int) -> list[CaseNews]:
    """`news`, and the case reopened or restored 100 hours after it ended, and handled."""
    last = news[-1]
    ended = last.case.closed_at or last.at
    since = MONDAY_NINE + 100 * HOUR
    stood = msgspec.structs.replace(
        last.case, status=status, closed_at=None, last_ended_at=ended, again_since=since, **counted
    )
    for after, stands in enumerate((status, S.HANDLING)):
        number = last.sequence + 1 + after
        one = msgspec.structs.replace(stood, status=stands)
        news = [*news, CaseNews(one, number, "", since + after * HOUR, f"c#{number}")]
    return news


LIVES = [
    life((S.FILED, 0), (S.DISPATCHED, 0), (S.HANDLING, 0), (S.CHECKING, 0), (S.CLOSED, 0), closed_at=CLOSED_AT),
    life((S.FILED, 0), (S.CHECKING, 0), (S.HANDLING, 1), (S.CHECKING, 1), (S.HANDLING, 2), (S.CHECKING, 2)),
    life((S.FILED, 0), (S.CHECKING, 0), (S.HANDLING, 1), (S.CHECKING, 1), (S.CLOSED, 1), closed_at=CLOSED_AT),
    life((S.FILED, 0), (S.DISPATCHED, 0), (S.VOIDED, 0)),
    life((S.FILED, 0), (S.DISPATCHED, 0), (S.MERGED, 0)),
    again(life((S.FILED, 0), (S.CHECKING, 0), (S.CLOSED, 0), closed_at=CLOSED_AT), S.REOPENED, reopenings=1),
    again(life((S.FILED, 0), (S.DISPATCHED, 0), (S.MERGED, 0)), S.FILED, restorations=1),
    life((S.FILED, 0), (S.DISPATCHED, 0), (S.VERIFYING, 0), restorations=1),
    again(life((S.FILED, 0), (S.DISPATCHED, 0), (S.RECEIVED, 0), restorations=1), S.FILED),
]


def deliver(news: Sequence[CaseNews]) -> list[Task]:
    """The tasks that the handler makes when each of `news` comes as a batch of its own; the last has the duty."""
    tasks: list[Task] = []
    for one in news:
        tasks += tell(tasks[-1], [one], ASSIGNER).following if tasks else first_tasks([one], ASSIGNER)
    return tasks


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[CaseNews], list[CaseNews]]:
    """A life, and the same with its events shuffled and some of them repeated."""
    told_in_order = draw(st.sampled_from(LIVES))
    repeated = draw(st.lists(st.sampled_from(told_in_order), max_size=6))
    return told_in_order, draw(st.permutations([*told_in_order, *repeated]))


@given(deliveries())
def test_shuffled_and_repeated_delivery_ends_in_the_same_state(pair: tuple[list[CaseNews], list[CaseNews]]) -> None:
    in_order, shuffled = deliver(pair[0]), deliver(pair[1])
    assert [task.state() for task in shuffled] == [task.state() for task in in_order]
    assert shuffled[-1].case_sequence == in_order[-1].case_sequence == len(pair[0])


@given(deliveries())
def test_one_batch_does_the_same_as_many(pair: tuple[list[CaseNews], list[CaseNews]]) -> None:
    in_order, batch = deliver(pair[0]), by_case(pair[1])
    assert list(batch) == ["c1"]
    at_once = first_tasks(batch["c1"], ASSIGNER)
    assert [task.state() for task in at_once] == [task.state() for task in in_order]
    assert [told(task) for task in at_once] == [told(task) for task in in_order]


OTHER_STREET = "5301/530103/530103001"
CORRECTED: list[dict[str, Any]] = [
    {},
    {"place_path": OTHER_STREET},
    {"place_path": OTHER_STREET, "category": "transport.order"},
    {"place_path": OTHER_STREET, "limit_amount": 2.0},
    {"category": "sanitation.toilet", "limit_amount": 1.0, "limit_clock": "work_day"},
]


def corrections(*facts: dict[str, Any]) -> list[CaseNews]:
    """A case that is filed as the first of `facts` says and corrected to the others, an hour apart."""
    cases = [case(S.DISPATCHED if n else S.FILED, **one) for n, one in enumerate(facts)]
    return [CaseNews(one, n, "", MONDAY_NINE + n * HOUR, f"c#{n}") for n, one in enumerate(cases, start=1)]


def assigned(news: Sequence[CaseNews]) -> list[Task]:
    """Every task of the case after each of `news` came as a batch of its own; the last has the duty."""
    tasks: list[Task] = []
    for one in news:
        if not tasks:
            tasks = [task for task in [first_task([one], ASSIGNER)] if task is not None]
        else:
            following = tell(tasks[-1], [one], ASSIGNER).following
            tasks += following
    return tasks


@given(st.lists(st.sampled_from(CORRECTED), min_size=1, max_size=5), st.data())
def test_corrections_in_any_order_end_with_the_newest_in_one_unit(facts: list[dict[str, Any]], data: Any) -> None:
    in_order = corrections(*facts)
    tasks = assigned(data.draw(st.permutations([*in_order, *data.draw(st.lists(st.sampled_from(in_order)))])))
    expected = ASSIGNER.first(in_order[-1].case, "c#1")
    *before, current = tasks
    assert {task.status for task in before} <= {TaskStatus.WITHDRAWN}
    assert [task.round for task in tasks] == list(range(1, len(tasks) + 1))
    assert current.status == TaskStatus.ISSUED
    for name in ("responsible_unit", "place_path", "category", "title", "limit_amount", "limit_clock", "inside_places"):
        assert getattr(current, name) == getattr(expected, name)
    assert current.case_sequence == len(in_order)


def test_a_correction_moves_the_duty_and_says_why() -> None:
    first, second = assigned(corrections({}, {"place_path": OTHER_STREET}))
    assert (told(first), first.reassigned) == (["task_assigned", "task_withdrawn"], True)
    assert (second.pk, second.issued_at, second.round, second.returns) == ("c1-2", MONDAY_NINE + 2 * HOUR, 2, 0)
    assert second.deadline == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # four working hours from 11:00
    assert second.outbox[0].cause == first.outbox[-1].id
    assert not tell(first, corrections({}, {}, {}), ASSIGNER).done


def test_a_deadline_that_is_corrected_after_it_passed_is_open_again() -> None:
    [task] = assigned(corrections({"limit_amount": 0.5}))
    at = MONDAY_NINE + HOUR
    assert says_overdue(task, at)
    tell(task, [CaseNews(case(S.DISPATCHED), 2, "", at, "c#2")], ASSIGNER)
    assert (task.overdue, task.watch_until) == (False, datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
    assert told(task) == ["task_assigned", "task_due_soon", "task_overdue", "task_assigned"]


def test_a_case_voided_before_its_filing_was_heard_leaves_a_withdrawn_task() -> None:
    *_, voided = life((S.FILED, 0), (S.VOIDED, 0))
    [task] = deliver([voided])
    assert task.status == TaskStatus.WITHDRAWN
    assert told(task) == ["task_assigned", "task_withdrawn"]


def test_an_enquiry_that_was_never_filed_gets_no_task() -> None:
    answered = case(S.ANSWERED, filed_at=None)
    assert not needs_task(answered)
    assert first_task([CaseNews(answered, 2, "", MONDAY_NINE, "c#2")], ASSIGNER) is None


def test_a_repeated_filing_leaves_a_task_on_which_people_have_worked_untouched() -> None:
    task, [filed] = case_task(), life((S.FILED, 0))
    tell(task, [filed], ASSIGNER)
    task.accept("张三", MONDAY_NINE, "request/1")
    before = task.to_mongo()
    assert tell(task, [filed], ASSIGNER).done
    assert task.to_mongo() == before


def test_a_rework_needs_no_words_but_keeps_those_that_were_written() -> None:
    task = case_task()
    task.follow(case(S.HANDLING, reworks=1), 5, "仍有垃圾", MONDAY_NINE, "cause")
    assert (task.status, task.reworks, task.history[-1]["note"]) == (TaskStatus.RECTIFYING, 1, "仍有垃圾")
    task.follow(case(S.HANDLING, reworks=2), 7, "", MONDAY_NINE, "cause")
    assert (task.reworks, task.history[-1]["note"]) == (2, "核查未通过，返工")


def test_a_returned_task_sends_the_news_on_to_the_next_one() -> None:
    task = case_task()
    task.give_back("张三", "不属本辖区", "5301/530102", MONDAY_NINE, "request/1")
    assert not tell(task, life((S.FILED, 0), (S.VOIDED, 0)), ASSIGNER).done
    assert task.status == TaskStatus.RETURNED


def test_a_case_that_is_merely_revised_moves_only_the_mark() -> None:
    task = case_task()
    task.follow(case(S.DISPATCHED, reports=2), 4, "", MONDAY_NINE, "cause")
    assert (task.case_sequence, task.sequence, told(task)) == (4, 1, ["task_assigned"])


def received(event: CaseClosed | CaseVoided | CaseReworkRequested) -> Received[Any]:
    return Received(event, seal(event, subject="case/c1", sequence=3, at=MONDAY_NINE, cause="x"))


def test_what_an_officer_wrote_comes_with_the_news() -> None:
    state: CaseState = case(S.CLOSED)
    assert read(received(CaseClosed(case=state, condition="恢复"))).note == "恢复"
    assert read(received(CaseVoided(case=state, reason="重复"))).note == "重复"
    assert read(received(CaseReworkRequested(case=state, reason="未清"))) == CaseNews(
        state, 3, "未清", MONDAY_NINE, "complaints/case/c1#3"
    )


def test_of_news_under_one_number_what_told_it_counts_and_not_its_echo_whatever_their_times() -> None:
    state = case(S.HANDLING, reworks=1)
    rework = received(CaseReworkRequested(case=state, reason="未清"))
    echo = CaseRevised(case=state, what="处置", unchanged_since=3)
    before = seal(echo, subject="case/c1", sequence=4, at=MONDAY_NINE - HOUR, cause="x")
    after = seal(echo, subject="case/c1", sequence=5, at=MONDAY_NINE + HOUR, cause="x")
    for envelope in (before, after):
        assert by_case(map(read, [Received(echo, envelope), rework, rework])) == {"c1": [read(rework)]}
        assert by_case(map(read, [Received(echo, envelope)])) == {"c1": [read(Received(echo, envelope))]}
