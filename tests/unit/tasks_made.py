"""Cases, assigner and tasks as the unit tests of tasks need them; nothing here touches a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from infra.calendar import WorkingCalendar
from infra.organisation.registry import Registry
from services.complaints.contracts import CaseState, CaseStatus, Channel, RequestKind, Urgency
from services.tasks.assignment import Assigner
from services.tasks.contracts import TaskSource
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.task import Task
from services.tasks.task_states import Step

KUNMING = Registry.load("5301")
ASSIGNER = Assigner(KUNMING, WorkingCalendar(), shipped_table)
STREET = "5301/530102/530102001"
MONDAY_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in the city
HOUR = timedelta(hours=1)
CAUSE = "complaints/case/c1#1"


def case(status: CaseStatus = CaseStatus.FILED, **facts: Any) -> CaseState:
    """A case of uncollected garbage in 华山街道, filed on Monday 2026-03-02 at 09:00, limit four working hours."""
    filed = CaseState(
        case_id="c1",
        number="昆创案〔2026〕1号",
        status=status,
        category="sanitation.garbage",
        place_path=STREET,
        urgency=Urgency.NORMAL,
        request_kind=RequestKind.COMPLAINT,
        channels=[Channel.HOTLINE_12345],
        reports=1,
        filed_at=MONDAY_NINE,
        limit_amount=4.0,
        limit_clock="work_hour",
        responsible_unit=None,
        task_id=None,
        dispatches=0,
        returns=0,
        reworks=0,
        closed_at=None,
    )
    return msgspec.structs.replace(filed, **facts)


def case_task(**facts: Any) -> Task:
    """The first task of `case(**facts)`."""
    return ASSIGNER.first(case(**facts), CAUSE)


def plan_task(**facts: Any) -> Task:
    """A task of a plan for 五华区, due on 2026-04-01."""
    plain = {
        "id": "p1-v1-1.1-5301.530102",
        "source": TaskSource.PLAN,
        "title": "整治社区生活环境",
        "responsible_unit": "5301/530102",
        "place_path": "5301/530102",
        "issued_at": MONDAY_NINE,
        "deadline": datetime(2026, 4, 1, tzinfo=UTC),
        "answer_by": MONDAY_NINE + timedelta(days=1),
        "plan_id": "p1",
        "plan_row": "1.1",
    }
    return Task.issue(plain | facts, by="市创文办", cause="request/1")


def told(task: Task) -> list[str]:
    """The types of the events in the task's outbox."""
    return [envelope.type for envelope in task.outbox]


def says_overdue(task: Task, at: datetime) -> bool:
    """Whether the task says at that moment that its deadline has passed."""
    return Step.OVERDUE in task.notice(at)
