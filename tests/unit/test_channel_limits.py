"""Each channel may send so much and so fast; what is too much is refused with the seconds to wait."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.problem import TooLarge, TooMany
from infra.rate import Bucket, Rate
from services.complaints.channel_limits import ChannelLimit, Turnstile, read_limits

NARROW = ChannelLimit(
    channel="weibo", items_per_s=2, items_at_once=10, asks_per_s=1, asks_at_once=2, body_bytes=1000, items_per_body=5
)
WIDE = ChannelLimit(
    channel="*", items_per_s=100, items_at_once=100, asks_per_s=9, asks_at_once=9, body_bytes=9, items_per_body=9
)


def test_a_full_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    bucket = Bucket(Rate(2, 10))

    assert bucket.take(10, 100.0) == 0
    assert bucket.take(1, 100.0) == 0.5
    assert bucket.take(1, 100.5) == 0
    assert bucket.take(4, 101.5) == 1.0
    assert bucket.take(10, 110.0) == 0


def test_what_is_more_than_the_burst_never_passes_and_costs_nothing() -> None:
    bucket = Bucket(Rate(2, 10))

    assert bucket.take(11, 0.0) == 0.5
    assert bucket.take(10, 0.0) == 0


@given(st.lists(st.tuples(st.integers(1, 20), st.floats(0, 30)), min_size=1, max_size=40))
def test_never_does_more_pass_than_burst_and_rate_allow(asked: list[tuple[int, float]]) -> None:
    bucket, now, passed = Bucket(Rate(3, 25)), 0.0, 0
    for count, pause in asked:
        now += pause
        passed += count if bucket.take(count, now) == 0 else 0
        assert passed <= 25 + 3 * now + 1e-6


def test_items_count_and_not_requests_and_each_channel_counts_for_itself() -> None:
    turnstile = Turnstile({"weibo": NARROW, "*": WIDE})
    turnstile.let_items("weibo", 5, 0.0)
    turnstile.let_items("weibo", 5, 0.0)

    with pytest.raises(TooMany) as refusal:
        turnstile.let_items("weibo", 5, 0.0)

    assert (refusal.value.status, refusal.value.extra) == (429, {"retry_after": 3})
    assert refusal.value.detail_zh == "报送过快，请3秒后重发"
    turnstile.let_items("forum", 9, 0.0)
    turnstile.let_items("weibo", 5, 2.5)


@given(st.integers(1, 6), st.lists(st.tuples(st.integers(1, 5), st.floats(0, 3), st.integers(0, 5)), max_size=60))
def test_several_processes_let_in_together_what_the_table_says(
    processes: int, pushes: list[tuple[int, float, int]]
) -> None:
    turnstiles = [
        Turnstile({"*": msgspec.structs.replace(NARROW, items_at_once=30)}, processes) for _ in range(processes)
    ]
    now, passed = 0.0, 0
    for count, pause, which in pushes:
        now += pause
        if turnstiles[which % processes].wait_for_items("weibo", count, now) == 0:
            passed += count
        assert passed <= 30 + NARROW.items_per_s * now + 1e-6


def test_a_full_body_passes_however_many_processes_share_the_limit() -> None:
    share = NARROW.share(4)

    assert (share.items_per_s, share.items_at_once, share.asks_per_s, share.asks_at_once) == (0.5, 5, 0.25, 1)
    Turnstile({"*": NARROW}, 4).let_items("weibo", NARROW.items_per_body, 0.0)


def test_questions_have_a_limit_of_their_own() -> None:
    turnstile = Turnstile({"weibo": NARROW, "*": WIDE})
    turnstile.let_items("weibo", 5, 0.0)
    turnstile.let_ask("weibo", 0.0)
    turnstile.let_ask("weibo", 0.0)

    with pytest.raises(TooMany):
        turnstile.let_ask("weibo", 0.0)
    turnstile.let_ask("weibo", 1.0)


def test_more_items_than_a_body_may_hold_are_too_large_and_cost_nothing() -> None:
    turnstile = Turnstile({"weibo": NARROW, "*": WIDE})

    with pytest.raises(TooLarge):
        turnstile.let_items("weibo", 6, 0.0)
    turnstile.let_items("weibo", 5, 0.0)
    turnstile.let_items("weibo", 5, 0.0)


def test_the_limits_of_the_package_are_those_that_the_readme_names() -> None:
    limit = Turnstile(read_limits()).of("hotline_12345")

    assert (limit.items_per_s, limit.items_at_once, limit.body_bytes, limit.items_per_body) == (
        2000,
        20_000,
        5 * 1024 * 1024,
        1000,
    )


@pytest.mark.parametrize(
    "row",
    ["weibo,2,10,1,2,1000,5", "*,0,10,1,2,1000,5", "*,2,10,1,2,1000,11", "*,x,10,1,2,1000,5"],
    ids=["no row for the others", "nothing passes", "a full body never passes", "no number"],
)
def test_limits_that_cannot_be_meant_are_refused_at_the_start(tmp_path: Path, row: str) -> None:
    path = tmp_path / "limits.csv"
    path.write_text(f"channel,items_per_s,items_at_once,asks_per_s,asks_at_once,body_bytes,items_per_body\n{row}\n")

    with pytest.raises(ValueError, match=r"\w"):
        read_limits(path)
