"""Comparing two ledgers of running services as of a moment.

Both are walked in step, a page at a time, by count and digest; where those differ the entries are read. What differs
may only be on its way: it is asked for again until it is equal or patience ends. What is left is a finding.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

PAGE = 2000  # entries compared by one digest
CHUNK = 500  # keys asked for in one message
BREATH = 0.5  # seconds between two looks at what may be on its way
EVER = datetime(9999, 1, 1, tzinfo=UTC)

Ask = Callable[..., Any]  # ask(service, method, *args): raises Unavailable where nobody answers


class Side(msgspec.Struct, frozen=True):
    """A ledger of a service."""

    service: str
    ledger: str

    def __str__(self) -> str:
        return f"{self.service}.{self.ledger}"


class Check(msgspec.Struct, frozen=True):
    """Two ledgers that are to be equal. `left` has moments and is in the order of its keys."""

    title: str
    title_zh: str
    left: Side
    right: Side


class Difference(msgspec.Struct, frozen=True):
    """A key whose values differ; None on the side that does not have it."""

    key: str
    left: str | None
    right: str | None


class Outcome(msgspec.Struct, frozen=True):
    """How a check came out: how many entries the left side has, and what differs."""

    check: Check
    entries: int
    differences: list[Difference]


class Comparison:
    """Compares by `ask`, as of `as_of`, waiting until the monotonic moment `deadline` for what is on its way."""

    def __init__(self, ask: Ask, as_of: datetime, deadline: float) -> None:
        self._ask, self._as_of, self._deadline = ask, as_of, deadline

    def check(self, check: Check) -> Outcome:
        """Walk both sides, then wait for what differs to become equal."""
        count, suspects = self._walk(check)
        while suspects:
            suspects = self._still_different(check, suspects)
            if not suspects or time.monotonic() >= self._deadline:
                break
            time.sleep(BREATH)
        return Outcome(check, count, [suspects[key] for key in sorted(suspects)])

    def _walk(self, check: Check) -> tuple[int, dict[str, Difference]]:
        suspects: dict[str, Difference] = {}
        count, after, more = 0, "", True
        while more:
            left = self._page(check.left, {"after": after}, PAGE)
            upto = left["upto"]
            right = self._page(check.right, {"after": after, "upto": upto}, None)
            if (left["count"], left["digest"]) != (right["count"], right["digest"]):
                span = {"after": after, "upto": upto}
                suspects |= differing(self._entries(check.left, span), self._entries(check.right, span))
            count, after, more = count + left["count"], upto, upto is not None
        return count, suspects

    def _still_different(self, check: Check, keys: Iterable[str]) -> dict[str, Difference]:
        found: dict[str, Difference] = {}
        for chunk in _chunks(sorted(keys)):
            left, right = (self._entries(side, {"keys": chunk}) for side in (check.left, check.right))
            different = differing(left, right)
            early = [key for key, one in different.items() if one.left is None]
            for key in self._entries(check.left, {"keys": early}, EVER) if early else ():
                del different[key]  # it came after the moment, and the other side keeps no moments
            found |= different
        return found

    def _page(self, side: Side, span: dict[str, Any], first: int | None) -> dict[str, Any]:
        asked = span | {"as_of": self._as_of.isoformat()}
        page: dict[str, Any] = self._ask(side.service, "book_page", side.ledger, asked, first)
        return page

    def _entries(self, side: Side, span: dict[str, Any], as_of: datetime | None = None) -> dict[str, str]:
        """Key → value; the values of a key that stands there twice are added with a plus."""
        found: dict[str, str] = {}
        asked = span | {"as_of": (as_of or self._as_of).isoformat()}
        while True:
            part = self._ask(side.service, "book_entries", side.ledger, asked, PAGE)
            whole = len(part) < PAGE or "keys" in span
            for key, value in part if whole else _without_the_last_key(part):
                found[key] = f"{found[key]} + {value}" if key in found else value
                asked = asked | {"after": key}
            if whole:
                return found


def _without_the_last_key(part: list[list[str]]) -> list[list[str]]:
    """The entries of a full page whose keys end on it: of its last key there may be more on the next.

    A page of one key only is taken as it is.
    """
    ended = [entry for entry in part if entry[0] != part[-1][0]]
    return ended or part


def differing(left: dict[str, str], right: dict[str, str]) -> dict[str, Difference]:
    """What is not the same on both sides."""
    keys = left.keys() | right.keys()
    return {key: Difference(key, left.get(key), right.get(key)) for key in keys if left.get(key) != right.get(key)}


def _chunks(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
