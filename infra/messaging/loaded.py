"""An aggregate as it was loaded, and what was changed of it since: the update that writes it, under its version."""

from collections.abc import Collection as Names
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

import bson
from bson.raw_bson import RawBSONDocument
from bson.son import SON
from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    FloatField,
    IntField,
    ListField,
    LongField,
    StringField,
    ValidationError,
)
from mongoengine.base import BaseField
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from infra import mongo
from infra.messaging.outbox import Aggregate
from infra.problem import NotFound

A = TypeVar("A", bound=Aggregate)
_PLAIN = (StringField, IntField, LongField, FloatField, BooleanField, DateTimeField, BinaryField)
Update = tuple[dict[str, Any], dict[str, Any]]

_WRITTEN_BY_PUSH = ("outbox", "outbox_since", "version")
_ABSENT = object()


def durable(kind: type[Aggregate]) -> Collection[dict[str, Any]]:
    """The collection of `kind`, whose writes are acknowledged by a majority and journaled."""
    return kind._get_collection().with_options(write_concern=mongo.DURABLE)


class Loaded(Generic[A]):
    """An aggregate and the document from which it was loaded, to know what was changed."""

    def __init__(self, kind: type[A], raw: RawBSONDocument) -> None:
        self._raw, self._options = raw.raw, kind._get_collection().codec_options
        document = bson.decode(raw.raw, self._options)
        self.version: int = document["version"]
        self.aggregate = brought_back(kind, document)

    @staticmethod
    def one(kind: type[A], id: Any, session: ClientSession | None) -> "Loaded[A]":
        """Raises NotFound."""
        found = Loaded.many(kind, [id], session)
        if not found:
            raise NotFound(f"there is no {kind.__name__} {id}", f"没有编号为 {id} 的记录")
        return found[0]

    @staticmethod
    def many(kind: type[A], ids: list[Any], session: ClientSession | None) -> "list[Loaded[A]]":
        """Those that exist, without what waits in their outboxes: the outbox of a loaded one holds what is new."""
        return _found(kind, {"_id": ids[0] if len(ids) == 1 else {"$in": ids}}, session)

    @staticmethod
    def newer(kind: type[A], loaded: "Sequence[Loaded[A]]") -> "list[Loaded[A]]":
        """Those that somebody has changed since, loaded again."""
        return _found(
            kind, {"$or": [{"_id": one.aggregate.pk, "version": {"$ne": one.version}} for one in loaded]}, None
        )

    @cached_property
    def changes(self) -> Update | None:
        """Filter and update that write the changed fields under the version; None where nothing changed.

        Only fields that were assigned are looked at, checked and written: what is inside them is never changed in
        place. New events are pushed, never written as a list: what the relay has cleared meanwhile stays cleared.
        """
        assigned = {name.partition(".")[0] for name in self.aggregate._changed_fields}
        if not assigned:
            return None
        validate(self.aggregate, assigned)
        before, after = bson.decode(self._raw, self._options), self.aggregate.to_mongo(fields=sorted(assigned))
        pushed, since = after.get("outbox"), after.get("outbox_since")
        names = assigned.difference(_WRITTEN_BY_PUSH)
        changed = {name: after[name] for name in names if name in after and after[name] != before.get(name, _ABSENT)}
        removed = {name: 1 for name in names if name in before and name not in after}
        if not changed and not removed and not pushed:
            return None
        update: dict[str, Any] = {"$set": changed, "$unset": removed, "$inc": {"version": 1}}
        if pushed:
            update |= {"$push": {"outbox": {"$each": pushed}}, "$min": {"outbox_since": since}}
        condition = {"_id": self.aggregate.pk, "version": self.version}
        return condition, {name: part for name, part in update.items() if part}


def _found(kind: type[A], query: dict[str, Any], session: ClientSession | None) -> list[Loaded[A]]:
    collection = durable(kind)
    raw = collection.with_options(collection.codec_options.with_options(document_class=RawBSONDocument))
    return [Loaded(kind, one) for one in raw.find(query, {"outbox": 0, "outbox_since": 0}, session=session)]


def brought_back(kind: type[A], document: dict[str, Any]) -> A:
    """The aggregate of a stored document, as mongoengine's `_from_son` makes it, but without assigning field by field.

    The document becomes a part of it: do not use it otherwise.
    """
    aggregate = kind.__new__(kind)
    data: dict[str, Any] = {}
    for name, stored_as, field, converts in _fields(kind):  # type: ignore[arg-type]
        value = document.get(stored_as)
        if value is None:
            value = field.default() if callable(field.default) else field.default
        elif converts:
            value = field.to_python(value)
        data[name] = value
    aggregate._data, aggregate._dynamic_fields, aggregate._changed_fields = data, SON(), []
    aggregate._created, aggregate._initialised = False, True
    return aggregate


@cache
def _fields(kind: type[Aggregate]) -> list[tuple[str, str, BaseField, bool]]:
    """Name, name in the database, the field itself, whether what is stored must be converted."""
    return [(name, field.db_field, field, not _is_plain(field)) for name, field in kind._fields.items()]


def _is_plain(field: BaseField) -> bool:
    """Whether what is stored is the value itself."""
    within = getattr(field, "field", None)
    return type(field) in _PLAIN or (type(field) in (ListField, DictField) and (within is None or _is_plain(within)))


def validate(aggregate: Aggregate, names: Names[str]) -> None:
    """Check these fields, as `aggregate.validate()` checks all. Raises mongoengine.ValidationError."""
    errors: dict[str, Exception] = {}
    for name in names:
        field, value = aggregate._fields[name], aggregate._data.get(name)
        try:
            if value is not None:
                field._validate(value)
            elif field.required:
                raise ValidationError("Field is required", field_name=name)
        except (ValidationError, ValueError, AttributeError, AssertionError) as error:
            errors[name] = error
    if errors:
        raise ValidationError(f"{type(aggregate).__name__} {aggregate.pk} is not valid: ", errors=errors)
