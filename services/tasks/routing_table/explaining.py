"""Why a matter is whose duty: which rows were tried, which fitted first, what follows, and what became of the case."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from infra.clock import CITY_ZONE, Clock
from infra.organisation.registry import Registry
from infra.problem import InvalidInput, NotFound
from services.complaints.contracts import Channel, RequestKind
from services.tasks import routing
from services.tasks.contracts import Explanation, RoutingRowView, RowTried, TaskSource
from services.tasks.routing_table.lists import day_of
from services.tasks.routing_table.rows import Matter, RoutingTable, covers, misfit
from services.tasks.routing_table.sheet import known_categories
from services.tasks.task import Task
from services.tasks.task_views import Document, views

MOST_TASKS = 200
_ASKED = frozenset({"category", "place", "kind", "subject", "channel", "difficult", "default_unit"})


class Explainer:
    """Explains routing as the table reads now (or on a day)."""

    def __init__(self, table: Callable[[], RoutingTable], registry: Registry, clock: Clock) -> None:
        self._table, self._registry, self._clock = table, registry, clock

    def explain(self, asked: Mapping[str, Any], day: str | None = None) -> Explanation:
        """For a case (`case`: its id or number), or a matter that somebody thinks of. Raises InvalidInput (field), and
        NotFound where the case has no task here."""
        on = self._clock.now().astimezone(CITY_ZONE).date() if day is None else day_of(day)
        if not isinstance(asked, Mapping):
            raise InvalidInput("ask for a case or a matter", "应给出案件或类别、地点", field="asked")
        if "case" not in asked:
            return explanation(self._table(), self._registry, matter_asked(asked, self._registry), on, [])
        tasks = tasks_of(asked["case"])
        last = max((one for one in tasks if _stands_for_its_case(one)), key=lambda one: one.get("round", 1))
        return explanation(self._table(), self._registry, matter_of_task(last), on, tasks)


def explanation(
    table: RoutingTable, registry: Registry, matter: Matter, on: date, tasks: list[Document]
) -> Explanation:
    """What the table says on that day about the matter, and the tasks that there are."""
    route = routing.route(table, registry, matter, on)
    return Explanation(
        day=on,
        version=table.version,
        matter=matter._asdict(),
        tried=[_tried(one, matter) for one in table.on(on) if covers(one.row.category, matter.category)],
        number=route.row,
        unit=route.unit,
        unit_name=registry.name(route.unit),
        because=route.because,
        lead=route.lead,
        assists=list(route.assists),
        tasks=views(tasks),
    )


def _tried(entry: RoutingRowView, matter: Matter) -> RowTried:
    reason = misfit(entry.row, matter)
    return RowTried(row=entry, fits=reason is None, why=reason or "适用")


def matter_asked(asked: Mapping[str, Any], registry: Registry) -> Matter:
    """The matter that somebody thinks of. Raises InvalidInput naming what is not known."""
    if unknown := set(asked) - _ASKED:
        raise InvalidInput(f"not known: {', '.join(sorted(unknown))}", "查询条件有误", field=min(unknown))
    category, place = asked.get("category"), asked.get("place")
    if category not in known_categories():
        raise InvalidInput(f"no category {category!r}", f"没有类别“{category}”", field="category")
    if not isinstance(place, str) or registry.get(place) is None:
        raise InvalidInput(f"no place {place!r}", f"没有“{place}”这个地点", field="place")
    for field, words in (("kind", RequestKind), ("channel", Channel)):
        if asked.get(field) and asked[field] not in set(words):
            raise InvalidInput(f"no {field} {asked[field]!r}", f"没有“{asked[field]}”", field=field)
    return Matter(
        category=str(category),
        place_path=place,
        kind=asked.get("kind") or RequestKind.COMPLAINT.value,
        subject=asked.get("subject") or "",
        channel=asked.get("channel") or "",
        difficult=asked.get("difficult") is True,
        default_unit=asked.get("default_unit") or None,
    )


def tasks_of(case: object) -> list[Document]:
    """Every task of the case with that id or number, the oldest first, its parts with it. Raises NotFound."""
    query = {"$or": [{"case_id": case}, {"case_number": case}], "source": TaskSource.CASE.value}
    found = list(Task._get_collection().find(query, {"outbox": 0}).sort("issued_at", 1).limit(MOST_TASKS))
    if not isinstance(case, str) or not any(map(_stands_for_its_case, found)):
        raise NotFound(f"no task of a case {case} is here", f"没有案件“{case}”的派遣任务", field="case")
    return sorted(found, key=lambda one: (one.get("round", 1), one["_id"]))


def _stands_for_its_case(one: Document) -> bool:
    return one.get("parent_id") is None and one.get("lead_task_id") is None


def matter_of_task(one: Document) -> Matter:
    """What routing was asked when the task was issued (see TaskRecord.matter)."""
    kept = {name: value for name, value in (one.get("matter") or {}).items() if name in Matter._fields}
    return Matter(**{"category": one.get("category") or "", "place_path": one["place_path"]} | kept)
