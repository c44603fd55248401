"""A task as people see it, read from its document without building the aggregate: a page costs what it shows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.calendar import ClockUnit
from services.tasks import card_rules, clock_ledger
from services.tasks.contracts import (
    OPEN_STATUSES,
    Step,
    TaskRequest,
    TaskRole,
    TaskSource,
    TaskState,
    TaskStatus,
    TaskView,
)
from services.tasks.deadlines import Limit
from services.tasks.progress import Node, roll_up
from services.tasks.self_check import self_check_by
from services.tasks.task import Task
from services.tasks.task_states import WITH_THE_UNIT

_ENUMS = {"source": TaskSource, "status": TaskStatus, "role": TaskRole}
_STATE = tuple(name for name in TaskState.__struct_fields__ if name != "task_id")
STATE_FIELDS = dict.fromkeys(_STATE, 1)
NODE_FIELDS = {"parent_id": 1, "status": 1, "weight": 1}

Document = Mapping[str, Any]


def state_of(document: Document) -> TaskState:
    """The public state in a stored document; what it lacks has its default."""
    facts = {name: document[name] for name in _STATE if document.get(name) is not None}
    for name, kind in _ENUMS.items():
        if name in facts:
            facts[name] = kind(facts[name])
    return TaskState(task_id=document["_id"], **facts)


def views_of(tasks: Iterable[Task]) -> list[TaskView]:
    """The tasks as people see them."""
    return views([task.to_mongo() for task in tasks])


def views(documents: Sequence[Document]) -> list[TaskView]:
    """The tasks as people see them, progress summed from everything below them: one query for those that have parts."""
    own = {one["_id"] for one in documents}
    below = nodes_below([one["_id"] for one in documents if one.get("parts") != 0])
    progress = roll_up([*(node_of(one) for one in documents), *(node for node in below if node.id not in own)])
    children = Counter(node.parent_id for node in below)
    return [_view(one, progress[one["_id"]], children[one["_id"]]) for one in documents]


def request_of(asked: Document) -> TaskRequest:
    """A request as it is stored."""
    return TaskRequest(**asked)


def nodes_below(task_ids: Sequence[str]) -> list[Node]:
    """Everything below these tasks, at any depth, as progress needs it."""
    return nodes({"lineage": {"$in": list(task_ids)}}) if task_ids else []


def nodes(query: dict[str, Any]) -> list[Node]:
    """What `query` finds, as progress needs it; who only assists has no part in it."""
    found = Task._get_collection().find(query | {"lead_task_id": None}, NODE_FIELDS)
    return [node_of(document) for document in found]


def node_of(document: Document) -> Node:
    """What progress needs to know of a stored task."""
    status = TaskStatus(document["status"])
    return Node(document["_id"], document.get("parent_id"), status, document.get("weight", 1.0))


def _view(one: Document, progress: float, children: int) -> TaskView:
    limit = Limit(one["limit_amount"], ClockUnit(one["limit_clock"])) if one.get("limit_clock") else None
    return TaskView(
        task_id=one["_id"],
        version=one["sequence"],
        state=state_of(one),
        progress=progress,
        children=children,
        history=[Step(**step) for step in one.get("history", ())],
        answers_to=one.get("answers_to") or "",
        deadline_because=clock_ledger.in_words(one.get("clock_ledger", ()), limit),
        requests=[request_of(asked) for asked in one.get("requests", ())],
        materials=list(one.get("materials", ())),
        self_checks=one.get("self_checks", 0),
        self_check_by=next_self_check(one),
        lead_department=one.get("lead_unit"),
    )


def next_self_check(one: Document) -> datetime | None:
    """Until when the next self-check of a stored task is due; None where none is, as of a case's."""
    if one["source"] != TaskSource.PLAN or one["status"] not in OPEN_STATUSES or one.get("lead_task_id"):
        return None
    last = one.get("self_checked_at")
    return self_check_by(one["issued_at"], last, one["deadline"])


def self_check_due(one: Document, at: datetime) -> datetime | None:
    """Until when the unit is to self-check, once that is near (card_rules.py) or has passed."""
    due = next_self_check(one) if one["status"] in WITH_THE_UNIT else None
    return due if due is not None and at >= due - card_rules.self_check_warned(at) else None
