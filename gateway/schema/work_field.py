"""Fields of cases, tasks and orders that whoever sees work may read."""

from collections.abc import Callable
from typing import Any

from gateway.guarded import Guarded
from gateway.permissions import SEE_WORK


def work(type_: Any, **kwargs: Any) -> Guarded:
    """A field of the view that is shown."""
    return Guarded(type_, permission=SEE_WORK, **kwargs)


def work_in(part: str, **usual: Any) -> Callable[..., Guarded]:
    """What makes fields, by type and name, that are read from `part` of the view: `_of_state = work_in("state")`."""

    def field(type_: Any, name: str, **kwargs: Any) -> Guarded:
        return work(type_, resolver=lambda root, info, **_: getattr(getattr(root, part), name), **usual | kwargs)

    return field
