"""The case follows its task: what the tasks' events, in whatever order and however often they come, say about the case.

A case keeps one mark per task that was ever assigned for it: the highest sequence seen and the state that it carried.
Because an event carries the task's full state, the newest one is all that counts; where the case should stand is then
a function of the marks alone.
"""

from datetime import datetime

import msgspec

from services.complaints.contracts import CaseStatus
from services.tasks.contracts import TaskState, TaskStatus

_STANDS: dict[TaskStatus, CaseStatus] = {
    TaskStatus.ISSUED: CaseStatus.DISPATCHED,
    TaskStatus.RETURNED: CaseStatus.DISPATCHED,
    TaskStatus.ACCEPTED: CaseStatus.HANDLING,
    TaskStatus.IN_PROGRESS: CaseStatus.HANDLING,
    TaskStatus.SELF_CHECKED: CaseStatus.HANDLING,
    TaskStatus.SUSPENDED: CaseStatus.HANDLING,
    TaskStatus.RECTIFYING: CaseStatus.HANDLING,
    TaskStatus.SUBMITTED: CaseStatus.CHECKING,
}


class TaskMark(msgspec.Struct, frozen=True, kw_only=True):
    """The newest that a case has seen of one of its tasks.

    `round` counts the assignments of the case from 1, `unit` has the duty (after a return: who has it next, where that
    is known), `returns` is how often units gave it back so far, `reworks` how often the task was sent back,
    `reworks_asked` how often this case asked for it, `result` what the unit said when it last submitted, in the event
    number `result_sequence`, `overdue` whether its `deadline` has passed (None: marked before that was
    kept).
    """

    task_id: str
    sequence: int
    round: int
    status: TaskStatus
    unit: str
    returns: int = 0
    reworks: int = 0
    reworks_asked: int = 0
    result: str | None = None
    result_sequence: int = 0
    overdue: bool = False
    deadline: datetime | None = None


Marks = dict[str, TaskMark]


class Standing(msgspec.Struct, frozen=True):
    """Where the marks say that the case stands: `status` is None where they say nothing about it."""

    status: CaseStatus | None
    task_id: str | None
    responsible_unit: str | None
    dispatches: int
    returns: int
    proposed_reply: str | None
    deadline: datetime | None = None


def seen(
    marks: Marks, task: TaskState, sequence: int, *, next_unit: str | None = None, result: str | None = None
) -> Marks:
    """`marks` with `task` as its event number `sequence` tells it; the same marks where that is no news."""
    old = marks.get(task.task_id)
    if old is not None and sequence <= old.sequence:
        mark = old
    else:
        mark = TaskMark(
            task_id=task.task_id,
            sequence=sequence,
            round=task.round,
            status=task.status,
            unit=next_unit or task.responsible_unit,
            returns=task.returns,
            reworks=task.reworks,
            reworks_asked=old.reworks_asked if old else 0,
            result=old.result if old else None,
            result_sequence=old.result_sequence if old else 0,
            overdue=task.overdue,
            deadline=task.deadline,
        )
    if result is not None and sequence > mark.result_sequence:
        mark = msgspec.structs.replace(mark, result=result, result_sequence=sequence)
    return marks if mark is old else marks | {task.task_id: mark}


def rework_asked(marks: Marks, task_id: str) -> Marks:
    """`marks` after the case sent the task back: a submission counts again only when the task has heard of it."""
    mark = marks[task_id]
    return marks | {task_id: msgspec.structs.replace(mark, reworks_asked=mark.reworks_asked + 1)}


def newest_round(marks: Marks) -> int:
    """How many rounds of assignments the marks tell of."""
    return max((mark.round for mark in marks.values()), default=0)


def standing(marks: Marks, rounds_done: int = 0) -> Standing:
    """Where the case stands: with its newest assignment, where that is of a round after `rounds_done` (what came before
    a split or a reopening says no more where it stands). Pure, and blind to the order in which events came."""
    if not marks:
        return Standing(None, None, None, 0, 0, None)
    newest = max(marks.values(), key=lambda mark: (mark.round, mark.task_id))
    status = _STANDS.get(newest.status) if newest.round > rounds_done else None
    if status == CaseStatus.CHECKING and newest.reworks < newest.reworks_asked:
        status = CaseStatus.HANDLING
    returned = sum(mark.status == TaskStatus.RETURNED for mark in marks.values())
    return Standing(
        status=status,
        task_id=newest.task_id,
        responsible_unit=newest.unit,
        dispatches=newest.round,
        returns=max(returned, *(mark.returns for mark in marks.values())),
        proposed_reply=newest.result,
        deadline=newest.deadline,
    )
