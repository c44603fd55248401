"""The database of a service: one per service, reached under the service's name as mongoengine alias.

Documents say `meta = {"db_alias": "<service>"}`. Moments come back with time zone UTC.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import mongoengine
from mongoengine.connection import get_connection, get_db
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from infra.settings import Settings

R = TypeVar("R")
DURABLE = WriteConcern(w="majority", j=True)
DUPLICATE_KEY = 11000
ATTEMPTS = 20  # at a transaction that loses the race for an id

_connected: list[str] = []
log = logging.getLogger(__name__)


def connect(settings: Settings, service: str) -> Database[dict[str, Any]]:
    """Register the service's database as mongoengine alias `service` and return it. Does not wait for the server."""
    _connected.append(service)
    mongoengine.register_connection(
        service,
        name=settings.db_prefix + service,
        host=settings.mongodb_url,
        tz_aware=True,
        retryWrites=True,
        uuidRepresentation="standard",
        connect=False,
        serverSelectionTimeoutMS=10_000,
    )
    return get_db(service)


def wait_for(db: Database[dict[str, Any]]) -> None:
    """Return once the database answers; say every few seconds that it does not."""
    while True:
        try:
            db.command("ping")
            return
        except ConnectionFailure as error:
            log.warning("waiting for the database %s: %s", db.name, type(error).__name__)


def disconnect(service: str) -> None:
    """Forget the alias and close its connections."""
    _connected.remove(service)
    mongoengine.disconnect(service)


def client_of(service: str | None = None) -> MongoClient[dict[str, Any]]:
    """The client of `service`, by default of the one that was connected last (a process serves one).

    Raises RuntimeError where none was connected.
    """
    if not _connected:
        raise RuntimeError("no database is connected: call infra.mongo.connect first")
    return get_connection(service or _connected[-1])


def ensure_indexes(kinds: Iterable[type[mongoengine.Document]]) -> None:
    """Create every index that the documents declare, where it is missing, and drop those that an earlier version had
    and the document names as `superseded_indexes`."""
    for kind in kinds:
        kind.ensure_indexes()
        for name in set(getattr(kind, "superseded_indexes", ())) & set(kind._get_collection().index_information()):
            kind._get_collection().drop_index(name)


def in_transaction(client: MongoClient[dict[str, Any]], work: Callable[[ClientSession], R]) -> R:
    """Call `work(session)` in one majority transaction and return what it returns.

    `work` is called again when the transaction meets another one, so it must have no effect but its writes.
    """
    for attempt in range(ATTEMPTS):
        try:
            with client.start_session() as session:
                return session.with_transaction(work, ReadConcern("snapshot"), DURABLE)
        except (DuplicateKeyError, BulkWriteError) as error:
            if not lost_race(error) or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def lost_race(error: OperationFailure) -> bool:
    """Whether somebody else inserted the same `_id` between our look and our write."""
    details = error.details or {}
    if details.get("writeConcernErrors"):
        return False  # written, but not by a majority: nobody may be told that it is safe
    errors = details.get("writeErrors", [details])
    ours = [one.get("code") == DUPLICATE_KEY and "_id" in one.get("keyPattern", {}) for one in errors]
    return bool(ours) and all(ours)
