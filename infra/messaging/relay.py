"""The relay: takes events out of outboxes and publishes them, then clears them from the outboxes.

Fast path: the store hands over what it has just written. Safe path: a sweep finds what is older than two seconds and
was left by a crash, a lost broker, or a queue that nobody had bound. An event is cleared only after the broker
confirmed that it rests in a queue, so it is published at least once. The clearing follows behind, in a (green) thread
of its own: the next events do not wait for it.
"""

import contextlib
import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import amqp
import msgspec
from pymongo import ASCENDING
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from infra.messaging import broker, event_log
from infra.messaging.event import Envelope
from infra.messaging.outbox import Aggregate
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.topology import exchange_of

BATCH = 500  # envelopes published before their confirms are awaited
BOUND = 20_000  # envelopes handed over and waiting; what is beyond is left to the sweep
SWEEP_EVERY = 1.0  # seconds
SWEEP_AFTER = 2.0  # seconds that an envelope may rest in its outbox before a sweep takes it
CLEAR_EVERY = 0.1  # seconds in which what was confirmed gathers until its outboxes are cleared
PATIENCE = 0.2  # seconds to wait for something to be handed over before looking whether to stop
AFTER_FAILURE = 0.5  # seconds
LONGEST_HOLD = 30.0  # seconds between attempts at a type of event for which no queue is bound

Q = TypeVar("Q")
log = logging.getLogger(__name__)


class Pending(NamedTuple):
    """An envelope and the document in whose outbox it waits."""

    kind: type[Aggregate]
    id: Any
    envelope: Envelope


class Figures(msgspec.Struct):
    """What a relay has done since it started, and which types of event are refused at present, with the reason."""

    published: int = 0
    refused: int = 0
    swept: int = 0
    held: dict[str, str] = msgspec.field(default_factory=dict)


