"""What runs, where, how deep the broker's queues are, and what waits in the outboxes."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import msgspec
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from infra.local.premises import Premises
from infra.local.programs import SERVICES

ALONE, DEAD = ".alone", ".dead"  # as in infra/messaging/topology.py, which loads the services' framework
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class ProcessState(msgspec.Struct, frozen=True):
    """One process: `pid` and `seconds` since its start are None where it does not run."""

    name: str
    pid: int | None
    port: int | None
    seconds: float | None


class QueueState(msgspec.Struct, frozen=True):
    """The queue of one handler: events that wait, those handled one by one, those given up, and its consumers."""

    name: str
    waiting: int
    alone: int
    dead: int
    consumers: int


def processes(premises: Premises) -> list[ProcessState]:
    """The state of every process. Raises NotUp for an instance that was never started."""
    states = []
    for name, (process, port) in premises.processes().items():
        found = process.found()
        seconds = time.time() - found.create_time() if found else None
        states.append(ProcessState(name, found.pid if found else None, port, seconds))
    return states


def queues(premises: Premises) -> list[QueueState] | None:
    """Every handler's queue, None where the broker's management API cannot be asked."""
    if premises.management_url is None:
        return None
    parts = urlsplit(premises.amqp_url)
    user = unquote(parts.username or "guest"), unquote(parts.password or "guest")
    vhost = quote(unquote(parts.path[1:]) or "/", safe="")
    try:
        with httpx.Client(base_url=premises.management_url, auth=user, timeout=10, trust_env=False) as api:
            depths = {row["name"]: row.get("messages", 0) for row in _rows(api, f"/api/queues/{vhost}")}
            takers = Counter(row["queue"]["name"] for row in _rows(api, f"/api/consumers/{vhost}"))
    except httpx.HTTPError:
        return None
    names = sorted(name.removesuffix(DEAD) for name in depths if name.endswith(DEAD))
    return [
        QueueState(name, depths.get(name, 0), depths.get(name + ALONE, 0), depths[name + DEAD], takers[name])
        for name in names
    ]


def _rows(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    answer = api.get(path)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def outboxes(premises: Premises, *, prefix: str = "wenming_") -> dict[str, int] | None:
    """How many documents of each service hold unconfirmed events, None where the database does not answer."""
    client: MongoClient[dict[str, Any]] = MongoClient(premises.mongodb_url, serverSelectionTimeoutMS=2000)
    try:
        return {service: _waiting(client, prefix + service) for service in SERVICES}
    except PyMongoError:
        return None
    finally:
        client.close()


def _waiting(client: "MongoClient[dict[str, Any]]", database: str) -> int:
    collections = client[database].list_collection_names()
    return sum(client[database][name].count_documents({"outbox_since": {"$gt": LONG_AGO}}) for name in collections)
