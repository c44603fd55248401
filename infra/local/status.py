"""What runs, where, how deep the broker's queues are, and what waits in the outboxes."""

import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import msgspec
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from infra.local.premises import Premises
from infra.local.programs import SERVICES

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class ProcessState(msgspec.Struct, frozen=True):
    """One process: `pid` and `seconds` since its start are None where it does not run."""

    name: str
    pid: int | None
    port: int | None
    seconds: float | None


class QueueState(msgspec.Struct, frozen=True):
    """One queue of the broker: messages in it, and who takes them."""

    name: str
    messages: int
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
    """Every queue of the broker, None where its management API cannot be asked."""
    if premises.management_url is None:
        return None
    parts = urlsplit(premises.amqp_url)
    try:
        user = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        answer = httpx.get(f"{premises.management_url}/api/queues", auth=user, timeout=10, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    rows = [QueueState(row["name"], row.get("messages", 0), row.get("consumers", 0)) for row in answer.json()]
    return sorted(rows, key=lambda row: row.name)


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
