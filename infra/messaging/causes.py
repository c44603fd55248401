"""Causes: which events of the log belong together.

Every event names its cause, the id of the event or request that led to it, and its subject. Two events belong together
where one caused the other or both tell of one subject; what a request caused is not held together by the request.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple


class Link(NamedTuple):
    """What holds an event to others."""

    id: str
    cause: str
    subject: str


def related(links: Iterable[Link], start: Iterable[str]) -> set[str]:
    """The ids of all events that belong together with the events `start`, these included."""
    known: dict[str, Link] = {}
    by_cause: dict[str, list[str]] = defaultdict(list)
    by_subject: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.id not in known:
            known[link.id] = link
            by_cause[link.cause].append(link.id)
            by_subject[link.subject].append(link.id)
    found: set[str] = set()
    todo = [id for id in start if id in known]
    while todo:
        id = todo.pop()
        if id not in found:
            found.add(id)
            cause, subject = known[id].cause, known[id].subject
            todo += [*by_cause[id], *by_subject[subject], *([cause] if cause in known else [])]
    return found
