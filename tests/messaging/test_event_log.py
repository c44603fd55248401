"""Every event that leaves an outbox stands in the event log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import amqp
import msgspec
import pytest

from infra.messaging import broker, event_log, stream
from infra.messaging.event import Envelope
from infra.messaging.event_log import Logged
from infra.messaging.publisher import Publisher
from infra.messaging.relay import Relay
from infra.messaging.store import Store
from infra.settings import Settings
from tests.messaging.bakery import Sack
from tests.messaging.conftest import Listener, Wire, wait_until


@pytest.fixture
def store(sweeping_relay: Relay) -> Store:
    """The mill's store."""
    return Store(sweeping_relay, service="mill")


@pytest.fixture
def append(connection: amqp.Connection) -> Callable[..., None]:
    """Writes envelopes straight into the log, each call a bundle."""
    event_log.declare(connection)
    publisher = Publisher(connection)

    def write(*envelopes: Envelope) -> None:
        assert publisher.publish([bundle.parcel for bundle in event_log.bundles(envelopes)]) == {}

    return write


def logged(connection: amqp.Connection, **options: object) -> list[Logged]:
    """What the log holds, read to its end."""
    return list(event_log.read(connection, **options))  # type: ignore[arg-type]


def ids(entries: list[Logged]) -> list[str]:
    """The ids of the events."""
    return [one.entry.id for one in entries]


def envelope(number: int) -> Envelope:
    """An event of sack `s<number>`."""
    return Sack.filled(f"s{number}", number).outbox[0]


def test_the_log_holds_every_event_that_was_published_as_it_was_published(
    store: Store, connection: amqp.Connection, mill_events: Listener
) -> None:
    sacks = [Sack.filled(f"s{n}", n) for n in range(700)]
    told = {sack.outbox[0].id: sack.outbox[0] for sack in sacks}
    store.insert_many(sacks)
    wait_until(lambda: set(mill_events.heard()) == set(told))
    wait_until(lambda: Sack.objects(outbox_since__exists=True).count() == 0)
    found = {one.entry.id: one.entry.envelope() for one in logged(connection)}
    assert found == told


def test_an_event_stays_in_its_outbox_until_the_log_has_it(
    store: Store, sweeping_relay: Relay, connection: amqp.Connection, mill_events: Listener
) -> None:
    relay = sweeping_relay
    store.insert(Sack.filled("s1", 1))
    wait_until(lambda: Sack.objects(outbox_since__exists=True).count() == 0)
    with connection.channel() as channel:
        channel.queue_unbind(event_log.LOG, event_log.LOG)
    store.insert(Sack.filled("s2", 2))
    wait_until(lambda: relay.figures.held == {"sack_filled": event_log.REFUSED})
    wait_until(lambda: [one.name for one in Sack.objects(outbox_since__exists=True)] == ["s2"])
    with connection.channel() as channel:
        channel.queue_bind(event_log.LOG, event_log.LOG)
    wait_until(lambda: Sack.objects(outbox_since__exists=True).count() == 0)
    assert list(dict.fromkeys(ids(logged(connection)))) == ["mill/sack/s1#1", "mill/sack/s2#1"]
    assert set(mill_events.heard()) == {"mill/sack/s1#1", "mill/sack/s2#1"}


def test_that_nobody_hears_an_event_is_noticed_although_the_log_takes_it(
    store: Store, sweeping_relay: Relay, connection: amqp.Connection
) -> None:
    store.insert(Sack.filled("s1", 1))
    wait_until(lambda: sweeping_relay.figures.held == {"sack_filled": "no queue is bound"})
    assert Sack.objects(outbox_since__exists=True).count() == 1


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is empty, and stays so, is found empty soon."""
    monkeypatch.setattr(stream, "FIRST_WORD", 0.2)


def test_an_empty_log_has_no_end(connection: amqp.Connection, hurried: None) -> None:
    event_log.declare(connection)
    assert event_log.end(connection) is None
    assert logged(connection) == []


def test_the_log_can_be_read_from_an_offset(connection: amqp.Connection, append: Callable[..., None]) -> None:
    for number in range(250):
        append(envelope(number))
    assert event_log.end(connection) == 249
    assert ids(logged(connection, offset=248)) == ["mill/sack/s248#1", "mill/sack/s249#1"]
    assert ids(logged(connection, offset=250)) == []
    assert len(logged(connection)) == 250


def test_a_log_that_comes_slowly_is_read_to_its_end(connection: amqp.Connection, wire: Wire) -> None:
    event_log.declare(connection)
    words = b'{"x":"' + b"y" * Wire.PIECE + b'"}'
    told = [event_log.bundles([msgspec.structs.replace(envelope(n), data=words)])[0].parcel for n in range(4)]
    numbered = [msgspec.structs.replace(one, key=f"event-log/{n}") for n, one in enumerate(told)]
    assert Publisher(connection).publish(numbered) == {}
    slow = broker.open_connection(wire.url, "slow")
    wire.hesitation = 0.35
    assert event_log.end(slow) == 3
    wire.hesitation = 0.0
    broker.close(slow)


def test_the_log_can_be_read_since_a_moment(connection: amqp.Connection, append: Callable[..., None]) -> None:
    append(envelope(1), envelope(2))
    append(envelope(3))
    first, second, third = logged(connection)
    assert first.at == second.at <= third.at
    assert ids(logged(connection, since=third.at + timedelta(milliseconds=1))) == []
    assert ids(logged(connection, since=first.at)) == ["mill/sack/s1#1", "mill/sack/s2#1", "mill/sack/s3#1"]
    assert ids(logged(connection, since=datetime(2020, 1, 1, tzinfo=UTC))) == ids([first, second, third])
    assert ids(logged(connection, since=datetime.now(UTC) + timedelta(days=1))) == []


def test_a_follower_is_given_what_comes(connection: amqp.Connection, settings: Settings) -> None:
    event_log.declare(connection)
    coming = event_log.read(connection, offset=0, follow=True)
    Publisher(connection).publish([event_log.bundles([envelope(1), envelope(2)])[0].parcel])
    assert [next(coming).entry.id, next(coming).entry.id] == ["mill/sack/s1#1", "mill/sack/s2#1"]
    coming.close()  # type: ignore[attr-defined]


def test_a_large_batch_becomes_several_bundles_and_none_is_lost() -> None:
    large = [msgspec.structs.replace(envelope(n), data=b'{"x":"' + b"y" * 300_000 + b'"}') for n in range(5)]
    made = event_log.bundles(large)
    assert [bundle.ids for bundle in made] == [ids_of(large[:2]), ids_of(large[2:4]), ids_of(large[4:])]
    assert event_log.bundles([]) == []


def test_a_refused_bundle_refuses_its_events() -> None:
    (bundle,) = event_log.bundles([envelope(1), envelope(2)])
    refused = {bundle.parcel.key: "the broker did not take it", "other": "no queue is bound"}
    assert event_log.refusals([bundle], refused) == {
        "mill/sack/s1#1": event_log.REFUSED,
        "mill/sack/s2#1": event_log.REFUSED,
        "other": "no queue is bound",
    }


def test_a_log_that_exists_keeps_its_retention(connection: amqp.Connection, hurried: None) -> None:
    event_log.declare(connection, event_log.Retention(bytes=1_000_000, age="1D"))
    event_log.declare(connection, event_log.Retention(bytes=2_000_000, age="2D"))
    assert event_log.end(connection) is None


def ids_of(envelopes: list[Envelope]) -> list[str]:
    """Their ids."""
    return [one.id for one in envelopes]
