"""Where the tables of limits are kept: a register per city that changes under its version, editions and edits that are
only ever inserted; and the copy of them that every process works with."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec
from mongoengine import DateTimeField, StringField
from pymongo.client_session import ClientSession

from infra.held_copy import HeldCopy
from infra.messaging.outbox import Aggregate
from infra.struct_field import struct_field
from services.complaints.contracts import SERVICE, CaseStandardChanged
from services.complaints.standard.tables import Edit, Edition, Tables

T = TypeVar("T")


class CaseStandard(Aggregate):
    """The register of one city: its sequence is the version that people see, its last change is kept for them."""

    noun = "case_standard"
    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "case_standard"}

    id = StringField(primary_key=True)
    changed_by = StringField(default="")
    changed_at = DateTimeField()
    changed_what = StringField(default="")

    def change(self, event: CaseStandardChanged, *, at: datetime, cause: str) -> None:
        """Record that a table was imported or a row edited."""
        self.changed_by, self.changed_at, self.changed_what = event.by, at, event.what
        self.record(event, at=at, cause=cause)

    def last_change(self) -> dict[str, Any]:
        """See Aggregate.last_change."""
        at = self.changed_at.isoformat() if self.changed_at else ""
        return {"changed_by": self.changed_by, "changed_at": at, "changed_what": self.changed_what}


class StoredEdition(Aggregate):
    """An imported table. Inserted, never changed."""

    noun = "standard_edition"
    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "standard_editions", "indexes": ["city"]}

    id = StringField(primary_key=True)
    city = StringField(required=True)
    content: Edition = struct_field(Edition)


class StoredEdit(Aggregate):
    """An edited row. Inserted, never changed."""

    noun = "standard_edit"
    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "standard_edits", "indexes": ["city"]}

    id = StringField(primary_key=True)
    city = StringField(required=True)
    content: Edit = struct_field(Edit)


def stored_edition(city: str, edition: Edition) -> StoredEdition:
    """The document of an edition."""
    return StoredEdition(id=f"{city}:{edition.edition}", city=city, content=edition)


def stored_edit(city: str, edit: Edit) -> StoredEdit:
    """The document of an edit."""
    return StoredEdit(id=f"{city}:{edit.number}", city=city, content=edit)


def load(city: str, session: ClientSession | None = None) -> Tables:
    """All editions and edits of `city`, as they are stored now."""
    version = _version(city, session)
    editions = _contents(StoredEdition, Edition, city, session)
    edits = _contents(StoredEdit, Edit, city, session)
    by_number: Callable[[Any], int] = lambda one: one.number  # noqa: E731
    return Tables(version, sorted(editions, key=by_number), sorted(edits, key=by_number))


class Shelf:
    """The tables of `city` as this process holds them (see infra/held_copy.py). `wall` counts seconds."""

    def __init__(self, city: str, wall: Callable[[], float] = time.monotonic) -> None:
        self._copy = HeldCopy(lambda: load(city), lambda: _version(city, None), wall)

    def tables(self) -> Tables:
        """The newest state known to this process."""
        return self._copy.newest()

    def forget(self) -> None:
        """Read anew next time: this process has changed something."""
        self._copy.forget()


def _version(city: str, session: ClientSession | None) -> int:
    found = CaseStandard._get_collection().find_one({"_id": city}, {"sequence": 1}, session=session)
    return 0 if found is None else int(found["sequence"])


def _contents(kind: type[Aggregate], of: type[T], city: str, session: ClientSession | None) -> list[T]:
    found = kind._get_collection().find({"city": city}, {"content": 1}, session=session)
    return [msgspec.convert(one["content"], of, builtin_types=(datetime,)) for one in found]
