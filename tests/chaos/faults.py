"""What breaks, as data: each fault breaks something on a site and mends it again.

A fault is called while work is under way; what it returns is the monotonic moment from which recovery is counted:
when everything was whole again.
"""

import signal
import time
from collections.abc import Callable
from typing import NamedTuple

from infra.local.cluster import BrokerCluster, DatabaseCluster
from infra.local.programs import SERVICES
from tests.chaos.site import Site, wait_until

AWAY = 6.0  # seconds for which something is away
HOLE = 8.0  # seconds for which a link swallows everything
ELECTION = 60.0  # seconds at most until there is a new leader
QUEUE = "complaints.report_received"


class Fault(NamedTuple):
    """`busy` is the service in whose handlers work must be under way when it happens."""

    name: str
    busy: str
    happen: Callable[[Site], None]


def _killed(service: str) -> Callable[[Site], None]:
    def happen(site: Site) -> None:
        site.kill(service)
        site.instance.up()

    return happen


def _broker_stopped(site: Site) -> None:
    process = site.instance.broker.process.found()
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    time.sleep(AWAY)
    process.send_signal(signal.SIGCONT)


def _broker_restarted(site: Site) -> None:
    site.instance.broker.stop()
    site.instance.up()


def _broker_killed(site: Site) -> None:
    site.instance.broker.process.kill()
    site.instance.up()


def _database_killed(site: Site) -> None:
    site.instance.database.process.kill()
    site.instance.up()


def _link(which: str, what: str, seconds: float) -> Callable[[Site], None]:
    def happen(site: Site) -> None:
        link = getattr(site, which)
        getattr(link, what)()
        time.sleep(seconds)
        link.mend()

    return happen


def _leader_killed(brokers: BrokerCluster) -> Callable[[Site], None]:
    def happen(site: Site) -> None:
        leader = brokers.leader(QUEUE)
        assert leader is not None, f"{QUEUE} has no leader"
        leader.process.kill()
        wait_until(lambda: brokers.leader(QUEUE) not in (None, leader), ELECTION, "a new leader of the queue")

    return happen


def _primary_killed(databases: DatabaseCluster) -> Callable[[Site], None]:
    def happen(site: Site) -> None:
        primary = databases.primary()
        assert primary is not None, "the replica set has no primary"
        primary.process.kill()
        wait_until(lambda: databases.primary() not in (None, primary), ELECTION, "a new primary")

    return happen


KILLS = {service: Fault(f"kill {service}", service, _killed(service)) for service in SERVICES}
BROKER_RESTART = Fault("restart broker", "tasks", _broker_restarted)
ON_ONE = (
    *KILLS.values(),
    Fault("stop and continue broker", "tasks", _broker_stopped),
    BROKER_RESTART,
    Fault("kill broker", "tasks", _broker_killed),
    Fault("kill database", "tasks", _database_killed),
    Fault("cut link to broker", "tasks", _link("to_broker", "cut", AWAY)),
    Fault("black hole to broker", "tasks", _link("to_broker", "swallow", HOLE)),
    Fault("cut link to database", "tasks", _link("to_database", "cut", AWAY)),
    Fault("black hole to database", "tasks", _link("to_database", "swallow", HOLE)),
)


def on_clusters(brokers: BrokerCluster, databases: DatabaseCluster) -> tuple[Fault, ...]:
    """The faults that only clusters can have."""
    return (
        Fault("kill leader of broker cluster", "tasks", _leader_killed(brokers)),
        Fault("kill primary of replica set", "tasks", _primary_killed(databases)),
    )
