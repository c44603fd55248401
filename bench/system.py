"""The system that is measured: a fresh private instance, started on first use and removed at the end of the run."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database

from infra.local.instance import Instance


@functools.cache
def system() -> Instance:
    """The one running instance of this run, on the wall clock; stopped and deleted when the run ends."""
    directory = Path(tempfile.mkdtemp(prefix="wenming-bench-"))
    instance = Instance("bench", root=directory, clock="wall")

    def remove() -> None:
        instance.down()
        shutil.rmtree(directory)

    atexit.register(remove)
    instance.up()
    return instance


def database(service: str) -> "Database[dict[str, Any]]":
    """The database of `service`, to seed it and to read effects (a benchmark may look where a service may not)."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(system().mongodb_url)
    return client.get_database(system().environment().get("WENMING_DB_PREFIX", "wenming_") + service)
