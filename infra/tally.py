"""Exact counters per path and label, kept as events arrive (DESIGN.md, decision 7).

What a subject counts for is its state: under each coordinate (a name such as `place`) a path, and a set of labels.
It is counted once in the counter of every (coordinate, path), under each of its labels, and in the buckets that it
names one by one (a breakdown in counters of its own keeps those that are read most small); a new state moves it.
The state that was counted last and its sequence are the subject's mark, changed in one transaction with the counters:
an event that comes twice or late changes nothing. Counters stand at the paths themselves and are summed upward on read.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra import mongo

SEPARATOR = "/"
BLOCK = 1000  # subjects per transaction of a recount
FENCES = "tally_fences"  # a document named after a tally: it is being replaced, nobody may count

log = logging.getLogger(__name__)
Bucket = tuple[str, str, str]  # coordinate, path, label


class BeingSwapped(Exception):
    """The counters are being replaced by rebuilt ones at this moment: try again."""


class State(NamedTuple):
    """What `subject` counts for as of `sequence`: every path under every label, and `more`. None of them: it counts
    nowhere any more."""

    subject: str
    sequence: int
    paths: Mapping[str, str]
    labels: Sequence[str]
    more: Sequence[Bucket] = ()

    def buckets(self) -> list[Bucket]:
        """Where it is counted. Raises ValueError for a label that cannot be a field name of the database."""
        crossed = [(where, path, label) for where, path in self.paths.items() for label in self.labels]
        found = sorted({*crossed, *self.more})
        for _, _, label in found:
            if not label or "." in label or label.startswith("$") or "\0" in label:
                raise ValueError(f"not a label: {label!r}")
        return found


class Difference(NamedTuple):
    """A counter that is not what the documents say."""

    coordinate: str
    path: str
    label: str
    counted: int
    actual: int


class Tally:
    """The counters called `name` in the database `db`: collections `<name>_counters` and `<name>_marks`."""

    def __init__(self, db: Database[dict[str, Any]], name: str) -> None:
        self._db, self._name = db, name
        self._counters, self._marks = db[f"{name}_counters"], db[f"{name}_marks"]

    def apply(
        self,
        states: Iterable[State | tuple[str, int, Mapping[str, str], Sequence[str]]],
        session: ClientSession | None = None,
    ) -> int:
        """Count `states`, all or none; how many were news. Of several states of one subject the newest counts.

        Within `session`'s transaction where there is one (raises BeingSwapped), else in a transaction of its own.
        """
        newest: dict[str, State] = {}
        for state in (State(*one) for one in states):
            if state.subject not in newest or newest[state.subject].sequence < state.sequence:
                newest[state.subject] = state
        if not newest:
            return 0
        if session is not None:
            return self._apply(newest, session)
        return self._when_not_swapped(newest)

    def sum_under(self, coordinate: str, paths: Iterable[str]) -> dict[str, dict[str, int]]:
        """For each of `paths` the counts, by label, of what lies at it or below it. One query; zeros are left out."""
        wanted = list(dict.fromkeys(paths))
        if not wanted:
            return {}
        sums: dict[str, Counter[str]] = {path: Counter() for path in wanted}
        ranges = [_at_or_below(coordinate, path) for path in wanted if not _inside_another(path, sums)]
        for counter in self._counters.find({"$or": ranges}):
            for asked in _at_or_above(counter["_id"].partition("|")[2]):
                if asked in sums:
                    sums[asked].update(counter["counts"])
        return {path: {label: n for label, n in counts.items() if n} for path, counts in sums.items()}

    def recount(self, states: Iterable[State], *, mend: bool = False) -> list[Difference]:
        """Compare with `states`, the present state of every subject; the counters that differ from it, sorted.

        With `mend` they are made right, marks included. No event may be applied meanwhile (stop the handler).
        """
        actual: Counter[Bucket] = Counter()
        block: list[State] = []
        if mend:
            self._marks.delete_many({})
        for state in states:
            actual.update(state.buckets())
            block.append(state)
            if mend and len(block) >= BLOCK:
                self._mark(block)
                block.clear()
        if mend and block:
            self._mark(block)
        differences = self._compare(actual)
        if mend and differences:
            self._counters.bulk_write(_increments(_by_how_much(differences)))
        return differences

    def _when_not_swapped(self, newest: dict[str, State]) -> int:
        waited = 0
        while True:
            try:
                return mongo.in_transaction(self._db.client, lambda own: self._apply(newest, own))
            except BeingSwapped:
                waited += 1
                if waited % 100 == 0:
                    log.warning(
                        "%s waits for the end of its rebuild; if that was interrupted, run it again", self._name
                    )
                time.sleep(0.1)

    def _apply(self, newest: dict[str, State], session: ClientSession) -> int:
        if self._db[FENCES].find_one({"_id": self._name}, session=session) is not None:
            raise BeingSwapped(f"the counters {self._name} are being replaced")
        ids = {"_id": {"$in": list(newest)}}
        marks = {mark["_id"]: mark for mark in self._marks.find(ids, session=session)}
        news = [one for one in newest.values() if one.sequence > marks.get(one.subject, {"sequence": 0})["sequence"]]
        moves: Counter[Bucket] = Counter()
        for state in news:
            moves.update(state.buckets())
            moves.subtract(tuple(key) for key in marks.get(state.subject, {"keys": []})["keys"])
        changes = _increments({bucket: by for bucket, by in moves.items() if by})
        if news:
            self._marks.bulk_write([_marking(state) for state in news], ordered=False, session=session)
        if changes:
            self._counters.bulk_write(changes, ordered=False, session=session)
        return len(news)

    def _mark(self, states: list[State]) -> None:
        self._marks.bulk_write([_marking(state) for state in states], ordered=False)

    def _compare(self, actual: Counter[Bucket]) -> list[Difference]:
        counted: Counter[Bucket] = Counter()
        for counter in self._counters.find():
            coordinate, _, path = counter["_id"].partition("|")
            counted.update({(coordinate, path, label): n for label, n in counter["counts"].items()})
        buckets = sorted(set(actual) | set(counted))
        return [Difference(*one, counted[one], actual[one]) for one in buckets if counted[one] != actual[one]]


def _at_or_below(coordinate: str, path: str) -> dict[str, Any]:
    low = f"{coordinate}|{path}{SEPARATOR}"
    return {"$or": [{"_id": f"{coordinate}|{path}"}, {"_id": {"$gte": low, "$lt": low[:-1] + chr(ord(SEPARATOR) + 1)}}]}


def _at_or_above(path: str) -> Iterator[str]:
    """`path` and every path above it."""
    while path:
        yield path
        path = path.rpartition(SEPARATOR)[0]


def _inside_another(path: str, paths: Mapping[str, object]) -> bool:
    return any(above in paths for above in _at_or_above(path.rpartition(SEPARATOR)[0]))


def _marking(state: State) -> UpdateOne:
    mark = {"sequence": state.sequence, "keys": [list(bucket) for bucket in state.buckets()]}
    return UpdateOne({"_id": state.subject}, {"$set": mark}, upsert=True)


def _increments(moves: Mapping[Bucket, int]) -> list[UpdateOne]:
    """One update for each counter that is moved, however many of its labels are."""
    by_counter: dict[str, dict[str, int]] = {}
    for (coordinate, path, label), by in moves.items():
        by_counter.setdefault(f"{coordinate}|{path}", {})[f"counts.{label}"] = by
    return [UpdateOne({"_id": id}, {"$inc": moved}, upsert=True) for id, moved in sorted(by_counter.items())]


def _by_how_much(differences: list[Difference]) -> dict[Bucket, int]:
    return {(one.coordinate, one.path, one.label): one.actual - one.counted for one in differences}
