"""A lease: of several replicas one does a job at a time, and another takes over when it dies.

The holder renews it with every look; who does not renew in time has lost it. Time is the database's own, so that the
clocks of machines do not matter. A lease saves work, it guards nothing: who was paused may believe for a moment that it
still holds, so what is done under a lease must do no harm when two do it (every write goes under a version).
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from infra import mongo

COLLECTION = "leases"
SECONDS = 10.0
_EXPIRED = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """The lease `name` in the service's database, good for `seconds` after each renewal; `holder` names who asks."""

    def __init__(
        self, db: Database[dict[str, Any]], name: str, *, seconds: float = SECONDS, holder: str | None = None
    ) -> None:
        self._rows = db.get_collection(COLLECTION, write_concern=mongo.DURABLE)
        self._name, self._seconds, self.holder = name, seconds, holder or uuid.uuid4().hex

    def hold(self) -> bool:
        """Take the lease, or renew it; False while another one holds it."""
        return self._take() or (self._lay_out() and self._take())

    def release(self) -> None:
        """Give it up at once, where it is held."""
        self._rows.update_one({"_id": self._name, "holder": self.holder}, {"$set": {"until": _EXPIRED}})

    def term(self) -> int:
        """How often the lease has changed hands."""
        found = self._rows.find_one({"_id": self._name}, {"term": 1})
        return found["term"] if found else 0

    def _take(self) -> bool:
        free = {"_id": self._name, "$or": [{"holder": self.holder}, {"$expr": {"$lte": ["$until", "$$NOW"]}}]}
        changed = {"$cond": [{"$eq": ["$holder", self.holder]}, 0, 1]}
        taken: dict[str, Any] = {
            "term": {"$add": ["$term", changed]},
            "until": {"$add": ["$$NOW", round(self._seconds * 1000)]},
            "holder": self.holder,
        }
        return self._rows.update_one(free, [{"$set": taken}]).matched_count == 1

    def _lay_out(self) -> bool:
        """Write the lease, held by nobody, where there is none yet; whether that was so."""
        row = {"holder": None, "until": _EXPIRED, "term": 0}
        before = self._rows.find_one_and_update(
            {"_id": self._name}, {"$setOnInsert": row}, upsert=True, return_document=ReturnDocument.BEFORE
        )
        return before is None
