"""Ledgers: what a service holds as pairs (key, value), so that another service's can be compared with them.

Two ledgers with the same pairs have the same digest, in whatever order they are read; so a page of thousands is
compared by one short message, and only pages that differ are read entry by entry.
"""

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from infra.problem import InvalidInput, NotFound

Entry = tuple[str, str]
MOST_ENTRIES = 2000  # in one message
_BEYOND_ALL = "\U0010ffff"


class Span(msgspec.Struct, frozen=True):
    """Which entries: those there were at `as_of` (a ledger without moments takes all), with keys behind `after` up to
    `upto` (None: to the end) in the order of their characters, or those with one of `keys`."""

    as_of: datetime
    after: str = ""
    upto: str | None = None
    keys: list[str] | None = None

    def condition(self, before: str = "") -> dict[str, Any]:
        """The database's condition for a field that holds keys with `before` in front of each.

        Where something follows the keys it lets a few too many through, of which `holds` tells.
        """
        if self.keys is not None:
            return {"$in": [before + key for key in self.keys]}
        return {"$gt": before + self.after, "$lte": before + (self.upto or "") + _BEYOND_ALL}

    def holds(self, key: str) -> bool:
        """Whether `key` is one of these."""
        if self.keys is not None:
            return key in self.keys
        return self.after < key and (self.upto is None or key <= self.upto)


Ledger = Callable[[Span], Iterable[Entry]]


class Page(msgspec.Struct, frozen=True):
    """So many entries with this digest; `upto` is the last key, None where the ledger ends with them."""

    count: int
    digest: str
    upto: str | None


def page(ledger: Ledger, span: Span, first: int | None = None) -> Page:
    """The first `first` entries of `span`, all where it is None. The ledger must be in the order of its keys then."""
    count, total, last = 0, 0, span.upto
    for key, value in islice(_within(ledger, span), first):
        count, total, last = count + 1, total + _weight(key, value), key
    whole = first is None or count < first
    return Page(count, f"{total % 2**128:032x}", span.upto if whole else last)


def entries(ledger: Ledger, span: Span, first: int) -> list[Entry]:
    """The first `first` entries of `span` in the order of their keys, whatever order the ledger has.

    Raises InvalidInput for more than MOST_ENTRIES.
    """
    if not 1 <= first <= MOST_ENTRIES:
        raise InvalidInput(f"first is outside 1..{MOST_ENTRIES}", f"数量应在1至{MOST_ENTRIES}之间", field="first")
    return heapq.nsmallest(first, _within(ledger, span))


def ledger_of(ledgers: Mapping[str, Ledger], name: str) -> Ledger:
    """The ledger `name`. Raises NotFound."""
    if name not in ledgers:
        raise NotFound(
            f"no ledger {name!r}; there are {', '.join(sorted(ledgers))}", f"没有账册：{name}", field="ledger"
        )
    return ledgers[name]


def read_span(span: dict[str, Any]) -> Span:
    """The span in JSON builtins. Raises InvalidInput."""
    try:
        return msgspec.convert(span, Span)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a span: {error}", f"账册范围有误：{error}", field="span") from error


def _within(ledger: Ledger, span: Span) -> Iterator[Entry]:
    return ((key, value) for key, value in ledger(span) if span.holds(key))


def _weight(key: str, value: str) -> int:
    digest = hashlib.blake2b(f"{key}\0{value}".encode(), digest_size=16).digest()
    return int.from_bytes(digest, "big")
