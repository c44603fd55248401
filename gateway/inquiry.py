"""One GraphQL request while it is answered: who asks, why it is traceable, and what it may use."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from gateway.loaders import Loaders
from gateway.permissions import own_desk
from gateway.rpc import Desk
from infra.organisation import unit_path
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry

T = TypeVar("T")
R = TypeVar("R")


class Inquiry:
    """`info.context` of every resolver. `cause` is the request's id: it travels with every command into the events."""

    def __init__(self, officer: Officer, cause: str, registry: Registry, desk: Desk) -> None:
        self.officer, self.cause, self.registry, self.desk = officer, cause, registry, desk
        self.loaders = Loaders(desk)

    @property
    def own_place(self) -> str:
        """The path of the territory in which the officer's unit works."""
        unit = self.officer.unit
        return unit_path.parent(unit) or unit if unit_path.is_department(unit) else unit

    @property
    def own_desk(self) -> str:
        """The path of the unit whose duties are the officer's own: of the city's office, the headquarters' office."""
        return own_desk(self.officer)

    def start_anew(self) -> None:
        """Forget what was loaded, before and after a command changes it."""
        self.desk.forget()
        self.loaders = Loaders(self.desk)


async def then(value: Awaitable[T], use: Callable[[T], R]) -> R:
    """`use(value)` once the value is there. The loader was called before: all keys of a level are known at once."""
    return use(await value)


def inquiry(info: Any) -> Inquiry:
    """The request that a resolver works for."""
    return info.context
