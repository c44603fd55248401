"""Which of several dated rules holds on a day."""

from datetime import date
from typing import NamedTuple

from infra.effective import in_force


class Rule(NamedTuple):
    name: str
    effective_from: date
    exactness: int = 0


OLD = Rule("old", date(2017, 1, 1))
NEW = Rule("new", date(2026, 3, 1))


def test_the_youngest_rule_that_holds_already_wins() -> None:
    assert in_force([NEW, OLD], date(2026, 2, 28)) == OLD
    assert in_force([OLD, NEW], date(2026, 3, 1)) == NEW
    assert in_force([NEW, OLD], date(2027, 1, 1)) == NEW


def test_before_the_first_day_nothing_is_in_force() -> None:
    assert in_force([OLD, NEW], date(2016, 12, 31)) is None
    assert in_force([], date(2026, 3, 1)) is None


def test_what_ranks_higher_wins_over_what_is_younger() -> None:
    exact = Rule("exact", date(2018, 1, 1), exactness=9)
    assert in_force([OLD, exact, NEW], date(2026, 3, 1), rank=lambda rule: rule.exactness) == exact
    assert in_force([OLD, exact, NEW], date(2017, 6, 1), rank=lambda rule: rule.exactness) == OLD


def test_of_two_from_the_same_day_the_first_wins() -> None:
    assert in_force([OLD, Rule("twin", OLD.effective_from)], date(2026, 3, 1)) == OLD
