"""What hurts first: the place of a task in the lists that people see, as text that sorts.

`order_key` of a task is its rank and its deadline. `desk_key` puts its unit before, so that a unit's work list is one
range of an index; `decision_key` the unit that has to decide about it.
"""

from collections.abc import Iterable
from enum import StrEnum

from services.tasks.contracts import TaskStatus
from services.tasks.task_states import ENDED, WITH_THE_UNIT

BETWEEN = "|"


class Rank(StrEnum):
    """Groups of a list, the most painful first: late; somebody below waits for an answer; most of the time gone; in
    time; with others or suspended; ended."""

    OVERDUE = "0"
    DECISION = "1"
    DUE_SOON = "2"
    RUNNING = "3"
    WAITING = "4"
    ENDED = "5"


def rank(status: TaskStatus, *, overdue: bool, due_soon: bool) -> Rank:
    """The group of a task in the list of its own unit."""
    if status in ENDED:
        return Rank.ENDED
    if status not in WITH_THE_UNIT:
        return Rank.WAITING
    return Rank.OVERDUE if overdue else Rank.DUE_SOON if due_soon else Rank.RUNNING


def ranks_of(statuses: Iterable[TaskStatus]) -> set[Rank]:
    """Every group in which tasks of these states can be."""
    flags = ((True, False), (False, True), (False, False))
    return {rank(status, overdue=late, due_soon=soon) for status in statuses for late, soon in flags}


def on_desk(unit: str, group: Rank, last: str) -> str:
    """The key of a task on the desk of `unit`; `last` orders those of one group."""
    return f"{unit}{BETWEEN}{group}{last}"
