"""Lists of supervision orders (督办台账) for people: per unit pushed, place, issuer or task; open ones first."""

from collections.abc import Mapping
from typing import Any

import msgspec

from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.tasks.contracts import (
    Step,
    SupervisionPage,
    SupervisionState,
    SupervisionStatus,
    SupervisionTrigger,
    SupervisionView,
)
from services.tasks.supervision import Supervision
from services.tasks.work_list import check_first, cursor_of, key_of

_STATE = tuple(name for name in SupervisionState.__struct_fields__ if name != "supervision_id")
FIELDS = dict.fromkeys((*_STATE, "sequence"), 1)
Document = Mapping[str, Any]


class SupervisionScope(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders a list shows: to whom inside a unit, where, of which issuer, about which task, in which states."""

    unit: str | None = None
    place: str | None = None
    by_unit: str | None = None
    task_id: str | None = None
    statuses: list[SupervisionStatus] | None = None

    def query(self) -> dict[str, Any]:
        """The scope as a query."""
        asked = {
            "inside_units": self.unit,
            "inside_places": self.place,
            "by_unit": self.by_unit,
            "task_id": self.task_id,
            "status": None if self.statuses is None else {"$in": [status.value for status in self.statuses]},
        }
        return {name: value for name, value in asked.items() if value is not None}


def page(scope: dict[str, Any], first: int = 50, after: str | None = None) -> SupervisionPage:
    """The next `first` orders in `scope`, what must be answered soonest before the others. Raises InvalidInput."""
    query = _read(scope).query()
    check_first(first)
    if after is not None:
        query["order_key"] = {"$gt": key_of(after)}
    found = list(Supervision._get_collection().find(query, {"outbox": 0}).sort("order_key", 1).limit(first + 1))
    return SupervisionPage(
        items=[_view(one) for one in found[:first]],
        end_cursor=cursor_of(found[:first][-1]["order_key"]) if found else None,
        has_next=len(found) > first,
    )


def view_of(one: Supervision) -> SupervisionView:
    """The order as people see it."""
    return _view(one.to_mongo())


def state_of(one: Document) -> SupervisionState:
    """The public state in a stored document."""
    facts: dict[str, Any] = {name: one.get(name) for name in _STATE}
    facts |= {"status": SupervisionStatus(one["status"]), "trigger": SupervisionTrigger(one["trigger"])}
    return SupervisionState(supervision_id=one["_id"], **facts)


def is_order(one: Document) -> bool:
    """Whether a stored document is an order, and no task."""
    return "by_unit" in one


def _view(one: Document) -> SupervisionView:
    history = [Step(**step) for step in one.get("history", ())]
    return SupervisionView(supervision_id=one["_id"], version=one["sequence"], state=state_of(one), history=history)


def _read(body: Any) -> SupervisionScope:
    try:
        scope = msgspec.convert(body, SupervisionScope)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a scope: {error}", f"查询范围有误：{error}", field="scope") from error
    for field in ("unit", "place", "by_unit"):
        path = getattr(scope, field)
        if path is not None and not unit_path.is_path(path):
            raise InvalidInput(f"not a unit path: {path!r}", f"单位路径有误：{path}", field=f"scope.{field}")
    return scope
