"""Lists of tasks: everything inside a unit or place, whatever the source, what hurts first.

What is overdue comes first, then what is due soon, then what runs, by deadline; then what is suspended or waits for a
check, then what has ended. A page is one walk along an index, at any depth and size. What one unit itself has to do is
its own list: desk_list.py.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.tasks.contracts import OPEN_STATUSES, TaskPage, TaskSource, TaskStatus, TaskView
from services.tasks.counters import TaskCounters
from services.tasks.progress import Node
from services.tasks.task import Task
from services.tasks.task_views import NODE_FIELDS, Document, node_of, views
from services.tasks.urgency import ranks_of

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
            ranks = ranks_of(self.wanted)
            query["order_key"] = {"$gte": min(ranks, default="0"), "$lt": max(ranks, default="") + "~"}
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
    """A page that somebody asks for: the next `first` tasks of `scope` after the cursor; `brief`: without histories."""

    scope: Scope
    first: int = 50
    after: str | None = None
    brief: bool = False


def read_request(body: dict[str, Any]) -> Request:
    """The request in an RPC argument {"scope", "first", "after", "brief"}. Raises InvalidInput."""
    brief = bool(body.get("brief", False))
    return Request(read_scope(body.get("scope", {})), body.get("first", 50), body.get("after"), brief)


def check_first(first: object) -> None:
    """Raises InvalidInput where so many tasks make no page."""
    if not isinstance(first, int) or not 1 <= first <= LONGEST_PAGE:
        raise InvalidInput(f"first must be 1 to {LONGEST_PAGE}", f"每页1至{LONGEST_PAGE}条", field="first")


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
        seen = {
            view.task_id: view for view in views(list({one["_id"]: one for page in found for one in page}.values()))
        }
        return [
            TaskPage(
                items=[seen[one["_id"]] for one in tasks[: request.first]],
                end_cursor=cursor_of(tasks[: request.first][-1]["order_key"]) if tasks else None,
                has_next=len(tasks) > request.first,
                total=self._total(request.scope),
            )
            for request, tasks in zip(requests, found, strict=True)
        ]

    def _found(self, request: Request) -> list[Document]:
        """The tasks of the page, and one more where there is one."""
        check_first(request.first)
        query = request.scope.query(self._city)
        if request.after is not None:
            query["order_key"] = query.get("order_key", {}) | {"$gt": key_of(request.after)}
        left_out = {"outbox": 0, "history": 0} if request.brief else {"outbox": 0}
        return list(Task._get_collection().find(query, left_out).sort("order_key", 1).limit(request.first + 1))

    def by_id(self, task_ids: Sequence[str]) -> list[TaskView]:
        """The views of these tasks, in any order; unknown ids are left out."""
        return views(list(Task._get_collection().find({"_id": {"$in": list(task_ids)}}, {"outbox": 0})))

    def parts(self, task_ids: Sequence[str]) -> dict[str, list[TaskView]]:
        """What units were given of each of these tasks, to do (分解) or to help with (协办), ended parts included; what
        hurts first first. Only what lies directly below; a task without parts is left out."""
        wholes = {"$in": list(task_ids)}
        query = {"lineage": wholes, "$or": [{"parent_id": wholes}, {"lead_task_id": wholes}]}
        documents = list(Task._get_collection().find(query, {"outbox": 0}).sort("order_key", 1))
        found: dict[str, list[TaskView]] = {}
        for part in views(documents):
            found.setdefault(part.state.lead_task_id or part.state.parent_id or "", []).append(part)
        return found

    def _total(self, scope: Scope) -> int:
        """How many there are: exact up to a thousand, beyond that from the counters where they can tell."""
        exact: int = Task._get_collection().count_documents(scope.query(self._city), limit=COUNT_EXACTLY)
        if exact < COUNT_EXACTLY or scope.source or scope.overdue is not None or (scope.unit and scope.place):
            return exact
        path, coordinate = (scope.place, "place") if scope.place else (scope.unit or self._city, "responsible")
        counts = self._counters.counts([path], coordinate)[path]
        return max(exact, sum(counts.get(status, 0) for status in scope.wanted))


def nodes_of_plan(plan_id: str) -> dict[str, list[Node]]:
    """Row → the plan's tasks, as progress needs them."""
    rows: dict[str, list[Node]] = {}
    query, fields = {"plan_id": plan_id, "lead_task_id": None}, NODE_FIELDS | {"plan_row": 1}
    for document in Task._get_collection().find(query, fields):
        rows.setdefault(document["plan_row"], []).append(node_of(document))
    return rows


def cursor_of(order_key: str) -> str:
    """The cursor after what has that key."""
    return base64.urlsafe_b64encode(order_key.encode()).decode()


def key_of(cursor: str) -> str:
    """The key in a cursor. Raises InvalidInput (after)."""
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput("not a cursor of this list", "分页位置有误", field="after") from error
