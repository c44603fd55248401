"""One GraphQL request while it is answered: who asks, why it is traceable, and what it may use."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from gateway.loaders import Loaders
from gateway.rpc import Desk
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry

T = TypeVar("T")
R = TypeVar("R")


class Inquiry:
    """`info.context` of every resolver. `cause` is the request's id: it travels with every command into the events."""

    def __init__(self, officer: Officer, cause: str, registry: Registry, desk: Desk) -> None:
        self.officer, self.cause, self.registry, self.desk = officer, cause, registry, desk
        self.loaders = Loaders(desk)

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
