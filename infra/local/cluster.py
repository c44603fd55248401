"""Three of each on one machine: a RabbitMQ cluster and a MongoDB replica set, to see what the loss of one does.

    with BrokerCluster(home / "brokers", password=…) as brokers, DatabaseCluster(home / "databases") as databases:
        brokers.url, databases.url

They show how the product behaves when a leader dies. They do not make one machine safer: use three machines for that.
"""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from infra.local.broker import HOST, USER, BrokerPorts, PrivateBroker
from infra.local.database import PrivateDatabase
from infra.local.ports import free_ports
from infra.local.waiting import holds_within

MEMBERS = 3
START_SECONDS = 120.0
ALREADY_INITIALISED = 23  # MongoDB's error code AlreadyInitialized


class BrokerCluster:
    """Three nodes of RabbitMQ; the first starts the epmd that all use."""

    def __init__(self, home: Path, *, password: str, cookie: str | None = None) -> None:
        epmd = BrokerPorts.free().epmd
        cookie = cookie or secrets.token_hex(16)
        names = [f"wenming-{home.resolve().parent.name}-{number}" for number in range(1, MEMBERS + 1)]
        self._password = password
        self.nodes = [
            PrivateBroker(
                home / name, BrokerPorts.free(epmd=epmd), password=password, node=name, peers=names, cookie=cookie
            )
            for name in names
        ]

    @property
    def url(self) -> str:
        """What AMQP_URL is set to: the URLs of all nodes, with the password: never to be printed."""
        return ";".join(node.url for node in self.nodes)

    @property
    def management_url(self) -> str:
        """The management API of a node that lives."""
        living = next((node for node in self.nodes if node.process.alive()), self.nodes[0])
        return living.management_url

    def leader(self, queue: str) -> PrivateBroker | None:
        """The node that leads the quorum queue `queue`, None where nobody does at present."""
        with httpx.Client(auth=(USER, self._password), timeout=10, trust_env=False) as api:
            answer = api.get(f"{self.management_url}/api/queues/%2F/{quote(queue, safe='')}")
        name = answer.json().get("leader") if answer.status_code == 200 else None
        return next((node for node in self.nodes if f"{node.node}@{HOST}" == name), None)

    def __enter__(self) -> "BrokerCluster":
        try:
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                node.wait_ready(START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.process.ask_to_end()
        for node in reversed(self.nodes):
            node.stop()


class DatabaseCluster:
    """Three servers of MongoDB as one replica set."""

    def __init__(self, home: Path, *, replica_set: str = "rs0") -> None:
        self._name = replica_set
        ports = free_ports(MEMBERS)
        self.members = [PrivateDatabase(home / f"{port}", port, replica_set=replica_set) for port in ports]

    @property
    def url(self) -> str:
        """What MONGODB_URL is set to."""
        return f"mongodb://{','.join(one.member for one in self.members)}/?replicaSet={self._name}"

    def primary(self) -> PrivateDatabase | None:
        """The member that takes writes, None while there is none."""
        for member in self.members:
            if member.process.alive() and _hello(member).get("isWritablePrimary"):
                return member
        return None

    def __enter__(self) -> "DatabaseCluster":
        try:
            for member in self.members:
                member.start()
            for member in self.members:
                member.process.wait_ready(lambda one=member: bool(_hello(one)), seconds=START_SECONDS)  # type: ignore[misc]
            self._initiate()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members:
            member.process.ask_to_end()
        for member in self.members:
            member.stop()

    def _initiate(self) -> None:
        members = [{"_id": number, "host": one.member} for number, one in enumerate(self.members)]
        client: MongoClient[dict[str, Any]] = MongoClient(self.members[0].member, directConnection=True)
        try:
            client.admin.command("replSetInitiate", {"_id": self._name, "members": members})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALISED:
                raise
        finally:
            client.close()
        if not holds_within(START_SECONDS, lambda: self.primary() is not None):
            raise TimeoutError("the replica set has elected no primary")


def _hello(member: PrivateDatabase) -> dict[str, Any]:
    """What the server says of itself, {} where it does not answer."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        member.member, directConnection=True, serverSelectionTimeoutMS=500, connectTimeoutMS=500
    )
    try:
        return dict(client.admin.command("hello"))
    except PyMongoError:
        return {}
    finally:
        client.close()
