"""The progress of a duty is that of its children, whatever tree they make: compared with a slow plain calculation."""

from hypothesis import given
from hypothesis import strategies as st

from services.tasks.contracts import TaskStatus
from services.tasks.progress import Node, roll_up

STATUSES = st.sampled_from(TaskStatus)
DONE, GONE = (TaskStatus.VERIFIED, TaskStatus.CLOSED), (TaskStatus.RETURNED, TaskStatus.WITHDRAWN)


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    """Any tree of at most three levels, its nodes in any order; weights are quarters, so that sums are exact."""
    count = draw(st.integers(1, 12))
    nodes = [
        Node(
            str(n),
            str(draw(st.integers(0, n - 1))) if n and draw(st.booleans()) else None,
            draw(STATUSES),
            draw(st.integers(0, 8)) / 4,
        )
        for n in range(count)
    ]
    return draw(st.permutations(nodes))


def plain(node: Node, nodes: list[Node]) -> float:
    """The same, by looking at everything again for every node."""
    below = [one for one in nodes if one.parent_id == node.id and one.status not in GONE]
    if not below:
        return 1.0 if node.status in DONE else 0.0
    weight = sum(one.weight for one in below)
    return sum(plain(one, nodes) * one.weight for one in below) / weight if weight else 0.0


@given(trees())
def test_progress_is_the_weighted_mean_of_what_was_not_taken_back(nodes: list[Node]) -> None:
    found = roll_up(nodes)
    assert set(found) == {node.id for node in nodes}
    for node in nodes:
        assert abs(found[node.id] - plain(node, nodes)) < 1e-9
        assert 0.0 <= found[node.id] <= 1.0


@given(trees())
def test_a_parent_is_complete_exactly_when_its_children_that_weigh_are(nodes: list[Node]) -> None:
    found = roll_up(nodes)
    for node in nodes:
        below = [one for one in nodes if one.parent_id == node.id and one.status not in GONE and one.weight]
        if below:
            assert (found[node.id] > 1 - 1e-9) == all(found[one.id] > 1 - 1e-9 for one in below)


def test_what_is_suspended_counts_and_is_not_done() -> None:
    whole = Node("w", None, TaskStatus.IN_PROGRESS)
    parts = [
        Node("1", "w", TaskStatus.CLOSED),
        Node("2", "w", TaskStatus.SUSPENDED),
        Node("3", "w", TaskStatus.RETURNED),
    ]
    assert roll_up([whole, *parts])["w"] == 0.5
