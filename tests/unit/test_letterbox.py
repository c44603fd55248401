"""A letter is a body that a push could have, with the same signature; what is authentic goes to the intake."""

import json
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.messaging.letters import Letter
from infra.messaging.unread import Contents
from infra.problem import NotUnderstood
from infra.signature import SIGNATURE_HEADER, signed_headers
from services.complaints.channel_limits import EVERY_OTHER, ChannelLimit, Turnstile, read_limits
from services.complaints.channels import KnownChannel
from services.complaints.intake import Accepted, Intake, Outcome
from services.complaints.letterbox import WINDOW, Letterbox, items_in
from services.complaints.report import Said

NOW = 1_772_411_400
SECRET = b"of 12345"


class Shelf:
    """An intake that notes what it is given, and understands what begins with a brace."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.said: list[Said | None] = []
        self.calls = 0

    def take(
        self, channel: KnownChannel, items: Sequence[bytes], cause: str, said: Sequence[Said | None]
    ) -> list[Outcome]:
        self.calls += 1
        self.said += said
        self.taken += items
        return [
            Accepted(external_id="1", receipt=f"HZ-{n}", query_code=None, outcome="received")
            if item.startswith(b"{")
            else NotUnderstood("odd", "不明", kept_as="M-1")
            for n, item in enumerate(items)
        ]


def letter(body: bytes, *, kind: str = "application/json", at: int = NOW, secret: bytes = SECRET) -> Letter:
    headers: dict[str, Any] = {**signed_headers(secret, at, body)}
    return Letter("hotline_12345", Contents(body, headers, kind, "", ""))


def box(shelf: Shelf, turnstile: Turnstile | None = None, **clocks: Any) -> Letterbox:
    turnstile = turnstile or Turnstile(read_limits())
    return Letterbox(cast(Intake, shelf), turnstile, lambda: {"hotline_12345": "of 12345"}, wall=lambda: NOW, **clocks)


@pytest.mark.parametrize(
    ("body", "kind", "items"),
    [
        (b'{"a":1}', "application/json", [b'{"a":1}']),
        (b' [{"a":1}, 2]', "", [b'{"a":1}', b"2"]),
        (b'{"a":1}\r\n\n{"a":2}\n', "application/x-ndjson; charset=utf-8", [b'{"a":1}\r', b'{"a":2}']),
        (b"[1,", "application/json", [b"[1,"]),
        (b"[]", "application/json", []),
        (b"", "application/json", [b""]),
    ],
)
def test_a_letter_holds_an_item_an_array_or_lines(body: bytes, kind: str, items: list[bytes]) -> None:
    assert items_in(letter(body, kind=kind)) == items


@given(st.binary(max_size=200), st.sampled_from(["", "application/json", "application/x-ndjson", "text/plain"]))
def test_whatever_is_signed_is_taken_or_kept_and_answered(body: bytes, kind: str) -> None:
    shelf, one = Shelf(), letter(body, kind=kind)

    box(shelf).take([one], "test")

    assert one.refusal == ""
    answer = json.loads(one.answered)
    assert len(answer.get("results", ())) == len(shelf.taken)


def test_the_letters_of_a_batch_are_stored_together_and_answered_one_by_one() -> None:
    shelf, letters = Shelf(), [letter(b'[{"a":1},{"a":2}]'), letter(b"?"), letter(b'{"a":3}')]

    box(shelf).take(letters, "test")

    assert (shelf.calls, len(shelf.taken)) == (1, 4)
    receipts = [[one.get("receipt") for one in json.loads(each.answered)["results"]] for each in letters]
    assert receipts == [["HZ-0", "HZ-1"], [None], ["HZ-3"]]


def test_what_another_signed_is_refused_in_words_that_quote_nothing_and_its_neighbours_are_taken() -> None:
    shelf, good, forged = Shelf(), letter(b'{"a":1}'), letter("李女士 13800000000".encode(), secret=b"of 12319")

    box(shelf).take([forged, good], "test")

    assert shelf.taken == [b'{"a":1}']
    assert forged.refusal == "unauthenticated: the signature does not fit the body"
    assert json.loads(forged.answered)["field"] == SIGNATURE_HEADER
    assert good.refusal == ""


@pytest.mark.parametrize(("waited", "refused"), [(0, False), (WINDOW, False), (WINDOW + 1, True), (-WINDOW - 1, True)])
def test_a_letter_may_wait_for_a_week(waited: int, refused: bool) -> None:
    one = letter(b"{}", at=NOW - waited)

    box(Shelf()).take([one], "test")

    assert bool(one.refusal) == refused


def test_a_letter_that_is_too_large_is_refused_and_nothing_of_it_is_stored() -> None:
    shelf, one = Shelf(), letter(b"[" + b"1," * (5 * 1024 * 1024 // 2) + b"1]")

    box(shelf).take([one], "test")

    assert (one.refusal, shelf.taken) == ("too_large: the body is larger than 5242880 bytes", [])


def test_a_channel_without_secret_takes_nothing() -> None:
    shelf, one = Shelf(), letter(b"{}")

    Letterbox(cast(Intake, shelf), Turnstile(read_limits()), dict, wall=lambda: NOW).take([one], "test")

    assert (shelf.taken, one.refusal) == ([], "unauthenticated: this channel has no shared secret yet")


def test_a_letter_with_more_items_than_a_body_may_hold_is_refused_and_nothing_of_it_is_stored() -> None:
    shelf, one = Shelf(), letter(b"[" + b"{}," * 1000 + b"{}]")

    box(shelf).take([one], "test")

    assert (one.refusal, shelf.taken) == ("too_large: more than 1000 items in one body", [])


def test_of_every_item_is_told_when_it_was_signed_and_where_it_stood() -> None:
    shelf = Shelf()

    box(shelf).take([letter(b"[{},{}]", at=NOW - 60), letter(b"{}")], "test")

    assert shelf.said == [(NOW - 60, 0), (NOW - 60, 1), (NOW, 0)]


def test_what_comes_faster_than_the_channel_may_is_waited_for_and_none_is_refused() -> None:
    limit = ChannelLimit(
        channel=EVERY_OTHER,
        items_per_s=10,
        items_at_once=20,
        asks_per_s=1,
        asks_at_once=1,
        body_bytes=1000,
        items_per_body=20,
    )
    shelf, now, pauses = Shelf(), [100.0], list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    letters = [letter(b"[" + b",".join([b"{}"] * 15) + b"]") for _ in range(4)]
    box(shelf, Turnstile({EVERY_OTHER: limit}), seconds=lambda: now[0], pause=pause).take(letters, "test")

    assert (shelf.calls, len(shelf.taken), [one.refusal for one in letters]) == (3, 60, [""] * 4)
    assert sum(pauses) == pytest.approx(4.0)
