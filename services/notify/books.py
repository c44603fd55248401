"""The books of notify, for reconciliation (infra/reconciliation): what it holds, key by key.

notices      task → the unit that its notice (交办单) is addressed to
deliveries   the same, as the deliveries of those notices say
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mongoengine.connection import get_db
from pymongo.collection import Collection

from infra.reconciliation.books import Entry, Ledger, Span
from infra.reconciliation.provider import ServiceBooks
from services.notify.contracts import SERVICE, BulletinKind

_BEFORE = f"{BulletinKind.ASSIGNMENT.value}-"


def _of(name: str) -> Collection[dict[str, Any]]:
    return get_db(SERVICE)[name]


def notices(span: Span) -> Iterable[Entry]:
    """Task → the unit to which its notice is addressed. A notice knows no moment of the task: all are taken."""
    query = {"_id": span.condition(_BEFORE), "kind": BulletinKind.ASSIGNMENT.value}
    found = _of("notice").find(query, ("task_id", "unit")).sort("_id", 1)
    return ((one["task_id"], one["unit"]) for one in found)


def deliveries(span: Span) -> Iterable[Entry]:
    """Task → the unit to which its notice is delivered."""
    query = {"document_id": span.condition(_BEFORE), "kind": BulletinKind.ASSIGNMENT.value}
    found = _of("delivery").find(query, ("document_id", "unit"))
    return ((one["document_id"].removeprefix(_BEFORE), one["unit"]) for one in found)


LEDGERS: dict[str, Ledger] = {"notices": notices, "deliveries": deliveries}


def totals(as_of: datetime) -> dict[str, int]:
    """How many notices were written, up to now."""
    return {"notices": _of("notice").count_documents({"kind": BulletinKind.ASSIGNMENT.value})}


BOOKS = ServiceBooks(LEDGERS, (), totals)
