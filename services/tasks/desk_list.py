"""工作清单: what one unit itself has to do or to decide, whatever the source, what hurts most first.

Two ranges of two indexes, merged: the unit's own duties (`desk_key`) and what waits for its decision (`decision_key`).
Both keys sort alike, so a page reads as many documents as it shows, and the cursor is the key without the unit.
"""

from heapq import merge
from typing import Any

from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.tasks.contracts import GROUPS, TaskRole, TaskStatus, WorkItem, WorkPage
from services.tasks.request_rules import waiting
from services.tasks.task import Task
from services.tasks.task_views import STATE_FIELDS, Document, request_of, state_of
from services.tasks.urgency import BETWEEN, Rank
from services.tasks.work_list import check_first, cursor_of, key_of

RANKS = dict(zip(GROUPS, (Rank.OVERDUE, Rank.DECISION, Rank.DUE_SOON, Rank.RUNNING, Rank.WAITING), strict=True))
GROUP_OF = {rank.value: group for group, rank in RANKS.items()}
OWN, DECISION = "desk_key", "decision_key"
COUNT_UP_TO = 10_000
_FIELDS = STATE_FIELDS | {"sequence": 1, "requests": 1, OWN: 1, DECISION: 1}
_END = "~~"


class DeskList:
    """Reads the work list of a unit."""

    def page(self, unit: str, first: int = 50, after: str | None = None, group: str | None = None) -> WorkPage:
        """The next `first` lines of the list of `unit`, of one group or of all. Raises InvalidInput for any of them."""
        _check(unit, group)
        check_first(first)
        last = key_of(after) if after is not None else ""
        streams = [_walk(key, unit, last, RANKS[group] if group else None, first + 1) for key in (OWN, DECISION)]
        found = list(merge(*streams, key=lambda line: line[0]))[: first + 1]
        return WorkPage(
            items=[_item(key, document) for key, document in found[:first]],
            end_cursor=cursor_of(found[:first][-1][0]) if found else None,
            has_next=len(found) > first,
            counts=counts(unit),
        )


def _check(unit: object, group: object) -> None:
    if not isinstance(unit, str) or not unit_path.is_path(unit):
        raise InvalidInput(f"not a unit path: {unit!r}", f"单位路径有误：{unit}", field="unit")
    if group is not None and group not in RANKS:
        raise InvalidInput(f"group must be one of {', '.join(GROUPS)}", "清单分组有误", field="group")


def _walk(key: str, unit: str, last: str, rank: Rank | None, limit: int) -> list[tuple[str, Document]]:
    """The documents of one range, each with its key without the unit."""
    before = f"{unit}{BETWEEN}"
    group = rank.value if rank else ""
    bounds = {"$gte" if not last else "$gt": before + max(last, group), "$lt": before + group + _END}
    found = Task._get_collection().find({key: bounds}, _FIELDS).sort(key, 1).limit(limit)
    return [(one[key].removeprefix(before), one) for one in found]


def _item(key: str, one: Document) -> WorkItem:
    asked = waiting(one.get("requests", ()))
    decision = key[0] == Rank.DECISION
    return WorkItem(
        kind=_kind_of_decision(one) if decision else _kind(one),
        group=GROUP_OF[key[0]],
        version=one["sequence"],
        task=state_of(one),
        request=request_of(asked) if asked else None,
    )


def _kind(one: Document) -> str:
    return "assist" if one.get("role") == TaskRole.ASSIST else "duty"


def _kind_of_decision(one: Document) -> str:
    asked = waiting(one.get("requests", ()))
    return "verification" if asked is None or one["status"] == TaskStatus.SUBMITTED else str(asked["kind"])


def counts(unit: str) -> dict[str, int]:
    """How many lines each group of the unit's list has; read from the indexes alone."""
    sums: dict[str, int] = dict.fromkeys(GROUPS, 0)
    for group in Task._get_collection().aggregate(_counting(unit)):
        sums[GROUP_OF[group["_id"]]] += group["n"]
    return sums


def _counting(unit: str) -> list[dict[str, Any]]:
    before = f"{unit}{BETWEEN}"

    def part(key: str) -> list[dict[str, Any]]:
        rank = {"$substrBytes": [f"${key}", len(before.encode()), 1]}
        return [
            {"$match": {key: {"$gte": before, "$lt": before + _END}}},
            {"$project": {"_id": 0, key: 1}},
            {"$limit": COUNT_UP_TO},
            {"$group": {"_id": rank, "n": {"$sum": 1}}},
        ]

    return [*part(OWN), {"$unionWith": {"coll": Task._get_collection_name(), "pipeline": part(DECISION)}}]
