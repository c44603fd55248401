"""What the operator can do about messages that were given up."""

import signal
import subprocess
import sys
from contextlib import closing

import amqp
import msgspec
import pytest

from infra.messaging import dead_letters, topology
from infra.messaging.dead_letters import DeadLetter, looking
from infra.messaging.delivery import PREFIX
from infra.messaging.event import Envelope
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.sealing import CannotOpen, Seal
from infra.messaging.unread import SEALED, Contents
from infra.settings import Settings
from tests.messaging.bakery import Bakery, Sack
from tests.messaging.conftest import DEADLINE, Host, settings_of, wait_until

QUEUE = "bakery.sack_filled"
SEAL = Seal("a master key")


@pytest.fixture
def settings(host: Host) -> Settings:
    """Settings for tests that need no database."""
    return settings_of(host)


@pytest.fixture
def broker_(connection: amqp.Connection) -> amqp.Connection:
    """A broker with the bakery's queues, and nobody who consumes them."""
    for queue in topology.queues_of(Bakery, (100,)):
        topology.declare(connection.channel(), queue)
    return connection


def envelope(number: int) -> Envelope:
    """The event of sack `s<number>`."""
    return Sack.filled(f"s{number}", number).outbox[0]


def give_up(connection: amqp.Connection, *numbers: int) -> None:
    """Put these sacks' events into the dead letters, as a consumer does."""
    marks = {"reason": "ValueError", "attempts": 3, "handler": "bakery.on_sack", "first_failed_at": "1", "queue": QUEUE}
    headers = {PREFIX + name: value for name, value in marks.items()}
    letters = [
        Parcel(one.id, "", QUEUE + ".dead", one.headers() | headers | _late(one.id), one.data)
        for one in map(envelope, numbers)
    ]
    assert Publisher(connection).publish(letters) == {}


def sealed(connection: amqp.Connection, contents: Contents, seal: Seal | None = SEAL) -> None:
    """Put a message that was no event into the dead letters."""
    packed = msgspec.msgpack.encode(contents)
    headers = {PREFIX + "reason": "not understood", PREFIX + "handler": "bakery.on_sack"}
    letter = Parcel("unread/1", "", QUEUE + ".dead", headers, seal.close(packed) if seal else packed, True, SEALED)
    assert Publisher(connection).publish([letter]) == {}


def subjects(connection: amqp.Connection, queue: str = QUEUE) -> list[str]:
    """The subjects of the dead letters, in their order."""
    return [letter.subject for letter in dead_letters.read(connection, queue)]


def taken(connection: amqp.Connection) -> list[amqp.Message]:
    """Everything that waits in the handler's queue."""
    channel, found = connection.channel(), []
    while (message := channel.basic_get(QUEUE, no_ack=True)) is not None:
        found.append(message)
    return found


def test_looking_at_six_hundred_letters_loses_none_and_keeps_their_order(broker_: amqp.Connection) -> None:
    give_up(broker_, *range(600))
    expected = [f"sack/s{number}" for number in range(600)]
    assert subjects(broker_) == expected
    assert [letter.subject for letter in dead_letters.read(broker_, QUEUE, limit=7)] == expected[:7]
    assert subjects(broker_) == expected
    assert dead_letters.count(broker_, QUEUE) == 600


def test_letters_are_taken_page_by_page_and_keep_their_order_where_nobody_reads_to_the_end(
    broker_: amqp.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "AT_ONCE", 20)
    give_up(broker_, *range(70))
    expected = [f"sack/s{number}" for number in range(70)]
    for _ in range(2):
        with closing(dead_letters.each(broker_, QUEUE)) as letters:
            assert next(letters).subject == "sack/s0"
            assert dead_letters.count(broker_, QUEUE) == 50
        assert [letter.subject for letter in dead_letters.each(broker_, QUEUE)] == expected


def test_some_of_many_are_redelivered_and_the_others_stay_in_their_order(broker_: amqp.Connection) -> None:
    give_up(broker_, *range(500))
    odd = {f"mill/sack/s{number}#1" for number in range(1, 500, 2)}
    assert dead_letters.redeliver(broker_, QUEUE, choice=lambda letter: letter.id in odd) == 250
    assert subjects(broker_) == [f"sack/s{number}" for number in range(0, 500, 2)]
    back = taken(broker_)
    assert [message.properties["message_id"] for message in back] == [f"mill/sack/s{n}#1" for n in range(1, 500, 2)]


def test_letters_are_settled_page_by_page_while_the_others_are_still_to_be_taken(
    broker_: amqp.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "AT_ONCE", 20)
    give_up(broker_, *range(50))
    others, back = [], []

    def choose(_: DeadLetter) -> bool:
        others.append(dead_letters.count(broker_, QUEUE))
        with broker_.channel() as channel:
            back.append(channel.queue_declare(QUEUE, passive=True).message_count)
        return True

    assert dead_letters.redeliver(broker_, QUEUE, choice=choose) == 50
    assert others == [30] * 20 + [10] * 20 + [0] * 10
    assert back == [0] * 20 + [20] * 20 + [40] * 10


