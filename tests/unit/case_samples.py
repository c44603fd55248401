"""Reports, decisions, tasks and cases to try the rules of a case on. No database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.complaints.case import Case
from services.complaints.contracts import Channel, Reason, RequestKind, Urgency
from services.complaints.corrections import Decided
from services.complaints.limits import Limit
from services.complaints.privacy import Vault
from services.complaints.report import Report
from services.complaints.triage.decide import TriageDecision
from services.complaints.work_order import Content, WorkOrder
from services.tasks.contracts import TaskSource, TaskState, TaskStatus

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
VAULT = Vault("a master key for tests")
STREET = "5301/530102/530102001"
POLICE = "5301/~psb"
DESK = "坐席李"
ORDER = WorkOrder(
    external_id="GD1",
    content=Content(
        title="井盖缺失", text="翠湖南路人行道上一个雨水井盖缺失，希望尽快处理。", place_fields={"事发地址": "翠湖南路"}
    ),
    personal={"来电人": "李女士", "号码": "13800000000"},
)
DECISION = TriageDecision(
    category="facility.manhole",
    category_name="井盖设施",
    place_path=STREET,
    urgency=Urgency.NORMAL,
    request_kind=RequestKind.COMPLAINT,
    subject="城乡建设",
    reasons={"category": Reason("依据特征词“井盖”归入井盖设施", ["井盖 +6.0"])},
)


def raw(order: WorkOrder, **more: str) -> bytes:
    """What the hotline pushed for `order`, with fields that no parser reads."""
    item = {"工单编号": order.external_id, "诉求内容": order.content.text} | order.personal | more
    return msgspec.json.encode(item)


def report(number: str = "GD1", text: str = ORDER.content.text) -> Report:
    """A report of hotline 12345."""
    content = msgspec.structs.replace(ORDER.content, text=text)
    order = msgspec.structs.replace(ORDER, external_id=number, content=content)
    return Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=AT, cause="intake/1"
    )


def revised(number: str = "GD1") -> Report:
    """The report with one revision."""
    changed = report(number)
    content = msgspec.structs.replace(ORDER.content, text="翠湖南路两个雨水井盖缺失。")
    order = msgspec.structs.replace(ORDER, external_id=number, content=content)
    assert changed.revise(order, raw(order), vault=VAULT, at=AT + timedelta(hours=1), cause="intake/2")
    return changed


def case(kind: RequestKind = RequestKind.COMPLAINT, number: str = "GD1") -> Case:
    """A new case of `report(number)`."""
    decision = msgspec.structs.replace(DECISION, request_kind=kind)
    return Case.open_with(
        report(number), decision, number="昆创案〔2026〕000001", limit=Limit(4.0, "work_hour"), at=AT, cause="e/1"
    )


def task(status: TaskStatus, **changes: Any) -> TaskState:
    """A task of the case in this status."""
    state = TaskState(
        task_id="t1",
        source=TaskSource.CASE,
        status=status,
        title="井盖设施 华山街道",
        responsible_unit=STREET,
        place_path=STREET,
        issued_at=AT,
        deadline=AT + timedelta(hours=4),
        deadline_provisional=False,
        overdue=False,
    )
    return msgspec.structs.replace(state, **changes)


def limit_of(decided: Decided) -> Limit:
    """A quarter of an hour for what is critical, half the usual for what is urgent."""
    return Limit({"normal": 4.0, "urgent": 2.0, "critical": 0.25}[decided.urgency], "work_hour")


def joins(
    found: Case, came: Report, *, decision: TriageDecision = DECISION, why: str = "文字相同", at: datetime = AT
) -> bool:
    """Let a report join the case."""
    return found.join(came, decision, why, limit_of=limit_of, at=at, cause="e/2")


def hears_revision(found: Case, came: Report, *, decision: TriageDecision = DECISION, at: datetime = AT) -> bool:
    """Let the case note the revision of a report."""
    return found.note_revision(came, decision, limit_of=limit_of, at=at, cause="e/2")


def brought_to_checking() -> Case:
    """A case whose unit has submitted."""
    found = case()
    found.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    found.follow(task(TaskStatus.ACCEPTED), 2, at=AT, cause="t/2")
    found.follow(task(TaskStatus.SUBMITTED), 3, result="已更换井盖", at=AT, cause="t/3")
    return found


def told(subject: Case | Report) -> list[str]:
    """The types of the events that it recorded, in order."""
    return [envelope.type for envelope in subject.outbox]
