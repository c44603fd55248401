"""Who may see and do what. Permissions are data beside the field; `enforce` is the one function that applies them.

    sight     a token sees its own unit and what lies inside it: a district its streets, a street itself, a department
              the work it is responsible for; the city's office and desk see the city
    duty      accepting, returning, submitting: for one's own unit and those inside it
    check     closing, rework, verifying: for what lies within sight, and a district never for its own work
    place     filing, correcting, answering, voiding: for a matter that lies in one's own place

The services check the officer behind a command again; the gateway refuses before it asks them.
"""

import inspect
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import Any

import graphene
import msgspec

from infra.organisation.officer import Officer, Role
from infra.organisation.unit import Unit
from infra.problem import Forbidden
from services.complaints.contracts import CaseView
from services.notify.contracts import BulletinKind, BulletinView
from services.tasks.contracts import PlanProgress, TaskView

Thing = Unit | CaseView | TaskView | BulletinView | PlanProgress


class Rule(StrEnum):
    """What the officer's unit has to do with the thing."""

    NONE = "none"
    SIGHT = "sight"
    DUTY = "duty"
    CHECK = "check"
    PLACE = "place"


class Permission(msgspec.Struct, frozen=True):
    """`roles` that may at all, and the `rule` that their unit must meet."""

    name: str
    roles: frozenset[Role]
    rule: Rule = Rule.NONE


_ALL = frozenset(Role)
_READERS = _ALL - {Role.OPERATOR}
_UNITS = frozenset({Role.CITY_OFFICE, Role.DEPARTMENT, Role.DISTRICT, Role.STREET})
_DESKS = frozenset({Role.CITY_OFFICE, Role.HOTLINE_DESK})

KNOWN_TO_ALL = Permission("known to all", _ALL)
SEE_UNIT = Permission("see a unit", _ALL, Rule.SIGHT)
SEE_FIGURES = Permission("see the figures of a unit in sight", _ALL)
SEE_WORK = Permission("see cases and tasks of a unit in sight", _READERS)
OPEN_WORK = Permission("open a case or task", _READERS, Rule.SIGHT)
OPEN_BULLETIN = Permission("open a bulletin", _ALL, Rule.SIGHT)
DO_TASK = Permission("accept, return, submit a task", _UNITS, Rule.DUTY)
VERIFY_TASK = Permission("verify a plan task", frozenset({Role.CITY_OFFICE, Role.DISTRICT}), Rule.CHECK)
CHECK_CASE = Permission("close a case or ask for rework", _DESKS, Rule.CHECK)
DIRECT_CASE = Permission("file, correct, answer or void a case", _DESKS, Rule.PLACE)


def enforce(permission: Permission, officer: Officer, thing: Thing | None = None) -> None:
    """Pass when `officer` may; `thing` is what the rule asks about. Raises Forbidden."""
    if officer.role not in permission.roles:
        raise Forbidden(
            f"the role {officer.role.value} may not {permission.name}",
            f"您的角色无权进行此操作（{officer.role.value}）",
            permission=permission.name,
        )
    if permission.rule is not Rule.NONE and thing is not None and not _RULES[permission.rule](officer, thing):
        raise Forbidden(
            f"{officer.unit} may not {permission.name} outside its own sphere",
            "不在本单位职责或管辖范围内",
            permission=permission.name,
            unit=officer.unit,
        )


def in_sight(officer: Officer, thing: Thing) -> bool:
    """Whether any of the units to which `thing` belongs is the officer's own or inside it."""
    return any(officer.may_act_for(path) for path in _whereabouts(thing))


def _whereabouts(thing: Thing) -> Iterable[str]:
    """The units to which a thing belongs: where it is, whose duty it is, to whom it is addressed."""
    match thing:
        case Unit():
            return (thing.path,)
        case CaseView():
            return (thing.place_path, *([thing.responsible_unit] if thing.responsible_unit else []))
        case TaskView():
            return (thing.state.place_path, thing.state.responsible_unit)
        case BulletinView():
            return thing.units
        case PlanProgress():
            return thing.lead_units


def _sees(officer: Officer, thing: Thing) -> bool:
    return in_sight(officer, thing) or (isinstance(thing, BulletinView) and thing.kind is BulletinKind.PUBLIC)


def _has_duty(officer: Officer, thing: Thing) -> bool:
    return isinstance(thing, TaskView) and officer.may_act_for(thing.state.responsible_unit)


def _may_check(officer: Officer, thing: Thing) -> bool:
    doer = thing.state.responsible_unit if isinstance(thing, TaskView) else getattr(thing, "responsible_unit", None)
    return in_sight(officer, thing) and (officer.role is not Role.DISTRICT or doer != officer.unit)


def _directs(officer: Officer, thing: Thing) -> bool:
    return isinstance(thing, CaseView) and officer.may_act_for(thing.place_path)


_RULES: dict[Rule, Callable[[Officer, Thing], bool]] = {
    Rule.SIGHT: _sees,
    Rule.DUTY: _has_duty,
    Rule.CHECK: _may_check,
    Rule.PLACE: _directs,
}


class Guarded(graphene.Field):
    """A field with its permission: the role is enforced before it is resolved, sight on what it leads to."""

    def __init__(self, type_: Any, *args: Any, permission: Permission, **kwargs: Any) -> None:
        super().__init__(type_, *args, **kwargs)
        self.permission = permission

    def wrap_resolve(self, parent_resolver: Any) -> Any:
        """See graphene.Field: the resolver, guarded; untouched where everybody may."""
        resolver = super().wrap_resolve(parent_resolver)
        if self.permission.roles == _ALL and self.permission.rule is Rule.NONE:
            return resolver
        return partial(_guarded, self.permission, resolver)


def _guarded(permission: Permission, resolver: Any, root: Any, info: Any, **args: Any) -> Any:
    enforce(permission, info.context.officer)
    if permission.rule is not Rule.SIGHT:
        return resolver(root, info, **args)
    found = resolver(root, info, **args)
    return _seen_later(permission, info, found) if inspect.isawaitable(found) else _seen(permission, info, found)


async def _seen_later(permission: Permission, info: Any, coming: Any) -> Any:
    return _seen(permission, info, await coming)


def _seen(permission: Permission, info: Any, found: Any) -> Any:
    enforce(permission, info.context.officer, found)
    return found


def known(type_: Any, **kwargs: Any) -> Guarded:
    """A field that everybody with a token may read, once they reached its parent."""
    return Guarded(type_, permission=KNOWN_TO_ALL, **kwargs)


def part_of(permission: Permission) -> Callable[[type], type]:
    """Class decorator for a value without identity: its plain fields are as visible as the field that leads to it."""

    def mark(kind: type) -> type:
        kind.permission = permission  # type: ignore[attr-defined]
        return kind

    return mark
