"""The states of a task as data: which step leads from where to where (DOMAIN.md §4).

    issued ──accept──► accepted ──progress──► in_progress ──self_check──► self_checked
      │                   │            │             any of them ──submit──► submitted
      └──────return───────┤            └ ◄──resume── suspended ◄──suspend── any of them, and rectifying
                          ▼
                      returned            submitted ──close──► closed                   (its case was closed)
                                          submitted ──verify──► verified ──close──► closed      (any other duty)
                                          submitted ──rectify──► rectifying ──submit──► submitted
    every open state ──withdraw──► withdrawn

A plan's task is submitted only after a self-check, or when it rectifies. A resumed task is in the state in which it was
suspended; what is a part of a suspended duty stands still with it, also before it was accepted. `overdue` is a
fact about time and no state.
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
    DUE_SOON = "due_soon"
    PROGRESS = "progressed"
    SELF_CHECK = "self_checked"
    SELF_CHECK_FAILED = "self_check_failed"
    ASK_EXTENSION = "extension_asked"
    EXTEND = "extended"
    ASK_SUSPENSION = "suspension_asked"
    SUSPEND = "suspended"
    STAND_STILL = "suspended_with_whole"
    REFUSE = "request_refused"
    RESUME = "resumed"
    DELEGATE = "delegated"
    ASK_ASSIST = "assist_asked"
    ASK_RAISE = "raise_asked"
    ADD_MATERIALS = "materials_added"
    SUPERVISE = "supervised"
    RECALCULATE = "recalculated"


class Transition(NamedTuple):
    """One row of the table: the step may be taken from `before` and leads to `after`, but from `stays` nowhere; `zh`
    names it for people."""

    before: frozenset[TaskStatus]
    after: TaskStatus
    zh: str
    stays: frozenset[TaskStatus] = frozenset()

    def leads(self, status: TaskStatus) -> TaskStatus:
        """The state in which the step leaves what was in `status`."""
        return status if status in self.stays else self.after


WORKING = frozenset({S.ACCEPTED, S.IN_PROGRESS, S.SELF_CHECKED, S.RECTIFYING})
WITH_THE_UNIT = WORKING | {S.ISSUED}
NOT_STOPPED = OPEN_STATUSES - {S.SUSPENDED}
ENDED = frozenset(TaskStatus) - OPEN_STATUSES - {S.VERIFIED}


def _kept(zh: str) -> Transition:
    """A step of a unit at work that moves no state."""
    return Transition(WORKING, S.IN_PROGRESS, zh, stays=WORKING)


_COMMON = {
    Step.PROGRESS: Transition(WORKING, S.IN_PROGRESS, "报告进展", stays=frozenset({S.IN_PROGRESS, S.RECTIFYING})),
    Step.ASK_EXTENSION: _kept("申请延期"),
    Step.EXTEND: _kept("延期"),
    Step.ASK_SUSPENSION: _kept("申请挂账"),
    Step.ASK_RAISE: _kept("上报提级"),
    Step.REFUSE: _kept("答复申请"),
    Step.SUSPEND: Transition(WORKING, S.SUSPENDED, "挂账"),
    Step.STAND_STILL: Transition(WITH_THE_UNIT, S.SUSPENDED, "随主办或上级任务挂账"),
    Step.RESUME: Transition(frozenset({S.SUSPENDED}), S.IN_PROGRESS, "恢复办理"),
    Step.DELEGATE: _kept("向下分解"),
    Step.ASK_ASSIST: _kept("请求协办"),
    Step.ADD_MATERIALS: Transition(OPEN_STATUSES, S.IN_PROGRESS, "补充材料", stays=OPEN_STATUSES),
    Step.ACCEPT: Transition(frozenset({S.ISSUED}), S.ACCEPTED, "签收"),
    Step.RETURN: Transition(frozenset({S.ISSUED, S.ACCEPTED}), S.RETURNED, "退回"),
    Step.SUBMIT: Transition(WORKING, S.SUBMITTED, "申报完成"),
    Step.WITHDRAW: Transition(OPEN_STATUSES, S.WITHDRAWN, "撤回"),
    Step.SUPERVISE: Transition(NOT_STOPPED, S.IN_PROGRESS, "督办", stays=NOT_STOPPED),
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
# What a plan says is checked by the unit itself before it says that it is done (目标考核机制).
OF_A_PLAN = VERIFIED_HERE | {
    Step.SELF_CHECK: Transition(WORKING, S.SELF_CHECKED, "自查", stays=frozenset({S.RECTIFYING})),
    Step.SELF_CHECK_FAILED: Transition(WORKING, S.IN_PROGRESS, "自查", stays=frozenset({S.RECTIFYING})),
    Step.SUBMIT: Transition(frozenset({S.SELF_CHECKED, S.RECTIFYING}), S.SUBMITTED, "申报完成"),
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


def transitions(source: TaskSource, *, part: bool = False) -> dict[Step, Transition]:
    """The table that holds for tasks from `source`. A `part` that a unit gave to others is checked by that unit,
    whatever the source."""
    if part:
        return VERIFIED_HERE
    return {TaskSource.CASE: OF_A_CASE, TaskSource.PLAN: OF_A_PLAN}.get(source, VERIFIED_HERE)


def after(step: Step, status: TaskStatus, source: TaskSource, *, part: bool = False) -> TaskStatus:
    """The state to which `step` leads from `status`. Raises Refused where the table has no such transition."""
    row = transitions(source, part=part).get(step)
    if row is None:
        raise _never(step, status, source)
    if step == Step.SUBMIT and status in WORKING - row.before:
        raise Refused("a plan's task is submitted after a self-check", "分解任务应先自查再申报完成", task_status=status)
    if status not in row.before:
        raise Refused(
            f"a task that is {status} cannot be {step}",
            f"任务{STATUS_ZH[status]}，不能{row.zh}",
            task_status=status,
        )
    return row.leads(status)


def _never(step: Step, status: TaskStatus, source: TaskSource) -> Refused:
    if step in (Step.SELF_CHECK, Step.SELF_CHECK_FAILED):
        return Refused("only a plan's tasks are self-checked", "只有分解任务需要自查", task_status=status)
    return Refused(
        f"a task of source {source} is never {step} here: its case decides",
        "案件派遣的任务由案件核查结案，不在此验收",
        task_status=status,
    )
