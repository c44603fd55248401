"""The store: the only way in which aggregates are written.

Created by insert (an id that exists means that it was done before), changed under their version, always acknowledged by
a majority and journaled. Every event that such a write recorded is handed to the relay once the write is safe.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from infra import mongo
from infra.messaging.loaded import Loaded, durable
from infra.messaging.outbox import Aggregate
from infra.messaging.relay import Pending, Relay
from infra.problem import Stale, Unavailable

A = TypeVar("A", bound=Aggregate)
R = TypeVar("R")

ATTEMPTS = 30  # at a change that others keep overtaking

More = Callable[[ClientSession], None]


class DecidedTooEarly(Exception):
    """Somebody changed what was decided about, or by which it was: `more` may raise it to have it decided again."""


class Store:
    """Writes aggregates and hands their events to `relay` (None: the events wait for somebody's sweep).

    `service` names the database of its transactions, by default the one that was connected last.
    """

    def __init__(self, relay: Relay | None = None, *, service: str | None = None) -> None:
        self._relay, self._service = relay, service
        self._after_commit: dict[int, list[Pending]] = {}

    def insert(self, aggregate: Aggregate, *, session: ClientSession | None = None) -> bool:
        """Create it. False where its id exists: nothing is changed, nothing is published.

        Raises mongoengine.ValidationError where it is not valid.
        """
        return self.insert_many([aggregate], session=session)[0]

    def insert_many(self, aggregates: Sequence[A], *, session: ClientSession | None = None) -> list[bool]:
        """Create many of one kind in one write; for each, whether it is new (see `insert`)."""
        if not aggregates:
            return []
        for aggregate in aggregates:
            aggregate.validate()
        kind = type(aggregates[0])
        known = self._known(kind, aggregates, session)
        first = {one.pk: one for one in reversed(aggregates) if one.pk not in known}
        known |= _insert(durable(kind), list(first.values()), session)
        new = {id: one for id, one in first.items() if id not in known}
        self._hand_over(list(new.values()), session)
        return [new.get(one.pk) is one for one in aggregates]

    def change(
        self,
        kind: type[A],
        id: Any,
        decide: Callable[[A], R],
        *,
        seen: int | None = None,
        more: Callable[[R], More | None] | None = None,
        session: ClientSession | None = None,
    ) -> R:
        """Load the aggregate, let `decide` change it, write the change under its version; what `decide` returns.

        `decide` may be called again when somebody else was faster; where it raises, nothing is written; where it
        changes nothing, nothing is written. `seen` is the sequence that the caller looked at. `more` gets the result
        and says what else is to be written in the same transaction (None: nothing, and then there is none); where that
        raises DecidedTooEarly it is decided again. Not together with `session`.
        Raises NotFound, Stale (with current_version and the last change), Unavailable (overtaken too often).
        """
        current = Loaded.one(kind, id, session)
        for attempt in range(ATTEMPTS):
            _check_seen(current.aggregate, seen)
            result = decide(current.aggregate)
            also = more(result) if more is not None else None
            alone = session is None
            if self._written_together(kind, [current], also) if alone else _write(kind, [current], session):
                self._hand_over([current.aggregate], session)
                return result
            time.sleep(random.random() * 0.002 * attempt)
            current = Loaded.one(kind, id, session)
        raise Unavailable(f"{kind.__name__} {id} changes all the time", "该记录正被频繁修改，请稍后再试")

    def change_many(
        self,
        kind: type[A],
        ids: Iterable[Any],
        decide: Callable[[A], R],
        *,
        more: Callable[[dict[Any, R]], More | None] | None = None,
        session: ClientSession | None = None,
    ) -> dict[Any, R]:
        """`change` for many in one read and one write: all are changed or, where `decide` raises, none.

        Returns {id: what `decide` returned}; an id that does not exist is not in it. `more` gets these results and says
        what else is to be written in the same transaction (None: nothing). One change alone needs no transaction; where
        others were faster, only what they changed is decided again.
        """
        wanted = list(ids)
        if session is not None:
            loaded, results = _decided(kind, wanted, decide, session)
            _write(kind, loaded, session)
            self._hand_over([one.aggregate for one in loaded], session)
            return results
        loaded, results = _decided(kind, wanted, decide, None)
        for attempt in range(ATTEMPTS):
            if self._written_together(kind, loaded, more(results) if more is not None else None):
                self._hand_over([one.aggregate for one in loaded], None)
                return results
            time.sleep(random.random() * 0.002 * attempt)
            newer = {one.aggregate.pk: one for one in Loaded.newer(kind, loaded)}
            results |= {id: decide(one.aggregate) for id, one in newer.items()}
            loaded = [newer.get(one.aggregate.pk, one) for one in loaded]
        raise Unavailable(f"some {kind.__name__} change all the time", "有关记录正被频繁修改，请稍后再试")

    def _written_together(self, kind: type[A], loaded: "Sequence[Loaded[A]]", more: More | None) -> bool:
        """Write all that was decided, or nothing: False where one of them was changed since it was loaded.

        The transaction begins only here: it is short, and where it meets another one nothing is decided again.
        """
        if more is None and len([one for one in loaded if one.changes is not None]) <= 1:
            return _write(kind, loaded, None)

        def work(session: ClientSession) -> None:
            if not _write(kind, loaded, session):
                raise DecidedTooEarly
            if more is not None:
                more(session)

        try:
            self.in_transaction(work)
        except DecidedTooEarly:
            return False
        return True

    def hold(self, kind: type[A], id: Any, session: ClientSession) -> A:
        """The aggregate as it is now, and stays until the transaction has ended: who changes it waits and loads it
        again. Raises NotFound."""
        self.hold_many(kind, [id], session)
        return Loaded.one(kind, id, session).aggregate

    def hold_many(self, kind: type[Aggregate], ids: Sequence[Any], session: ClientSession) -> None:
        """`hold` for many, without loading them; those of them that are to be changed as well are loaded after it."""
        if ids:
            durable(kind).update_many({"_id": {"$in": list(ids)}}, {"$inc": {"version": 1}}, session=session)

    def exchange(self, kind: type[Aggregate], field: str, swaps: Mapping[Any, tuple[Any, Any]]) -> int:
        """By id, put the second value of `field` in place of the first, as both are stored; how many were exchanged.

        Each for itself and under its version, without loading it: who loaded it before loads it again. Where the field
        is no longer what it was nothing changes. Tells nobody: not for anything that an event would have to tell.
        """
        updates = [
            UpdateOne({"_id": id, field: before}, {"$set": {field: after}, "$inc": {"version": 1}})
            for id, (before, after) in swaps.items()
        ]
        return durable(kind).bulk_write(updates, ordered=False).modified_count if updates else 0

    def in_transaction(self, work: Callable[[ClientSession], R]) -> R:
        """Call `work(session)` in one transaction; what it returns. Pass the session to every write that belongs to it.

        `work` is called again when the transaction meets another one. Events are handed over after the commit.
        """
        held: list[Pending] = []

        def once(session: ClientSession) -> R:
            held.clear()
            with self._holding(session, held):
                return work(session)

        result = mongo.in_transaction(mongo.client_of(self._service), once)
        self._pass_on(held)
        return result

    @contextmanager
    def transaction(self) -> Iterator[ClientSession]:
        """A transaction that is committed at the end of the block, not repeated when it meets another one.

        Raises pymongo's OperationFailure (label TransientTransactionError) then: `in_transaction` is the better choice
        unless the caller is repeated anyway.
        """
        held: list[Pending] = []
        with (
            mongo.client_of(self._service).start_session() as session,
            self._holding(session, held),
            session.start_transaction(ReadConcern("snapshot"), mongo.DURABLE),
        ):
            yield session
        self._pass_on(held)

    @contextmanager
    def _holding(self, session: ClientSession, held: list[Pending]) -> Iterator[None]:
        self._after_commit[id(session)] = held
        try:
            yield
        finally:
            del self._after_commit[id(session)]

    def _known(self, kind: type[A], aggregates: Sequence[A], session: ClientSession | None) -> set[Any]:
        """Ids that exist already; only asked within a transaction, which a duplicate key would abort."""
        if session is None:
            return set()
        ids = {"_id": {"$in": [one.pk for one in aggregates]}}
        return {found["_id"] for found in durable(kind).find(ids, {"_id": 1}, session=session)}

    def _hand_over(self, aggregates: Sequence[Aggregate], session: ClientSession | None) -> None:
        pending = [Pending(type(one), one.pk, envelope) for one in aggregates for envelope in one.outbox]
        if session is not None:
            self._after_commit[id(session)] += pending
        else:
            self._pass_on(pending)

    def _pass_on(self, pending: list[Pending]) -> None:
        if self._relay is not None:
            self._relay.hand_over(pending)


def _decided(
    kind: type[A], ids: list[Any], decide: Callable[[A], R], session: ClientSession | None
) -> tuple[list[Loaded[A]], dict[Any, R]]:
    """Those that exist, as `decide` changed them, and what it returned."""
    loaded = Loaded.many(kind, ids, session)
    return loaded, {one.aggregate.pk: decide(one.aggregate) for one in loaded}


def _write(kind: type[A], loaded: Sequence[Loaded[A]], session: ClientSession | None) -> bool:
    """Write what was changed, each under its version; whether each still had it."""
    updates = [one.changes for one in loaded if one.changes is not None]
    if len(updates) == 1:
        return durable(kind).update_one(*updates[0], session=session).matched_count == 1
    writes = [UpdateOne(*update) for update in updates]
    return not writes or durable(kind).bulk_write(writes, ordered=False, session=session).matched_count == len(writes)


def _insert(
    collection: Collection[dict[str, Any]], new: Sequence[Aggregate], session: ClientSession | None
) -> set[Any]:
    """Insert what is `new`; the ids that were not, after all. Raises where another unique key is doubled."""
    if not new:
        return set()
    try:
        collection.insert_many([one.to_mongo() for one in new], ordered=False, session=session)
    except BulkWriteError as error:
        if session is not None or not mongo.lost_race(error):
            raise
        return {new[failed["index"]].pk for failed in error.details["writeErrors"]}
    return set()


def _check_seen(aggregate: Aggregate, seen: int | None) -> None:
    """Raises Stale where facts were recorded after the caller looked."""
    if seen is not None and seen != aggregate.sequence:
        raise Stale(
            f"it has changed since you looked: you saw {seen}, it is at {aggregate.sequence}",
            "该记录已被他人更新，请刷新后重试",
            field="seen",
            current_version=aggregate.sequence,
            **aggregate.last_change(),
        )
