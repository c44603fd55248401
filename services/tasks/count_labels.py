"""Under what a task is counted, and what a counter's label says: `<source>:<role>:<state>`, of categories
`<category>:<state>`. Beside its status a task counts under further facts: overdue, due soon, and for ever under the
cards that it was shown."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from infra.tally import Bucket
from services.tasks.contracts import TaskRole, TaskSource, TaskState, TaskStatus

COORDINATES = ("place", "responsible")
BY = ("state", "source", "role", "category")
OVERDUE, DUE_SOON = "overdue", "due_soon"
DUTY, PART, ASSIST = "duty", "part", "assist"
STATUSES = frozenset(status.value for status in TaskStatus)
CARDS = ("yellow_card", "red_card", "supervised")
FACTS = (OVERDUE, DUE_SOON, *CARDS)
STATES = STATUSES | set(FACTS)


class Counted(NamedTuple):
    """What one label says."""

    source: str
    role: str
    state: str
    category: str = ""

    @staticmethod
    def read(label: str) -> "Counted":
        """What the label of a counter says. One of an earlier version, before a recount, says nothing that counts."""
        source, _, rest = label.partition(":")
        role, _, state = rest.partition(":")
        return Counted(source, role, state)


def states(task: TaskState) -> list[str]:
    """The status of a task and the facts that hold of it: overdue and due soon of an open one only."""
    late = task.overdue and task.is_open
    soon = task.due_soon and task.is_open and not task.overdue
    return [task.status.value, *([OVERDUE] if late else []), *([DUE_SOON] if soon else []), *task.cards]


def role(task: TaskState) -> str:
    """Whether it is a duty of its own, a part that a unit gave to one below it, or assistance. What a plan names is
    a duty at every level."""
    if task.role == TaskRole.ASSIST:
        return ASSIST
    return PART if task.parent_id is not None and task.source != TaskSource.PLAN else DUTY


def labels(task: TaskState) -> list[str]:
    """The labels of a task in the counters of its place and its unit."""
    return [f"{task.source.value}:{role(task)}:{state}" for state in states(task)]


def by_category(task: TaskState, paths: Mapping[str, str]) -> list[Bucket]:
    """Where a duty counts by its category."""
    if not task.category or role(task) != DUTY:
        return []
    name = quote(task.category, safe="").replace(".", "%2E")  # a dot would be a path inside the counter
    return [(f"{where}:category", path, f"{name}:{state}") for where, path in paths.items() for state in states(task)]


def read_category(label: str) -> Counted:
    """What the label of a counter of categories says."""
    category, _, state = label.rpartition(":")
    return Counted("", DUTY, state, unquote(category))
