"""A table that every process holds and reads anew when its version changed."""

from collections.abc import Callable
from typing import NamedTuple

from infra.held_copy import LOOK_EVERY, HeldCopy


class Table(NamedTuple):
    version: int


def test_a_copy_that_is_forgotten_while_its_version_is_asked_is_still_given() -> None:
    """Another thread forgets while this one waits for the database."""
    now, at_the_question = [0.0], list[Callable[[], None]]()

    def version() -> int:
        for step in at_the_question:
            step()
        return 1

    held = HeldCopy(lambda: Table(1), version, lambda: now[0])
    assert held.newest() == Table(1)
    now[0] += LOOK_EVERY
    at_the_question.append(held.forget)
    assert held.newest() == Table(1)