class Relay:
    """One connection and one (green) thread that publish for the aggregates `kinds` of one service."""

    def __init__(
        self, amqp_url: str, kinds: Sequence[type[Aggregate]], *, name: str = "relay", sweep_after: float = SWEEP_AFTER
    ) -> None:
        self.figures = Figures()
        self._url, self._kinds, self._name, self._sweep_after = amqp_url, kinds, name, sweep_after
        self._handed: queue.Queue[Pending] = queue.Queue(BOUND)
        self._confirmed: queue.Queue[Pending | None] = queue.Queue()
        self._in_hand: set[str] = set()
        self._holds = _Holds()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._clearing = threading.Thread(target=self._clear_behind, name=f"{name} clearing", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()
        self._clearing.start()

    def stop(self) -> None:
        """Publish what was handed over, then end. What cannot be published now stays in its outbox."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
            self._confirmed.put(None)
            self._clearing.join()

    def hand_over(self, pending: Iterable[Pending]) -> None:
        """Tell of envelopes that were just written; returns at once."""
        for one in pending:
            self._in_hand.add(one.envelope.id)
            try:
                self._handed.put_nowait(one)
            except queue.Full:
                self._in_hand.discard(one.envelope.id)

    def _run(self) -> None:
        while not self._stopping.is_set():
            connection = broker.connect(self._url, self._name, self._stopping)
            try:
                if connection is not None:
                    self._work(connection)
            except broker.LOST as error:
                broker.say_lost(self._name, error)
            except PyMongoError as error:
                log.warning("%s: the database failed: %r", self._name, error)
            except Exception:
                # Without a relay nothing would leave this service any more: whatever it is, say so and go on.
                log.exception("%s failed", self._name)
            finally:
                broker.close(connection)
            self._stopping.wait(AFTER_FAILURE)

    def _work(self, connection: amqp.Connection) -> None:
        counter = _Counter(connection)
        next_sweep = time.monotonic()
        while True:
            last_round = self._stopping.is_set()
            until_sweep = max(0.0, next_sweep - time.monotonic())
            taken = _gathered(self._handed, 0.0 if last_round else min(PATIENCE, until_sweep))
            for one in self._deliver(counter, taken):
                self._confirmed.put(one)
            if last_round and self._handed.empty():
                return
            broker.pulse(connection)
            if time.monotonic() >= next_sweep and not last_round:
                more = self._sweep(counter)
                next_sweep = time.monotonic() + (0.0 if more else SWEEP_EVERY)

    def _sweep(self, counter: "_Counter") -> bool:
        """Publish what rests too long, one batch per kind; whether there may be more."""
        more = False
        for kind in self._kinds:
            found = list(self._resting(kind))
            fresh = [one for one in found if one.envelope.id not in self._in_hand]
            self.figures.swept += len(fresh)
            self._clear(self._deliver(counter, fresh))
            more = more or len(fresh) >= BATCH
        return more

    def _resting(self, kind: type[Aggregate]) -> Iterator[Pending]:
        collection = kind._get_collection().with_options(read_concern=ReadConcern("majority"))
        held = self._holds.now()
        before = datetime.now(UTC) - timedelta(seconds=self._sweep_after)
        query: dict[str, Any] = {"outbox_since": {"$lt": before}}
        if held:
            query["outbox"] = {"$elemMatch": {"type": {"$nin": held}}}
        for document in collection.find(query, {"outbox": 1}).sort("outbox_since", ASCENDING).limit(BATCH):
            for stored in document["outbox"]:
                if stored["type"] not in held:
                    yield Pending(kind, document["_id"], Envelope.from_document(stored))

    def _deliver(self, counter: "_Counter", batch: list[Pending]) -> list[Pending]:
        """Publish `batch`; those that were confirmed, which stay in hand until they are cleared."""
        confirmed: list[Pending] = []
        try:
            held = set(self._holds.now())
            due = [one for one in batch if one.envelope.type not in held]
            if due:
                refused = counter.publish([one.envelope for one in due])
                confirmed = [one for one in due if one.envelope.id not in refused]
                self._note(due, refused)
        finally:
            self._in_hand.difference_update(one.envelope.id for one in batch)
            self._in_hand.update(one.envelope.id for one in confirmed)
        return confirmed

    def _clear_behind(self) -> None:
        """Clear what was confirmed until None comes; where the database fails, the sweep publishes it once more."""
        ended = False
        while not ended:
            gathered = _gathered(self._confirmed, None)
            if len(gathered) < BATCH:
                self._stopping.wait(CLEAR_EVERY)
                gathered += _gathered(self._confirmed, 0.0)
            ended = None in gathered
            try:
                self._clear([one for one in gathered if one is not None])
            except PyMongoError as error:
                log.warning("%s: what was published could not be cleared: %r", self._name, error)
            except Exception:
                # Without this thread no outbox would be cleared any more: whatever it is, say so and go on.
                log.exception("%s could not clear what was published", self._name)

    def _clear(self, confirmed: list[Pending]) -> None:
        try:
            self._take_out(confirmed)
        finally:
            self._in_hand.difference_update(one.envelope.id for one in confirmed)

    def _take_out(self, confirmed: list[Pending]) -> None:
        by_kind: dict[type[Aggregate], list[Pending]] = defaultdict(list)
        for one in confirmed:
            by_kind[one.kind].append(one)
        for kind, cleared in by_kind.items():
            # The sweep reads what a majority has: a clearing that only one member knows would be published once more.
            collection = kind._get_collection().with_options(write_concern=WriteConcern(w="majority"))
            ids = {"_id": {"$in": list({one.id for one in cleared})}}
            collection.update_many(ids, _clearing([one.envelope.id for one in cleared]))

    def _note(self, due: list[Pending], refused: dict[str, str]) -> None:
        self.figures.published += len(due) - len(refused)
        self.figures.refused += len(refused)
        reasons = {one.envelope.type: refused.get(one.envelope.id) for one in due}
        for type_, reason in reasons.items():
            if reason is None:
                self._holds.release(type_)
                self.figures.held.pop(type_, None)
            else:
                wait = self._holds.hold(type_)
                self.figures.held[type_] = reason
                log.error("event %s stays in its outbox: %s; next attempt in %.0f s", type_, reason, wait)


def _gathered(source: "queue.Queue[Q]", patience: float | None) -> list[Q]:
    """What is there, at most a batch; waits so many seconds (None: as long as it takes) for the first."""
    gathered: list[Q] = []
    with contextlib.suppress(queue.Empty):
        gathered.append(source.get(timeout=patience) if patience != 0.0 else source.get_nowait())
        while len(gathered) < BATCH:
            gathered.append(source.get_nowait())
    return gathered


def _clearing(events: list[str]) -> list[dict[str, Any]]:
    """Take `events` out of an outbox, as it is at that moment, and note whether it is empty.

    The version stays: nobody else writes this list but by `$push`, so a writer who loaded the document earlier
    cannot bring a cleared event back, and need not be disturbed.
    """
    rest = {"$filter": {"input": "$outbox", "cond": {"$not": [{"$in": ["$$this.id", events]}]}}}
    since = {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", "$outbox_since"]}
    return [{"$set": {"outbox": rest}}, {"$set": {"outbox_since": since}}]


class _Counter:
    """The post-office counter: envelopes in, parcels out, a copy into the event log; declares what it uses first."""

    def __init__(self, connection: amqp.Connection) -> None:
        self._connection = connection
        self._publisher = Publisher(connection)
        self._declared: set[str] = set()

    def publish(self, envelopes: list[Envelope]) -> dict[str, str]:
        """See Publisher.publish; keys are event ids."""
        if not self._declared:
            event_log.declare(self._connection)
        for source in {envelope.source for envelope in envelopes} - self._declared:
            self._publisher.declare_exchange(exchange_of(source))
            self._declared.add(source)
        copied = event_log.bundles(envelopes)
        parcels = [*(bundle.parcel for bundle in copied), *map(_parcel, envelopes)]
        return event_log.refusals(copied, self._publisher.publish(parcels))


def _parcel(envelope: Envelope) -> Parcel:
    return Parcel(
        key=envelope.id,
        exchange=exchange_of(envelope.source),
        routing_key=envelope.type,
        headers=envelope.headers(),
        body=envelope.data,
        mandatory=envelope.mandatory,
    )


class _Holds:
    """Types of event that were refused, and until when they are not tried again (1, 2, 4 … 30 s)."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, float]] = {}

    def hold(self, type_: str) -> float:
        """Hold `type_` back, longer than last time; returns for how many seconds."""
        wait = min(self._until.get(type_, (0.0, 0.5))[1] * 2, LONGEST_HOLD)
        self._until[type_] = (time.monotonic() + wait, wait)
        return wait

    def release(self, type_: str) -> None:
        """It was taken: forget that it ever was not."""
        self._until.pop(type_, None)

    def now(self) -> list[str]:
        """The types that are held back at this moment."""
        moment = time.monotonic()
        return [type_ for type_, (until, _) in self._until.items() if until > moment]
