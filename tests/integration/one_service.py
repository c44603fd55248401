"""One service on its own: its own databases and virtual host, events handed in as if others had published them."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import mongoengine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pymongo.database import Database

from infra import mongo
from infra.local.ports import free_ports
from infra.messaging import broker, topology
from infra.messaging.event import Event, Received, seal
from infra.messaging.outbox import aggregates_of
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.topology import exchange_of
from infra.settings import Settings
from tests.messaging.conftest import DEADLINE, Host, environment_of


def wait_until(condition: Callable[[], object], what: str, within: float = DEADLINE) -> None:
    """Return as soon as `condition()` holds; fail after `within` seconds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s: {what}"
        time.sleep(0.02)


def own_settings() -> Settings:
    """Settings with databases of this test's own, for tests that need no broker."""
    return Settings(
        amqp_url=os.environ["AMQP_URL"],
        mongodb_url=os.environ["MONGODB_URL"],
        db_prefix=f"test_{uuid.uuid4().hex[:10]}_",
    )


@contextmanager
def connected(
    settings: Settings, service: str, documents: Iterable[type[mongoengine.Document]]
) -> Iterator[Database[dict[str, Any]]]:
    """The database that `settings` names for `service`, with all indexes; dropped at the end."""
    database = mongo.connect(settings, service)
    kinds = [*aggregates_of(service), *documents]
    mongo.ensure_indexes(kinds)
    try:
        yield database
    finally:
        database.client.drop_database(database.name)
        mongo.disconnect(service)
        for kind in kinds:
            kind._collection = None  # mongoengine keeps the collection of the first database


@contextmanager
def own_host() -> Iterator[Settings]:
    """Settings with a virtual host and a prefix of databases of this test's own."""
    host = Host(os.environ["AMQP_URL"])
    host.create()
    try:
        yield Settings(
            amqp_url=host.url,
            mongodb_url=os.environ["MONGODB_URL"],
            db_prefix=f"test_{uuid.uuid4().hex[:10]}_",
            retry_delays=(100, 200),
        )
    finally:
        host.delete()


class RunningService:
    """A service in a process of its own."""

    def __init__(
        self, service: str, settings: Settings, directory: Path, web_port: int = 0, **environment: str
    ) -> None:
        self._ready = directory / f"ready-{uuid.uuid4().hex}"
        self._command = [sys.executable, "-W", "ignore", "-m", "infra.serve", service, "--web-port", str(web_port)]
        self._environment = environment_of(settings) | environment | {"WENMING_READY_FILE": str(self._ready)}
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again) and wait until it is ready."""
        self._ready.unlink(missing_ok=True)
        popen = self._popen = subprocess.Popen(self._command, env=self._environment)
        wait_until(lambda: self._ready.exists() or popen.poll() is not None, "the service is ready")
        assert popen.poll() is None, "the service died"

    def kill(self) -> None:
        """End it without warning."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def stop(self, *, asked: int = 1) -> int:
        """Ask it to end, `asked` times in a row; its exit code."""
        assert self._popen is not None
        for _ in range(asked):
            self._popen.send_signal(signal.SIGTERM)
        return self._popen.wait(DEADLINE)


@contextmanager
def running(
    service: str, settings: Settings, directory: Path, web_port: int = 0, **environment: str
) -> Iterator[RunningService]:
    """The service `module:Class`, its queues declared before it starts, until the end of the block."""
    topology.declare_all(settings.amqp_url, [topology.load(service)], settings.retry_delays)
    process = RunningService(service, settings, directory, web_port, **environment)
    try:
        process.start()
        yield process
    finally:
        process.kill()


def received(event: Event, subject: str, sequence: int, at: datetime) -> Received[Any]:
    """The event as a handler gets it."""
    return Received(event, seal(event, subject=subject, sequence=sequence, at=at, cause="test"))


def publish(settings: Settings, events: Iterable[Received[Any]]) -> None:
    """Hand `events` to the broker; every one must find a queue."""
    connection = broker.open_connection(settings.amqp_url, "test")
    try:
        refused = Publisher(connection).publish([_parcel(one) for one in events])
        assert refused == {}
    finally:
        broker.close(connection)


def _parcel(one: Received[Any]) -> Parcel:
    envelope = one.envelope
    return Parcel(
        key=envelope.id,
        exchange=exchange_of(envelope.source),
        routing_key=envelope.type,
        headers=envelope.headers(),
        body=envelope.data,
        mandatory=True,
    )


class MailPeer:
    """An SMTP server that keeps what it takes; `answers` maps an address to the answer with which it is refused."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self._controller = Controller(self, hostname="127.0.0.1", port=free_ports(1)[0], ready_timeout=DEADLINE)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd asks whether a recipient is good."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd hands over a message."""
        self.taken.append(envelope)
        return "250 kept"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self._controller.port}?from=office@example.org"

    def __enter__(self) -> "MailPeer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
