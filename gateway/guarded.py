"""Fields that carry their permission: it is enforced where the field is read."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import graphene

from gateway.permissions import KNOWN_TO_ALL, Permission, Rule, enforce


class Guarded(graphene.Field):
    """A field with its permission: the role is enforced before it is resolved, sight on what it leads to.

    `about` names the argument that holds the path of the unit (by default the officer's own) that the rule is about:
    it is enforced before the field is resolved.
    """

    def __init__(self, type_: Any, *args: Any, permission: Permission, about: str | None = None, **kwargs: Any) -> None:
        super().__init__(type_, *args, **kwargs)
        self.permission, self.about = permission, about

    def wrap_resolve(self, parent_resolver: Any) -> Any:
        """See graphene.Field: the resolver, guarded; untouched where everybody may."""
        resolver = super().wrap_resolve(parent_resolver)
        rule = self.permission.rule
        if rule is Rule.SERVICE or (rule is Rule.NONE and self.permission.roles == KNOWN_TO_ALL.roles):
            return resolver
        return partial(_guarded_about if self.about else _guarded, self, resolver)


def _guarded(field: Guarded, resolver: Any, root: Any, info: Any, **args: Any) -> Any:
    permission = field.permission
    enforce(permission, info.context.officer)
    if permission.rule is not Rule.SIGHT:
        return resolver(root, info, **args)
    found = resolver(root, info, **args)
    return _seen_later(permission, info, found) if inspect.isawaitable(found) else _seen(permission, info, found)


def _guarded_about(field: Guarded, resolver: Any, root: Any, info: Any, **args: Any) -> Any:
    assert field.about is not None
    enforce(field.permission, info.context.officer)
    path = args.get(field.about) or info.context.officer.unit
    enforce(field.permission, info.context.officer, info.context.registry.unit(path))
    return resolver(root, info, **args)


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
