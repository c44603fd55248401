"""Marks: the highest sequence that a handler has seen of every source aggregate.

Events carry full state and arrive in any order, perhaps twice: what is not newer than the mark is ignored. A mark and
what it protects are written in one transaction (DESIGN.md, decision 2).
"""

from collections.abc import Iterable
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

COLLECTION = "sequence_marks"


class SequenceMarks:
    """The marks of one handler, kept in its service's database."""

    def __init__(self, db: Database[dict[str, Any]], handler: str) -> None:
        self._marks, self._handler = db[COLLECTION], handler

    def advance(self, subject: str, sequence: int, session: ClientSession) -> bool:
        """Whether `sequence` is newer than all that was seen of `subject`; from now on it is seen."""
        return bool(self.advance_many([(subject, sequence)], session))

    def advance_many(self, seen: Iterable[tuple[str, int]], session: ClientSession) -> dict[str, int]:
        """Of pairs (subject, sequence) those that are news: the highest of each subject, where it is above the mark."""
        highest: dict[str, int] = {}
        for subject, sequence in seen:
            highest[subject] = max(sequence, highest.get(subject, 0))
        ids = {"_id": {"$in": [self._id(subject) for subject in highest]}}
        marks = {mark["_id"]: mark["sequence"] for mark in self._marks.find(ids, session=session)}
        news = {subject: high for subject, high in highest.items() if high > marks.get(self._id(subject), 0)}
        if news:
            self._marks.bulk_write([self._raise(*one) for one in news.items()], ordered=False, session=session)
        return news

    def _raise(self, subject: str, sequence: int) -> UpdateOne:
        return UpdateOne({"_id": self._id(subject)}, {"$set": {"sequence": sequence}}, upsert=True)

    def _id(self, subject: str) -> str:
        return f"{self._handler}|{subject}"
