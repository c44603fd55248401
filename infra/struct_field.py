"""A mongoengine field that holds msgspec structs: immutable values inside a document, validated when they are written
and when they are read."""

from datetime import datetime
from typing import Any

import msgspec
from mongoengine.base import BaseField

_KEPT = (datetime, bytes)  # what MongoDB stores as it is


class StructField(BaseField):
    """A value of the type `kind`: a struct, or a list or dict of structs. Assign anew, never change in place."""

    def __init__(self, kind: Any, **options: Any) -> None:
        self.kind = kind
        super().__init__(**options)

    def lookup_member(self, name: str) -> BaseField:
        """The field of that name in the struct or its members: for indexes."""
        return BaseField(db_field=name)

    def to_mongo(self, value: Any) -> Any:
        """The value as it is stored. Raises msgspec.ValidationError: what could not be read again is never written."""
        stored = msgspec.to_builtins(value, builtin_types=_KEPT)
        if value is not None:
            msgspec.convert(stored, self.kind, builtin_types=_KEPT)
        return stored

    def to_python(self, value: Any) -> Any:
        """The value that was stored; one that is there already passes."""
        if isinstance(value, msgspec.Struct) or _holds_structs(value):
            return value
        return msgspec.convert(value, self.kind, builtin_types=_KEPT)


def struct_field(kind: Any, **options: Any) -> Any:
    """A StructField, typed so that the attribute can be annotated with what it holds."""
    return StructField(kind, **options)


def _holds_structs(value: Any) -> bool:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(one, msgspec.Struct) for one in members)
