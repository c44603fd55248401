"""What runs, where, how deep the broker's queues are, what waits in the outboxes, for how long, and
what recurring jobs have set aside."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

import httpx
import msgspec
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from infra.local.premises import Premises
from infra.local.programs import SERVICES
from infra.local.queue_history import Samples, age_of_head, rate_of
from infra.settings import DB_PREFIX

ALONE, DEAD = ".alone", ".dead"  # as in infra/messaging/topology.py, which loads the services' framework
SET_ASIDE = "set_aside"  # as in infra/set_aside.py
SHOWN = 20
V = TypeVar("V")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
HISTORY = ((600, 5), (3600, 60))  # seconds that the broker remembers, and between two of its samples


class ProcessState(msgspec.Struct, frozen=True):
    """One process: `pid` and `seconds` since its start are None where it does not run."""

    name: str
    pid: int | None
    port: int | None
    seconds: float | None


class QueueState(msgspec.Struct, frozen=True):
    """The queue of one handler: events that wait or are in hand, those handled alone, those given up, its consumers.

    `oldest` is for how many seconds the oldest waits, to some five seconds; None where nothing does, and where it waits
    for longer than the broker remembers (an hour, or since its start). `rate` is how many a second are finished at
    present; None where nothing waits, and where nothing was finished in the last minute.
    """

    name: str
    waiting: int
    alone: int
    dead: int
    consumers: int
    oldest: float | None
    rate: float | None = None

    @property
    def empty_in(self) -> float | None:
        """In how many seconds those that wait now are finished at the present rate; None where that is not known."""
        return self.waiting / self.rate if self.rate else None


class OutboxState(msgspec.Struct, frozen=True):
    """The outboxes of one service: how many documents hold unconfirmed events, and for how many seconds the oldest;
    `holding` says how many of each collection, those with none left out."""

    waiting: int
    oldest: float | None
    holding: dict[str, int] = {}


class SetAsideState(msgspec.Struct, frozen=True):
    """What a recurring `job` of a service could not do with the document `id` (infra/set_aside.py), after so many
    `failures` since that moment."""

    service: str
    job: str
    id: str
    why: str
    failures: int
    since: datetime


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
            rows = {row["name"]: row for row in _rows(api, f"/api/queues/{vhost}")}
            depths = {name: row.get("messages", 0) for name, row in rows.items()}
            takers = Counter(row["queue"]["name"] for row in _rows(api, f"/api/consumers/{vhost}"))
            names = sorted(name.removesuffix(DEAD) for name in depths if name.endswith(DEAD))
            history = {name: _history_of(api, vhost, name, depths.get(name, 0)) for name in names}
    except httpx.HTTPError:
        return None
    return [
        QueueState(
            name, depths.get(name, 0), depths.get(name + ALONE, 0), depths[name + DEAD], takers[name], *history[name]
        )
        for name in names
    ]


def _history_of(api: httpx.Client, vhost: str, queue: str, depth: int) -> tuple[float | None, float | None]:
    """For how many seconds the oldest of `depth` waits, and how many are finished a second, as far as it is known."""
    rate = None
    for seconds, step in HISTORY if depth else ():
        answer = api.get(f"/api/queues/{vhost}/{quote(queue, safe='')}", params=_history(seconds, step))
        answer.raise_for_status()
        stats = answer.json().get("message_stats", {})
        rate = rate or rate_of(_samples(stats, "ack"))
        age = age_of_head(_samples(stats, "publish"), depth)
        if age is not None:
            return age, rate
    return None, rate


def _samples(stats: Mapping[str, Any], what: str) -> Samples:
    found: Samples = stats.get(f"{what}_details", {}).get("samples", [])
    return found


def _history(seconds: int, step: int) -> dict[str, int]:
    return {"msg_rates_age": seconds, "msg_rates_incr": step}


def _rows(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    answer = api.get(path)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def outboxes(premises: Premises) -> dict[str, OutboxState] | None:
    """The outboxes of each service, None where the database does not answer."""
    return _of_every_service(premises, _outbox)


def set_aside(premises: Premises) -> list[SetAsideState] | None:
    """What the services' recurring jobs have set aside, at most `SHOWN` of each service, what has waited longest
    first; None where the database does not answer."""
    found = _of_every_service(premises, lambda database: list(database[SET_ASIDE].find().sort("since", 1).limit(SHOWN)))
    if found is None:
        return None
    rows = [row | {"service": service} for service, asides in found.items() for row in asides]
    return [msgspec.convert(row, SetAsideState) for row in rows]


def _of_every_service(premises: Premises, read: Callable[[Database[dict[str, Any]]], V]) -> dict[str, V] | None:
    """What `read` finds in the database of each service, None where that does not answer."""
    prefix = premises.environment().get("WENMING_DB_PREFIX", DB_PREFIX)
    client: MongoClient[dict[str, Any]] = MongoClient(
        premises.mongodb_url, serverSelectionTimeoutMS=2000, tz_aware=True
    )
    try:
        return {service: read(client[prefix + service]) for service in SERVICES}
    except PyMongoError:
        return None
    finally:
        client.close()


def _outbox(database: Database[dict[str, Any]]) -> OutboxState:
    pending = {"outbox_since": {"$gt": LONG_AGO}}
    holding, first = dict[str, int](), datetime.now(UTC)
    for name in database.list_collection_names():
        if count := database[name].count_documents(pending):
            holding[name] = count
        for one in database[name].find(pending, {"outbox_since": 1}).sort("outbox_since", 1).limit(1):
            first = min(first, one["outbox_since"])
    age = (datetime.now(UTC) - first).total_seconds() if holding else None
    return OutboxState(sum(holding.values()), age, holding)
