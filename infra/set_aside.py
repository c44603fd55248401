"""What a recurring job could not do, set aside so that it holds up nothing else: one row each, with why and since when.

The job tries it again alone, after a wait that doubles with every failure; a row goes away when a try succeeds. Whoever
takes the job over finds the rows of who had it before. `wenming status` shows them.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pymongo.database import Database

from infra import mongo

COLLECTION = "set_aside"
WAITS = (15, 30, 60, 120, 240, 480, 900)  # seconds of wall time after the first failure, the second, …; then the last


class Aside(NamedTuple):
    """What is set aside at a moment: every id, and those of them whose wait is over."""

    ids: list[Any]
    to_try: list[Any]


class SetAside:
    """What `job` has set aside in the service's database; `wall` is wall time in unix seconds."""

    def __init__(self, db: Database[dict[str, Any]], job: str, wall: Callable[[], float] = time.time) -> None:
        self._rows = db.get_collection(COLLECTION, write_concern=mongo.DURABLE)
        self._job, self._wall = job, wall

    def look(self) -> Aside:
        """What is set aside now."""
        rows, now = list(self._rows.find({"job": self._job}).sort("again_at", 1)), self._now()
        return Aside([row["id"] for row in rows], [row["id"] for row in rows if row["again_at"] <= now])

    def put(self, id: Any, why: str) -> None:
        """Set it aside, or again after another failure; `why` quotes nothing of its content."""
        row = self._rows.find_one({"_id": self._key(id)}, {"failures": 1, "since": 1})
        failures, now = (row["failures"] if row else 0) + 1, self._now()
        wait = timedelta(seconds=WAITS[min(failures, len(WAITS)) - 1])
        facts = {"job": self._job, "id": id, "why": why, "failures": failures, "again_at": now + wait}
        since = {"since": row["since"] if row else now}
        self._rows.update_one({"_id": self._key(id)}, {"$set": facts | since}, upsert=True)

    def take_back(self, ids: Sequence[Any]) -> None:
        """These were done."""
        self._rows.delete_many({"_id": {"$in": [self._key(id) for id in ids]}})

    def _key(self, id: Any) -> str:
        return f"{self._job}|{id}"

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)
