"""Events that gather between two calls of a handler that may lag a little."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

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
from tests.messaging.conftest import DEADLINE, wait_until

PACE = 1.0  # seconds
FOR_EVER = 10 * DEADLINE


@pytest.fixture
def calls(
    request: pytest.FixtureRequest, settings: Settings, connection: amqp.Connection
) -> Iterator[list[tuple[float, int]]]:
    """When a consumer of filled sacks with the pace `request.param` was called, and with how many."""
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
        pace=request.param,
    )
    declare(connection.channel(), plan.queue)
    consumer = Consumer(settings.amqp_url, plan, call)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    yield found
    consumer.stop()
    thread.join()


@pytest.mark.parametrize("calls", [PACE], indirect=True)
def test_events_gather_until_the_pace_allows_the_next_call(calls: list[tuple[float, int]], relay: Relay) -> None:
    store = Store(relay)
    store.insert(Sack.filled("s0", 1))
    wait_until(lambda: calls)
    store.insert_many([Sack.filled(f"s{number}", 1) for number in range(1, 5)])
    wait_until(lambda: sum(size for _, size in calls) == 5)
    assert len(calls) <= 3  # the pace may have allowed a call while the four arrived
    assert all(later - earlier >= PACE - 0.01 for (earlier, _), (later, _) in pairwise(calls))


@pytest.mark.parametrize("calls", [FOR_EVER], indirect=True)
def test_what_comes_after_a_quiet_time_and_a_whole_batch_do_not_wait(
    calls: list[tuple[float, int]], relay: Relay
) -> None:
    store = Store(relay)
    store.insert(Sack.filled("first", 1))
    wait_until(lambda: calls)
    store.insert_many([Sack.filled(f"s{number}", 1) for number in range(100)])
    wait_until(lambda: [size for _, size in calls] == [1, 100])
