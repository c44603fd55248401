"""Connections to the broker: one of several URLs, with a heartbeat, patient at the start, silent about passwords."""

import contextlib
import itertools
import logging
import threading
from collections.abc import Callable, Iterator

import amqp
import amqp.transport
import kombu

from infra.logging import mask
from infra.messaging.incoming import read_whatever_comes

HEARTBEAT = 30  # seconds
CONNECT_TIMEOUT = 5  # seconds
CLOSE_TIMEOUT = 5  # seconds
READ_AHEAD = 8192  # bytes
A_MOMENT = 0.001  # seconds without a frame after which nothing more is there

# What a lost connection looks like; py-amqp raises AttributeError where it is used after it was lost.
# A channel error (a precondition that fails, say) is not among them: it is a mistake, not a misfortune.
LOST = (amqp.exceptions.ConnectionError, amqp.exceptions.RecoverableChannelError, OSError, AttributeError)

log = logging.getLogger(__name__)
read_whatever_comes()


def back_off(longest: float = 10.0) -> Iterator[float]:
    """Seconds to wait before each further attempt: 0.2, 0.4, 0.8 … `longest`."""
    wait = 0.2
    while True:
        yield min(wait, longest)
        wait = min(wait * 2, longest)


def open_connection(url: str, name: str) -> amqp.Connection:
    """A live connection to one `url`, shown under `name` in the broker's own lists. Raises one of LOST."""
    options = {"client_properties": {"connection_name": name}}
    description = kombu.Connection(url, heartbeat=HEARTBEAT, connect_timeout=CONNECT_TIMEOUT, transport_options=options)
    # kombu's own connection opens itself again unasked, without the channels and consumers that it had.
    connection = description.transport.establish_connection()
    _read_ahead(connection.transport)
    return connection


def connect(urls: str, name: str, stopping: threading.Event | None = None) -> amqp.Connection | None:
    """A live connection to the first of `urls` (separated by ';') that answers; waits for one as long as it takes.

    None when `stopping` was set meanwhile.
    """
    stopping = stopping or threading.Event()
    for url, wait in zip(itertools.cycle(urls.split(";")), back_off(), strict=False):
        try:
            return open_connection(url, name)
        except LOST as error:
            log.warning("%s waits for the broker at %s: %s", name, mask(url), error)
        if stopping.wait(wait):
            break
    return None


def say_lost(who: str, error: BaseException) -> None:
    """Log that `who` lost the broker, with a traceback where it may be a mistake of ours instead."""
    log.warning("%s lost the broker: %r", who, error, exc_info=isinstance(error, AttributeError))


def pulse(connection: amqp.Connection) -> None:
    """Read what has arrived and send a heartbeat where one is due: what an owner does who only waits.

    Raises one of LOST where the broker is gone.
    """
    with contextlib.suppress(TimeoutError):
        connection.drain_events(timeout=0)
    connection.heartbeat_tick()


def take_what_is_there(connection: amqp.Connection, patience: float, enough: Callable[[], bool]) -> None:
    """Wait `patience` seconds for a first frame, then read all that has arrived, until `enough()`.

    Callbacks of the connection's channels see the frames. Raises one of LOST where the broker is gone.
    """
    with contextlib.suppress(TimeoutError):
        connection.drain_events(timeout=patience)
        with connection.transport.having_timeout(A_MOMENT):
            while not enough():
                connection.drain_events()


@contextlib.contextmanager
def in_one_piece(connection: amqp.Connection) -> Iterator[None]:
    """Collect what the block writes and send it at its end; py-amqp asks the system once per message otherwise.

    Where the block raises, nothing is sent, and the connection must not be used any more.
    """
    transport, collected = connection.transport, bytearray()
    write, transport._write = transport._write, collected.extend
    try:
        yield
    finally:
        transport._write = write
    write(collected)


def _read_ahead(transport: amqp.transport._AbstractTransport) -> None:
    """Have py-amqp ask the socket for more than the next few bytes: it reads nine times per message otherwise.

    Its transport keeps what is left over in a buffer of its own, but never lets there be any.
    """
    if isinstance(transport, amqp.transport.TCPTransport):
        receive = transport.sock.recv
        transport._quick_recv = lambda wanted: receive(max(wanted, READ_AHEAD))


def close(connection: amqp.Connection | None) -> None:
    """Close it; one that is already lost is forgotten."""
    if connection is None or not connection.connected:
        return
    try:
        connection.transport.sock.settimeout(CLOSE_TIMEOUT)
        connection.close()
    except LOST as error:
        log.debug("closing a lost connection: %s", error)
        connection.collect()
