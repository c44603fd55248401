"""The system that is measured: a private instance, fresh for each measurement, removed when it is over."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database

from infra.local.instance import Instance

USUAL = "bench"
_running: dict[str, Instance] = {}
_measured = [USUAL]  # the last is meant now


def system() -> Instance:
    """The running instance that is measured now, on the wall clock."""
    name = _measured[-1]
    if name not in _running:
        instance = _running[name] = Instance(name, root=Path(tempfile.mkdtemp(prefix="wenming-bench-")), clock="wall")
        atexit.register(remove)
        instance.up()
    return _running[name]


@contextmanager
def measuring(name: str) -> Iterator[None]:
    """Within it `system` and `database` mean the instance called `name`: several are measured in turns, so that a
    machine that is slower now and then is so for all of them."""
    _measured.append(name)
    try:
        yield
    finally:
        _measured.pop()


def remove() -> None:
    """Stop and delete what runs; the next measurement that needs an instance gets a fresh one."""
    atexit.unregister(remove)
    while _running:
        _, instance = _running.popitem()
        instance.down()
        shutil.rmtree(instance.home.parent)


def database(service: str) -> "Database[dict[str, Any]]":
    """The database of `service`, to seed it and to read effects (a benchmark may look where a service may not)."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(system().mongodb_url)
    return client.get_database(system().environment().get("WENMING_DB_PREFIX", "wenming_") + service)
