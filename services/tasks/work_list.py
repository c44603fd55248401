"""The work list: one per unit or place, whatever the source, ordered by what hurts first; and a task's view.

What waits for the unit comes first, in the order of deadlines (so what is overdue leads), then what waits for a check,
then what has ended. A page is one walk along an index, at any depth and size.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.tasks.contracts import OPEN_STATUSES, TaskPage, TaskSource, TaskStatus, TaskStep, TaskView
from services.tasks.counters import TaskCounters
from services.tasks.progress import Node, roll_up
from services.tasks.task import Task, rank

LONGEST_PAGE = 200
COUNT_EXACTLY = 1000
BY_UNIT, BY_PLACE = "inside_units", "inside_places"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks a list shows: inside a unit, a place, in some states, from a source; late (and open), or not."""

    unit: str | None = None
    place: str | None = None
    statuses: list[TaskStatus] | None = None
    source: TaskSource | None = None
    overdue: bool | None = None

    def query(self, city: str) -> dict[str, Any]:
        """The scope as a query; where it names neither unit nor place it is the whole `city`."""
        query: dict[str, Any] = {}
        if self.unit or not self.place:
            query[BY_UNIT] = self.unit or city
        if self.place:
            query[BY_PLACE] = self.place
        if self.source:
            query["source"] = self.source.value
        if self.overdue is not None:
            query["overdue"] = self.overdue
        if self.wanted != frozenset(TaskStatus):
            query["status"] = {"$in": sorted(self.wanted)}
            ranks = {rank(status) for status in self.wanted}
            query["order_key"] = {"$gte": str(min(ranks, default=0)), "$lt": str(max(ranks, default=-1) + 1)}
        return query

    @property
    def wanted(self) -> frozenset[TaskStatus]:
        """The states that can be in the list: what is overdue is open."""
        asked = frozenset(TaskStatus if self.statuses is None else self.statuses)
        return asked & OPEN_STATUSES if self.overdue else asked


def read_scope(body: Any) -> Scope:
    """The scope in an RPC argument. Raises InvalidInput."""
    try:
        scope = msgspec.convert(body, Scope)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a scope: {error}", f"查询范围有误：{error}", field="scope") from error
    for field in ("unit", "place"):
        path = getattr(scope, field)
        if path is not None and not unit_path.is_path(path):
            raise InvalidInput(f"not a unit path: {path!r}", f"单位路径有误：{path}", field=f"scope.{field}")
    return scope


class Request(NamedTuple):
    """A page that somebody asks for: the next `first` tasks of `scope` after the cursor."""

    scope: Scope
    first: int = 50
    after: str | None = None


def read_request(body: dict[str, Any]) -> Request:
    """The request in an RPC argument {"scope", "first", "after"}. Raises InvalidInput."""
    return Request(read_scope(body.get("scope", {})), body.get("first", 50), body.get("after"))


