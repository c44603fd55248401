"""Excused delays (超时申诉): a granted appeal changes the statistic, never the fact (DOMAIN.md §3).

What a case's units closed late until its appeal was granted counts as closed in time too; what is late after that,
because the case was reopened, is not excused. Closings are told by tasks and appeals by complaints, in any order: both
are kept in one document per case, and whichever is written second finds the first. Neither is ever taken back, so the
document only grows, and what comes again changes nothing. An event whose counting was interrupted comes again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from infra import mongo
from infra.messaging.event import Event, Received
from infra.tally import State
from services.assessment.indicator_states import if_excused, late_closing
from services.complaints.contracts import APPEAL_GRANTED, CaseRevised

CASES = "excuses"
Fact = tuple[str, dict[str, Any]]  # the id of a case, and how its document grows


class Excuses:
    """Late closings and granted appeals by case, in the database `db`."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._cases = db.get_collection(CASES, write_concern=mongo.DURABLE)

    def heed(self, batch: Sequence[Received[Event]]) -> list[State]:
        """Keep what the batch tells of delays and appeals; what the excused delays of these cases count for."""
        facts = [fact for received in batch for fact in _facts(received)]
        if not facts:
            return []
        growth = [UpdateOne({"_id": case_id}, change, upsert=True) for case_id, change in facts]
        self._cases.bulk_write(growth, ordered=False)
        granted = {"_id": {"$in": [case_id for case_id, _ in facts]}, "granted_at": {"$exists": True}}
        return [state for case in self._cases.find(granted) for state in _excused(case)]


def _facts(received: Received[Event]) -> Iterator[Fact]:
    event, envelope = received.event, received.envelope
    if isinstance(event, CaseRevised) and event.what == APPEAL_GRANTED:
        yield event.case.case_id, {"$set": {"granted_at": envelope.time}}
    elif (task := late_closing(received)) is not None and task.case_id is not None:
        subject, sequence, paths, labels, _ = if_excused(envelope, task)
        closing = {"subject": subject, "sequence": sequence, "paths": dict(paths), "labels": list(labels)}
        yield task.case_id, {"$addToSet": {"late": closing | {"closed_at": task.closed_at}}}


def _excused(case: Mapping[str, Any]) -> list[State]:
    return [
        State(late["subject"], late["sequence"], late["paths"], late["labels"])
        for late in case.get("late", ())
        if late["closed_at"] <= case["granted_at"]
    ]
