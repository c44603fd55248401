"""Whatever comes into a handler's queue: its consumer lives, and the message rests in the dead letters, sealed."""

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from json import dumps
from typing import Any

import amqp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.contract import events_of
from infra.local.programs import SERVICES
from infra.messaging import dead_letters, topology
from infra.messaging.consumer import Consumer, Plan
from infra.messaging.delivery import Delivery
from infra.messaging.event import ATTRIBUTES, Envelope, Event, Received, Undecodable, unseal
from infra.messaging.retry import RetryPolicy
from infra.messaging.sealing import Seal
from infra.messaging.topology import handlers_of, load
from infra.messaging.unread import opened, unread_letter
from infra.settings import Settings
from tests.contracts.samples import sample
from tests.messaging.bakery import SackFilled, SackWeighed
from tests.messaging.conftest import Host, settings_of, wait_until
from tests.messaging.hostile import MARK, Hostile, RawMessage, hostile, unreadable

SEAL = Seal("a master key")
EVENTS = [kind for service in SERVICES for kind in events_of(service)]
HANDLERS = {
    f"{service}.{handler.queue}": handler
    for service, path in SERVICES.items()
    for handler in handlers_of(load(path))
    if handler.events  # what comes from outside is another matter: test_letters.py
}
queues = pytest.mark.parametrize("queue", HANDLERS)


@pytest.fixture
def settings(host: Host) -> Settings:
    """Settings for tests that need no database."""
    return settings_of(host)


class Hearing:
    """A consumer of one handler's queue, as its service has it, whose handler only notes what it is given."""

    def __init__(self, settings: Settings, queue: str) -> None:
        handler = HANDLERS[queue]
        self.ids: list[str] = []
        self.plan = Plan(
            handler=queue,
            queue=handler.consumer_queue(queue.partition(".")[0], (100,)),
            kinds={kind.type(): kind for kind in handler.events},
            policy=RetryPolicy(),
            batch=handler.batch,
            prefetch=handler.prefetch,
            seal=SEAL,
        )
        self._consumer = Consumer(settings.amqp_url, self.plan, self._call)
        self.thread = threading.Thread(target=self._consumer.run)

    def _call(self, events: Sequence[Received[Event]], report: Callable[[BaseException | None], None]) -> None:
        self.ids += [one.envelope.id for one in events]
        report(None)

    def __enter__(self) -> "Hearing":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.stop()
        self.thread.join(20)


def good(queue: str) -> Envelope:
    """The sample of an event that this queue hears."""
    kind = HANDLERS[queue].events[0]
    headers, _ = sample(f"{kind.source}.{kind.type()}")
    return Envelope.from_message(headers, _body(f"{kind.source}.{kind.type()}"))


def _body(name: str) -> bytes:

    return dumps(sample(name)[1], ensure_ascii=False).encode()


def put(connection: amqp.Connection, queue: str, message: amqp.Message) -> None:
    """Into the queue, as it is."""
    channel = connection.channel()
    channel.confirm_select()
    channel.basic_publish_confirm(message, "", queue)
    channel.close()


@queues
def test_whatever_comes_rests_sealed_in_the_dead_letters_and_the_consumer_lives(
    settings: Settings, connection: amqp.Connection, queue: str
) -> None:
    event = good(queue)
    bad: list[Hostile] = list(hostile(event))
    with Hearing(settings, queue) as hearing:
        topology.declare(connection.channel(), hearing.plan.queue)
        for one in bad:
            put(connection, queue, amqp.Message(one.body, delivery_mode=2, **one.properties))
        for _, raw in unreadable():
            put(connection, queue, RawMessage(MARK.encode(), raw))
        wanted = len(bad) + len(list(unreadable()))
        put(connection, queue, amqp.Message(event.data, application_headers=event.headers(), delivery_mode=2))
        wait_until(lambda: hearing.ids == [event.id])
        wait_until(lambda: dead_letters.count(connection, queue) == wanted)
        assert hearing.thread.is_alive()
    letters = dead_letters.read(connection, queue)
    assert [one.reason for one in letters if not one.reason.startswith("not understood: ")] == []
    assert {one.unread for one in letters} == {True}
    assert {one.handler for one in letters} == {queue}
    assert in_clear(connection, queue) == []


