"""Where the routing table is kept: a register per city that changes under its version, versions of rows that are only
ever inserted; and the copy of them that every process works with."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, StringField
from pymongo.client_session import ClientSession

from infra.held_copy import HeldCopy
from infra.messaging.outbox import Aggregate
from infra.messaging.store import Store
from infra.struct_field import struct_field
from services.tasks.contracts import SERVICE, RoutingChanged, RoutingRowView
from services.tasks.routing_table.rows import RoutingTable
from services.tasks.routing_table.sheet import shipped_table


class RoutingRegister(Aggregate):
    """The register of one city: its sequence is the version that people see, its last change is kept for them."""

    noun = "routing"
    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "routing"}

    id = StringField(primary_key=True)
    changed_by = StringField(default="")
    changed_at = DateTimeField()
    changed_what = StringField(default="")

    def change(self, event: RoutingChanged, *, at: datetime, cause: str) -> None:
        """Record that rows were edited."""
        self.changed_by, self.changed_at, self.changed_what = event.by, at, event.what
        self.record(event, at=at, cause=cause)

    def last_change(self) -> dict[str, Any]:
        """See Aggregate.last_change."""
        at = self.changed_at.isoformat() if self.changed_at else ""
        return {"changed_by": self.changed_by, "changed_at": at, "changed_what": self.changed_what}


class StoredRoutingRow(Aggregate):
    """A version of a row. Inserted, never changed."""

    noun = "routing_row"
    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "routing_rows", "indexes": ["city"]}

    id = StringField(primary_key=True)
    city = StringField(required=True)
    content: RoutingRowView = struct_field(RoutingRowView)


def stored_row(city: str, entry: RoutingRowView) -> StoredRoutingRow:
    """The document of a version of a row."""
    return StoredRoutingRow(id=f"{city}:{entry.number}", city=city, content=entry)


def seed(store: Store, city: str) -> None:
    """Put the table that comes with the system into a database that has none; a second call does nothing."""
    if RoutingRegister._get_collection().find_one({"_id": city}, {"_id": 1}) is not None:
        return
    store.insert_many([stored_row(city, entry) for entry in shipped_table().entries])
    store.insert(RoutingRegister(id=city))


def load(city: str, session: ClientSession | None = None) -> RoutingTable:
    """The table of `city` as it is stored now."""
    version = _version(city, session)
    found = StoredRoutingRow._get_collection().find({"city": city}, {"content": 1}, session=session)
    return RoutingTable(version, [_entry(one["content"]) for one in found])


class Shelf:
    """The table of `city` as this process holds it (see infra/held_copy.py). `wall` counts seconds."""

    def __init__(self, city: str, wall: Callable[[], float] = time.monotonic) -> None:
        self._copy = HeldCopy(lambda: load(city), lambda: _version(city, None), wall)

    def table(self) -> RoutingTable:
        """The newest state known to this process."""
        return self._copy.newest()

    def forget(self) -> None:
        """Read anew next time: this process has changed something."""
        self._copy.forget()


def _version(city: str, session: ClientSession | None) -> int:
    found = RoutingRegister._get_collection().find_one({"_id": city}, {"sequence": 1}, session=session)
    return 0 if found is None else int(found["sequence"])


def _entry(content: dict[str, Any]) -> RoutingRowView:
    return msgspec.convert(content, RoutingRowView, builtin_types=(datetime,))
