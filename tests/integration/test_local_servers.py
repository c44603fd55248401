"""The private servers of one machine: really private, really stopped."""

import os
from pathlib import Path
from typing import Any

import psutil
import pytest
from amqp.exceptions import AccessRefused
from kombu import Connection
from pymongo import MongoClient

from infra.local.broker import BrokerPorts, PrivateBroker
from infra.local.database import PrivateDatabase
from infra.local.ports import free_ports
from infra.local.trouble import BusyPort, NotReady
from infra.local.waiting import holds_within


def listening(pid: int) -> set[str]:
    """The addresses on which a process listens."""
    return {
        str(one.laddr.ip) for one in psutil.Process(pid).net_connections("inet") if one.status == psutil.CONN_LISTEN
    }


def nothing_is_left(home: Path) -> bool:
    """Whether soon no process is left of those that were started below `home`: some end a moment after their parent."""
    return holds_within(60, lambda: everything_below(home) == [])


def everything_below(home: Path) -> list[int]:
    """The pids of all processes whose environment or command line names `home`."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
        if process.pid != os.getpid() and any(str(home) in word for word in words):
            found.append(process.pid)
    return found


@pytest.mark.slow
def test_a_broker_is_private_keeps_its_messages_and_leaves_no_process_behind(server_home: Path) -> None:
    broker = PrivateBroker(server_home / "broker", BrokerPorts.free(), password="secret")
    with broker:
        assert listening(broker.process.record.pid) == {"127.0.0.1"}  # type: ignore[union-attr]
        with Connection(broker.url) as connection:
            queue = connection.SimpleQueue("kept", queue_opts={"durable": True})
            queue.put({"n": 1})
            queue.close()
        with (
            Connection(f"amqp://guest:guest@127.0.0.1:{broker.ports.amqp}/") as stranger,
            pytest.raises(AccessRefused),
        ):
            stranger.connect()
    assert nothing_is_left(server_home)
    with broker, Connection(broker.url) as connection:
        queue = connection.SimpleQueue("kept", queue_opts={"durable": True})
        assert queue.get(timeout=60).payload == {"n": 1}
        queue.close()
    assert nothing_is_left(server_home)


def test_a_database_is_a_replica_set_on_the_loopback_interface_and_moves_to_another_port(server_home: Path) -> None:
    first, second = (PrivateDatabase(server_home / "database", port) for port in free_ports(2))
    with first:
        assert listening(first.process.record.pid) == {"127.0.0.1"}  # type: ignore[union-attr]
        client: MongoClient[dict[str, Any]] = MongoClient(first.url)
        with client.start_session() as session, session.start_transaction():
            client.town.streets.insert_one({"name": "翠湖"}, session=session)
        client.close()
    with second:
        client = MongoClient(second.url)
        assert client.town.streets.count_documents({"name": "翠湖"}) == 1
        client.close()
    assert nothing_is_left(server_home)


def test_a_busy_port_is_named_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    port = int(os.environ["MONGODB_URL"].rpartition(":")[2].partition("/")[0].partition("?")[0])
    with pytest.raises(BusyPort) as refusal:
        PrivateDatabase(tmp_path, port).start()
    assert str(refusal.value) == (
        f"port {port} (MongoDB) is in use by another program; stop it or set WENMING_DATABASE_PORT to another port"
    )


def test_a_server_that_dies_while_starting_shows_the_end_of_its_log(server_home: Path) -> None:
    database = PrivateDatabase(server_home, free_ports(1)[0])
    (server_home / "data").mkdir(parents=True)
    (server_home / "data" / "storage.bson").write_text("spoilt")
    with (
        pytest.raises(NotReady, match=r"(?s)database died while starting; its log ends:\n    .*Unable to read"),
        database,
    ):
        pytest.fail("a spoilt database must not start")
    assert nothing_is_left(server_home)
