"""What stands in the event log can be told once more to one handler: by its own queue, as it was published."""

from types import SimpleNamespace

import amqp
import pytest
from click.testing import CliRunner

from cli.event_log import event_log as command
from infra.local.trouble import Trouble
from infra.messaging import event_log, rehearing
from infra.messaging.event import Envelope, seal, unseal
from infra.messaging.publisher import Publisher
from infra.messaging.rehearing import NotTaken, rehear
from infra.settings import Settings
from tests.messaging.bakery import Sack, SackFilled, SackWeighed

QUEUE = "bakery.of_this_test"


def filled(number: int) -> Envelope:
    """That a sack was filled."""
    return Sack.filled(f"s{number}", number).outbox[0]


def weighed(number: int) -> Envelope:
    """That it was weighed."""
    told = filled(number)
    event = SackWeighed(sack=f"s{number}", kilograms=9)
    return seal(event, subject=told.subject, sequence=2, at=told.time, cause="test")


@pytest.fixture
def logged(connection: amqp.Connection, settings: Settings) -> list[Envelope]:
    """What is in the log: four sacks, each filled and weighed."""
    event_log.declare(connection)
    envelopes = [one for n in range(4) for one in (filled(n), weighed(n))]
    bundles = event_log.bundles(envelopes)
    assert Publisher(connection).publish([one.parcel for one in bundles]) == {}
    return envelopes


def test_a_handler_is_told_what_it_hears_in_order_and_as_it_was_published(
    connection: amqp.Connection, logged: list[Envelope], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearing, "BATCH", 3)
    channel = connection.channel()
    channel.auto_decode = False
    channel.queue_declare(QUEUE, durable=True, auto_delete=False)

    assert rehear(connection, QUEUE, [SackFilled]) == 4
    assert rehear(connection, QUEUE, [SackFilled, SackWeighed]) == 8

    came = [channel.basic_get(QUEUE, no_ack=True) for _ in range(12)]
    assert channel.basic_get(QUEUE) is None
    found = [Envelope.from_message(one.headers, bytes(one.body)) for one in came]
    assert found == [*logged[::2], *logged]
    assert [one.properties["message_id"] for one in came] == [one.id for one in found]
    kinds = {kind.type(): kind for kind in (SackFilled, SackWeighed)}
    assert unseal(found[5], kinds).event == SackWeighed(sack="s0", kilograms=9)


def test_a_queue_that_is_not_there_is_an_error(connection: amqp.Connection, logged: list[Envelope]) -> None:
    with pytest.raises(NotTaken, match=r"4 events found no place in bakery\.nowhere"):
        rehear(connection, "bakery.nowhere", [SackFilled])


def test_a_handler_that_did_not_say_so_is_not_told_again() -> None:
    result = CliRunner().invoke(command, ["rehear", "notify.task_assigned"], obj=SimpleNamespace())
    assert isinstance(result.exception, Trouble)
    assert str(result.exception) == "notify.task_assigned cannot be told again; these can: assessment.indicators"
