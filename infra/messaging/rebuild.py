"""Rebuilding what a handler keeps, from the event log: replay into shadows, compare with the documents, swap.

A handler is rebuildable when it was declared with `@handles(…, rebuild=projection)`. While its shadow is filled the
live handler goes on; it pauses only for the swap, and what came meanwhile is caught up with from the log. Nothing is
swapped where the shadow differs from a recount of the documents.

One rebuild of a projection at a time: it holds an exclusive queue, which the broker removes with its connection. Every
run has an id, which its shadow and its fence bear: one that lost its connection, and its place to another, swaps
nothing. A run that fails before its shadow is complete has the live handlers go on; after that the next one ends its
swap.
"""

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Protocol

import amqp
import msgspec
from pymongo.database import Database

from infra.messaging import event_log
from infra.messaging.event import Event, Received, Undecodable, unseal
from infra.messaging.event_log import Logged

BATCH = 500  # events applied at a time
PATIENCE = 20.0  # seconds for the log to tell what documents say already
MOMENT = 2.0  # seconds in which a call that had begun before the pause has ended

Database_ = Database[dict[str, Any]]


class Taken(Exception):
    """Another run rebuilds the same projection, or has taken this one's place."""


class Projection(Protocol):
    """What a rebuildable handler keeps, live and as the shadow of a run, each with sequence marks of its own."""

    name: str

    def recover(self, db: Database_) -> bool:
        """End the swap that a dead run began, or lift the fence where its shadow was not complete; whether it swapped.

        No run may be alive."""

    def begin(self, db: Database_, run: str) -> None:
        """Make an empty shadow."""

    def clear(self, db: Database_, run: str) -> None:
        """Remove the shadow."""

    def apply(self, db: Database_, batch: list[Received[Any]], *, run: str | None) -> None:
        """Have the events change the shadow (None: the live one) as the handler would."""

    def carry_over(self, db: Database_, run: str) -> int:
        """Take over what is live and of which the shadow knows nothing; how much."""

    def compare(self, db: Database_, run: str) -> "Comparison":
        """Recount the documents and compare the shadow with them."""

    def pause(self, db: Database_, run: str) -> None:
        """Have live handlers wait from now on. Raises Taken where another run has them wait."""

    def resume(self, db: Database_, run: str) -> None:
        """Have live handlers go on, unless the swap has begun."""

    def swap(self, db: Database_, run: str) -> None:
        """Put the complete shadow in the place of the live one, and let live handlers go on. Raises Taken."""


class Comparison(Protocol):
    """A recount of documents, as they were read one after the other, beside a shadow that is still catching up."""

    def differences(self) -> list[str]:
        """What differs; said anew each time it is asked, after the shadow has learnt more."""

    def behind(self) -> int:
        """Of how many documents the shadow does not know the state that was read."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild did. `unreadable` events of the log are of versions that the handler does not know."""

    replayed: int
    unreadable: int
    carried_over: int
    differences: list[str]
    swapped: bool


Report = Callable[[str], None]


@contextmanager
def alone(connection: amqp.Connection, name: str) -> Iterator[None]:
    """Nobody else makes the counters `name` (`<database>.<tally>`) anew meanwhile. Raises Taken where somebody does."""
    with connection.channel() as channel:
        try:
            channel.queue_declare(f"rebuild.{name}", durable=False, exclusive=True)
        except amqp.exceptions.ResourceLocked as error:
            raise Taken(f"another process is rebuilding {name} at this moment") from error
        yield
        channel.queue_delete(f"rebuild.{name}")


class Replay:
    """Reads the log onward for one handler: each call of `onward` goes on where the last one ended."""

    def __init__(self, connection: amqp.Connection, events: Iterable[type[Event]], since: datetime | None) -> None:
        self._connection, self._since = connection, since
        self._kinds = {(kind.source, kind.type()): kind for kind in events}
        self._next: int | None = None
        self.replayed = self.unreadable = 0

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Nobody else rebuilds `name` meanwhile. Raises Taken where somebody does."""
        return alone(self._connection, name)

    def onward(self, apply: Callable[[list[Received[Any]]], None]) -> None:
        """Apply what stands in the log and was not applied yet, in batches."""
        entries = event_log.read(self._connection, self._since, offset=self._next)
        reached = self._next
        while batch := list(itertools.islice(entries, BATCH)):
            heard = [one for one in map(self._received, batch) if one is not None]
            if heard:
                apply(heard)
            reached = batch[-1].offset + 1
            self.replayed += len(heard)
        self._next = reached

    def _received(self, logged: Logged) -> Received[Any] | None:
        entry = logged.entry
        kind = self._kinds.get((entry.source, entry.type))
        if kind is None:
            return None
        kinds: Mapping[str, type[Event]] = {entry.type: kind}
        try:
            return unseal(entry.envelope(), kinds)
        except Undecodable:
            self.unreadable += 1
            return None


def rebuild(
    db: Database_,
    projection: Projection,
    replay: Replay,
    *,
    carry_over: bool = False,
    patience: float = PATIENCE,
    moment: float = MOMENT,
    report: Report = lambda _: None,
) -> Outcome:
    """Rebuild what `projection` keeps in `db`; with `carry_over`, what the log does not speak of stays as it is.

    `moment` is how long (seconds) a call that had begun may still take. A swap that was interrupted is ended first.
    Raises Taken where another run is under way.
    """
    with replay.alone(f"{db.name}.{projection.name}"):
        if projection.recover(db):
            report("an earlier swap was interrupted: ended it")
        run = uuid.uuid4().hex
        projection.begin(db, run)
        try:
            replay.onward(lambda batch: projection.apply(db, batch, run=run))
            report(f"replayed {replay.replayed} events into the shadow")
            carried = projection.carry_over(db, run) if carry_over else 0
            differences = _compared(db, projection, replay, run, patience)
            if not differences:
                _swap(db, projection, replay, run, moment)
                report("the recount agrees: swapped")
        except BaseException:
            projection.resume(db, run)
            raise
        projection.clear(db, run)
    return Outcome(
        replayed=replay.replayed,
        unreadable=replay.unreadable,
        carried_over=carried,
        differences=differences,
        swapped=not differences,
    )


def _compared(db: Database_, projection: Projection, replay: Replay, run: str, patience: float) -> list[str]:
    """What differs, after the log has had time to tell what documents said while they were read."""
    comparison = projection.compare(db, run)
    end = time.monotonic() + patience
    while comparison.behind() and time.monotonic() < end:
        replay.onward(lambda batch: projection.apply(db, batch, run=run))
    return comparison.differences()


def _swap(db: Database_, projection: Projection, replay: Replay, run: str, moment: float) -> None:
    projection.pause(db, run)
    time.sleep(moment)
    replay.onward(lambda batch: projection.apply(db, batch, run=run))
    projection.swap(db, run)
    # An event may have been handled a moment before the log had it: those come now, and change nothing otherwise.
    time.sleep(moment)
    replay.onward(lambda batch: projection.apply(db, batch, run=None))
