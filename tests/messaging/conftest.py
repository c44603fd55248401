"""A broker host and databases of this session's own, and the services that run against them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from infra import mongo
from infra.settings import Settings

DEADLINE = 20.0  # seconds


def wait_until(condition: Callable[[], object], what: str = "", within: float = DEADLINE) -> None:
    """Return as soon as `condition()` holds; fail after `within` seconds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s: {what or condition}"
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
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self._call("PUT", f"permissions/{self.name}/{self._user}", rights)

    def delete(self) -> None:
        """Remove it and all that is in it."""
        self._call("DELETE", f"vhosts/{self.name}")

    def _call(self, method: str, path: str, body: object = None) -> None:
        request = urllib.request.Request(
            f"{self._api}/api/{path}", method=method, data=None if body is None else json.dumps(body).encode()
        )
        request.add_header("Authorization", "Basic " + b64encode(f"{self._user}:{self._password}".encode()).decode())
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=20).close()


def _needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: these tests need a broker and a database (make test starts them)")
    return value


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Settings with a virtual host and databases of this test's own."""
    host = Host(_needed("AMQP_URL"))
    host.create()
    prefix = f"test_{uuid.uuid4().hex[:10]}_"
    settings = Settings(
        amqp_url=host.url, mongodb_url=_needed("MONGODB_URL"), db_prefix=prefix, retry_delays=(100, 200)
    )
    databases = [mongo.connect(settings, name) for name in ("mill", "bakery")]
    yield settings
    for database in databases:
        database.client.drop_database(database.name)
    for name in ("mill", "bakery"):
        mongo.disconnect(name)
    host.delete()


class Process:
    """A service that runs in a process of its own."""

    def __init__(self, service: str, settings: Settings, ready_file: Path) -> None:
        self._ready_file = ready_file
        environment = os.environ | {
            "AMQP_URL": settings.amqp_url,
            "MONGODB_URL": settings.mongodb_url,
            "WENMING_DB_PREFIX": settings.db_prefix,
            "WENMING_RETRY_DELAYS": ",".join(map(str, settings.retry_delays)),
            "WENMING_READY_FILE": str(ready_file),
        }
        command = [sys.executable, "-m", "infra.serve", f"tests.messaging.bakery:{service}", "--web-port", "0"]
        self.popen = subprocess.Popen(command, env=environment)

    def wait_ready(self) -> "Process":
        """Return once it has started."""
        wait_until(lambda: self._ready_file.exists() or self.popen.poll() is not None, "ready")
        return self

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(DEADLINE)


@pytest.fixture
def serve(settings: Settings, tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    """Start a service class of `bakery.py` and wait until it is ready."""
    started: list[Process] = []

    def start(service: str) -> Process:
        started.append(Process(service, settings, tmp_path / f"ready-{len(started)}"))
        return started[-1].wait_ready()

    yield start
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.wait()
