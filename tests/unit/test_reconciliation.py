"""Comparing ledgers as of a moment: pages by digest, differences by entry, what is on its way is waited for."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from infra.problem import InvalidInput, NotFound
from infra.reconciliation import books, comparison
from infra.reconciliation.books import Entry, Ledger, Span
from infra.reconciliation.comparison import Check, Comparison, Difference, Side

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
CHECK = Check("left equals right", "左右相等", Side("one", "left"), Side("two", "right"))


def ledger(*held: tuple[str, str, datetime], dated: bool = True) -> Ledger:
    """A ledger of (key, value, moment)."""

    def read(span: Span) -> Iterable[Entry]:
        return [(key, value) for key, value, at in sorted(held) if not dated or at <= span.as_of]

    return read


class Services:
    """Answers for both sides, and counts the messages."""

    def __init__(self, left: Ledger, right: Ledger) -> None:
        self.ledgers = {"left": left, "right": right}
        self.asked: list[str] = []

    def __call__(self, service: str, method: str, name: str, span: dict[str, Any], first: int | None) -> Any:
        self.asked.append(method)
        found = books.ledger_of(self.ledgers, name)
        if method == "book_page":
            return msgspec.to_builtins(books.page(found, books.read_span(span), first))
        assert first is not None
        return [list(one) for one in books.entries(found, books.read_span(span), first)]


def as_stored(held: Ledger) -> Ledger:
    """The same ledger in no order of keys, as a right side may be."""
    return lambda span: reversed(list(held(span)))


def compare(services: Services, patience: float = 0.0) -> comparison.Outcome:
    return Comparison(services, NOON, time.monotonic() + patience).check(CHECK)


def many(count: int) -> list[tuple[str, str, datetime]]:
    return [(f"{number:05d}", "x", NOON) for number in range(count)]


def test_equal_ledgers_are_compared_by_digests_alone() -> None:
    services = Services(ledger(*many(5000)), ledger(*many(5000)))
    assert compare(services) == comparison.Outcome(CHECK, 5000, [])
    assert services.asked == ["book_page"] * 6


def test_only_the_page_that_differs_is_read() -> None:
    services = Services(ledger(*many(5000)), ledger(*many(5000)[:2500], *many(5000)[2501:]))
    assert compare(services).differences == [Difference("02500", "x", None)]
    assert services.asked.count("book_entries") == 5


def test_what_is_behind_the_last_key_of_the_left_is_found() -> None:
    services = Services(ledger(*many(10)), ledger(*many(11)))
    assert compare(services).differences == [Difference("00010", None, "x")]


def test_a_key_that_stands_there_twice_is_a_difference() -> None:
    services = Services(ledger(*many(3)), ledger(*many(3), ("00001", "x", NOON)))
    assert compare(services).differences == [Difference("00001", "x", "x + x")]


def test_what_came_after_the_moment_is_not_looked_at() -> None:
    late = ("late", "x", NOON + timedelta(seconds=1))
    assert compare(Services(ledger(late, *many(3)), ledger(*many(3)))).differences == []
    assert compare(Services(ledger(late, *many(3)), ledger(late, *many(3), dated=False))).differences == []


def test_what_is_on_its_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    services = Services(ledger(*many(3)), ledger(*many(2)))

    def arrive(_: float) -> None:
        services.ledgers["right"] = ledger(*many(3))

    monkeypatch.setattr(comparison.time, "sleep", arrive)
    assert compare(services, patience=60.0).differences == []


def test_keys_of_which_one_begins_another_are_paged_without_loss() -> None:
    def suffixed(span: Span) -> Iterable[Entry]:
        """As a database returns keys with something behind them: a-1|due comes after a-10|due."""
        return [("a-10", "x"), ("a-1", "x"), ("a-2", "x")]

    pages = [books.page(suffixed, Span(NOON, after, upto)) for after, upto in (("", "a-1"), ("a-1", None))]
    assert [page.count for page in pages] == [1, 2]


def test_a_ledger_that_is_not_there_and_a_span_that_is_none_are_refused() -> None:
    with pytest.raises(NotFound, match="no ledger 'middle'; there are left, right"):
        books.ledger_of(Services(ledger(), ledger()).ledgers, "middle")
    with pytest.raises(InvalidInput, match="not a span"):
        books.read_span({"after": 3})
    with pytest.raises(InvalidInput, match=r"first is outside 1\.\.2000"):
        books.entries(ledger(), Span(NOON), 2001)


def test_a_surplus_of_more_than_a_page_is_found_on_a_side_without_order() -> None:
    services = Services(ledger(*many(3)), as_stored(ledger(*many(4500), dated=False)))
    outcome = compare(services)
    assert [one.key for one in outcome.differences] == [f"{number:05d}" for number in range(3, 4500)]
    assert {one.left for one in outcome.differences} == {None}


def test_a_key_that_stands_twice_across_the_end_of_a_page_is_added_up() -> None:
    twice = ledger(*many(2000), ("01999", "y", NOON), ("02000", "x", NOON), dated=False)
    outcome = compare(Services(ledger(*many(2001)), as_stored(twice)))
    assert outcome.differences == [Difference("01999", "x", "x + y")]
