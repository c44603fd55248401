"""The states of a task as data: which step leads from where to where (DOMAIN.md §4).

    issued ──accept──► accepted ──submit──► submitted ──close──► closed          (a case's task: the case was closed)
      │                   │                  │   ▲  └──verify──► verified ──close──► closed      (a plan task)
      └──────return───────┤                  │   └─submit──┐
                          ▼               rectify ──► rectifying
                      returned            withdraw, from every open state ──► withdrawn

`overdue` is a fact about time and no state. Self-check, suspension and `in_progress` have their places in the states
already and get their steps with the work list.
"""

from enum import StrEnum
from typing import NamedTuple

from infra.problem import Refused
from services.tasks.contracts import OPEN_STATUSES, TaskSource, TaskStatus

S = TaskStatus


class Step(StrEnum):
    """What can be done with a task; the values are what its history and a stale command's refusal say."""

    ASSIGN = "assigned"
    ACCEPT = "accepted"
    RETURN = "returned"
    SUBMIT = "submitted"
    RECTIFY = "rectifying"
    VERIFY = "verified"
    CLOSE = "closed"
    WITHDRAW = "withdrawn"
    CORRECT = "corrected"
    OVERDUE = "overdue"


class Transition(NamedTuple):
    """One row of the table: the step may be taken from `before` and leads to `after`; `zh` names it for people."""

    before: frozenset[TaskStatus]
    after: TaskStatus
    zh: str


WORKING = frozenset({S.ACCEPTED, S.IN_PROGRESS, S.SELF_CHECKED, S.RECTIFYING})
WITH_THE_UNIT = WORKING | {S.ISSUED}
ENDED = frozenset(TaskStatus) - OPEN_STATUSES - {S.VERIFIED}

_COMMON = {
    Step.ACCEPT: Transition(frozenset({S.ISSUED}), S.ACCEPTED, "签收"),
    Step.RETURN: Transition(frozenset({S.ISSUED, S.ACCEPTED}), S.RETURNED, "退回"),
    Step.SUBMIT: Transition(WORKING, S.SUBMITTED, "申报完成"),
    Step.WITHDRAW: Transition(OPEN_STATUSES, S.WITHDRAWN, "撤回"),
}
# A case decides about its task: it may be closed or found wanting whatever the unit has said by then.
OF_A_CASE = _COMMON | {
    Step.CORRECT: Transition(frozenset({S.ISSUED}), S.ISSUED, "更正"),
    Step.RECTIFY: Transition(OPEN_STATUSES, S.RECTIFYING, "整改"),
    Step.CLOSE: Transition(OPEN_STATUSES, S.CLOSED, "办结"),
}
# Every other duty is verified before it is closed.
VERIFIED_HERE = _COMMON | {
    Step.RECTIFY: Transition(frozenset({S.SUBMITTED}), S.RECTIFYING, "整改"),
    Step.VERIFY: Transition(frozenset({S.SUBMITTED}), S.VERIFIED, "验收"),
    Step.CLOSE: Transition(frozenset({S.VERIFIED}), S.CLOSED, "办结"),
}

STATUS_ZH = {
    S.ISSUED: "已下达",
    S.ACCEPTED: "已签收",
    S.IN_PROGRESS: "办理中",
    S.SELF_CHECKED: "已自查",
    S.SUBMITTED: "已申报完成",
    S.VERIFIED: "已验收",
    S.CLOSED: "已办结",
    S.RETURNED: "已退回",
    S.RECTIFYING: "整改中",
    S.SUSPENDED: "已挂账",
    S.WITHDRAWN: "已撤回",
}


def transitions(source: TaskSource) -> dict[Step, Transition]:
    """The table that holds for tasks from `source`."""
    return OF_A_CASE if source == TaskSource.CASE else VERIFIED_HERE


def after(step: Step, status: TaskStatus, source: TaskSource) -> TaskStatus:
    """The state to which `step` leads from `status`. Raises Refused where the table has no such transition."""
    row = transitions(source).get(step)
    if row is None:
        raise Refused(
            f"a task of source {source} is never {step} here: its case decides",
            "案件派遣的任务由案件核查结案，不在此验收",
            task_status=status,
        )
    if status not in row.before:
        raise Refused(
            f"a task that is {status} cannot be {step}",
            f"任务{STATUS_ZH[status]}，不能{row.zh}",
            task_status=status,
        )
    return row.after
