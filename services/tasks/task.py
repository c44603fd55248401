"""A task: one piece of work for one unit, with a deadline. It speaks: every step checks, changes, tells (DOMAIN.md §4).

It needs no database: `Task.issue(...)` makes one, its methods raise Refused or record an event. Each theme of its life
is a file: acceptance and return (task_answer.py), the work and its parts (task_work.py), extension and suspension
(task_clock.py), a part's clock with its whole's (task_part.py), raising it (task_raise.py), submission and check
(task_check.py), the end (task_end.py), how it follows its case (task_follow.py), how it is pushed (task_pushed.py); the
fields stand in task_record.py. Who may take a step is decided in rights.py, whose duty it is in routing.py, when it is
due in deadlines.py and timekeeping.py, which step leads where in task_states.py.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from infra.clock import in_milliseconds
from infra.organisation import unit_path
from services.tasks import card_rules, contracts, routing
from services.tasks.clock_ledger import Turn
from services.tasks.task_answer import TaskAnswer
from services.tasks.task_follow import TaskFollow
from services.tasks.task_part import TaskPart
from services.tasks.task_pushed import TaskPushed
from services.tasks.task_raise import TaskRaise
from services.tasks.task_record import SYSTEM
from services.tasks.task_states import Step
from services.tasks.task_work import TaskWork

__all__ = ["SYSTEM", "Task"]


class Task(TaskAnswer, TaskWork, TaskFollow, TaskPart, TaskRaise, TaskPushed):
    """A task with everything that can be done with it."""

    meta: ClassVar[dict[str, Any]] = {"abstract": False}

    @classmethod
    def issue(cls, facts: Mapping[str, Any], *, by: str, cause: str) -> "Task":
        """A new task made of `facts` (fields above); it is issued `by` somebody at its `issued_at`. Where they do not
        say when most of its time has gone (`due_facts`), that is counted in natural time."""
        task = cls(**facts)
        if task.due_soon_at is None:
            whole = task.deadline - task.issued_at
            task.due_soon_at = in_milliseconds(task.issued_at + card_rules.due_soon_share(task.issued_at) * whole)
            task.time_given = whole.total_seconds()
        task.provisional_under = 0 if task.deadline_provisional or task.answer_provisional else None
        task.inside_units = unit_path.ancestors(task.responsible_unit)
        task.inside_places = unit_path.ancestors(task.place_path)
        task.answers_to = task.answers_to or routing.unit_above(task.responsible_unit)
        task._turn(Turn.STARTED, task.issued_at, task.deadline)
        task._settle()
        task._tell(
            Step.ASSIGN, contracts.TaskAssigned(task=task.state()), by, task.issued_at, cause, task.routed_because
        )
        return task
