"""The books of tasks, for reconciliation (infra/reconciliation): what it holds, key by key.

assignments     task → its unit                           case_tasks  task of a case → its version
leads           case → (its first task is there)          heard       case → the newest event of it that its task knows
of_cases        case → its tasks with their versions
to_count        task → version and counters it belongs in   counted   the same, as the counters' marks say
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from mongoengine.connection import get_db
from pymongo.collection import Collection

from infra.reconciliation.books import Entry, Ledger, Span
from infra.reconciliation.provider import ServiceBooks
from services.tasks.contracts import SERVICE, TaskSource, TaskStatus
from services.tasks.counters import counted
from services.tasks.task_views import STATE_FIELDS, state_of

MOST_SHOWN = 20
# The assignments of cases; what a unit gave to others is a part of one.
_OF_A_CASE: dict[str, Any] = {"source": TaskSource.CASE.value, "parent_id": None, "lead_task_id": None}
_LIVE = _OF_A_CASE | {
    "status": {"$ne": TaskStatus.RETURNED.value},
    "reassigned": {"$ne": True},
}


def _of(name: str) -> Collection[dict[str, Any]]:
    return get_db(SERVICE)[name]


def _tasks(span: Span, *fields: str, **condition: object) -> Iterable[Mapping[str, Any]]:
    query = {"_id": span.condition(), "issued_at": {"$lte": span.as_of}} | condition
    return _of("tasks").find(query, fields).sort("_id", 1)


def _by_case(span: Span, *fields: str, **condition: object) -> Iterable[Mapping[str, Any]]:
    query = {"case_id": span.condition()} | _OF_A_CASE | condition
    return _of("tasks").find(query, ("case_id", *fields)).sort([("case_id", 1), ("_id", 1)])


def _leads(span: Span) -> Iterable[Entry]:
    first = _by_case(span, round=1, issued_at={"$lte": span.as_of})
    return ((one["case_id"], "") for one in first)


def _heard(span: Span) -> Iterable[Entry]:
    return ((one["case_id"], str(one["case_sequence"])) for one in _by_case(span, "case_sequence", **_LIVE))


def _of_cases(span: Span) -> Iterable[Entry]:
    for case_id, tasks in groupby(_by_case(span, "sequence"), lambda one: one["case_id"]):
        yield case_id, " ".join(f"{one['_id']}@{one['sequence']}" for one in tasks)


def _buckets(version: int, where: Iterable[Iterable[str]]) -> str:
    return f"{version} " + ", ".join(sorted("|".join(one) for one in where))


def _to_count(span: Span) -> Iterable[Entry]:
    for one in _tasks(span, "sequence", *STATE_FIELDS):
        yield one["_id"], _buckets(one["sequence"], counted(state_of(one), one["sequence"]).buckets())


def _counted(span: Span) -> Iterable[Entry]:
    for mark in _of("task_tally_marks").find({"_id": span.condition()}):
        yield mark["_id"], _buckets(mark["sequence"], mark["keys"])


def _case_tasks(span: Span) -> Iterable[Entry]:
    return ((one["_id"], str(one["sequence"])) for one in _tasks(span, "sequence", **_OF_A_CASE))


LEDGERS: dict[str, Ledger] = {
    "assignments": lambda span: ((one["_id"], one["responsible_unit"]) for one in _tasks(span, "responsible_unit")),
    "case_tasks": _case_tasks,
    "leads": _leads,
    "heard": _heard,
    "of_cases": _of_cases,
    "to_count": _to_count,
    "counted": _counted,
}


def totals(as_of: datetime) -> dict[str, int]:
    """How many tasks were issued, and how many cases have a first task."""
    issued = {"issued_at": {"$lte": as_of}}
    first = issued | _OF_A_CASE | {"round": 1}
    return {"tasks": _of("tasks").count_documents(issued), "leads": _of("tasks").count_documents(first)}


def oddities() -> list[str]:
    """Cases with more than one task that was neither given back nor passed on."""
    pipeline: list[dict[str, Any]] = [
        {"$match": _LIVE},
        {"$group": {"_id": "$case_id", "n": {"$sum": 1}}},
        {"$match": {"n": {"$gt": 1}}},
        {"$limit": MOST_SHOWN},
    ]
    found = _of("tasks").aggregate(pipeline, allowDiskUse=True)
    return [f"case {one['_id']} has {one['n']} live tasks" for one in found]


BOOKS = ServiceBooks(LEDGERS, ("task_tally",), totals, oddities)