class WorkList:
    """Reads tasks for people. `city` is the path of the city, whose list is asked where no scope is named."""

    def __init__(self, counters: TaskCounters, city: str) -> None:
        self._counters, self._city = counters, city

    def page(self, request: Request) -> TaskPage:
        """The page that `request` asks for. Raises InvalidInput for `first` or `after`."""
        return self.pages([request])[0]

    def pages(self, requests: Sequence[Request]) -> list[TaskPage]:
        """The pages in the order of the requests, with one query for the progress of all their tasks."""
        found = [self._found(request) for request in requests]
        seen = {view.task_id: view for view in views({task.pk: task for tasks in found for task in tasks}.values())}
        return [
            TaskPage(
                items=[seen[task.pk] for task in tasks[: request.first]],
                end_cursor=_cursor(tasks[: request.first][-1].order_key) if tasks else None,
                has_next=len(tasks) > request.first,
                total=self._total(request.scope),
            )
            for request, tasks in zip(requests, found, strict=True)
        ]

    def _found(self, request: Request) -> list[Task]:
        """The tasks of the page, and one more where there is one."""
        first = request.first
        if not isinstance(first, int) or not 1 <= first <= LONGEST_PAGE:
            raise InvalidInput(f"first must be 1 to {LONGEST_PAGE}", f"每页1至{LONGEST_PAGE}条", field="first")
        query = request.scope.query(self._city)
        if request.after is not None:
            query["order_key"] = query.get("order_key", {}) | {"$gt": _key_of(request.after)}
        found = Task._get_collection().find(query, {"outbox": 0}).sort("order_key", 1).limit(first + 1)
        return [Task._from_son(document) for document in found]

    def by_id(self, task_ids: Sequence[str]) -> list[TaskView]:
        """The views of these tasks, in any order; unknown ids are left out."""
        found = Task._get_collection().find({"_id": {"$in": list(task_ids)}}, {"outbox": 0})
        return views([Task._from_son(document) for document in found])

    def _total(self, scope: Scope) -> int:
        """How many there are: exact up to a thousand, beyond that from the counters where they can tell."""
        exact: int = Task._get_collection().count_documents(scope.query(self._city), limit=COUNT_EXACTLY)
        if exact < COUNT_EXACTLY or scope.source or scope.overdue is not None or (scope.unit and scope.place):
            return exact
        path, coordinate = (scope.place, "place") if scope.place else (scope.unit or self._city, "responsible")
        counts = self._counters.counts([path], coordinate)[path]
        return max(exact, sum(counts.get(status, 0) for status in scope.wanted))


def views(tasks: Iterable[Task]) -> list[TaskView]:
    """The tasks as people see them, progress summed from everything below them: one query for all."""
    tasks = list(tasks)
    own = {task.pk for task in tasks}
    below = nodes_below([task.pk for task in tasks if task.source != TaskSource.CASE])
    progress = roll_up([*(_node(task) for task in tasks), *(node for node in below if node.id not in own)])
    children = Counter(node.parent_id for node in below)
    return [_view(task, progress[task.pk], children[task.pk]) for task in tasks]


def nodes_below(task_ids: Sequence[str]) -> list[Node]:
    """Everything below these tasks, at any depth, as progress needs it."""
    if not task_ids:
        return []
    return _nodes({"lineage": {"$in": list(task_ids)}})


def nodes_of_plan(plan_id: str) -> dict[str, list[Node]]:
    """Row → the plan's tasks, as progress needs them."""
    rows: dict[str, list[Node]] = {}
    fields = {"plan_row": 1, "parent_id": 1, "status": 1, "weight": 1}
    for document in Task._get_collection().find({"plan_id": plan_id}, fields):
        rows.setdefault(document["plan_row"], []).append(_node_of(document))
    return rows


def unfinished_below(task_id: str) -> int:
    """How many tasks below this one are open."""
    query = {"lineage": task_id, "status": {"$in": sorted(OPEN_STATUSES)}}
    return int(Task._get_collection().count_documents(query))


def _nodes(query: dict[str, Any]) -> list[Node]:
    fields = {"parent_id": 1, "status": 1, "weight": 1}
    return [_node_of(document) for document in Task._get_collection().find(query, fields)]


def _node_of(document: dict[str, Any]) -> Node:
    status = TaskStatus(document["status"])
    return Node(document["_id"], document.get("parent_id"), status, document.get("weight", 1.0))


def _node(task: Task) -> Node:
    return Node(task.pk, task.parent_id, task.status, task.weight)


def _view(task: Task, progress: float, children: int) -> TaskView:
    return TaskView(
        task_id=task.pk,
        version=task.sequence,
        state=task.state(),
        progress=progress,
        children=children,
        history=[TaskStep(**step) for step in task.history],
    )


def _cursor(order_key: str) -> str:
    return base64.urlsafe_b64encode(order_key.encode()).decode()


def _key_of(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput("not a cursor of this list", "分页位置有误", field="after") from error
