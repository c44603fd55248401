"""A task speaks: each step checks, changes and tells."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from infra.problem import InvalidInput, Problem, Refused
from services.complaints.contracts import CaseStatus
from services.tasks.contracts import TaskAssigned, TaskReturned, TaskSource, TaskState, TaskStatus
from services.tasks.task import Task
from tests.unit.tasks_made import ASSIGNER, HOUR, MONDAY_NINE, STREET, case, case_task, plan_task, says_overdue, told

NOON = MONDAY_NINE + 3 * HOUR
SAID_LATE = ["task_assigned", "task_due_soon", "task_overdue"]


def checked(task: Task) -> None:
    if task.source == TaskSource.PLAN:
        task.self_check("张三", True, "合格", "", MONDAY_NINE + 2 * HOUR, "request/3")


def submitted(task: Task) -> Task:
    task.accept("张三", MONDAY_NINE + HOUR, "request/2")
    checked(task)
    task.submit("张三", "已清运", MONDAY_NINE + 2 * HOUR, "request/3")
    return task


def test_a_filed_case_becomes_a_task_of_its_street_with_a_deadline_by_its_clock() -> None:
    assert case_task().state() == TaskState(
        task_id="c1-1",
        source="case",
        status=TaskStatus.ISSUED,
        title="垃圾清运（华山街道）",
        responsible_unit=STREET,
        place_path=STREET,
        issued_at=MONDAY_NINE,
        deadline=datetime(2026, 3, 2, 7, 0, tzinfo=UTC),  # 15:00: three hours until noon, one after two o'clock
        deadline_provisional=False,
        overdue=False,
        case_id="c1",
        case_number="昆创案〔2026〕1号",
        category="sanitation.garbage",
        round=1,
        routed_because="垃圾清运属日常工作，由属地办理；地点在华山街道",
    )


def test_a_case_without_a_limit_has_five_working_days() -> None:
    task = case_task(limit_amount=None, limit_clock=None)
    assert task.deadline == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)


def test_issue_tells_that_the_unit_has_a_duty_and_why() -> None:
    task = case_task()
    [envelope] = task.outbox
    assert envelope.id == "tasks/task/c1-1#1"
    assert envelope.cause == "complaints/case/c1#1"
    assert msgspec.json.decode(envelope.data, type=TaskAssigned) == TaskAssigned(task=task.state())
    assert task.history == [
        {"version": 1, "what": "assigned", "by": "系统", "at": MONDAY_NINE, "note": task.routed_because}
    ]


def test_acceptance_within_a_working_day_is_in_time() -> None:
    task = case_task()
    task.accept("张三", MONDAY_NINE + 24 * HOUR, "request/2")
    assert (task.status, task.accepted_in_time) == (TaskStatus.ACCEPTED, True)


def test_acceptance_after_a_working_day_is_possible_but_late() -> None:
    task = case_task()
    task.accept("张三", MONDAY_NINE + 24 * HOUR + timedelta(milliseconds=1), "request/2")
    assert task.accepted_in_time is False


def test_a_return_names_the_reason_and_the_next_unit() -> None:
    task = case_task()
    task.give_back("张三", "不属本辖区", "5301/530102", NOON, "request/2")
    event = msgspec.json.decode(task.outbox[-1].data, type=TaskReturned)
    assert (event.reason, event.next_unit, event.by) == ("不属本辖区", "5301/530102", "张三")
    assert event.task.status == TaskStatus.RETURNED


def test_a_return_after_a_working_day_is_refused_the_first_receiver_is_responsible() -> None:
    with pytest.raises(Refused) as refused:
        case_task().give_back("张三", "不属本辖区", None, MONDAY_NINE + 24.01 * HOUR, "request/2")
    assert refused.value.detail_zh == "已超过下达后一个工作日的退回时限，按首接负责制由本单位办理"
    assert refused.value.extra == {"until": "2026-03-03T01:00:00+00:00"}


def test_friday_afternoon_can_be_returned_until_monday_afternoon() -> None:
    friday_four = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
    task = case_task(filed_at=friday_four)
    task.give_back("张三", "不属本辖区", None, datetime(2026, 3, 9, 8, 0, tzinfo=UTC), "request/2")
    assert task.status == TaskStatus.RETURNED


def test_what_came_back_twice_stays_decided() -> None:
    task, at = case_task(), MONDAY_NINE
    for _ in range(2):
        route = ASSIGNER.next_unit(task)
        task.give_back("张三", "不属本辖区", route.unit, at, "request/2")
        task = ASSIGNER.next(task, route, "系统", at, task.outbox[-1].id)
    assert (task.pk, task.round, task.responsible_unit) == ("c1-3", 3, "5301/~office")
    assert task.routed_because == "已退回2次，由总指挥部办公室裁定"
    with pytest.raises(Refused) as refused:
        task.give_back("市创文办", "不属本单位", None, at, "request/3")
    assert refused.value.detail_zh == "已由总指挥部办公室裁定，不能再退回"


def test_the_next_unit_has_the_same_limit_from_its_own_issue() -> None:
    task = case_task()
    route = ASSIGNER.next_unit(task)
    task.give_back("张三", "不属本辖区", route.unit, NOON, "request/2")
    following = ASSIGNER.next(task, route, "系统", NOON, "cause")
    assert (following.issued_at, following.responsible_unit) == (NOON, "5301/530102")
    assert following.deadline == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert following.title == task.title


def test_a_lead_unit_of_the_plan_cannot_give_its_task_back_but_a_unit_below_can() -> None:
    with pytest.raises(Refused, match="names this unit as lead"):
        plan_task().give_back("李四", "人手不足", None, NOON, "request/2")
    below = plan_task(parent_id="p", lineage=["p"])
    below.give_back("李四", "人手不足", None, NOON, "request/2")
    assert below.status == TaskStatus.RETURNED


def test_a_passed_verification_closes_a_plan_task_in_the_same_step() -> None:
    task = submitted(plan_task())
    task.verify("市创文办", "合格", NOON, "request/4")
    assert (task.status, task.closed_at) == (TaskStatus.CLOSED, NOON)
    assert told(task)[-2:] == ["task_verified", "task_closed"]


def test_a_failed_verification_needs_a_reason_and_sends_the_same_unit_to_rectify() -> None:
    task = submitted(plan_task())
    with pytest.raises(InvalidInput):
        task.fail("市创文办", " ", NOON, "request/4")
    task.fail("市创文办", "楼道仍有杂物", NOON, "request/4")
    assert (task.status, task.reworks, task.responsible_unit) == (TaskStatus.RECTIFYING, 1, "5301/530102")
    task.submit("李四", "已清理", NOON, "request/5")
    assert task.status == TaskStatus.SUBMITTED


def test_a_parent_cannot_be_submitted_while_tasks_below_it_are_open() -> None:
    task = plan_task()
    task.accept("李四", NOON, "request/2")
    with pytest.raises(Refused) as refused:
        task.submit("李四", "已完成", NOON, "request/3", unfinished_below=3)
    assert refused.value.detail_zh == "还有3项下级任务未完成，不能申报"


def test_overdue_is_said_once_and_only_after_the_deadline() -> None:
    task = case_task()
    assert not says_overdue(task, task.deadline)
    assert says_overdue(task, task.deadline + timedelta(milliseconds=1))
    assert not says_overdue(task, task.deadline + HOUR)
    assert (task.overdue, task.status, told(task)) == (True, TaskStatus.ISSUED, SAID_LATE)


def test_a_submitted_task_waits_for_others_and_does_not_become_overdue_but_a_rectifying_one_does() -> None:
    task = submitted(case_task())
    late = task.deadline + HOUR
    assert not says_overdue(task, late)
    task.rectify("系统", "仍有垃圾", late, "cause")
    assert says_overdue(task, late)


def late_by_a_moment(task: Task) -> datetime:
    return task.deadline + timedelta(milliseconds=1)


@pytest.mark.parametrize("made", [case_task, plan_task])
def test_what_is_submitted_after_its_deadline_is_overdue_even_before_the_scanner_looks(
    made: Callable[[], Task],
) -> None:
    task = made()
    task.accept("张三", MONDAY_NINE + HOUR, "request/2")
    checked(task)
    late = late_by_a_moment(task)
    task.submit("张三", "已清运", late, "request/3")
    assert (task.overdue, task.status) == (True, TaskStatus.SUBMITTED)
    assert told(task)[:2] == ["task_assigned", "task_accepted"]
    assert told(task)[-2:] == ["task_overdue", "task_submitted"]
    assert [envelope.cause for envelope in task.outbox[-2:]] == [f"deadline/{task.pk}", "request/3"]
    assert not says_overdue(task, late + HOUR)


def test_what_is_submitted_at_its_deadline_is_in_time() -> None:
    task = case_task()
    task.accept("张三", NOON, "request/2")
    task.submit("张三", "已清运", task.deadline, "request/3")
    assert (task.overdue, told(task)[-1]) == (False, "task_submitted")


def test_a_case_closed_or_sent_back_while_the_late_unit_still_worked_makes_its_task_overdue() -> None:
    closed, sent_back = case_task(), case_task()
    closed.close("系统", None, late_by_a_moment(closed), "cause")
    sent_back.rectify("系统", "仍有垃圾", late_by_a_moment(sent_back), "cause")
    assert told(closed) == ["task_assigned", "task_due_soon", "task_overdue", "task_closed"]
    assert told(sent_back) == ["task_assigned", "task_due_soon", "task_overdue", "task_rectifying"]


def test_a_submission_that_is_refused_tells_nothing_about_the_deadline() -> None:
    task = case_task()
    with pytest.raises(Refused):
        task.submit("张三", "已清运", late_by_a_moment(task), "request/2")
    assert (task.overdue, told(task)) == (False, ["task_assigned"])


TUESDAY_NINE = MONDAY_NINE + 24 * HOUR


def test_rework_of_what_was_submitted_in_time_has_the_time_that_was_left_then() -> None:
    task = submitted(case_task(limit_amount=16.0))  # due on Wednesday 9:00; on Monday 11:00 14 working hours were left
    task.follow(case(CaseStatus.HANDLING, reworks=1), 5, "未清", TUESDAY_NINE, "cause", ASSIGNER.again)
    assert task.deadline == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # Wednesday 17:00
    assert not says_overdue(task, task.deadline)
    assert says_overdue(task, late_by_a_moment(task))


def test_rework_has_at_least_the_own_limit_or_one_working_day_whichever_is_shorter() -> None:
    short, long = submitted(case_task()), case_task(limit_amount=5.0, limit_clock="work_day")
    short.follow(case(CaseStatus.HANDLING, reworks=1), 5, "未清", TUESDAY_NINE, "cause", ASSIGNER.again)
    assert short.deadline == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # four working hours, not the two that were left
    long.accept("张三", MONDAY_NINE, "request/2")
    long.submit("张三", "已清运", long.deadline, "request/3")
    long.follow(case(CaseStatus.HANDLING, reworks=1), 5, "未清", long.deadline, "cause", ASSIGNER.again)
    assert long.deadline == datetime(2026, 3, 10, 1, 0, tzinfo=UTC)  # nothing was left: Monday nine to Tuesday nine


def test_rework_of_a_plan_task_in_natural_time() -> None:
    task = submitted(plan_task())  # due on 1 April, submitted on 2 March 11:00
    at = task.deadline + 48 * HOUR
    task.fail("市创文办", "楼道仍有杂物", at, "request/4", until=ASSIGNER.again(task, at))
    assert task.deadline == at + (datetime(2026, 4, 1, tzinfo=UTC) - (MONDAY_NINE + 2 * HOUR))
    assert not says_overdue(task, at + HOUR)


def test_what_was_submitted_late_gets_no_new_time_and_is_not_said_twice() -> None:
    task = case_task()
    task.accept("张三", NOON, "request/2")
    due, late = task.deadline, late_by_a_moment(task)
    task.submit("张三", "已清运", late, "request/3")
    task.follow(case(CaseStatus.HANDLING, reworks=1), 5, "未清", late + HOUR, "cause", ASSIGNER.again)
    assert (task.deadline, task.overdue) == (due, True)
    assert told(task).count("task_overdue") == 1
    assert not says_overdue(task, late + 48 * HOUR)


def test_the_unit_that_submitted_does_not_verify() -> None:
    task = plan_task()
    task.accept("李四", NOON, "request/2", by_unit="5301/530102")
    checked(task)
    task.submit("李四", "已清理", NOON, "request/3", by_unit="5301/530102")
    before = copy.deepcopy(task.to_mongo())
    for step in (task.verify, task.fail):
        with pytest.raises(Refused) as refused:
            step("王五", "合格", NOON, "request/4", by_unit="5301/530102")
        assert refused.value.detail_zh == "本单位申报完成的任务不能由本单位验收"
    assert task.to_mongo() == before
    task.verify("李四", "合格", NOON, "request/5", by_unit="5301/~office")
    assert task.status == TaskStatus.CLOSED
    assert [step.get("by_unit") for step in task.history] == [
        None,
        "5301/530102",
        None,
        "5301/530102",
        "5301/~office",
        None,
    ]


def test_only_the_last_submission_counts_for_who_may_not_verify() -> None:
    task = plan_task()
    task.accept("李四", NOON, "request/2")
    checked(task)
    task.submit("李四", "已清理", NOON, "request/3", by_unit="5301/~office")
    task.fail("王五", "仍有杂物", NOON, "request/4", by_unit="5301/530102")
    task.submit("李四", "已清理", NOON, "request/5", by_unit="5301/530102")
    task.verify("赵六", "合格", NOON, "request/6", by_unit="5301/~office")
    assert task.status == TaskStatus.CLOSED


def test_a_work_list_begins_with_the_earliest_deadline_and_ends_with_what_has_ended() -> None:
    early, late = case_task(limit_amount=1.0), case_task(limit_amount=8.0)
    waiting, closed = submitted(case_task(limit_amount=0.5)), case_task(limit_amount=0.1)
    closed.close("系统", None, NOON, "cause")
    ordered = sorted([closed, waiting, late, early], key=lambda task: task.order_key)
    assert ordered == [early, late, waiting, closed]
    assert [task.order_key[0] for task in ordered] == ["3", "3", "4", "5"]


REFUSED: dict[str, Callable[[Task], None]] = {
    "accepting twice": lambda task: task.accept("李四", NOON, "r"),
    "submitting without a result": lambda task: task.submit("李四", "", NOON, "r"),
    "returning without a reason": lambda task: task.give_back("李四", "  ", None, NOON, "r"),
    "returning too late": lambda task: task.give_back("李四", "x", None, NOON + 48 * HOUR, "r"),
    "verifying the task of a case": lambda task: task.verify("李四", "x", NOON, "r"),
    "failing the task of a case": lambda task: task.fail("李四", "x", NOON, "r"),
}


@pytest.mark.parametrize("step", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_step_changes_nothing_and_tells_nothing(step: Callable[[Task], None]) -> None:
    task = case_task()
    task.accept("张三", NOON, "request/2")
    before = copy.deepcopy(task.to_mongo())
    with pytest.raises(Problem):
        step(task)
    assert task.to_mongo() == before


def test_whom_a_stale_officer_is_told_about() -> None:
    task = case_task()
    task.accept("张三", NOON, "request/2")
    assert task.last_change() == {
        "changed_by": "张三",
        "changed_at": "2026-03-02T04:00:00+00:00",
        "changed_what": "accepted",
    }


def test_every_event_carries_the_full_state_after_the_step() -> None:
    task = submitted(case_task())
    states = [msgspec.json.decode(envelope.data)["task"]["status"] for envelope in task.outbox]
    assert states == ["issued", "accepted", "submitted"]
    assert [envelope.sequence for envelope in task.outbox] == [1, 2, 3]


@pytest.mark.parametrize("status", [CaseStatus.VOIDED, CaseStatus.ANSWERED, CaseStatus.MERGED])
def test_a_case_that_falls_away_withdraws_its_task(status: CaseStatus) -> None:
    task = case_task()
    assert task.follow(case(status), 5, "重复", NOON, "cause")
    assert task.status == TaskStatus.WITHDRAWN
