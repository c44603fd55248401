"""交办单 and 整改提醒: what a unit is told about a task. Pure: a task's state in, facts for the template out."""

from datetime import datetime
from typing import Any

from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind
from services.notify.rendering import chinese_moment
from services.tasks.contracts import TaskSource, TaskState

SOURCES = {
    TaskSource.PLAN: "创建全国文明城市目标任务分解表",
    TaskSource.CASE: "群众诉求与巡查发现",
    TaskSource.MEETING: "会议议定事项",
    TaskSource.LEADER_INSTRUCTION: "领导批示",
    TaskSource.SUPERVISION: "督办事项",
}
TITLES = {BulletinKind.ASSIGNMENT: "创建工作交办单", BulletinKind.REMINDER: "逾期整改提醒"}
OPENINGS = {
    BulletinKind.ASSIGNMENT: "现将下列事项交由你单位办理，请及时签收，按期办结。",
    BulletinKind.REMINDER: "下列事项已超过办理期限，请立即组织整改，并在系统中申报完成情况。",
}
CLOSINGS = {
    BulletinKind.ASSIGNMENT: "不属于你单位职责的，请在下达后一个工作日内说明理由退回；逾期未办结的，将按规定督办。",
    BulletinKind.REMINDER: "仍未按要求办结的，将由上一级单位督办，并作为责任倒查线索。",
}


def facts_of(kind: BulletinKind, task: TaskState, registry: Registry, issued_at: datetime) -> dict[str, Any]:
    """What `templates/notice` needs, but for office and number. `kind` is assignment or reminder."""
    return {
        "title": TITLES[kind],
        "unit": task.responsible_unit,
        "opening": OPENINGS[kind],
        "facts": task_facts(task, registry),
        "closing": CLOSINGS[kind],
        "issued_at": issued_at,
    }


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
