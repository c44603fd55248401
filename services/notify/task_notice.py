"""交办单 and 整改提醒: what a unit is told about its task. Pure: an event in, a draft out."""

from infra.clock import CITY_ZONE
from infra.messaging.event import Received
from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind
from services.notify.draft import TITLES, Draft, Words
from services.notify.rendering import chinese_moment
from services.tasks.contracts import TaskAssigned, TaskDueSoon, TaskOverdue, TaskSource, TaskState

SOURCES = {
    TaskSource.PLAN: "创建全国文明城市目标任务分解表",
    TaskSource.CASE: "群众诉求与巡查发现",
    TaskSource.MEETING: "会议议定事项",
    TaskSource.LEADER_INSTRUCTION: "领导批示",
    TaskSource.SUPERVISION: "督办事项",
}
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


def assigned(received: Received[TaskAssigned], registry: Registry) -> list[Draft]:
    """交办单: one per task, also where the assignment is told again after a correction."""
    task = received.event.task
    return [_draft(f"assignment-{task.task_id}", BulletinKind.ASSIGNMENT, ASSIGNED, received, registry)]


def due_soon(received: Received[TaskDueSoon], registry: Registry) -> list[Draft]:
    """整改提醒: one for every deadline that comes near."""
    return [_draft(f"reminder-soon-{_by_deadline(received)}", BulletinKind.REMINDER, DUE_SOON, received, registry)]


def overdue(received: Received[TaskOverdue], registry: Registry) -> list[Draft]:
    """整改提醒: one for every deadline that was missed."""
    return [_draft(f"reminder-{_by_deadline(received)}", BulletinKind.REMINDER, OVERDUE, received, registry)]


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


def _draft(
    id: str,
    kind: BulletinKind,
    words: Words,
    received: Received[TaskAssigned] | Received[TaskDueSoon] | Received[TaskOverdue],
    registry: Registry,
) -> Draft:
    task = received.event.task
    return Draft(
        id=id,
        kind=kind,
        unit=task.responsible_unit,
        about=task.title,
        words=words,
        facts=task_facts(task, registry),
        cause=received.envelope.id,
        task_id=task.task_id,
        deadline=task.deadline,
    )


def _by_deadline(received: Received[TaskDueSoon] | Received[TaskOverdue]) -> str:
    task = received.event.task
    return f"{task.task_id}-{task.deadline.astimezone(CITY_ZONE):%Y%m%d%H%M}"


def _reference(task: TaskState) -> str:
    if task.case_number:
        return f"（案件 {task.case_number}）"
    return f"（第{task.plan_row}项）" if task.plan_row else ""
