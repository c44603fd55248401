"""The books of complaints, for reconciliation (infra/reconciliation): what it holds, key by key.

reports         report → how often it was revised         held      the same, as the cases say that hold the reports
cases           case → its version                        filed     every case that was filed
for_tasks       filed case → the newest of its events that tasks must know
seen_tasks      filed case → the newest seen of its tasks
to_count        case → version and counters it belongs in   counted   the same, as the counters' marks say
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mongoengine.connection import get_db
from pymongo.collection import Collection

from infra.reconciliation.books import Entry, Ledger, Span
from infra.reconciliation.provider import ServiceBooks
from infra.tally import State
from services.complaints.case_counts import labels
from services.complaints.contracts import SERVICE, CaseStatus

FATES = ("filed", "joined", "answered", "voided", "waiting")


def _of(name: str) -> Collection[dict[str, Any]]:
    return get_db(SERVICE)[name]


def reports(span: Span) -> Iterable[Entry]:
    """Every report that is stored → how often it was revised."""
    query = {"_id": span.condition(), "received_at": {"$lte": span.as_of}}
    found = _of("reports").find(query, {"versions": {"$size": "$versions"}}).sort("_id", 1)
    return ((one["_id"], str(one["versions"] - 1)) for one in found)


def held(span: Span) -> Iterable[Entry]:
    """Every report that stands in a case → the revision that the case has seen; one in two cases comes twice."""
    query = {"joined": {"$elemMatch": {"report_id": span.condition()}}}
    for case in _of("cases").find(query, {"joined": 1}):
        for one in case["joined"]:
            if one["received_at"] <= span.as_of:
                yield one["report_id"], str(one["revision"])


def _cases(span: Span, moment: str, *fields: str) -> Iterable[Mapping[str, Any]]:
    query = {"_id": span.condition(), moment: {"$lte": span.as_of}}
    return _of("cases").find(query, fields or ("_id",)).sort("_id", 1)


def _buckets(version: int, where: Iterable[Iterable[str]]) -> str:
    return f"{version} " + ", ".join(sorted("|".join(one) for one in where))


def _to_count(span: Span) -> Iterable[Entry]:
    for one in _cases(span, "received_at", "sequence", "status", "place_path", "responsible_unit", "joined.channel"):
        paths = {"place": one["place_path"]}
        if one.get("responsible_unit") is not None:
            paths["unit"] = one["responsible_unit"]
        under = labels(one["status"], [each["channel"] for each in one["joined"]])
        yield one["_id"], _buckets(one["sequence"], State("", 0, paths, under).buckets())


def _counted(span: Span) -> Iterable[Entry]:
    for mark in _of("case_counts_marks").find({"_id": span.condition("case/")}):
        yield mark["_id"].removeprefix("case/"), _buckets(mark["sequence"], mark["keys"])


def _for_tasks(span: Span) -> Iterable[Entry]:
    for one in _cases(span, "filed_at", "sequence", "changed_sequence"):
        yield one["_id"], str(one.get("changed_sequence") or one["sequence"])


def _seen_tasks(span: Span) -> Iterable[Entry]:
    for one in _cases(span, "filed_at", "tasks"):
        yield one["_id"], " ".join(f"{id}@{mark['sequence']}" for id, mark in sorted(one.get("tasks", {}).items()))


LEDGERS: dict[str, Ledger] = {
    "reports": reports,
    "held": held,
    "cases": lambda span: ((one["_id"], str(one["sequence"])) for one in _cases(span, "received_at", "sequence")),
    "filed": lambda span: ((one["_id"], "") for one in _cases(span, "filed_at")),
    "for_tasks": _for_tasks,
    "seen_tasks": _seen_tasks,
    "to_count": _to_count,
    "counted": _counted,
}


def fates(as_of: datetime) -> dict[str, int]:
    """How many reports are `stored`, and what became of them: opened a case that was `filed`, `answered` or `voided` or
    is `waiting` for a person, or `joined` another's; `filed_cases` is how many cases were filed."""
    fate = {
        "$switch": {
            "branches": [
                {"case": {"$gt": ["$n", 0]}, "then": "joined"},
                {"case": {"$eq": ["$status", CaseStatus.ANSWERED.value]}, "then": "answered"},
                {"case": {"$eq": ["$status", CaseStatus.VOIDED.value]}, "then": "voided"},
                {"case": {"$gt": ["$filed_at", None]}, "then": "filed"},
            ],
            "default": "waiting",
        }
    }
    pipeline: list[dict[str, Any]] = [
        {"$project": {"joined.received_at": 1, "status": 1, "filed_at": 1}},
        {"$unwind": {"path": "$joined", "includeArrayIndex": "n"}},
        {"$match": {"joined.received_at": {"$lte": as_of}}},
        {"$group": {"_id": fate, "n": {"$sum": 1}}},
    ]
    counts = {group["_id"]: group["n"] for group in _of("cases").aggregate(pipeline, allowDiskUse=True)}
    stored = _of("reports").count_documents({"received_at": {"$lte": as_of}})
    filed = _of("cases").count_documents({"filed_at": {"$lte": as_of}})
    return {"stored": stored, "filed_cases": filed} | {name: counts.get(name, 0) for name in FATES}


BOOKS = ServiceBooks(LEDGERS, ("case_counts", "intake_counts"), fates)
