"""The system under test: two processes of every service, their servers, what they hold, and when they are quiet.

The tests look into the databases, as no service may, to know how far every report has come.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymongo

from infra.local.broker import USER
from infra.local.instance import Instance
from infra.local.ports import free_ports
from infra.local.premises import External, Premises
from infra.local.programs import PROGRAMS, SERVICES, Program
from services.notify.contracts import BulletinKind
from tests.chaos.link import Link

RETRY_DELAYS = "500,2000,5000,15000"  # milliseconds; the product's own reach up to a quarter of an hour
PREFIX = "wenming_"
QUIET_WITHIN = 180.0  # seconds at most until anything that must come about has come about


def wait_until(condition: Callable[[], bool], seconds: float, what: str, *, every: float = 0.05) -> None:
    """Return as soon as `condition()` holds, asked `every` so many seconds.

    Raises TimeoutError naming `what` after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(every)


class Site:
    """An instance below `home` with two of every service. Where `external` gives no servers, it has private ones,
    and the services reach them only by the links `to_broker` and `to_database`."""

    def __init__(self, home: Path, *, external: External | None = None) -> None:
        self._second_intake, broker, database = free_ports(3)
        environment = _environment() | {"WENMING_BROKER_PORT": str(broker), "WENMING_DATABASE_PORT": str(database)}
        self.to_broker, self.to_database = Link(broker), Link(database)
        settings = {"WENMING_RETRY_DELAYS": RETRY_DELAYS}
        if external is None:
            password = Premises(home.name, root=home.parent, environment={}).secrets["broker_password"]
            # Two URLs, as of a cluster; nobody is at the first.
            urls = (f"amqp://{USER}:{password}@127.0.0.1:{port}/" for port in (1, self.to_broker.port))
            settings["AMQP_URL"] = ";".join(urls)
            settings["MONGODB_URL"] = f"mongodb://127.0.0.1:{self.to_database.port}/?directConnection=true"
        self.instance = Instance(
            home.name,
            root=home.parent,
            clock="wall",
            programs=[one for one in PROGRAMS if one.name != "gateway"] + [self._second(name) for name in SERVICES],
            external=external or External(),
            environment=environment,
            settings=settings,
        )

    def _second(self, name: str) -> Program:
        port = self._second_intake if name == "complaints" else 0  # two on one port would share it without an error
        command = ("{python}", "-m", "infra.serve", SERVICES[name], "--web-port", str(port))
        return Program(name=f"{name}-2", command=command, wave=1)

    def __enter__(self) -> "Site":
        self.instance.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.to_broker.mend()
        self.to_database.mend()
        self.instance.down()
        self.to_broker.close()
        self.to_database.close()

    @property
    def intakes(self) -> list[int]:
        """The ports of both intakes."""
        return [self.instance.ports.intake, self._second_intake]

    @property
    def secret(self) -> str:
        """The hotline's."""
        return self.instance.secrets["hotline_12345"]

    def kill(self, service: str) -> None:
        """SIGKILL to both processes of a service."""
        for name in (service, f"{service}-2"):
            self.instance.process(name).kill()

    def logs(self) -> list[Path]:
        """All log files so far."""
        return sorted(path for path in self.instance.home.rglob("*.log*") if path.is_file())


def _environment() -> dict[str, str]:
    """This process's, without what names servers."""
    mine = ("AMQP_URL", "MONGODB_URL", "RABBITMQ_MANAGEMENT_URL", "WENMING_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


class Holdings:
    """What the databases at `mongodb_url` hold."""

    def __init__(self, mongodb_url: str) -> None:
        self._client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            mongodb_url, serverSelectionTimeoutMS=20_000
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def count(self, service: str, collection: str, **query: Any) -> int:
        """How many documents."""
        return int(self._client[PREFIX + service][collection].count_documents(query))

    def held(self) -> int:
        """How many reports stand in cases."""
        sizes = [{"$group": {"_id": None, "n": {"$sum": {"$size": "$joined"}}}}]
        found = list(self._client[PREFIX + "complaints"]["cases"].aggregate(sizes))
        return int(found[0]["n"]) if found else 0

    def on_their_way(self) -> int:
        """How many reports and assignments have not come to their end: no case yet, or no notice yet."""
        reports, filed = self.count("complaints", "reports"), self.count("complaints", "cases", filed_at={"$ne": None})
        return reports - self.held() + filed - self.count("notify", "notice", kind=BulletinKind.ASSIGNMENT)

    def is_quiet(self) -> bool:
        """Whether everything has come to its end and all have heard of it."""
        if self.on_their_way():
            return False
        cases, tasks = self.count("complaints", "cases"), self.count("tasks", "tasks")
        return (
            self.count("assessment", "indicators_marks") == cases + 2 * tasks
            and self.count("complaints", "case_counts_marks") == cases
            and self.count("tasks", "task_tally_marks") == tasks
            and self.count("complaints", "cases", status="filed") == 0
            and self.unsent() == 0
        )

    def wait_for_quiet(self, when: str = "") -> None:
        """Return as soon as it is quiet. The question costs a dozen counts: it is not asked without a pause."""
        wait_until(self.is_quiet, QUIET_WITHIN, f"quiet {when}".strip(), every=0.25)

    def unsent(self) -> int:
        """How many documents hold events that are not yet known to be published."""
        pairs = (("complaints", "reports"), ("complaints", "cases"), ("tasks", "tasks"), ("notify", "delivery"))
        return sum(self.count(*pair, outbox_since={"$exists": True}) for pair in pairs)

    def stored(self, external_ids: list[str]) -> set[str]:
        """Which of these work orders are stored."""
        found = self._client[PREFIX + "complaints"]["reports"].find(
            {"external_id": {"$in": external_ids}}, {"external_id": 1}
        )
        return {one["external_id"] for one in found}

    def progress(self, service: str) -> int:
        """How much a service has done: what its handlers write."""
        collections = {"complaints": "cases", "tasks": "tasks", "notify": "notice", "assessment": "indicators_marks"}
        return self.count(service, collections[service])
