"""Connections to the broker: one of several URLs, with a heartbeat, patient at the start, silent about passwords."""

import itertools
import logging
import threading
from collections.abc import Iterator

import amqp
import kombu

from infra.logging import mask

HEARTBEAT = 30  # seconds
CONNECT_TIMEOUT = 5  # seconds

# What a lost connection looks like. A channel error (a precondition that fails, say) is not among them: it is a mistake.
LOST = (amqp.exceptions.ConnectionError, amqp.exceptions.RecoverableChannelError, OSError, AttributeError)

log = logging.getLogger(__name__)


def back_off(longest: float = 10.0) -> Iterator[float]:
    """Seconds to wait before each further attempt: 0.2, 0.4, 0.8 … `longest`."""
    wait = 0.2
    while True:
        yield min(wait, longest)
        wait = min(wait * 2, longest)


def open_connection(url: str, name: str) -> kombu.Connection:
    """A live connection to one `url`, shown under `name` in the broker's own lists. Raises one of LOST."""
    options = {"client_properties": {"connection_name": name}}
    connection = kombu.Connection(url, heartbeat=HEARTBEAT, connect_timeout=CONNECT_TIMEOUT, transport_options=options)
    connection.connect()
    return connection


def connect(urls: str, name: str, stopping: threading.Event | None = None) -> kombu.Connection | None:
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


def close(connection: kombu.Connection | None) -> None:
    """Close it; one that is already lost is forgotten."""
    if connection is None:
        return
    try:
        connection.close()
    except LOST as error:
        log.debug("closing a lost connection: %s", error)
        connection.collect()
