"""交办单, 整改提醒 and 督办通知单: what a unit is told about a task, or about the order that pushes it. Pure: its state
in, facts for the template out."""

from datetime import datetime
from typing import Any, NamedTuple

from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind
from services.notify.rendering import chinese_moment
from services.tasks.contracts import SupervisionState, TaskSource, TaskState

SOURCES = {
    TaskSource.PLAN: "创建全国文明城市目标任务分解表",
    TaskSource.CASE: "群众诉求与巡查发现",
    TaskSource.MEETING: "会议议定事项",
    TaskSource.LEADER_INSTRUCTION: "领导批示",
    TaskSource.SUPERVISION: "督办事项",
}
TITLES = {
    BulletinKind.ASSIGNMENT: "创建工作交办单",
    BulletinKind.REMINDER: "整改提醒",
    BulletinKind.SUPERVISION: "督办通知单",
}
Subject = TaskState | SupervisionState


class Words(NamedTuple):
    """What stands around the facts."""

    title: str
    opening: str
    closing: str


ASSIGNED = Words(
    TITLES[BulletinKind.ASSIGNMENT],
    "现将下列事项交由你单位办理，请及时签收，按期办结。",
    "不属于你单位职责的，请在下达后一个工作日内说明理由退回；逾期未办结的，将按规定督办。",
)
DUE_SOON = Words(
    "临期整改提醒",
    "下列事项的办理时限即将届满，请抓紧办理，按期申报完成情况。",
    "确需延期的，请在期限届满前说明理由提出申请；逾期未办结的，将按规定督办。",
)
OVERDUE = Words(
    "逾期整改提醒",
    "下列事项已超过办理期限，请立即组织整改，并在系统中申报完成情况。",
    "仍未按要求办结的，将由上一级单位督办，并作为责任倒查线索。",
)
SUPERVISED = Words(
    TITLES[BulletinKind.SUPERVISION],
    "现对下列事项予以督办，请及时签收，立即组织办理，并在答复期限前书面答复办理情况。",
    "逾期未答复的，将作为责任倒查线索移交处理。",
)


def facts_of(kind: BulletinKind, subject: Subject, registry: Registry, issued_at: datetime) -> dict[str, Any]:
    """What `templates/notice` needs, but for office and number. `kind` is assignment, reminder or supervision."""
    words = _words(kind, subject)
    return {
        "title": words.title,
        "unit": unit_of(subject),
        "opening": words.opening,
        "facts": _facts(subject, registry),
        "closing": words.closing,
        "issued_at": issued_at,
    }


def _words(kind: BulletinKind, subject: Subject) -> Words:
    if isinstance(subject, SupervisionState):
        return SUPERVISED
    if kind == BulletinKind.ASSIGNMENT:
        return ASSIGNED
    return OVERDUE if subject.overdue else DUE_SOON


def _facts(subject: Subject, registry: Registry) -> list[tuple[str, str]]:
    return order_facts(subject, registry) if isinstance(subject, SupervisionState) else task_facts(subject, registry)


def unit_of(subject: Subject) -> str:
    """To whom it is addressed."""
    return subject.unit if isinstance(subject, SupervisionState) else subject.responsible_unit


def order_facts(order: SupervisionState, registry: Registry) -> list[tuple[str, str]]:
    """The lines of the table of a 督办通知单."""
    return [
        ("督办编号", order.number),
        ("督办单位", registry.name(order.by_unit)),
        ("事项", order.title),
        ("发生地点", registry.name(order.place_path)),
        ("督办理由", order.because),
        ("答复期限", chinese_moment(order.answer_by)),
    ]


def task_facts(task: TaskState, registry: Registry) -> list[tuple[str, str]]:
    """The lines of the notice's table, each with its label; what does not apply is left out."""
    deadline = chinese_moment(task.deadline) + ("，暂定，节假日安排公布后核定" if task.deadline_provisional else "")
    facts = [
        ("事项", task.title),
        ("来源", SOURCES[task.source] + _reference(task)),
        ("发生地点", registry.name(task.place_path)),
        ("办理期限", deadline),
        ("交办轮次", f"第{task.round}次交办" if task.round > 1 else ""),
        ("交办依据", task.routed_because),
    ]
    return [(label, value) for label, value in facts if value]


def _reference(task: TaskState) -> str:
    if task.case_number:
        return f"（案件 {task.case_number}）"
    return f"（第{task.plan_row}项）" if task.plan_row else ""
