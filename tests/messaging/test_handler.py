"""What happens to an event after it was published."""

import re

import amqp
import msgspec
import pytest

from infra.messaging import dead_letters, topology
from infra.messaging.dead_letters.letter import DIED
from infra.messaging.handler import handles
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.relay import Relay
from infra.messaging.store import Store
from infra.settings import Settings
from tests.messaging.bakery import Bakery, Loaf, Sack, SackFilled, SackWeighed
from tests.messaging.conftest import DEADLINE, Host, Serve, wait_until

QUEUE = "bakery.sack_filled"


@pytest.fixture
def store(settings: Settings, relay: Relay) -> Store:
    topology.declare_all(settings.amqp_url, [Bakery], settings.retry_delays)
    return Store(relay, service="mill")


def loaves() -> set[str]:
    return {loaf.name for loaf in Loaf.objects.only("name")}


def depth(connection: amqp.Connection, queue: str) -> int:
    with connection.channel() as channel:
        return channel.queue_declare(queue, passive=True).message_count


def test_every_event_reaches_its_handler_and_leaves_its_outbox(serve: Serve, store: Store) -> None:
    service = serve("Bakery")
    store.insert_many([Sack.filled(f"s{n}", 2) for n in range(100)])
    wait_until(lambda: Loaf.objects.count() == 100)
    wait_until(lambda: Sack.objects(outbox_since__exists=True).count() == 0)
    assert Sack.objects(pk="s7").get().outbox == []
    assert service.stop() == 0


def test_an_event_whose_handler_raises_is_handled_later(serve: Serve, store: Store) -> None:
    serve("Bakery")
    store.insert(Sack.filled("s1", 2, "fail once"))
    wait_until(lambda: loaves() == {"s1"})


def test_an_event_that_keeps_failing_rests_in_the_dead_letters_and_can_be_sent_again(
    serve: Serve, store: Store, connection: amqp.Connection
) -> None:
    serve("Bakery")
    store.insert(Sack.filled("s1", 2, "fail"))
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1)
    (letter,) = dead_letters.read(connection, QUEUE)
    assert letter == dead_letters.DeadLetter(
        id="mill/sack/s1#1",
        type="sack_filled",
        subject="sack/s1",
        queue=QUEUE,
        reason=letter.reason,
        attempts=3,
        handler="bakery.on_sack",
        first_failed_at=letter.first_failed_at,
        last_failed_at=letter.last_failed_at,
        body='{"sack":"s1","kilograms":2,"fate":"fail"}',
    )
    assert re.fullmatch(r"ValueError at tests/messaging/bakery.py:\d+ in loaf_of", letter.reason)
    assert letter.first_failed_at < letter.last_failed_at
    assert dead_letters.redeliver(connection, QUEUE, ["mill/sack/s1#1"]) == 1
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1)
    (again,) = dead_letters.read(connection, QUEUE)
    assert (again.id, again.attempts) == ("mill/sack/s1#1", 3)
    assert again.first_failed_at > letter.last_failed_at


def test_an_event_that_no_repetition_can_help_is_given_up_at_once(
    serve: Serve, store: Store, connection: amqp.Connection
) -> None:
    serve("Bakery")
    store.insert(Sack.filled("s1", 2, "final"))
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1)
    (letter,) = dead_letters.read(connection, QUEUE)
    assert (letter.reason, letter.attempts) == ("FinalError: spoilt", 1)


def test_a_reason_that_is_too_long_for_a_header_is_cut(serve: Serve, store: Store, connection: amqp.Connection) -> None:
    serve("Bakery")
    store.insert(Sack.filled("s1", 2, "fail loudly"))
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1)
    (letter,) = dead_letters.read(connection, QUEUE)
    assert len(letter.reason) == 2000


