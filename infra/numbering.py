"""Running numbers of documents: one row per series and year, without gaps where the law or a reader counts them.

`next` takes part in the transaction of the document that bears the number: both are there or neither.
`allot` gives a block at once, outside any transaction, for receipts, where a gap means nothing.
"""

from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra import mongo

COLLECTION = "numbers"


class Numbering:
    """The numbers that the service with database `db` gives."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._rows = db.get_collection(COLLECTION, write_concern=mongo.DURABLE)

    def next(self, series: str, year: int, session: ClientSession) -> int:
        """The next number, from 1. Two transactions that want one at the same time: the later one is repeated."""
        return self.next_many(series, year, 1, session)[0]

    def next_many(self, series: str, year: int, count: int, session: ClientSession) -> range:
        """The next `count` numbers at once, for a batch that is written in one transaction."""
        return self._take(series, year, count, session)

    def allot(self, series: str, year: int, count: int) -> range:
        """A block of `count` numbers that nobody else gets; those that are not used are gaps."""
        return self._take(series, year, count, None)

    def last(self, series: str, year: int) -> int:
        """The number that was given last, 0 where none was."""
        row = self._rows.find_one({"_id": f"{series}|{year}"}, {"last": 1})
        return row["last"] if row else 0

    def take_after(self, series: str, year: int, last: int, count: int, session: ClientSession) -> bool:
        """Take the `count` numbers after `last`; False where that is not the last one any more: nothing is taken."""
        if last == 0:
            return self.next_many(series, year, count, session).start == 1
        row = {"_id": f"{series}|{year}", "last": last}
        return self._rows.update_one(row, {"$inc": {"last": count}}, session=session).matched_count == 1

    def _take(self, series: str, year: int, count: int, session: ClientSession | None) -> range:
        if count < 1:
            raise ValueError(f"not a count of numbers: {count}")
        row = self._rows.find_one_and_update(
            {"_id": f"{series}|{year}"},
            {"$inc": {"last": count}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        assert row is not None
        return range(row["last"] - count + 1, row["last"] + 1)
