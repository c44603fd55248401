"""Recounting (`wenming recount`): counters of a running system beside the documents themselves, made anew where they
differ.

Three views of the same counters, and when to use which: `recount` compares with the documents and mends from them, and
is all that an operator needs after an upgrade that counts under other labels; `event-log rebuild` makes them anew from
the events, where one wants to know that the log tells the same; `reconcile` compares what different services hold.

Events in flight are no difference. A mark bears the sequence up to which its subject was counted: what the document
says of an older one than the mark was overtaken, of a newer one it is waited for. Mending counts the documents into a
shadow while counting goes on, then fences the counters for a moment, counts anew what went on meanwhile, and swaps.
A tally without documents of its own (it counts what others own) is compared with its own marks.
"""

import time
import uuid
from collections.abc import Iterable, Sequence

import amqp

from infra.messaging.rebuild import MOMENT, PATIENCE, alone
from infra.reconciliation import counters
from infra.tally import State
from infra.tally_rebuild import SHOWN, Database_, Documents, TallyComparison, TallyRebuild, state_of_mark

STEP = 0.2  # seconds between two looks at what is still on its way


def of_marks(db: Database_, name: str) -> TallyRebuild:
    """The tally `name` that has no documents of its own."""

    def documents(subjects: Sequence[str] | None = None) -> Iterable[State]:
        query = {} if subjects is None else {"_id": {"$in": list(subjects)}}
        return (state_of_mark(mark) for mark in db[f"{name}_marks"].find(query))

    return TallyRebuild(name, _unheard, documents)


def differences(db: Database_, tally: TallyRebuild, *, patience: float = PATIENCE) -> list[str]:
    """What differs between the counters and the documents, in words, at most SHOWN; waits so many seconds for events
    that are on their way."""
    comparison = LiveComparison(db, tally.name, tally.documents)
    end = time.monotonic() + patience
    while comparison.behind() and time.monotonic() < end:
        time.sleep(STEP)
    return comparison.differences()


def mend(db: Database_, tally: TallyRebuild, connection: amqp.Connection, *, moment: float = MOMENT) -> None:
    """Make the counters anew from the documents while others go on counting. `moment` is how long (seconds) a call
    that had begun may still take. Raises Taken where another run makes them anew."""
    with alone(connection, f"{db.name}.{tally.name}"):
        tally.recover(db)
        run = uuid.uuid4().hex
        tally.begin(db, run)
        try:
            tally.fill(db, run)
            tally.pause(db, run)
            time.sleep(moment)
            tally.catch_up(db, run)
            tally.swap(db, run)
        except BaseException:
            tally.resume(db, run)
            raise
        tally.clear(db, run)


class LiveComparison(TallyComparison):
    """Documents, read once, beside the live counters and marks of the tally `name`, while events go on arriving."""

    def __init__(self, db: Database_, name: str, documents: Documents) -> None:
        self._db, self._name = db, name
        self._overtaken: dict[str, int] = {}
        super().__init__(db[f"{name}_counters"], db[f"{name}_marks"], documents)

    def differences(self) -> list[str]:
        """See Comparison."""
        self.behind()
        late = [f"{one.subject} is at #{one.sequence} and was not counted so" for one in self._ahead.values()]
        lost = [f"{one} is counted and has no document" for one in self._unknown()]
        return [*self._wrong, *late, *lost, *self._beyond(), *counters.differences(self._db, self._name)][:SHOWN]

    def _check(self, block: list[State]) -> dict[str, State]:
        ahead = super()._check(block)
        marks = self._marks.find({"_id": {"$in": [one.subject for one in block]}}, {"sequence": 1})
        sequences = {mark["_id"]: mark["sequence"] for mark in marks}
        newer = {one.subject: sequences.get(one.subject, 0) for one in block}
        self._overtaken |= {one.subject: newer[one.subject] for one in block if newer[one.subject] > one.sequence}
        return ahead

    def _beyond(self) -> Iterable[str]:
        """Those that were counted as of an event that their document, read later, does not know."""
        for one in self._documents(sorted(self._overtaken)) if self._overtaken else ():
            if one.sequence < self._overtaken[one.subject]:
                yield f"{one.subject} is at #{one.sequence} and was counted as of #{self._overtaken[one.subject]}"


def _unheard(_: object) -> State:
    raise AssertionError("a tally of marks is not made anew from events")
