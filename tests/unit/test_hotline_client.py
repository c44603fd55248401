"""The client that hotlines copy: how it divides items into letters."""

import json

from infra.hotline_client.client import BATCH, LARGEST, _body, _letters

MOST = 5 * 1024 * 1024  # bytes: what the city takes


def test_a_letter_holds_a_batch_of_items_in_their_order() -> None:
    letters = list(_letters(({"n": n} for n in range(BATCH + 1)), BATCH))

    assert [len(one) for one in letters] == [BATCH, 1]
    assert [item["n"] for one in letters for item in one] == list(range(BATCH + 1))
    assert list(_letters([], BATCH)) == []


def test_no_letter_is_larger_than_the_city_takes() -> None:
    items = [{"诉求内容": "长" * 42_000, "n": n} for n in range(BATCH)]  # 126 KB each

    letters = list(_letters(items, BATCH))

    assert [len(one) for one in letters] == [33, 33, 33, 1]
    assert max(len(_body(one)) for one in letters) < LARGEST + 1024 < MOST
    assert [json.loads(_body(one)) for one in letters] == letters


def test_an_item_that_is_too_large_costs_its_neighbours_nothing() -> None:
    small, large = {"n": 1}, {"诉求内容": "x" * LARGEST}

    assert list(_letters([small, large, small], BATCH)) == [[small], [large], [small]]
