"""The callbacks of one report: each once, told in order, given up visibly, sent again when asked."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.complaints.callbacks.line import Callback, CallbackLine
from services.complaints.callbacks.retry import GIVE_UP_AFTER
from services.complaints.contracts import CallbackNews, CallbackStatus
from tests.unit.case_samples import AT

MINUTE = timedelta(minutes=1)


def callback(n: int) -> Callback:
    """What happened `n` minutes after AT, in version n."""
    return Callback(
        id=f"CB-{n}",
        news=CallbackNews.DISPATCHED,
        case_id="c",
        version=n,
        at=AT + n * MINUTE,
        since=AT,
        due_at=AT,
    )


def line(*numbers: int) -> CallbackLine:
    found = CallbackLine(id="hotline_12345:1", channel="hotline_12345", external_id="1", receipt="HZ-1")
    for n in numbers:
        assert found.add(callback(n), AT)
    return found


def statuses(found: CallbackLine) -> list[tuple[str, str]]:
    return [(one.id, one.status.value) for one in found.callbacks]


@given(order=st.permutations(range(5)), again=st.lists(st.integers(0, 4)))
def test_in_whatever_order_they_become_known_each_is_there_once_in_order(order: list[int], again: list[int]) -> None:
    found = line(*order)

    assert [found.add(callback(n), AT) for n in again] == [False] * len(again)
    assert [one.id for one in found.callbacks] == ["CB-0", "CB-1", "CB-2", "CB-3", "CB-4"]
    assert found.next is not None
    assert found.next.id == "CB-0"


@given(order=st.permutations(range(4)), sent_first=st.integers(0, 4))
def test_a_later_one_that_was_told_is_never_followed_by_an_earlier_one(order: list[int], sent_first: int) -> None:
    found, told = line(), []

    for step, n in enumerate(order):
        found.add(callback(n), AT)
        if step >= sent_first and found.next is not None:
            told.append(found.next.version)
            found.taken(found.next.id, AT)

    assert told == sorted(told)
    assert all(status != "pending" for _, status in statuses(found)[: len(told)])


def test_what_becomes_known_too_late_is_superseded() -> None:
    found = line(2)
    found.taken("CB-2", AT)

    assert found.add(callback(1), AT)

    assert statuses(found) == [("CB-1", "superseded"), ("CB-2", "sent")]
    assert found.due_at is None


def test_one_that_waits_holds_up_the_later_ones() -> None:
    found = line(1, 2)
    found.put_off("CB-1", "HTTP 503", MINUTE, AT)

    assert found.next is not None
    assert (found.next.id, found.due_at, found.next.attempts) == ("CB-1", AT + MINUTE, 1)


def test_after_a_week_it_is_given_up_and_the_next_one_is_due() -> None:
    found = line(1, 2)
    found.put_off("CB-1", "HTTP 503", MINUTE, AT + GIVE_UP_AFTER)

    assert statuses(found) == [("CB-1", "failed"), ("CB-2", "pending")]
    assert found.callbacks[0].reason == "HTTP 503（已重试1次）"
    assert (found.failed, found.due_at) == ("yes", AT)


def test_what_failed_is_sent_again_with_all_its_time() -> None:
    found = line(1)
    found.refused("CB-1", "HTTP 410", AT)

    assert found.resend("CB-1", AT + GIVE_UP_AFTER)

    assert statuses(found) == [("CB-1", "pending")]
    assert (found.failed, found.due_at) == (None, AT + GIVE_UP_AFTER)
    found.put_off("CB-1", "HTTP 503", MINUTE, AT + GIVE_UP_AFTER)
    assert statuses(found) == [("CB-1", "pending")]


def test_what_was_sent_or_is_being_sent_is_not_sent_again() -> None:
    found = line(1, 2)
    found.taken("CB-1", AT)
    found.claim = "somebody"

    assert not found.resend("CB-1", AT)
    assert not found.resend("CB-2", AT)


def test_while_somebody_sends_what_is_added_leaves_the_lease_alone() -> None:
    found = line(1)
    found.claim, found.due_at = "somebody", AT + 90 * MINUTE

    found.add(callback(2), AT)

    assert found.due_at == AT + 90 * MINUTE
    found.taken("CB-1", AT)
    assert (found.claim, found.due_at) == (None, AT)


def test_the_states_are_those_of_the_contract() -> None:
    assert set(CallbackStatus) == {"pending", "sent", "failed", "superseded"}
