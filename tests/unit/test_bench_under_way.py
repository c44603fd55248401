"""What of the seeded cases of a benchmark is open: what came in lately, not a share of all that is stored."""

import pytest

from bench.under_way import Kind, Open
from services.tasks.contracts import TaskStatus


def opened(size: int, may_be_open: Open) -> int:
    """How many of so many seeded cases are open."""
    return sum(may_be_open.kind_of(number).case != "closed" for number in range(size))


@pytest.mark.parametrize(("size", "found"), [(10_000, 5_001), (41_807, 20_904), (100_000, 20_904), (300_000, 20_904)])
def test_a_city_has_open_what_came_in_in_15_days_however_much_is_stored(size: int, found: int) -> None:
    assert opened(size, Open.RECENT) == found


def test_half_of_everything_can_be_left_open_for_comparison() -> None:
    assert opened(100_000, Open.HALF) == 50_001


def test_only_what_closed_lately_waits_for_its_follow_up() -> None:
    recent, old = Open.RECENT.kind_of(41_770), Open.RECENT.kind_of(41_830)
    assert recent == Kind("closed", TaskStatus.CLOSED, follow_up=True)
    assert old == Kind("closed", TaskStatus.CLOSED, follow_up=False)


def test_a_case_under_way_and_its_task_are_in_states_that_belong_together() -> None:
    kinds = {(kind.case, kind.task) for kind in map(Open.RECENT.kind_of, range(6))}
    assert kinds == {
        ("dispatched", TaskStatus.ISSUED),
        ("handling", TaskStatus.ACCEPTED),
        ("checking", TaskStatus.SUBMITTED),
        ("closed", TaskStatus.CLOSED),
    }
