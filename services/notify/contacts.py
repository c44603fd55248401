"""The contact book: whom a unit reads its mail through, one person per unit and role.

A unit that has nobody is reached through the unit above it, in the end through the city's office; the recipient then
stands in and is asked to pass the document on.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from mongoengine import Document, StringField
from pymongo import UpdateOne

from infra.mongo import DURABLE
from infra.organisation import unit_path
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput

LIAISON = "liaison"  # 联络员: gets what is addressed to the unit; without one, the unit's next role by name
MAY_IMPORT = frozenset({Role.CITY_OFFICE, Role.OPERATOR})
_ADDRESS = re.compile(r"[^@\s<>(),;:\"\[\]]{1,64}@[A-Za-z0-9.-]{1,253}\Z", re.ASCII)
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
LONGEST_NAME = 64


class Contact(Document):
    """One line of the book. The id is `<unit> <role>`, so that a successor replaces the predecessor."""

    meta: ClassVar[dict[str, Any]] = {"db_alias": "notify", "collection": "contact", "indexes": ["unit"]}

    id = StringField(primary_key=True)
    unit = StringField(required=True)
    role = StringField(required=True)
    name = StringField(required=True)
    email = StringField(required=True)


class Recipient(msgspec.Struct, frozen=True):
    """Who gets what is addressed to a unit; `unit` is the recipient's own, not always the one addressed."""

    unit: str
    role: str
    name: str
    email: str

    def stands_in_for(self, unit: str) -> bool:
        """Whether the recipient belongs to another unit than the one addressed."""
        return self.unit != unit


def import_contacts(rows: Sequence[Mapping[str, Any]], by: Officer, registry: Registry) -> int:
    """Write every row (`unit`, `role`, `name`, `email`) into the book; the same rows again change nothing.

    All or nothing. Returns how many rows are in the book now. Raises Forbidden, and InvalidInput with the row and
    field (`rows[3].email`, counted from 0).
    """
    if by.role not in MAY_IMPORT:
        raise Forbidden("only the city's office keeps the contact book", "只有市总指挥部办公室可以维护通讯录")
    lines = [_check(number, row, registry) for number, row in enumerate(rows)]
    if lines:
        collection = Contact._get_collection().with_options(write_concern=DURABLE)
        collection.bulk_write([_upsert(line) for line in lines], ordered=True)
    return len(lines)


def _check(number: int, row: Mapping[str, Any], registry: Registry) -> Recipient:
    def refuse(field: str, detail: str, detail_zh: str) -> InvalidInput:
        return InvalidInput(detail, f"第{number + 1}行：{detail_zh}", field=f"rows[{number}].{field}")

    unit, role, name, email = (str(row.get(field) or "").strip() for field in ("unit", "role", "name", "email"))
    if registry.get(unit) is None:
        raise refuse("unit", f"no unit {unit!r}", f"没有这个单位：{unit}")
    if not _ROLE.match(role):
        raise refuse("role", f"{role!r} is no role: small letters, digits, _", f"角色有误：{role}")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise refuse("name", "the name is empty, too long or not printable", "姓名为空、过长或含控制字符")
    if not _ADDRESS.match(email):
        raise refuse("email", f"{email!r} is no mail address", f"邮箱有误：{email}")
    return Recipient(unit=unit, role=role, name=name, email=email)


def _upsert(line: Recipient) -> UpdateOne:
    return UpdateOne({"_id": f"{line.unit} {line.role}"}, {"$set": msgspec.to_builtins(line)}, upsert=True)


def find_recipients(units: Iterable[str]) -> dict[str, Recipient]:
    """Who gets what is addressed to each of `units`; a unit for whom there is nobody at all is left out."""
    units = set(units)
    asked = {step for unit in units for step in way_up(unit)}
    book: dict[str, list[Recipient]] = {}
    for found in Contact._get_collection().find({"unit": {"$in": sorted(asked)}}, {"_id": 0}):
        book.setdefault(found["unit"], []).append(msgspec.convert(found, Recipient))
    return {unit: recipient for unit in units if (recipient := choose(unit, book)) is not None}


def choose(unit: str, book: Mapping[str, Sequence[Recipient]]) -> Recipient | None:
    """The liaison of the nearest unit on the way up that has anybody, or that unit's first other role."""
    for step in way_up(unit):
        if book.get(step):
            return min(book[step], key=lambda one: (one.role != LIAISON, one.role))
    return None


def way_up(unit: str) -> list[str]:
    """The unit, those above it, at last the city's office: `5301/530102`, `5301`, `5301/~office`."""
    return [*unit_path.ancestors(unit)[::-1], unit_path.office_of(unit)]
