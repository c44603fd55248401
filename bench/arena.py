"""A private broker and database without the services, and the contestants that run in it."""

import atexit
import functools
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.local.broker import BrokerPorts, PrivateBroker
from infra.local.database import PrivateDatabase
from infra.local.ports import free_ports
from infra.local.process import Process

START_SECONDS, STOP_SECONDS = 60.0, 20.0


@functools.cache
def arena() -> dict[str, str]:
    """The environment of those who compete; broker and database live, with all their files, as long as this process."""
    directory = Path(tempfile.mkdtemp(prefix="wenming-arena-"))
    stack = ExitStack()
    stack.callback(shutil.rmtree, directory)
    atexit.register(stack.close)
    broker = PrivateBroker(directory / "broker", BrokerPorts.free(), password=secrets.token_hex(8))
    database = PrivateDatabase(directory / "database", free_ports(1)[0])
    stack.enter_context(broker)
    stack.enter_context(database)
    return {"AMQP_URL": broker.url, "MONGODB_URL": database.url, "WENMING_HOME": str(directory)}


@contextmanager
def private_database() -> Iterator[str]:
    """A database server without broker or services, removed with all its files at the end of the block; its URL."""
    with (
        tempfile.TemporaryDirectory(prefix="wenming-arena-") as directory,
        PrivateDatabase(Path(directory) / "database", free_ports(1)[0]) as database,
    ):
        yield database.url


@contextmanager
def running(*contestants: str) -> Iterator[str]:
    """These classes of `bench.contestants`, each in a process of its own, started one after the other; the AMQP URL."""
    environment = arena()
    with ExitStack() as stack:
        for name in contestants:
            stack.enter_context(contestant(name, environment))
        yield environment["AMQP_URL"]


@contextmanager
def contestant(name: str, environment: dict[str, str], *options: str) -> Iterator[None]:
    """One class of `bench.contestants` in a process of its own, with the broker and database of `environment`."""
    home = Path(environment["WENMING_HOME"])
    ready = home / f"{name}.ready"
    process = Process(name, record=home / f"{name}.json", log=home / f"{name}.log")
    settings = os.environ | environment | {"WENMING_READY_FILE": str(ready), "WENMING_LOG_LEVEL": "WARNING"}
    process.start(
        [sys.executable, "-m", "bench.contestants", name, *options], settings, directory=Path(__file__).parents[1]
    )
    try:
        process.wait_ready(ready.exists, seconds=START_SECONDS)
        yield
    finally:
        process.stop(seconds=STOP_SECONDS)
        ready.unlink(missing_ok=True)
