"""Events that gather between two calls of a handler that may lag a little."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import amqp
import pytest

from infra.messaging.consumer import Consumer, Plan
from infra.messaging.event import Event, Received
from infra.messaging.relay import Relay
from infra.messaging.retry import RetryPolicy
from infra.messaging.store import Store
from infra.messaging.topology import ConsumerQueue, declare
from infra.settings import Settings
from tests.messaging.bakery import Sack, SackFilled
from tests.messaging.conftest import wait_until

PACE = 4.0  # seconds: longer than a busy machine needs for a hundred events


@pytest.fixture
def calls(settings: Settings, connection: amqp.Connection) -> Iterator[list[tuple[float, int]]]:
    """When a paced consumer of filled sacks was called, and with how many."""
    found: list[tuple[float, int]] = []

    def call(events: Sequence[Received[Event]], report: Callable[[BaseException | None], None]) -> None:
        found.append((time.monotonic(), len(events)))
        report(None)

    plan = Plan(
        handler="bakery.on_sacks",
        queue=ConsumerQueue("bakery.paced", (("mill", "sack_filled"),), (100,)),
        kinds={SackFilled.type(): SackFilled},
        policy=RetryPolicy(),
        batch=100,
        pace=PACE,
    )
    declare(connection.channel(), plan.queue)
    consumer = Consumer(settings.amqp_url, plan, call)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    yield found
    consumer.stop()
    thread.join()


def test_events_gather_until_the_pace_allows_the_next_call(calls: list[tuple[float, int]], relay: Relay) -> None:
    store = Store(relay)
    begun = time.monotonic()
    for number in range(1, 6):
        store.insert(Sack.filled(f"s{number}", 1))
        wait_until(lambda: calls)
    wait_until(lambda: sum(size for _, size in calls) == 5)
    assert [size for _, size in calls] == [1, 4]
    assert calls[0][0] - begun < PACE
    assert calls[1][0] - calls[0][0] >= PACE - 0.01


def test_a_whole_batch_does_not_wait(calls: list[tuple[float, int]], relay: Relay) -> None:
    store = Store(relay)
    store.insert(Sack.filled("first", 1))
    wait_until(lambda: calls)
    store.insert_many([Sack.filled(f"s{number}", 1) for number in range(100)])
    wait_until(lambda: sum(size for _, size in calls) == 101)
    assert calls[1][0] - calls[0][0] < PACE
