"""自查 at least quarterly: from when on the work list shows until when one is due."""

from datetime import UTC, datetime, timedelta

import pytest

from services.tasks.contracts import TaskStatus
from services.tasks.task_views import self_check_due
from tests.unit.tasks_made import MONDAY_NINE, case_task, plan_task

A_MOMENT = timedelta(milliseconds=1)
QUARTER_ENDS = datetime(2026, 3, 31, 16, tzinfo=UTC) - A_MOMENT  # the last moment of March in the city
SHOWN_FROM = QUARTER_ENDS - timedelta(days=14)


def test_it_is_shown_from_fourteen_days_before_the_end_of_the_quarter_and_stays_when_that_has_passed() -> None:
    one = plan_task(deadline=datetime(2026, 12, 1, tzinfo=UTC)).to_mongo()
    moments = (MONDAY_NINE, SHOWN_FROM - A_MOMENT, SHOWN_FROM, QUARTER_ENDS + timedelta(days=40))
    assert [self_check_due(one, at) for at in moments] == [None, None, QUARTER_ENDS, QUARTER_ENDS]


def test_once_it_was_self_checked_the_next_one_is_due_at_the_end_of_the_next_quarter() -> None:
    task = plan_task(deadline=datetime(2026, 12, 1, tzinfo=UTC))
    task.accept("张三", MONDAY_NINE, "r")
    task.self_check("张三", True, "合格", "", SHOWN_FROM, "r")
    next_ends = datetime(2026, 6, 30, 16, tzinfo=UTC) - A_MOMENT
    shown = [self_check_due(task.to_mongo(), at) for at in (QUARTER_ENDS, next_ends - timedelta(days=14))]
    assert shown == [None, next_ends]


@pytest.mark.parametrize("status", [TaskStatus.SUBMITTED, TaskStatus.SUSPENDED, TaskStatus.CLOSED])
def test_what_is_not_with_its_unit_is_not_to_be_self_checked_now(status: TaskStatus) -> None:
    assert self_check_due(plan_task(status=status).to_mongo(), QUARTER_ENDS) is None


def test_the_task_of_a_case_is_not_self_checked() -> None:
    assert self_check_due(case_task().to_mongo(), QUARTER_ENDS) is None
