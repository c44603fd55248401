"""Our RPC: nameko's on the wire, from both ends; calls that fail, wait, are interrupted."""

import asyncio
import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import amqp
import pytest
from nameko.exceptions import IncorrectSignature, MalformedRequest, MethodNotFound, RemoteError, UnknownService
from nameko.standalone.rpc import ClusterRpcProxy

from infra.messaging import broker
from infra.messaging.rpc_client import RemoteFailure, RpcClient, call_once
from infra.messaging.rpc_line import Line
from infra.problem import Refused
from infra.settings import Settings
from tests.messaging.bakery import Mill
from tests.messaging.conftest import DEADLINE, Host, Process, Serve, wait_until

WORKERS = 64  # of a service (infra/serve.py, which a test must not import: it changes the threads of its process)
BODIES = [
    b"",
    b"\xff\xfe",
    b"[]",
    b'{"args": []}',
    b'{"args": 1, "kwargs": {}}',
    b"[" * 100_000,
    b'{"args": [{"__type__": "datetime", "__value__": 5}], "kwargs": {}}',
    b'{"args": [{"__type__": "decimal", "__value__": "x"}], "kwargs": {}}',
]  # of no call


@pytest.fixture
def cluster(mill: Settings) -> Iterator[Any]:
    """nameko's own client of the mill."""
    with ClusterRpcProxy({"AMQP_URI": mill.amqp_url}, timeout=DEADLINE) as cluster:
        yield cluster


@pytest.fixture
def mill_connection(mill: Settings) -> Iterator[amqp.Connection]:
    """A connection to the mill's virtual host."""
    connection = broker.open_connection(mill.amqp_url, "test")
    yield connection
    broker.close(connection)


def meet(settings: Settings, hall: Path, count: int, guests: int) -> list[object]:
    """What so many calls at once bring back, errors included, each of which waits in `hall` for `guests`."""

    async def together() -> list[object]:
        async with RpcClient(settings.amqp_url) as client:
            calls = (client.call("mill", "meet", str(hall), guests, timeout=3 * DEADLINE) for _ in range(count))
            return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(together())


def waiting_calls(connection: amqp.Connection) -> int:
    """How many calls of the mill rest in its queue."""
    return _queue(connection).message_count


def _queue(connection: amqp.Connection) -> Any:
    return connection.channel().queue_declare("rpc-mill", passive=True)


def test_namekos_client_gets_a_result_as_it_was_given(cluster: Any) -> None:
    assert cluster.mill.unlock("钥匙", twice=True) == ["钥匙", True, None, 1.5, {"面粉": ["特一粉"]}]


def test_both_clients_get_a_struct_as_an_object(mill: Settings, cluster: Any) -> None:
    shown = [{"name": "s1", "filled_at": "2026-07-01T08:00:00Z", "by_size": {"50": ["小麦", None]}}]
    assert cluster.mill.show_sack() == shown
    assert call_once(mill.amqp_url, "mill", "show_sack") == shown


def test_namekos_client_gets_namekos_errors(cluster: Any) -> None:
    with pytest.raises(MethodNotFound, match="sing"):
        cluster.mill.sing()
    with pytest.raises(IncorrectSignature, match="key"):
        cluster.mill.unlock()
    with pytest.raises(RemoteError, match="ValueError a stone broke"):
        cluster.mill.break_down()
    with pytest.raises(UnknownService):
        cluster.smithy.forge()


def test_a_problem_reaches_namekos_client_in_full(cluster: Any) -> None:
    with pytest.raises(RemoteError) as refused:
        cluster.mill.refuse()
    assert refused.value.exc_type == "Refused"
    assert refused.value.value == "refused: the mill is closed [sack]"


def test_our_client_calls_a_service_that_speaks_namekos_own(serve: Serve, settings: Settings) -> None:
    serve("PlainMill")
    assert call_once(settings.amqp_url, "plain_mill", "greet", name="风车") == "hello 风车"
    with pytest.raises(Refused) as refused:
        call_once(settings.amqp_url, "plain_mill", "refuse_plainly")
    assert refused.value.detail_zh == "磨坊已关闭"


def test_a_result_that_cannot_be_sent_is_an_error_of_the_call_alone(mill: Settings) -> None:
    with pytest.raises(RemoteFailure, match="UnserializableValueError"):
        call_once(mill.amqp_url, "mill", "lend_stone")
    assert call_once(mill.amqp_url, "mill", "unlock", "k") == ["k", False, None, 1.5, {"面粉": ["特一粉"]}]


def test_an_error_that_cannot_be_sent_is_an_error_of_the_call_alone(mill: Settings) -> None:
    with pytest.raises(RemoteFailure, match=r"ValueError.*half a character"):
        call_once(mill.amqp_url, "mill", "mumble")
    assert call_once(mill.amqp_url, "mill", "unlock", "k") == ["k", False, None, 1.5, {"面粉": ["特一粉"]}]