def test_dead_letters_can_be_thrown_away_one_by_one(serve: Serve, store: Store, connection: amqp.Connection) -> None:
    serve("Bakery")
    store.insert_many([Sack.filled(name, 2, "final") for name in ("s1", "s2", "s3")])
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 3)
    assert dead_letters.discard(connection, QUEUE, ["mill/sack/s2#1", "mill/sack/s9#1"], reason="mouldy") == 1
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 2)
    assert {letter.subject for letter in dead_letters.read(connection, QUEUE)} == {"sack/s1", "sack/s3"}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda parcel: {"body": b"{"}, "not understood: sack_filled: Input data was truncated"),
        (
            lambda parcel: {"body": b'{"sack":"s1"}'},
            "not understood: sack_filled: Object missing required field `kilograms`",
        ),
        (
            lambda parcel: {"headers": parcel.headers | {"cloudEvents_dataversion": 9}},
            "not understood: sack_filled version 9 is not known here",
        ),
        (
            lambda parcel: {"headers": {"colour": "green"}},
            "not understood: attributes: Object missing required field `id`",
        ),
    ],
    ids=["no JSON", "a field is missing", "unknown version", "no event at all"],
)
def test_a_message_that_cannot_be_understood_goes_to_the_dead_letters_with_its_reason(
    serve: Serve, store: Store, connection: amqp.Connection, spoil: object, reason: str
) -> None:
    serve("Bakery")
    envelope = Sack.filled("s1", 2).outbox[0]
    good = Parcel(envelope.id, "", QUEUE, envelope.headers(), envelope.data)
    bad = msgspec.structs.replace(good, **spoil(good))  # type: ignore[operator]
    assert Publisher(connection).publish([bad]) == {}
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1)
    (letter,) = dead_letters.read(connection, QUEUE)
    assert (letter.reason, letter.attempts, letter.body, letter.unread) == (reason, 0, "", True)


def test_an_event_that_kills_the_process_becomes_one_dead_letter_and_its_neighbours_are_handled(
    serve: Serve, store: Store, connection: amqp.Connection
) -> None:
    sacks = [Sack.filled(f"s{n}", 2, "kill" if n == 20 else "") for n in range(50)]
    store.insert_many(sacks)
    wait_until(lambda: depth(connection, QUEUE) == 50)
    service = serve("Bakery")
    service.keep_alive_until(lambda: service.deaths >= 6 and dead_letters.count(connection, QUEUE) == 1)
    service.keep_alive_until(lambda: loaves() == {f"s{n}" for n in range(50) if n != 20})
    assert service.deaths == 6
    (letter,) = dead_letters.read(connection, QUEUE)
    assert (letter.id, letter.reason) == ("mill/sack/s20#1", DIED)
    assert service.wait_ready().stop() == 0


def test_a_bad_event_in_a_batch_fails_alone(serve: Serve, store: Store, connection: amqp.Connection) -> None:
    store.insert_many([Sack.filled(f"s{n}", 2, "final" if n == 13 else "") for n in range(60)])
    wait_until(lambda: depth(connection, QUEUE) == 60)
    serve("BatchBakery")
    wait_until(lambda: loaves() == {f"s{n}" for n in range(60) if n != 13})
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1)
    (letter,) = dead_letters.read(connection, QUEUE)
    assert (letter.id, letter.handler) == ("mill/sack/s13#1", "bakery.on_sacks")


def test_a_consumer_whose_connection_is_closed_goes_on(serve: Serve, store: Store, host: Host) -> None:
    serve("Bakery")
    store.insert(Sack.filled("s1", 2))
    wait_until(lambda: loaves() == {"s1"})
    wait_until(lambda: host.close_connections(QUEUE) == 1)
    store.insert(Sack.filled("s2", 2))
    wait_until(lambda: loaves() == {"s1", "s2"})


def test_a_service_that_is_stopped_leaves_what_it_has_not_begun_in_the_queue(
    serve: Serve, store: Store, connection: amqp.Connection
) -> None:
    service = serve("Bakery")
    store.insert_many([Sack.filled(f"s{n}", 2) for n in range(200)])
    wait_until(loaves)
    assert service.stop() == 0
    wait_until(lambda: depth(connection, QUEUE) + Loaf.objects.count() == 200)  # what was in hand comes back by and by
    serve("Bakery")
    wait_until(lambda: Loaf.objects.count() == 200)


def test_a_queue_that_exists_with_other_arguments_ends_the_service_with_an_error(
    serve: Serve, connection: amqp.Connection
) -> None:
    connection.channel().queue_declare(QUEUE, durable=True, auto_delete=False)
    assert serve("Bakery").popen.wait(DEADLINE) == 1


def test_a_handler_of_several_types_must_name_its_queue() -> None:
    with pytest.raises(ValueError, match="needs a name for its queue"):
        handles(SackFilled, SackWeighed)


def test_two_handlers_cannot_share_a_queue() -> None:
    class Confused:
        name = "confused"

        @handles(SackFilled, queue="sacks")
        def on_filled(self, received: object) -> None: ...

        @handles(SackWeighed, queue="sacks")
        def on_weighed(self, received: object) -> None: ...

    with pytest.raises(ValueError, match=r"two handlers consume confused\.sacks"):
        topology.queues_of(Confused)
