"""One private broker and one private database for a whole run, started when the first test needs them.

Their addresses are in the environment from the start (AMQP_URL, MONGODB_URL, RABBITMQ_MANAGEMENT_URL), so that modules
may read them while they are imported. Where AMQP_URL or MONGODB_URL is set already, that server is used instead. A
server that does not start is a failure, never a skip.

Their files lie in memory where there is room for them: what the tests do to a server (end it, kill it, start it again)
needs no disk, and it writes its journal thousands of times. The power is never cut.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import psutil
import pytest

from infra.local.broker import BrokerPorts, PrivateBroker
from infra.local.database import PrivateDatabase
from infra.local.instance import CHECKOUT
from infra.local.ports import free_ports

WITHOUT_SERVERS = ("unit", "contracts", "architecture")
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3  # bytes
TRANSACTION_SECONDS = 4  # of a service that a test killed: its database is dropped only after that

# How long an example takes says how busy the machine is, nothing about the code. A run tries the same examples as the
# run before; others are looked for with `make test ARGS="--hypothesis-profile explore"`.
hypothesis.settings.register_profile(
    "explore",
    hypothesis.settings(),
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("repeatable", hypothesis.settings.get_profile("explore"), derandomize=True)
hypothesis.settings.load_profile("repeatable")


def _runs() -> Path:
    """The directory of the files of all runs of this user."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY / f"wenming-tests-{os.getuid()}" if roomy else CHECKOUT / ".wenming"


RUNS = _runs()
HOME = RUNS / f"test-{os.getpid()}"
OWN = pytest.StashKey[tuple[PrivateBroker | None, PrivateDatabase | None]]()


def pytest_configure(config: pytest.Config) -> None:
    """Decide which servers are ours, and where they will be."""
    broker = None
    if not os.environ.get("AMQP_URL"):
        broker = PrivateBroker(HOME / "broker", BrokerPorts.free(), password=secrets.token_urlsafe(12))
        os.environ["AMQP_URL"], os.environ["RABBITMQ_MANAGEMENT_URL"] = broker.url, broker.management_url
    database = None
    if not os.environ.get("MONGODB_URL"):
        database = PrivateDatabase(HOME / "database", free_ports(1)[0], transaction_seconds=TRANSACTION_SECONDS)
        os.environ["MONGODB_URL"] = database.url
    config.stash[OWN] = (broker, database)


@pytest.fixture(scope="session", autouse=True)
def servers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start our servers if any collected test may need them, and stop them at the end of the run."""
    _sweep_up_after_killed_runs()
    needing = [item for item in request.session.items if _folder(item) not in WITHOUT_SERVERS]
    with ExitStack() as running:
        if needing:
            _start(request.config.stash[OWN], running)
        yield
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def amqp_url(servers: None) -> str:
    """The broker of this run."""
    return os.environ["AMQP_URL"]


@pytest.fixture(scope="session")
def mongodb_url(servers: None) -> str:
    """The database of this run."""
    return os.environ["MONGODB_URL"]


@pytest.fixture
def server_home() -> Iterator[Path]:
    """A directory for the files of servers that a test starts itself."""
    home = HOME / f"of-{secrets.token_hex(4)}"
    yield home
    shutil.rmtree(home, ignore_errors=True)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def _start(own: tuple[PrivateBroker | None, PrivateDatabase | None], running: ExitStack) -> None:
    """Both at once; whatever was started is stopped even when the other does not become ready."""
    servers = [server for server in own if server is not None]
    for server in servers:
        running.callback(server.stop, seconds=0)  # their files are removed: nothing needs to be written in peace
        server.start()
    for server in servers:
        server.wait_ready()


def _sweep_up_after_killed_runs() -> None:
    """Stop what a run left behind that was itself killed, and remove its files; its number may now be ours."""
    for left in RUNS.glob("test-*"):
        owner = left.name.removeprefix("test-")
        if owner.isdigit() and (int(owner) == os.getpid() or not psutil.pid_exists(int(owner))):
            PrivateBroker(left / "broker", BrokerPorts(0, 0, 0, 0, 0), password="").stop()
            PrivateDatabase(left / "database", 0).stop()
            shutil.rmtree(left, ignore_errors=True)
