"""Letters: what systems outside send is handled as events are, and lies nowhere in clear but where it came in."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import amqp
import msgspec
import pytest

from infra.messaging import dead_letters, topology
from infra.messaging.consumer import Consumer, Plan
from infra.messaging.dead_letters.letter import DIED
from infra.messaging.letters import Letter, LetterDelivery
from infra.messaging.retry import RetryPolicy
from infra.messaging.sealing import Seal
from infra.settings import Settings
from tests.messaging.bakery import Counter, Loaf
from tests.messaging.conftest import Serve, running, wait_until

NORTH, SOUTH = "bakery.orders.north", "bakery.orders.south"
WORDS = "绝密标记QX7"
SEAL = Seal("a master key")


def order(name: str, fate: str = "", *, password: str = "bread of north", **properties: str) -> amqp.Message:
    body = json.dumps({"name": name, "fate": fate, "words": WORDS}, ensure_ascii=False).encode()
    headers = {"password": password, "who": WORDS}
    return amqp.Message(body, application_headers=headers, content_type="application/json", **properties)


def send(connection: amqp.Connection, *letters: amqp.Message, address: str = "north") -> None:
    with connection.channel() as channel:
        channel.confirm_select()
        for one in letters:
            channel.basic_publish_confirm(one, "orders", address, mandatory=True)


def loaves() -> set[str]:
    return {loaf.name for loaf in Loaf.objects.only("name")}


@pytest.fixture
def queues(settings: Settings) -> None:
    topology.declare_all(settings.amqp_url, [Counter], settings.retry_delays)


@contextmanager
def hearing(settings: Settings, handle: Callable[[list[Letter]], None]) -> Iterator[None]:
    """A consumer of the north gate in this process, with a seal, that calls `handle`."""

    def call(letters: Sequence[Any], report: Callable[[BaseException | None], None]) -> None:
        try:
            handle(list(letters))
        except Exception as error:
            report(error)
        else:
            report(None)

    def delivery(message: amqp.Message, queue: str) -> LetterDelivery:
        return LetterDelivery.of("north", "orders.answers.north", SEAL, message, queue)

    (queue,) = [one for one in topology.queues_of(Counter, settings.retry_delays) if one.name == NORTH]
    plan = Plan("counter.on_orders", queue, {}, RetryPolicy(), batch=10, seal=SEAL, delivery=delivery)
    consumer = Consumer(settings.amqp_url, plan, call)
    with running(threading.Thread(target=consumer.run)):
        try:
            yield
        finally:
            consumer.stop()


def test_what_is_authentic_is_taken_and_answered_and_what_is_not_rests_with_its_reason(
    serve: Serve, queues: None, connection: amqp.Connection
) -> None:
    serve("Counter")
    answers = connection.channel()
    own = answers.queue_declare("", exclusive=True).queue

    send(connection, order("s1", reply_to=own, correlation_id="7"), order("s2", password="bread of south"))
    send(connection, order("s3", password="bread of south"), address="south")
    send(connection, order("s4", reply_to=NORTH), order("s5"))  # an answer goes into no queue of ours

    wait_until(lambda: loaves() == {"s1", "s3", "s4", "s5"})
    wait_until(lambda: dead_letters.count(connection, NORTH) == 1)
    (letter,) = dead_letters.read(connection, NORTH)
    assert (letter.reason, letter.handler) == ("not authentic: the password is wrong", "bakery.on_orders")
    assert (letter.queue, letter.unread, letter.body) == (NORTH, True, "")
    answer = answers.basic_get(own, no_ack=True)
    assert json.loads(answer.body) == {"baked": "s1", "new": True}
    assert answer.properties["correlation_id"] == "7"


def test_a_letter_that_kills_the_process_is_handled_alone_and_then_rests(
    serve: Serve, queues: None, connection: amqp.Connection
) -> None:
    service = serve("Counter")
    send(connection, *(order(f"s{n}") for n in range(5)), order("bad", "kill"), *(order(f"t{n}") for n in range(5)))

    service.keep_alive_until(lambda: dead_letters.count(connection, NORTH) == 1 and len(loaves()) == 10)

    assert service.deaths >= 3
    (letter,) = dead_letters.read(connection, NORTH)
    assert (letter.reason, letter.unread, letter.body) == (DIED, True, "")


def test_whatever_is_sent_on_is_sealed_and_comes_back_as_it_was(
    settings: Settings, queues: None, connection: amqp.Connection
) -> None:
    failing, heard = True, list[tuple[bytes, str, dict[str, str]]]()

    def handle(letters: list[Letter]) -> None:
        heard.extend((one.body, one.content_type, one.headers) for one in letters)
        if failing:
            raise ValueError(f"cannot read {letters[0].body!r}")

    sent = order("s1", message_id=f"of {WORDS}", reply_to="amq.gen-mine", correlation_id=WORDS)
    with hearing(settings, handle):
        send(connection, sent)
        wait_until(lambda: dead_letters.count(connection, NORTH) == 1)
        (letter,) = dead_letters.read(connection, NORTH)
        assert (letter.attempts, letter.unread) == (3, True)
        assert WORDS not in msgspec.json.encode(letter).decode()
        assert in_clear(connection) == []
        wait_until(lambda: dead_letters.count(connection, NORTH) == 1)  # what was read goes back in its own time
        found = dead_letters.raw(connection, NORTH, letter.id, SEAL)
        assert found is not None
        assert found[1] is not None
        assert (found[1].body, found[1].reply_to, found[1].correlation_id) == (sent.body, "amq.gen-mine", WORDS)
        failing = False
        assert dead_letters.redeliver(connection, NORTH, seal=SEAL) == 1
        wait_until(lambda: len(heard) == 4)
    assert set(map(str, heard)) == {str((sent.body, "application/json", {"password": "bread of north", "who": WORDS}))}


def test_a_stranger_who_claims_to_be_sealed_or_to_have_failed_is_not_believed(
    settings: Settings, queues: None, connection: amqp.Connection
) -> None:
    heard = list[Letter]()
    claims = {"wenming_attempts": -5, "x-delivery-count": 9, "moment": 1.5}
    with hearing(settings, heard.extend):
        send(connection, amqp.Message(WORDS.encode(), content_type="application/vnd.wenming.sealed"))
        send(connection, amqp.Message(b"?", application_headers=claims))
        wait_until(lambda: len(heard) == 1)
        wait_until(lambda: dead_letters.count(connection, NORTH) == 1)
    (letter,) = dead_letters.read(connection, NORTH)
    assert letter.reason == "not understood: it is sealed, and does not open"
    assert in_clear(connection) == []


def test_an_outage_does_not_count(settings: Settings, queues: None, connection: amqp.Connection) -> None:
    calls = list[int]()

    def handle(letters: list[Letter]) -> None:
        calls.append(len(letters))
        if len(calls) < 6:
            raise ConnectionError("the database is away")

    with hearing(settings, handle):
        send(connection, order("s1"))
        wait_until(lambda: len(calls) == 6)
    assert dead_letters.count(connection, NORTH) == 0


def in_clear(connection: amqp.Connection) -> list[str]:
    """The dead letters of the north gate in whose body or headers the words can be read."""
    channel, found = connection.channel(), []
    channel.auto_decode = False
    while (message := channel.basic_get(NORTH + ".dead")) is not None:
        everything = repr(message.properties) + repr(message.headers) + bytes(message.body).decode("utf-8", "replace")
        if WORDS in everything or WORDS.encode("utf-8").hex() in everything:
            found.append(everything)
    channel.close()  # all of them go back
    return found