def test_a_line_that_is_held_before_it_listens_never_begins(connection: amqp.Connection) -> None:
    line = Line(connection, "nameko-rpc")
    line.hold()
    with pytest.raises(broker.LOST):
        line.listen("rpc-held", "held.*", 1, lambda call: None)


def sent(connection: amqp.Connection, *bodies: bytes) -> list[amqp.Message]:
    """What the mill answers to these bodies, once it has answered them all."""
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).queue
    channel.queue_bind(queue, "nameko-rpc", routing_key=queue)
    for body in bodies:
        message = amqp.Message(
            body, reply_to=queue, correlation_id="c1", content_encoding="no-such", content_type="image/png"
        )
        channel.basic_publish(message, "nameko-rpc", "mill.unlock")
    replies: list[amqp.Message] = []

    def all_came() -> bool:
        while (reply := channel.basic_get(queue, no_ack=True)) is not None:
            replies.append(reply)
        return len(replies) >= len(bodies)

    wait_until(all_came)
    return replies


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_not_a_call_is_answered(body: bytes, mill_connection: amqp.Connection) -> None:
    (reply,) = sent(mill_connection, body)
    assert reply.properties["correlation_id"] == "c1"
    assert json.loads(reply.body)["error"]["exc_type"] == MalformedRequest.__name__


def test_a_body_that_is_not_a_call_is_gone(serve: Serve, connection: amqp.Connection) -> None:
    mill = serve("Mill")
    assert len(sent(connection, *BODIES)) == len(BODIES)
    assert mill.stop() == 0
    assert waiting_calls(connection) == 0


def test_a_call_that_nobody_awaits_is_done(serve: Serve, settings: Settings, connection: amqp.Connection) -> None:
    serve("Mill")
    connection.channel().basic_publish(
        amqp.Message(b'{"args": ["s1", 2], "kwargs": {}}', application_headers={"nameko.call_id_stack": 7}),
        "nameko-rpc",
        "mill.fill",
    )
    wait_until(lambda: call_once(settings.amqp_url, "mill", "fill", "s1", 2) is False)


def test_calls_run_side_by_side(mill: Settings, tmp_path: Path) -> None:
    assert meet(mill, tmp_path, 40, guests=40) == ["met"] * 40


def test_a_service_that_is_stopped_answers_what_it_has_begun_and_leaves_the_rest(
    serve: Serve, settings: Settings, connection: amqp.Connection, tmp_path: Path
) -> None:
    mill, hall = serve("Mill"), tmp_path / "hall"
    hall.mkdir()
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(meet, settings, hall, 100, guests=WORKERS + 1)
        wait_until(lambda: len(list(hall.iterdir())) == WORKERS and waiting_calls(connection) == 100 - WORKERS)
        mill.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: _queue(connection).consumer_count == 0)  # it takes no more
        (hall / "the last guest").touch()
        assert mill.popen.wait(DEADLINE) == 0
        left = waiting_calls(connection)
        serve("Mill")
        assert answers.result() == ["met"] * 100
    assert left == 100 - WORKERS


def test_a_call_whose_service_is_killed_is_done_by_another(serve: Serve, settings: Settings, tmp_path: Path) -> None:
    mills: list[Process] = [serve("Mill"), serve("Mill")]
    assert call_once(settings.amqp_url, "mill", "die_once", str(tmp_path / "died"), timeout=DEADLINE) == "alive"
    wait_until(lambda: [mill.popen.poll() for mill in mills].count(None) == 1)


def test_a_service_whose_connection_is_closed_goes_on(serve: Serve, settings: Settings, host: Host) -> None:
    serve("Mill")
    wait_until(lambda: host.close_connections("rpc-mill") == 1)
    assert call_once(settings.amqp_url, "mill", "unlock", "k", timeout=DEADLINE)[0] == "k"


def test_options_are_namekos() -> None:
    (entrypoint,) = Mill.unlock.nameko_entrypoints  # type: ignore[attr-defined]
    assert (entrypoint.expected_exceptions, entrypoint.sensitive_arguments) == (Refused, "key")


def test_the_queue_of_calls_goes_with_its_node_so_that_the_next_node_can_have_it(
    mill_connection: amqp.Connection,
) -> None:
    with pytest.raises(amqp.PreconditionFailed, match="inequivalent arg 'durable'"):
        mill_connection.channel().queue_declare("rpc-mill", durable=True, auto_delete=False)
    mill_connection.channel().queue_declare("rpc-mill", durable=False, auto_delete=False)


def test_a_durable_queue_of_calls_that_nameko_left_is_used(
    serve: Serve, settings: Settings, connection: amqp.Connection
) -> None:
    connection.channel().queue_declare("rpc-mill", durable=True, auto_delete=False)
    serve("Mill")
    with ClusterRpcProxy({"AMQP_URI": settings.amqp_url}, timeout=DEADLINE) as cluster:
        assert cluster.mill.unlock("key") == ["key", False, None, 1.5, {"面粉": ["特一粉"]}]
