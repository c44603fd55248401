"""Counters that can be rebuilt from the event log: a Tally and its shadow (see infra/messaging/rebuild.py)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from infra.messaging.event import Received
from infra.messaging.rebuild import Taken
from infra.tally import FENCES, State, Tally

SHADOW = "shadow"
PARTS = ("counters", "marks")
BLOCK = 1000  # documents compared at a time
SHOWN = 100  # differences told at most

Database_ = Database[dict[str, Any]]


class Documents(Protocol):
    """What the documents that are counted say: each of them, or those of `subjects` that there are."""

    def __call__(self, subjects: Sequence[str] | None = None) -> Iterable[State]: ...


class TallyRebuild:
    """The counters called `name`; `state_of` says what an event counts for, `documents` what they should count."""

    def __init__(self, name: str, state_of: Callable[[Received[Any]], State], documents: Documents) -> None:
        self.name, self._state_of, self.documents = name, state_of, documents

    def recover(self, db: Database_) -> bool:
        """See Projection."""
        fence = db[FENCES].find_one({"_id": self.name})
        begun = fence is not None and bool(fence.get("ready"))
        if fence is not None and begun:
            self._put_in_place(db, fence["run"])
        db[FENCES].delete_one({"_id": self.name})
        for name in db.list_collection_names(filter={"name": {"$regex": f"^{self.name}_{SHADOW}_"}}):
            db[name].drop()
        return begun

    def begin(self, db: Database_, run: str) -> None:
        """See Projection."""
        for part in PARTS:
            db.create_collection(f"{self._shadow(run)}_{part}")

    def clear(self, db: Database_, run: str) -> None:
        """See Projection."""
        for part in PARTS:
            db[f"{self._shadow(run)}_{part}"].drop()

    def fill(self, db: Database_, run: str) -> None:
        """Have the shadow count the documents as they are."""
        self._tally(db, run).recount(self.documents(), mend=True)

    def catch_up(self, db: Database_, run: str) -> None:
        """Have the shadow count anew the documents of which the live counters know more; nobody counts meanwhile."""
        shadow = self._tally(db, run)
        for block in _blocks(db[f"{self.name}_marks"].find({}, {"sequence": 1})):
            known = _marks(db[f"{self._shadow(run)}_marks"], [mark["_id"] for mark in block])
            behind = [
                mark["_id"]
                for mark in block
                if mark["_id"] not in known or known[mark["_id"]]["sequence"] < mark["sequence"]
            ]
            if behind:
                shadow.apply(self.documents(behind))

    def apply(self, db: Database_, batch: list[Received[Any]], *, run: str | None) -> None:
        """See Projection."""
        self._tally(db, run).apply([self._state_of(one) for one in batch])

    def carry_over(self, db: Database_, run: str) -> int:
        """See Projection."""
        shadow, carried = self._tally(db, run), 0
        for block in _blocks(db[f"{self.name}_marks"].find()):
            known = _marks(db[f"{self._shadow(run)}_marks"], [mark["_id"] for mark in block])
            carried += shadow.apply([state_of_mark(mark) for mark in block if mark["_id"] not in known])
        return carried

    def compare(self, db: Database_, run: str) -> "TallyComparison":
        """See Projection."""
        counters, marks = (db[f"{self._shadow(run)}_{part}"] for part in PARTS)
        return TallyComparison(counters, marks, self.documents)

    def pause(self, db: Database_, run: str) -> None:
        """See Projection."""
        try:
            db[FENCES].insert_one({"_id": self.name, "run": run})
        except DuplicateKeyError as error:
            raise Taken(f"another run is replacing {self.name}") from error

    def resume(self, db: Database_, run: str) -> None:
        """See Projection."""
        db[FENCES].delete_one({"_id": self.name, "run": run, "ready": {"$ne": True}})

    def swap(self, db: Database_, run: str) -> None:
        """See Projection. Each collection is replaced at once; nobody counts before both are."""
        fence = {"_id": self.name, "run": run}
        if db[FENCES].update_one(fence, {"$set": {"ready": True}}).matched_count == 0:
            raise Taken(f"another run has taken the place of this one for {self.name}")
        self._put_in_place(db, run)
        db[FENCES].delete_one(fence)

    def _put_in_place(self, db: Database_, run: str) -> None:
        present = set(db.list_collection_names())
        for part in PARTS:
            if f"{self._shadow(run)}_{part}" in present:
                db[f"{self._shadow(run)}_{part}"].rename(f"{self.name}_{part}", dropTarget=True)

    def _shadow(self, run: str) -> str:
        return f"{self.name}_{SHADOW}_{run}"

    def _tally(self, db: Database_, run: str | None) -> Tally:
        return Tally(db, self.name if run is None else self._shadow(run))


class TallyComparison:
    """Documents, read once, beside the counters and marks of a shadow."""

    def __init__(
        self, counters: Collection[dict[str, Any]], marks: Collection[dict[str, Any]], documents: Documents
    ) -> None:
        self._counters, self._marks, self._documents = counters, marks, documents
        self._subjects: set[str] = set()
        self._ahead: dict[str, State] = {}
        self._wrong: list[str] = []
        for block in _blocks(documents()):
            self._subjects.update(one.subject for one in block)
            self._ahead |= self._check(block)

    def behind(self) -> int:
        """See Comparison."""
        waiting, self._ahead = list(self._ahead.values()), {}
        for block in _blocks(waiting):
            self._ahead |= self._check(block)
        return len(self._ahead)

    def differences(self) -> list[str]:
        """See Comparison."""
        self.behind()
        late = [f"{one.subject} is at #{one.sequence}, of which the log does not tell" for one in self._ahead.values()]
        return [*self._wrong, *late, *self._orphans(), *self._miscounted()][:SHOWN]

    def _check(self, block: list[State]) -> dict[str, State]:
        """Compare what can be compared; those of which the shadow does not know enough yet."""
        marks = _marks(self._marks, [one.subject for one in block])
        ahead = {}
        for state in block:
            mark = marks.get(state.subject)
            if mark is None or mark["sequence"] < state.sequence:
                ahead[state.subject] = state
            elif mark["sequence"] == state.sequence and sorted(map(tuple, mark["keys"])) != sorted(state.buckets()):
                self._note_wrong(state, sorted(map(tuple, mark["keys"])))
        return ahead

    def _note_wrong(self, state: State, counted: Sequence[Sequence[str]]) -> None:
        if len(self._wrong) < SHOWN:
            said, right = (", ".join("|".join(one) for one in keys) for keys in (counted, state.buckets()))
            self._wrong.append(f"{state.subject} #{state.sequence} counts as [{said}], should be [{right}]")

    def _orphans(self) -> Iterator[str]:
        yield from (f"{subject} has no document, and the log tells of it" for subject in self._unknown())

    def _unknown(self) -> list[str]:
        """Subjects that are counted and have no document."""
        unknown = {mark["_id"] for mark in self._marks.find({}, {"_id": 1})} - self._subjects
        if unknown:  # perhaps they are newer than our reading
            unknown -= {one.subject for one in self._documents(sorted(unknown))}
        return sorted(unknown)

    def _miscounted(self) -> Iterator[str]:
        """Counters that are not the sum of the marks."""
        actual: Counter[tuple[str, ...]] = Counter(
            tuple(key) for mark in self._marks.find({}, {"keys": 1}) for key in mark["keys"]
        )
        counted: Counter[tuple[str, ...]] = Counter()
        for counter in self._counters.find():
            coordinate, _, path = counter["_id"].partition("|")
            counted.update({(coordinate, path, label): n for label, n in counter["counts"].items()})
        for bucket in sorted(set(actual) | set(counted)):
            if counted[bucket] != actual[bucket]:
                yield f"{'|'.join(bucket)} counts {counted[bucket]}, its marks {actual[bucket]}"


def _marks(collection: Collection[dict[str, Any]], subjects: list[str]) -> dict[str, dict[str, Any]]:
    return {mark["_id"]: mark for mark in collection.find({"_id": {"$in": subjects}})}


def state_of_mark(mark: dict[str, Any]) -> State:
    """What was counted, from its mark."""
    return State(mark["_id"], mark["sequence"], {}, (), [(where, path, label) for where, path, label in mark["keys"]])


def _blocks(things: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(things)
    while block := list(islice(source, BLOCK)):
        yield block
