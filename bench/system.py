"""The system that is measured: a private instance, fresh for each measurement, removed when it is over."""

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
    """The running instance of this measurement, on the wall clock."""
    instance = Instance("bench", root=Path(tempfile.mkdtemp(prefix="wenming-bench-")), clock="wall")
    atexit.register(remove)
    instance.up()
    return instance


def remove() -> None:
    """Stop and delete the instance, if there is one; the next measurement that needs one gets a fresh one."""
    if system.cache_info().currsize:
        instance = system()
        system.cache_clear()
        atexit.unregister(remove)
        instance.down()
        shutil.rmtree(instance.home.parent)


def database(service: str) -> "Database[dict[str, Any]]":
    """The database of `service`, to seed it and to read effects (a benchmark may look where a service may not)."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(system().mongodb_url)
    return client.get_database(system().environment().get("WENMING_DB_PREFIX", "wenming_") + service)
