"""How far a duty is: of a leaf 0 or 1, of a parent its children's, weighted, summed on reading (DOMAIN.md §4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.tasks.contracts import TaskStatus

DONE = frozenset({TaskStatus.VERIFIED, TaskStatus.CLOSED})
FELL_AWAY = frozenset({TaskStatus.RETURNED, TaskStatus.WITHDRAWN})


class Node(NamedTuple):
    """What progress needs to know of a task."""

    id: str
    parent_id: str | None
    status: TaskStatus
    weight: float = 1.0


def children_of(nodes: Iterable[Node]) -> Mapping[str | None, list[Node]]:
    """The nodes by the parent that they count for; one that was given back or withdrawn counts for none."""
    found: dict[str | None, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.status not in FELL_AWAY:
            found[node.parent_id].append(node)
    return found


def roll_up(nodes: Iterable[Node]) -> dict[str, float]:
    """The progress of every node, 0..1: done or not where it has no children that count, else their weighted mean.

    A parent whose children are all done is at 1 even before it says so itself.
    """
    nodes = list(nodes)
    children = children_of(nodes)
    progress: dict[str, float] = {}
    for node in _leaves_first(nodes):
        below = children.get(node.id)
        progress[node.id] = mean((progress[c.id], c.weight) for c in below) if below else float(node.status in DONE)
    return progress


def mean(parts: Iterable[tuple[float, float]]) -> float:
    """The weighted mean of (value, weight); 0 where nothing has weight."""
    values = list(parts)
    total = sum(weight for _, weight in values)
    return sum(value * weight for value, weight in values) / total if total else 0.0


def _leaves_first(nodes: list[Node]) -> list[Node]:
    """The nodes so that children stand before their parents; a parent that is not among them does not matter."""
    by_parent: dict[str | None, list[Node]] = defaultdict(list)
    for node in nodes:
        by_parent[node.parent_id].append(node)
    known = {node.id for node in nodes}
    ordered = [node for node in nodes if node.parent_id not in known]
    for node in ordered:
        ordered.extend(by_parent.get(node.id, ()))
    return ordered[::-1]
