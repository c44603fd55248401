"""One connection to the broker on which a service takes calls and answers them.

Two green threads share it: one only reads, the other only writes, so that neither waits for the other. The writer is
woken by the first answer and sends all that have gathered until it runs, with their acknowledgements, in one piece.
"""

import contextlib
import logging
import socket
from collections.abc import Callable
from typing import NamedTuple

import amqp
from amqp import spec
from eventlet.queue import Empty, LightQueue

from infra.messaging import broker

log = logging.getLogger(__name__)

BEAT = broker.HEARTBEAT / 4  # seconds without anything to write after which the connection is looked after


class _Answer(NamedTuple):
    call: amqp.Message
    body: bytes | None  # None: the call goes back to the queue


class Line:
    """The live `connection`, and what is due to be written on it. Replies go through `exchange`."""

    def __init__(self, connection: amqp.Connection, exchange: str) -> None:
        self._connection, self._exchange = connection, exchange
        self._channel: amqp.Channel = connection.channel()
        self._channel.auto_decode = False  # bodies stay bytes, whatever encoding they name
        self._due: LightQueue[_Answer | spec.method_t] = LightQueue()
        self._queue = ""

    def listen(self, queue: str, routing_key: str, at_once: int, begin: Callable[[amqp.Message], None]) -> None:
        """Have `begin` called for every call that comes to `queue`, at most `at_once` without an answer."""
        self._channel.exchange_declare(self._exchange, "topic", durable=True, auto_delete=False)
        _declare(self._connection, queue)
        self._channel.queue_bind(queue, self._exchange, routing_key)
        self._channel.basic_qos(0, at_once, False)
        self._channel.basic_consume(queue, consumer_tag=queue, callback=begin)
        self._queue = queue

    def read(self) -> None:
        """Take calls until the line is hung up. Raises one of broker.LOST."""
        while self._connection.connected:
            self._connection.drain_events()

    def answer(self, call: amqp.Message, body: bytes) -> None:
        """Have the reply sent and the call acknowledged; returns at once."""
        self._due.put(_Answer(call, body))

    def send_back(self, call: amqp.Message) -> None:
        """Have the call put back into the queue."""
        self._due.put(_Answer(call, None))

    def hold(self) -> None:
        """Take no further calls; where it does not listen yet, never begin."""
        if self._queue:
            self._due.put(spec.Basic.Cancel)
        else:
            self.cut()

    def hang_up(self) -> None:
        """Write what is due, then close; `read` and `write` end."""
        self._due.put(spec.Connection.Close)

    def cut(self) -> None:
        """End without a word, where the broker does not answer."""
        with contextlib.suppress(OSError, AttributeError):  # it is gone already
            self._connection.transport.sock.shutdown(socket.SHUT_RDWR)

    def write(self) -> None:
        """Write what becomes due until the line is hung up or lost; `read` then notices."""
        try:
            while self._connection.connected and self._write(self._gathered()):
                self._connection.heartbeat_tick()
        except broker.LOST as error:
            broker.say_lost(self._queue, error)
            self.cut()

    def _gathered(self) -> list[_Answer | spec.method_t]:
        """All that is due; nothing where nothing is for a while."""
        try:
            gathered = [self._due.get(timeout=BEAT)]
        except Empty:
            return []
        while self._due.qsize():
            gathered.append(self._due.get())
        return gathered

    def _write(self, due: "list[_Answer | spec.method_t]") -> bool:
        """Write it in one piece; whether the line goes on."""
        with broker.in_one_piece(self._connection):
            for one in due:
                if one is spec.Connection.Close:
                    self._connection.send_method(one, "BsBB", (0, "", 0, 0))
                    return False
                if one is spec.Basic.Cancel:
                    self._channel.send_method(one, "sb", (self._queue, True))
                else:
                    self._settle(*one)
        return True

    def _settle(self, call: amqp.Message, body: bytes | None) -> None:
        tag, reply_to = call.delivery_info["delivery_tag"], call.properties.get("reply_to")
        if body is None:
            self._channel.basic_reject(tag, requeue=True)
            return
        if reply_to:
            reply = amqp.Message(
                body,
                content_type="application/json",
                content_encoding="utf-8",
                correlation_id=call.properties.get("correlation_id"),
            )
            self._channel.send_method(spec.Basic.Publish, "Bssbb", (0, self._exchange, reply_to, False, False), reply)
        self._channel.basic_ack(tag)


def _declare(connection: amqp.Connection, queue: str) -> None:
    """Declare the queue of calls. Raises ConnectionError where it is on a node of the cluster that is down.

    nameko's is durable: then it lives on one node and, when that dies, no other node lets anybody declare it, although
    calls are not worth keeping. One that is not durable goes with its node and is declared on the next.
    """
    try:
        with connection.channel() as channel:
            channel.queue_declare(queue, durable=False, auto_delete=False)
    except amqp.PreconditionFailed:  # one of nameko's own is there: it serves as it is
        log.info("%s is durable: it will not outlive the node that it is on", queue)
    except amqp.NotFound as error:
        raise ConnectionError(f"the node that {queue} is on is down") from error
