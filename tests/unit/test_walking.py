"""How a scan walks past what it cannot look at."""

from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import pytest

from infra import walking
from infra.set_aside import Aside, SetAside
from infra.walking import Said, Walk


class Put:
    """What was set aside, without a database."""

    def __init__(self, *ids: str) -> None:
        self.ids = list(ids)

    def look(self) -> Aside:
        return Aside(list(self.ids), list(self.ids))

    def put(self, id: str, why: str) -> None:
        self.ids += [id] if id not in self.ids else []

    def take_back(self, ids: Any) -> None:
        self.ids = [id for id in self.ids if id not in ids]


class Ledger:
    """Ids that are due until they were looked at; `broken` ones cannot be."""

    def __init__(self, due: list[str], broken: set[str]) -> None:
        self.due, self.broken = due, broken

    def find(self, without: list[str]) -> list[str]:
        return [id for id in self.due if id not in without][:4]

    def look(self, ids: list[str]) -> Said:
        if self.broken.intersection(ids):
            raise ValueError("broken")
        self.due = [id for id in self.due if id not in ids]
        return Counter(said=len(ids))


def walk(ledger: Ledger, aside: Put, **more: Any) -> Said:
    return Walk(cast(SetAside, aside), ledger.find, ledger.look, **more).walk()


def test_what_is_broken_is_set_aside_and_everything_behind_it_is_looked_at() -> None:
    ledger, aside = Ledger(list("abcdefgh"), {"a", "b", "f"}), Put()
    assert walk(ledger, aside) == {"said": 5}
    assert (ledger.due, aside.ids) == (["a", "b", "f"], ["a", "b", "f"])


def test_what_was_set_aside_is_tried_alone_after_the_others_and_taken_back_when_it_is_mended() -> None:
    ledger, aside = Ledger(list("abcd"), {"b"}), Put("a", "b")
    assert walk(ledger, aside) == {"said": 3}
    assert (ledger.due, aside.ids) == (["b"], ["b"])


def test_where_too_much_is_set_aside_the_walk_ends_with_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_ASIDE", 2)
    ledger, aside = Ledger(list("abcdef"), set("abcdef")), Put()
    with pytest.raises(ValueError, match="broken"):
        walk(ledger, aside)
    assert aside.ids == ["a", "b"]


def lost_after(looks: int) -> Callable[[], bool]:
    """Whether it may go on: so many times, then another one has the job."""
    answers = iter([True] * looks)
    return lambda: next(answers, False)


def test_a_walk_ends_with_the_page_after_which_it_may_not_go_on() -> None:
    ledger, aside = Ledger(list("abcdef"), set()), Put("f")
    assert walk(ledger, aside, may_go_on=lost_after(1)) == {"said": 4}
    assert (ledger.due, aside.ids) == (["e", "f"], ["f"])


def test_who_may_not_go_on_before_the_first_page_looks_at_nothing() -> None:
    ledger, aside = Ledger(list("ab"), {"a"}), Put("b")
    assert walk(ledger, aside, may_go_on=lost_after(0)) == {}
    assert (ledger.due, aside.ids) == (["a", "b"], ["b"])


def test_who_may_not_go_on_in_the_midst_of_a_page_that_failed_leaves_the_rest_of_it_alone() -> None:
    ledger, aside = Ledger(list("abcd"), {"b"}), Put()
    assert walk(ledger, aside, may_go_on=lost_after(3)) == {"said": 1}  # the page, a alone, b alone
    assert (ledger.due, aside.ids) == (["b", "c", "d"], ["b"])


def test_who_may_not_go_on_tries_nothing_again_that_was_set_aside_and_takes_nothing_back() -> None:
    ledger, aside = Ledger(list("ab"), set()), Put("a", "b")
    assert walk(ledger, aside, may_go_on=lost_after(1)) == {"said": 1}
    assert (ledger.due, aside.ids) == (["b"], ["b"])
