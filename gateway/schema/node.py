"""Relay's node interface: any object again by its global id."""

from collections.abc import Callable
from typing import Any

import graphene

from gateway.ids import split
from infra.problem import InvalidInput

Finder = Callable[[str, Any], Any]
_FINDERS: dict[str, Finder] = {}


class Node(graphene.relay.Node):
    """An object with a global id."""


def findable(noun: str) -> Callable[[Finder], Finder]:
    """Register how the object with an id of the domain is found: `find(id, info)`, a value or an awaitable."""

    def register(find: Finder) -> Finder:
        _FINDERS[noun] = find
        return find

    return register


def find_node(global_id: str, info: Any) -> Any:
    """The object with the global id. Raises InvalidInput where it is not a global id of one of our nodes."""
    noun, local = split(global_id)
    if noun not in _FINDERS:
        raise InvalidInput(f"not a global id: {global_id!r}", f"不是有效的编号：{global_id}", field="id")
    return _FINDERS[noun](local, info)
