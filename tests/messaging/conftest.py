"""A virtual host and databases of each test's own, and services that run against them in processes of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import amqp
import pymongo
import pytest

from infra import mongo
from infra.messaging import broker
from infra.messaging.relay import Relay
from infra.settings import Settings
from tests.messaging.bakery import Loaf, Sack

DEADLINE = 60.0  # seconds; only a test that fails waits so long, or one on a machine that is very busy
SERVICES = ("mill", "bakery")


def wait_until(condition: Callable[[], object], within: float = DEADLINE) -> None:
    """Return as soon as `condition()` holds; fail after `within` seconds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s"
        time.sleep(0.02)


class Host:
    """A virtual host of the broker, by its management API."""

    def __init__(self, amqp_url: str) -> None:
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        parts = urlsplit(amqp_url)
        self.url = urlunsplit(parts._replace(path="/" + self.name))
        default = f"http://{parts.hostname}:15673"
        self._api = os.environ.get("RABBITMQ_MANAGEMENT_URL", default).rstrip("/")
        self._user, self._password = unquote(parts.username or "guest"), unquote(parts.password or "guest")

    def create(self) -> None:
        """Make it, with all rights for the user of AMQP_URL."""
        self._call("PUT", f"vhosts/{self.name}")
        self._call("PUT", f"permissions/{self.name}/{self._user}", {"configure": ".*", "write": ".*", "read": ".*"})

    def delete(self) -> None:
        """Remove it and all that is in it."""
        self._call("DELETE", f"vhosts/{self.name}")

    def close_connections(self, name: str) -> int:
        """Have the broker close the connections that are shown under `name`; how many."""
        found = [one for one in self._call("GET", "connections") if one.get("user_provided_name") == name]
        mine = [one for one in found if one["vhost"] == self.name]
        for one in mine:
            with suppress(HTTPError):  # what is shown may be gone already
                self._call("DELETE", f"connections/{quote(one['name'], safe='')}")
        return len(mine)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._api}/api/{path}", method=method, data=data)
        credentials = b64encode(f"{self._user}:{self._password}".encode()).decode()
        request.add_header("Authorization", f"Basic {credentials}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=DEADLINE) as response:
            content = response.read()
        return json.loads(content) if content else None


def _needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: these tests need a broker and a database (make test starts them)")
    return value


@pytest.fixture
def host() -> Iterator[Host]:
    """A virtual host of this test's own."""
    with _own_host() as host:
        yield host


@contextmanager
def _own_host() -> Iterator[Host]:
    host = Host(_needed("AMQP_URL"))
    host.create()
    yield host
    host.delete()


def settings_of(host: Host) -> Settings:
    """Settings with this virtual host, databases of their own, and short delays."""
    prefix = f"test_{uuid.uuid4().hex[:10]}_"
    url = _needed("MONGODB_URL")
    return Settings(amqp_url=host.url, mongodb_url=url, db_prefix=prefix, retry_delays=(100, 200))


@pytest.fixture
def settings(host: Host) -> Iterator[Settings]:
    """Settings with a virtual host and databases of this test's own, and short delays."""
    settings = settings_of(host)
    databases = [mongo.connect(settings, name) for name in SERVICES]
    mongo.ensure_indexes([Sack, Loaf])
    yield settings
    for database in databases:
        database.client.drop_database(database.name)
    for name in SERVICES:
        mongo.disconnect(name)
    for kind in (Sack, Loaf):
        kind._collection = None  # mongoengine keeps the collection of the first database


@pytest.fixture
def connection(settings: Settings) -> Iterator[amqp.Connection]:
    """A connection to the broker."""
    connection = broker.open_connection(settings.amqp_url, "test")
    yield connection
    broker.close(connection)


@pytest.fixture
def relay(settings: Settings) -> Iterator[Relay]:
    """The mill's relay, which publishes what it is handed, once.

    It never sweeps: a sweep may publish an event in the moment before it is handed over, and then it comes twice.
    """
    with relaying(settings, sweep_after=3600.0) as relay:
        yield relay


@pytest.fixture
def sweeping_relay(settings: Settings) -> Iterator[Relay]:
    """The mill's relay, sweeping what rests longer than 0.3 s: what it publishes may come twice."""
    with relaying(settings, sweep_after=0.3) as relay:
        yield relay


@contextmanager
def relaying(settings: Settings, sweep_after: float) -> Iterator[Relay]:
    """A relay of the mill until the end of the block."""
    relay = Relay(settings.amqp_url, [Sack], sweep_after=sweep_after)
    relay.start()
    yield relay
    relay.stop()


class Listener:
    """A queue bound to everything that a service publishes, and what came into it."""

    def __init__(self, connection: amqp.Connection, source: str) -> None:
        self._channel, self.ids = connection.channel(), []
        self._channel.exchange_declare(f"{source}.events", "topic", durable=True, auto_delete=False)
        self._queue = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(self._queue, f"{source}.events", routing_key="#")

    def heard(self) -> list[str]:
        """Ids of all events so far, in the order in which they came."""
        while (message := self._channel.basic_get(self._queue, no_ack=True)) is not None:
            self.ids.append(message.headers["cloudEvents_id"])
        return self.ids


@pytest.fixture
def mill_events(connection: amqp.Connection) -> Listener:
    """What the mill publishes."""
    return Listener(connection, "mill")


class Process:
    """A service that runs in a process of its own."""

    def __init__(self, service: str, settings: Settings, ready_file: Path) -> None:
        self._ready_file, self.deaths = ready_file, 0
        self.command = [sys.executable, "-m", "infra.serve", f"tests.messaging.bakery:{service}", "--web-port", "0"]
        self.environment = environment_of(settings) | {"WENMING_READY_FILE": str(ready_file)}
        self.popen = subprocess.Popen(self.command, env=self.environment)

    def wait_ready(self) -> "Process":
        """Return once it has started (or died)."""
        wait_until(lambda: self._ready_file.exists() or self.popen.poll() is not None)
        return self

    def keep_alive_until(self, condition: Callable[[], object]) -> None:
        """Start it again each time it was killed, until `condition()` holds; `deaths` counts how often it was.

        What the broker shows of a death it shows before the process has ended: a condition that depends on the
        last death, or on what happens after it, asks for `deaths` too.
        """

        def check() -> object:
            if self.popen.poll() is not None:
                self.deaths += 1
                self._ready_file.unlink(missing_ok=True)
                self.popen = subprocess.Popen(self.command, env=self.environment)
            return condition()

        wait_until(check, within=3 * DEADLINE)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(DEADLINE)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process that shares these settings."""
    return os.environ | {
        "AMQP_URL": settings.amqp_url,
        "MONGODB_URL": settings.mongodb_url,
        "WENMING_DB_PREFIX": settings.db_prefix,
        "WENMING_RETRY_DELAYS": ",".join(map(str, settings.retry_delays)),
        "EVENTLET_NO_GREENDNS": "yes",  # a quarter of the time in which a service starts
    }


Serve = Callable[[str], Process]


@pytest.fixture
def serve(settings: Settings, tmp_path: Path) -> Iterator[Serve]:
    """Starts a service class of `bakery.py` and waits until it is ready."""
    started: list[Process] = []

    def start(service: str) -> Process:
        started.append(Process(service, settings, tmp_path / f"ready-{len(started)}"))
        return started[-1].wait_ready()

    yield start
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.wait()


@pytest.fixture(scope="module")
def mill(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Where the mill runs for all tests of a module that only ask it something, and end nothing."""
    with _own_host() as host:
        settings = settings_of(host)
        process = Process("Mill", settings, tmp_path_factory.mktemp("mill") / "ready").wait_ready()
        yield settings
        process.popen.kill()
        process.popen.wait()
        with pymongo.MongoClient[dict[str, Any]](settings.mongodb_url) as client:
            client.drop_database(settings.db_prefix + "mill")


class Wire:
    """A way to the broker that can be cut, mended and slow: a TCP forwarder on a port of its own.

    `hesitation` is how long (seconds) it waits before each piece of at most `PIECE` bytes.
    """

    PIECE = 4096
    hesitation = 0.0

    def __init__(self, amqp_url: str) -> None:
        parts = urlsplit(amqp_url)
        self._target = (parts.hostname, parts.port or 5672)
        self._listener = socket.create_server(("127.0.0.1", 0))
        credentials = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{self._listener.getsockname()[1]}"))
        self._whole, self._open = True, list[socket.socket]()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nothing passes any more."""
        self._whole = False
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """New connections pass again."""
        self._whole = True

    def close(self) -> None:
        """For good."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(self.PIECE):
                time.sleep(self.hesitation)
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    """A way to the broker that can be cut."""
    wire = Wire(settings.amqp_url)
    yield wire
    wire.close()


@contextmanager
def running(*threads: threading.Thread) -> Iterator[None]:
    """Start them, and wait for their end when the block ends."""
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(DEADLINE)
    assert not any(thread.is_alive() for thread in threads), f"a thread goes on after {DEADLINE} s"