@queues
def test_what_was_sealed_is_what_came(settings: Settings, connection: amqp.Connection, queue: str) -> None:
    body = f"来电人{MARK}".encode() + b"\xff"
    with Hearing(settings, queue) as hearing:
        topology.declare(connection.channel(), hearing.plan.queue)
        put(connection, queue, amqp.Message(body, content_type="text/plain", application_headers={"colour": MARK}))
        wait_until(lambda: dead_letters.count(connection, queue) == 1)
    (letter,) = dead_letters.read(connection, queue)
    found = dead_letters.raw(connection, queue, letter.id, SEAL)
    assert found is not None
    assert found[1] is not None
    assert (found[1].body, found[1].headers, found[1].content_type) == (body, {"colour": MARK}, "text/plain")


def in_clear(connection: amqp.Connection, queue: str) -> list[str]:
    """The letters in which the mark can be read, in any of its headers or its body, in clear or in base64."""
    channel, found = connection.channel(), []
    channel.auto_decode = False
    while (message := channel.basic_get(queue + ".dead")) is not None:
        everything = bytes(message.body) + repr(message.properties).encode()
        if any(form in everything for form in forms(MARK)):
            found.append(str(message.headers.get("wenming_reason")))
    channel.close()
    return found


def forms(mark: str) -> Iterator[bytes]:
    """The mark as it may be hidden."""
    yield mark.encode()
    yield mark.encode("utf-16-le")
    yield mark.encode("unicode_escape")
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + mark.encode())[4 if shift else 0 : -4]


# --- the decoder ------------------------------------------------------------------------------------------------------

KINDS = {kind.type(): kind for kind in EVENTS} | {kind.type(): kind for kind in (SackFilled, SackWeighed)}
FEW = 8  # values in a nested one: a decoder that stands these stands more, and they are drawn quickly
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    PLAIN | st.datetimes(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=FEW
)
NAMES = st.sampled_from(sorted(ATTRIBUTES)) | st.text() | st.binary()
HEADERS = st.dictionaries(NAMES, VALUES, max_size=FEW)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["case", "task", "sack"]) | st.text(), inner),
    max_leaves=FEW,
)


@given(HEADERS, st.binary())
def test_no_headers_and_no_body_make_the_decoder_fail_otherwise_than_it_says(headers: dict, body: bytes) -> None:
    decoded(headers, body)


@given(st.sampled_from(EVENTS), HEADERS, st.binary() | JSON.map(lambda json: _encoded(json)))
def test_an_event_that_was_damaged_anywhere_decodes_or_is_said_not_to(
    kind: type[Event], changes: dict, body: bytes
) -> None:
    headers, _ = sample(f"{kind.source}.{kind.type()}")
    decoded(headers | changes, body)
    decoded(headers, body)


@given(HEADERS, st.binary(), st.text(), st.text())
def test_any_message_can_be_sealed_and_opened_again(
    headers: dict, body: bytes, content_type: str, message_id: str
) -> None:
    message = amqp.Message(body, application_headers=headers, content_type=content_type, message_id=message_id)
    message.delivery_info = {"delivery_tag": 1}
    parcel = unread_letter(Delivery(message, "q"), "why", "handler", "q", KINDS, SEAL)
    contents = opened(parcel.content_type, parcel.body, SEAL)
    assert contents.body == body
    assert set(parcel.headers) - ATTRIBUTES == {
        f"wenming_{mark}" for mark in ("reason", "handler", "queue", "attempts", "first_failed_at", "last_failed_at")
    }
    parcel.message()._serialize_properties()


@given(st.text(), st.text(), st.text())
def test_the_reason_says_nothing_of_the_content(status: str, unit: str, receipt: str) -> None:
    body = {"report_id": status + MARK, "receipt": receipt, "channel": unit + MARK, "revision": MARK}
    headers, _ = sample("complaints.report_received")
    with pytest.raises(Undecodable) as raised:
        decoded_or_raise(headers, _encoded(body))
    assert MARK not in str(raised.value)


def decoded(headers: dict, body: bytes) -> None:
    """Decode; the one exception that may be raised is Undecodable."""
    try:
        decoded_or_raise(headers, body)
    except Undecodable as error:
        assert str(error) != ""  # noqa: PT017


def decoded_or_raise(headers: dict, body: bytes) -> Received[Any]:
    """What the consumer does with a message."""
    return unseal(Envelope.from_message(headers, body), KINDS)


def _encoded(json: object) -> bytes:

    return dumps(json).encode("utf-8", "surrogatepass")
