"""Taking turns at creating what must not exist twice, where no unique key can say when two are the same.

Looking for what exists takes long and writing is quick, so only the writing is in turn. Whoever is about to create
reads the number of the last turn, looks, and takes the next turn in the transaction that inserts. Where others created
something meanwhile, it learns what (the last `KEPT` turns are remembered) and compares with these few. Two that take a
turn at once meet in the database: the later one is repeated and sees what the earlier one has created.

Where looking is quick as well, it is done in turn too: `take_before_looking`. One kind is taken in one way only.
"""

from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra import mongo

COLLECTION = "turns"
KEPT = 16  # turns


class Overtaken(Exception):
    """Others have created something meanwhile that must be seen: look again."""


class Turns:
    """The turns at creating things of one kind, `name`, in the service's database."""

    def __init__(self, db: Database[dict[str, Any]], name: str) -> None:
        self._name = name
        self._rows = db.get_collection(COLLECTION, write_concern=mongo.DURABLE)

    def last(self) -> int:
        """The number of the last turn that was taken: read it before looking."""
        row = self._rows.find_one({"_id": self._name}, {"last": 1})
        return row["last"] if row else 0

    def take(self, seen: int, ids: list[str], session: ClientSession) -> list[str]:
        """Take a turn to create what has these ids; which ones others created since the turn `seen`. Raises
        Overtaken where that is not remembered any more."""
        before = self._rows.find_one_and_update(
            {"_id": self._name},
            {"$inc": {"last": 1}, "$push": {"created": {"$each": [ids], "$slice": -KEPT}}},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
            session=session,
        ) or {"last": 0, "created": []}
        missed = before["last"] - seen
        if missed > len(before["created"]):
            raise Overtaken(f"{missed} turns were taken meanwhile")
        return [id for turn in before["created"][-missed:] for id in turn] if missed else []

    def take_before_looking(self, session: ClientSession) -> None:
        """Take a turn in the transaction that then looks and creates: it sees all that earlier turns have created."""
        self._rows.update_one({"_id": self._name}, {"$inc": {"last": 1}}, upsert=True, session=session)
