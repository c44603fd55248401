"""A private RabbitMQ node that any user can run, beside others and beside the system's own.

Debian's wrapper in sbin refuses other users than `rabbitmq` and root, so the server's own script is started; everything
that it would take from /etc and /var is set by `RABBITMQ_*` variables. Nodes find each other through `epmd`; a private
one is started first, on a port of its own, because the one that Erlang starts by itself outlives the node unrecorded.
"""

import os
import shutil
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import msgspec

from infra.local.ports import answers, free_ports, is_free, require_free
from infra.local.process import Process
from infra.local.secret_file import write_private
from infra.local.trouble import Missing

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
PLUGINS = ("rabbitmq_management", "rabbitmq_stream")
USER = "wenming"
HOST = "localhost"
LARGEST_MESSAGE = 16 * 1024**2  # bytes; a letter has at most 5 MB (decision 0011); also in infra/deploy/rabbitmq.conf
START_SECONDS = 90.0
STOP_SECONDS = 40.0


class BrokerPorts(msgspec.Struct, frozen=True):
    """AMQP, management API, streams, distribution between nodes, and the epmd that knows the nodes."""

    amqp: int
    management: int
    stream: int
    distribution: int
    epmd: int

    @staticmethod
    def free(*, epmd: int | None = None) -> "BrokerPorts":
        """Ports that are free now; `epmd` is given where several nodes share one."""
        amqp, management, stream, distribution, own = free_ports(5)
        return BrokerPorts(amqp, management, stream, distribution, epmd or own)


class PrivateBroker:
    """One node, with all its files in `home`.

    Nodes with the same `cookie` and epmd port that name each other in `peers` form a cluster. `node` is the name before
    the @; `peers` lists the names of all nodes of the cluster, this one included.
    """

    def __init__(
        self,
        home: Path,
        ports: BrokerPorts,
        *,
        password: str,
        node: str = "wenming",
        peers: Sequence[str] = (),
        cookie: str | None = None,
        logs: Path | None = None,
    ) -> None:
        self.home, self.ports, self.node, self.peers, self._password = (
            home.resolve(),
            ports,
            node,
            tuple(peers),
            password,
        )
        self._cookie = cookie
        logs = (logs or home / "logs").resolve()
        self._logs = logs
        self.process = Process(
            f"broker-{node}" if peers else "broker", record=self.home / "broker.json", log=logs / "broker.log"
        )
        self.epmd = Process("epmd", record=self.home / "epmd.json", log=logs / "epmd.log")

    @property
    def url(self) -> str:
        """The AMQP URL, password included: never to be printed."""
        return f"amqp://{USER}:{self._password}@127.0.0.1:{self.ports.amqp}/"

    @property
    def management_url(self) -> str:
        """The management API's URL; its user and password are those of the AMQP URL."""
        return f"http://127.0.0.1:{self.ports.management}"

    def start(self) -> None:
        """Start the node without waiting. Raises Missing or BusyPort."""
        if not SERVER.exists():
            raise Missing(
                "RabbitMQ is not installed; run `make setup` (or: apt-get install rabbitmq-server), or set AMQP_URL"
            )
        self._require_ports()
        self._write_configuration()
        if is_free(self.ports.epmd):
            epmd = [_epmd_path(), "-port", str(self.ports.epmd), "-address", "127.0.0.1"]
            self.epmd.start(epmd, self._environment(), directory=self.home)
            self.epmd.wait_ready(lambda: answers(self.ports.epmd), seconds=20)
        self.process.start([str(SERVER)], self._environment(), directory=self.home)

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until AMQP and the management API both answer. Raises NotReady."""
        self.process.wait_ready(lambda: answers(self.ports.amqp) and self._manages(), seconds=seconds)

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Stop the node, then the epmd that was started with it. Returns whether both went by themselves."""
        gentle = self.process.stop(seconds=seconds)
        return self.epmd.stop(seconds=5) and gentle

    def __enter__(self) -> "PrivateBroker":
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _require_ports(self) -> None:
        require_free(self.ports.amqp, "RabbitMQ", "WENMING_BROKER_PORT")
        require_free(self.ports.management, "RabbitMQ's management API", "WENMING_MANAGEMENT_PORT")
        require_free(self.ports.stream, "RabbitMQ's streams", "WENMING_STREAM_PORT")
        require_free(self.ports.distribution, "RabbitMQ's nodes", "WENMING_DISTRIBUTION_PORT")
        if not self._cookie and not self.epmd.alive():  # it outlives a node that was killed
            require_free(self.ports.epmd, "Erlang's port mapper", "WENMING_EPMD_PORT")

    def _manages(self) -> bool:
        """Whether the management API lets our user in: the node has booted to the end, plugins included."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports.management}/api/overview")
        request.add_header("Authorization", "Basic " + b64encode(f"{USER}:{self._password}".encode()).decode())
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _write_configuration(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        write_private(self.home / "rabbitmq.conf", "\n".join(self._configuration()) + "\n")
        (self.home / "enabled_plugins").write_text(f"[{','.join(PLUGINS)}].\n")
        (self.home / "environment").write_text("")
        if self._cookie and not (self.home / ".erlang.cookie").exists():
            write_private(self.home / ".erlang.cookie", self._cookie, mode=0o400)

    def _configuration(self) -> list[str]:
        cluster = [
            f"cluster_formation.classic_config.nodes.{number} = {peer}@{HOST}"
            for number, peer in enumerate(self.peers, start=1)
        ]
        return [
            f"listeners.tcp.1 = 127.0.0.1:{self.ports.amqp}",
            "management.tcp.ip = 127.0.0.1",
            f"management.tcp.port = {self.ports.management}",
            f"stream.listeners.tcp.1 = 127.0.0.1:{self.ports.stream}",
            f"default_user = {USER}",
            f"default_pass = {self._password}",
            f"max_message_size = {LARGEST_MESSAGE}",
            "log.console = true",
            "log.console.level = warning",
            "log.file.level = info",
            *cluster,
        ]

    def _environment(self) -> dict[str, str]:
        """The user's environment without what could lead this node astray, and what keeps it private."""
        foreign = ("RABBITMQ_", "ERL_", "NOTIFY_SOCKET")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {
            "HOME": str(self.home),
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"{self.node}@{HOST}",
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(self.home / "environment"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self._logs / self.node),
            # Without a shell script in between, the pid that we remember is the node's own.
            # -noinput keeps the Erlang shell away.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
        }


def _epmd_path() -> str:
    """Erlang's port mapper. Raises Missing."""
    found = shutil.which("epmd") or next((str(path) for path in Path("/usr/lib/erlang").glob("erts-*/bin/epmd")), None)
    if found is None:
        raise Missing("Erlang's epmd is not installed; it comes with RabbitMQ (apt-get install rabbitmq-server)")
    return found
