"""The books of assessment, for reconciliation (infra/reconciliation): what its indicators have counted.

filed    case → the newest version that was counted
due      task of a case → the newest version that was counted as due       issued   the same, as issued
"""

from collections.abc import Callable, Iterable

from mongoengine.connection import get_db

from infra.reconciliation.books import Entry, Ledger, Span
from infra.reconciliation.provider import ServiceBooks
from services.assessment.contracts import SERVICE


def _marked(noun: str, role: str) -> Ledger:
    before, behind = f"{noun}/", f"|{role}"

    def marked(span: Span) -> Iterable[Entry]:
        condition = span.condition(before)
        if span.keys is not None:
            condition = {"$in": [before + key + behind for key in span.keys]}
        for mark in get_db(SERVICE)["indicators_marks"].find({"_id": condition}, {"sequence": 1}):
            if mark["_id"].endswith(behind):
                yield mark["_id"].removeprefix(before).removesuffix(behind), str(mark["sequence"])

    return marked


LEDGERS: dict[str, Callable[[Span], Iterable[Entry]]] = {
    "filed": _marked("case", "filed"),
    "due": _marked("task", "due"),
    "issued": _marked("task", "issued"),
}
BOOKS = ServiceBooks(LEDGERS, ("indicators",))
