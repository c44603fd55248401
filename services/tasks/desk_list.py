"""工作清单: what one unit itself has to do or to decide, whatever the source, what hurts most first.

Ranges of indexes: the unit's own duties (`desk_key`) and what waits for its decision (`decision_key`), of tasks and of
supervision orders (督办单). All keys sort alike, so a page reads about as many documents as it shows, and the cursor is
the key without the unit. How many lines each group has is counted from the indexes alone. All of it is one question to
the database: most of what a list costs is the way there and back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from infra.clock import Clock
from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.tasks import supervision_list
from services.tasks.contracts import GROUPS, TaskRole, TaskStatus, WorkItem, WorkPage
from services.tasks.request_rules import waiting
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from services.tasks.task_views import STATE_FIELDS, Document, request_of, self_check_due, state_of
from services.tasks.urgency import BETWEEN, Rank
from services.tasks.work_list import check_first, cursor_of, key_of

RANKS = dict(zip(GROUPS, (Rank.OVERDUE, Rank.DECISION, Rank.DUE_SOON, Rank.RUNNING, Rank.WAITING), strict=True))
GROUP_OF = {rank.value: group for group, rank in RANKS.items()}
OWN, DECISION = "desk_key", "decision_key"
COUNT_UP_TO = 10_000
LINE, LINES = "line", "lines"  # in what is read: the key of a line, the number of lines of a group
_FIELDS = STATE_FIELDS | {"sequence": 1, "requests": 1, "self_checked_at": 1}
_END = "~~"


class DeskList:
    """Reads the work list of a unit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def page(self, unit: str, first: int = 50, after: str | None = None, group: str | None = None) -> WorkPage:
        """The next `first` lines of the list of `unit`, of one group or of all. Raises InvalidInput for any of them."""
        _check(unit, group)
        check_first(first)
        last = key_of(after) if after is not None else ""
        found = _read(unit, last, RANKS[group] if group else None, first + 1)
        return WorkPage(
            items=_items(found.lines[:first], self._clock.now()),
            end_cursor=cursor_of(found.lines[:first][-1][0]) if found.lines else None,
            has_next=len(found.lines) > first,
            counts=found.counts,
        )


class _Found(NamedTuple):
    """Lines, each with its key without the unit, in their order; and how many each group has."""

    lines: list[tuple[str, Document]]
    counts: dict[str, int]


def _read(unit: str, last: str, rank: Rank | None, limit: int) -> _Found:
    """The first lines after `last`, of one group or of all (of each range so many), and the counts."""
    before, tasks = f"{unit}{BETWEEN}", Task._get_collection()
    (own, *others), orders = _pipelines(unit, last, rank, limit, _FIELDS), _orders(unit, last, rank, limit)
    lines, counts = [], dict.fromkeys(GROUPS, 0)
    found = [(tasks.name, one) for one in others] + [(Supervision._get_collection_name(), one) for one in orders]
    unions = [{"$unionWith": {"coll": name, "pipeline": one}} for name, one in found]
    for one in tasks.aggregate([*own, *unions]):
        if LINES in one:
            counts[GROUP_OF[one["_id"]]] += one[LINES]
        else:
            lines.append((one[LINE].removeprefix(before), one))
    return _Found(sorted(lines, key=lambda line: line[0]), counts)


def _check(unit: object, group: object) -> None:
    if not isinstance(unit, str) or not unit_path.is_path(unit):
        raise InvalidInput(f"not a unit path: {unit!r}", f"单位路径有误：{unit}", field="unit")
    if group is not None and group not in RANKS:
        raise InvalidInput(f"group must be one of {', '.join(GROUPS)}", "清单分组有误", field="group")


def _orders(unit: str, last: str, rank: Rank | None, limit: int) -> list[list[dict[str, Any]]]:
    return _pipelines(unit, last, rank, limit, supervision_list.FIELDS)


def _pipelines(
    unit: str, last: str, rank: Rank | None, limit: int, fields: Mapping[str, int]
) -> list[list[dict[str, Any]]]:
    walks = [_walk(key, unit, last, rank, limit, fields) for key in (OWN, DECISION)]
    return [*walks, *(_count(key, unit) for key in (OWN, DECISION))]


def _walk(
    key: str, unit: str, last: str, rank: Rank | None, limit: int, fields: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The documents of one range."""
    before, group = f"{unit}{BETWEEN}", rank.value if rank else ""
    bounds = {"$gte" if not last else "$gt": before + max(last, group), "$lt": before + group + _END}
    return [
        {"$match": {key: bounds}},
        {"$sort": {key: 1}},
        {"$limit": limit},
        {"$project": {**fields, LINE: f"${key}"}},
    ]


def _count(key: str, unit: str) -> list[dict[str, Any]]:
    """How many lines of one range each group has."""
    before = f"{unit}{BETWEEN}"
    rank = {"$substrBytes": [f"${key}", len(before.encode()), 1]}
    return [
        {"$match": {key: {"$gte": before, "$lt": before + _END}}},
        {"$project": {"_id": 0, key: 1}},
        {"$limit": COUNT_UP_TO},
        {"$group": {"_id": rank, LINES: {"$sum": 1}}},
    ]


def _items(lines: Sequence[tuple[str, Document]], now: datetime) -> list[WorkItem]:
    pushed = [one["task_id"] for _, one in lines if supervision_list.is_order(one)]
    query = {"_id": {"$in": pushed}}
    tasks = {one["_id"]: one for one in Task._get_collection().find(query, STATE_FIELDS)} if pushed else {}
    return [
        _order(key, one, tasks[one["task_id"]]) if supervision_list.is_order(one) else _item(key, one, now)
        for key, one in lines
    ]


def _order(key: str, one: Document, task: Document) -> WorkItem:
    return WorkItem(
        kind="supervision_answer" if key[0] == Rank.DECISION else "supervision",
        group=GROUP_OF[key[0]],
        version=one["sequence"],
        task=state_of(task),
        supervision=supervision_list.state_of(one),
    )


def _item(key: str, one: Document, now: datetime) -> WorkItem:
    asked = waiting(one.get("requests", ()))
    decision = key[0] == Rank.DECISION
    return WorkItem(
        kind=_kind_of_decision(one) if decision else _kind(one),
        group=GROUP_OF[key[0]],
        version=one["sequence"],
        task=state_of(one),
        request=request_of(asked) if asked else None,
        self_check_due=None if decision else self_check_due(one, now),
    )


def _kind(one: Document) -> str:
    return "assist" if one.get("role") == TaskRole.ASSIST else "duty"


def _kind_of_decision(one: Document) -> str:
    asked = waiting(one.get("requests", ()))
    return "verification" if asked is None or one["status"] == TaskStatus.SUBMITTED else str(asked["kind"])
