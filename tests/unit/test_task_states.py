"""The table of a task's states: nothing but what it says can happen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.problem import Refused
from services.tasks.contracts import OPEN_STATUSES, TaskSource, TaskStatus
from services.tasks.task_states import ENDED, STATUS_ZH, Step, after, transitions

CASE, PLAN = TaskSource.CASE, TaskSource.PLAN
S = TaskStatus


def lead_to(step: Step, source: TaskSource) -> dict[TaskStatus, TaskStatus]:
    row = transitions(source)[step]
    return {status: row.leads(status) for status in row.before}


def test_only_what_is_issued_can_be_accepted() -> None:
    assert lead_to(Step.ACCEPT, CASE) == lead_to(Step.ACCEPT, PLAN) == {S.ISSUED: S.ACCEPTED}


def test_a_task_can_be_returned_before_work_on_it_began() -> None:
    assert lead_to(Step.RETURN, CASE) == {S.ISSUED: S.RETURNED, S.ACCEPTED: S.RETURNED}


def test_what_was_not_accepted_cannot_be_submitted() -> None:
    with pytest.raises(Refused) as refused:
        after(Step.SUBMIT, S.ISSUED, CASE)
    assert refused.value.detail == "a task that is issued cannot be submitted"
    assert refused.value.detail_zh == "任务已下达，不能申报完成"
    assert refused.value.extra == {"task_status": "issued"}


def test_a_case_closes_its_task_from_every_open_state() -> None:
    assert lead_to(Step.CLOSE, CASE) == dict.fromkeys(OPEN_STATUSES, S.CLOSED)


def test_a_plan_task_is_closed_only_after_it_was_verified() -> None:
    assert lead_to(Step.CLOSE, PLAN) == {S.VERIFIED: S.CLOSED}
    assert lead_to(Step.VERIFY, PLAN) == {S.SUBMITTED: S.VERIFIED}


def test_the_task_of_a_case_is_never_verified_here() -> None:
    with pytest.raises(Refused) as refused:
        after(Step.VERIFY, S.SUBMITTED, CASE)
    assert refused.value.detail_zh == "案件派遣的任务由案件核查结案，不在此验收"


def test_every_state_has_a_chinese_name() -> None:
    assert set(STATUS_ZH) == set(TaskStatus)


@given(step=st.sampled_from(Step), status=st.sampled_from(sorted(ENDED)), source=st.sampled_from(TaskSource))
def test_nothing_leads_out_of_an_end(step: Step, status: TaskStatus, source: TaskSource) -> None:
    with pytest.raises(Refused):
        after(step, status, source)


@given(steps=st.lists(st.sampled_from(Step), max_size=12), source=st.sampled_from(TaskSource))
def test_no_walk_leaves_the_table(steps: list[Step], source: TaskSource) -> None:
    status, table = S.ISSUED, transitions(source)
    for step in steps:
        allowed = step in table and status in table[step].before
        if allowed:
            status = after(step, status, source)
            assert status in {table[step].after} | table[step].stays
        else:
            with pytest.raises(Refused):
                after(step, status, source)
