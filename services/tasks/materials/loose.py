"""Bytes that belong to no material, yet or any more: noted before they are written, and before they are forgotten.

So whatever a crash leaves is known: what stands here for longer than an hour is removed, whole files and parts of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra import mongo
from services.tasks.materials.shelf import MaterialStore

LOOSE_FOR = timedelta(hours=1)  # longer than any upload can take
COLLECTION = "material_loose_bytes"


class LooseBytes:
    """The list of keys under which bytes may lie that nothing refers to. Moments are wall time."""

    def __init__(self, database: Database[dict[str, Any]], shelf: MaterialStore) -> None:
        self._shelf = shelf
        self._noted = database.get_collection(COLLECTION, write_concern=mongo.DURABLE)
        self._indexed = False

    def note(self, keys: Sequence[str], now: datetime, session: ClientSession | None = None) -> None:
        """From now on, what lies under these keys is loose."""
        if not self._indexed:
            self._indexed = bool(session) or bool(self._noted.create_index("since"))
        self._noted.insert_many([{"_id": key, "since": now} for key in keys], session=session)

    def claim(self, keys: Sequence[str], session: ClientSession) -> bool:
        """In a transaction: these belong to a material now. False where one of them was given up meanwhile."""
        query = {"_id": {"$in": list(keys)}, "going": None}
        return self._noted.delete_many(query, session=session).deleted_count == len(keys)

    def remove(self, now: datetime, limit: int) -> int:
        """Remove what has been loose for an hour, at most `limit`; how many keys there were."""
        found = self._noted.find({"since": {"$lt": now - LOOSE_FOR}}).sort("since", 1).limit(limit)
        return self.discard([one["_id"] for one in found])

    def discard(self, keys: Sequence[str]) -> int:
        """Remove the bytes of those that are noted, then their note; how many keys there were. From the beginning they
        cannot be claimed, and what was claimed before stays."""
        ours = {"_id": {"$in": list(keys)}}
        self._noted.update_many(ours, {"$set": {"going": True}})
        going = [one["_id"] for one in self._noted.find(ours)]
        for key in going:
            self._shelf.remove(key)
            self._noted.delete_one({"_id": key})
        return len(going)
