"""What tasks tells while a unit works on a case, and cases that were worked on."""

from typing import Any

from services.tasks.contracts import TaskAccepted, TaskAssigned, TaskState, TaskStatus, TaskSubmitted
from tests.integration.complaints_running import Complaints, order
from tests.unit.case_samples import task

Told = tuple[Any, str, int]  # an event, the id of its task, its sequence


def of_case(case: dict[str, Any], status: TaskStatus, round: int = 1, **changes: Any) -> TaskState:
    """The state of the task of that round of the case."""
    return task(status, task_id=f"{case['_id']}-{round}", case_id=case["_id"], round=round, **changes)


def work_on(case: dict[str, Any], **changes: Any) -> list[Told]:
    """What tasks tells until the unit has submitted, the task then with `changes`."""
    name = f"{case['_id']}-1"
    return [
        (TaskAssigned(task=of_case(case, TaskStatus.ISSUED)), name, 1),
        (TaskAccepted(task=of_case(case, TaskStatus.ACCEPTED), by="张三"), name, 2),
        (TaskSubmitted(task=of_case(case, TaskStatus.SUBMITTED, **changes), by="张三", result="已更换井盖"), name, 3),
    ]


def in_checking(complaints: Complaints, number: str, **changes: Any) -> dict[str, Any]:
    """The case of a new work order, whose unit has submitted (the task with `changes`)."""
    complaints.push(order(number))
    complaints.tell(*work_on(complaints.case_in(number, "filed"), **changes))
    return complaints.case_in(number, "checking")