@pytest.mark.parametrize(
    ("act", "moment", "copies"),
    [("redeliver", "publishing", 40), ("redeliver", "confirmed", 60), ("discard", "confirmed", 60)],
)
def test_who_is_killed_while_he_settles_loses_nothing(
    broker_: amqp.Connection, settings: Settings, act: str, moment: str, copies: int
) -> None:
    give_up(broker_, *range(70))
    ids = [f"mill/sack/s{number}#1" for number in range(70)]
    arguments = [sys.executable, "-m", "tests.messaging.dying_operator", settings.amqp_url, act, moment, QUEUE, *ids]
    assert subprocess.run(arguments, timeout=DEADLINE).returncode == -signal.SIGKILL
    wait_until(lambda: dead_letters.count(broker_, QUEUE) == 30)
    assert [letter.id for letter in dead_letters.read(broker_, QUEUE)] == ids[40:]
    back = [str(one.properties["message_id"]) for one in taken(broker_)]
    assert (back or [one.letter.id for one in dead_letters.discarded(broker_)]) == ids[:copies]
    assert dead_letters.redeliver(broker_, QUEUE) == 30


def test_a_redelivered_event_is_as_it_was_before_it_failed(broker_: amqp.Connection) -> None:
    give_up(broker_, 1)
    assert dead_letters.redeliver(broker_, QUEUE) == 1
    (message,) = taken(broker_)
    original = envelope(1)
    assert Envelope.from_message(message.headers, bytes(message.body)).id == original.id
    assert sorted(message.headers.keys() - {"x-delivery-count"}) == sorted(original.headers())
    assert dead_letters.count(broker_, QUEUE) == 0


def test_a_letter_that_the_broker_does_not_take_stays(broker_: amqp.Connection) -> None:
    give_up(broker_, 1, 2)
    with broker_.channel() as channel:
        channel.queue_delete(QUEUE)
    assert dead_letters.redeliver(broker_, QUEUE) == 0
    assert subjects(broker_) == ["sack/s1", "sack/s2"]


def test_a_discarded_letter_leaves_a_record_with_its_reason(broker_: amqp.Connection) -> None:
    give_up(broker_, 1, 2, 3)
    assert dead_letters.discard(broker_, QUEUE, ["mill/sack/s2#1"], reason="a trial", by="operator") == 1
    assert subjects(broker_) == ["sack/s1", "sack/s3"]
    for _ in range(2):  # the record is read, not consumed
        (record,) = dead_letters.discarded(broker_)
        assert (record.because, record.by) == ("a trial", "operator")
        assert (record.letter.id, record.letter.queue, record.letter.reason) == ("mill/sack/s2#1", QUEUE, "ValueError")
        assert record.letter.body == envelope(2).data.decode()


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_discarded_without_a_reason(broker_: amqp.Connection, reason: str) -> None:
    give_up(broker_, 1)
    with pytest.raises(ValueError, match="not discarded without a reason"):
        dead_letters.discard(broker_, QUEUE, ["mill/sack/s1#1"], reason=reason)
    assert subjects(broker_) == ["sack/s1"]


def test_what_was_no_event_is_listed_without_its_content_and_opened_with_the_key(broker_: amqp.Connection) -> None:
    contents = Contents(b"\xff\x00words", {"colour": "green"}, "text/plain", "", "m1")
    sealed(broker_, contents)
    (letter,) = dead_letters.read(broker_, QUEUE)
    assert (letter.id, letter.type, letter.body, letter.unread) == ("unread/1", "", "", True)
    found = dead_letters.raw(broker_, QUEUE, "unread/1", SEAL)
    assert found == (letter, contents, "")
    with pytest.raises(CannotOpen):
        dead_letters.raw(broker_, QUEUE, "unread/1", Seal("another key"))
    assert dead_letters.raw(broker_, QUEUE, "unread/2", SEAL) is None


def test_what_was_no_event_comes_back_as_it_was_when_it_is_redelivered(broker_: amqp.Connection) -> None:
    sealed(broker_, Contents(b"\xff\x00words", {"colour": "green"}, "text/plain", "", "m1"))
    assert dead_letters.redeliver(broker_, QUEUE, seal=Seal("another key")) == 0
    assert dead_letters.redeliver(broker_, QUEUE, seal=SEAL) == 1
    (message,) = taken(broker_)
    properties = message.properties
    assert (bytes(message.body), message.headers["colour"]) == (b"\xff\x00words", "green")
    assert (properties["content_type"], properties["message_id"]) == ("text/plain", "m1")


def test_a_message_whose_headers_could_not_be_read_stays_and_can_be_discarded(broker_: amqp.Connection) -> None:
    sealed(broker_, Contents(b"x", {}, "", "", "", unreadable=b"\x00\xff"))
    assert dead_letters.redeliver(broker_, QUEUE, seal=SEAL) == 0
    assert dead_letters.discard(broker_, QUEUE, ["unread/1"], reason="nobody can read it") == 1
    assert dead_letters.count(broker_, QUEUE) == 0


def test_a_queue_that_does_not_exist_is_said_to_be_missing(connection: amqp.Connection) -> None:
    with pytest.raises(amqp.exceptions.NotFound):
        dead_letters.read(connection, "bakery.nothing")


def _late(id: str) -> dict[str, str]:
    """Given up in the order of their numbers."""
    return {PREFIX + "last_failed_at": id.removeprefix("mill/sack/s").removesuffix("#1").zfill(3)}
