"""Where an instance lives and how it is reached: directory, ports, secrets, URLs, processes. It starts nothing."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from infra.local import memory as memories
from infra.local.broker import BrokerPorts, PrivateBroker
from infra.local.database import PrivateDatabase
from infra.local.memory import Memory
from infra.local.ports import Ports
from infra.local.process import Process
from infra.local.programs import PROGRAMS, Program
from infra.local.secret_file import load_or_create
from infra.local.trouble import NotUp

CHECKOUT = Path(__file__).resolve().parents[2]


class External(msgspec.Struct, frozen=True):
    """Servers that are used instead of private ones; None for those that are to be started."""

    amqp_url: str | None = None
    mongodb_url: str | None = None
    management_url: str | None = None

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> "External":
        """Those that AMQP_URL, MONGODB_URL and RABBITMQ_MANAGEMENT_URL name."""
        names = ("AMQP_URL", "MONGODB_URL", "RABBITMQ_MANAGEMENT_URL")
        return External(*(environment.get(name) or None for name in names))


class Premises:
    """The instance called `name`, with all its files in `<root>/<name>`.

    `root` is WENMING_DATA, or `.wenming` in the checkout, where it is not given. `settings` are further variables
    for every program. `environment` (default: this process's) is where settings of ports, directories and
    servers are read.
    """

    def __init__(
        self,
        name: str = "local",
        *,
        root: Path | None = None,
        programs: Sequence[Program] = PROGRAMS,
        external: External | None = None,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self.name = name
        self.home = (root or Path(self._environment.get("WENMING_DATA") or CHECKOUT / ".wenming")).resolve() / name
        logs = self._environment.get("WENMING_LOGS")
        self.logs = Path(logs).resolve() / name if logs else self.home / "logs"
        self.programs = tuple(programs)
        self.external = External.from_environment(self._environment) if external is None else external
        self._settings = dict(settings or {})

    @property
    def memory(self) -> Memory:
        """Ports and clock. Raises NotUp for an instance that was never started."""
        remembered = memories.recall(self._memory_file)
        if remembered is None:
            raise NotUp(f"the instance {self.name!r} was never started; `wenming up` starts it")
        return remembered

    @property
    def ports(self) -> Ports:
        """Its ports. Raises NotUp for an instance that was never started."""
        return self.memory.ports

    @property
    def secrets(self) -> dict[str, str]:
        """Its secrets (infra/local/secret_file.py), generated when they are first asked for."""
        return load_or_create(self.secrets_file)

    @property
    def secrets_file(self) -> Path:
        """What WENMING_SECRETS is set to."""
        return self.home / "secrets.json"

    @property
    def mail(self) -> Path:
        """The directory of the mail that was caught."""
        return self.home / "mail"

    @property
    def broker(self) -> PrivateBroker:
        """The private broker, running or not."""
        p = self.ports
        ports = BrokerPorts(p.broker, p.management, p.stream, p.distribution, p.epmd)
        return PrivateBroker(self.home / "broker", ports, password=self.secrets["broker_password"], logs=self.logs)

    @property
    def database(self) -> PrivateDatabase:
        """The private database, running or not."""
        return PrivateDatabase(self.home / "database", self.ports.database, logs=self.logs)

    @property
    def amqp_url(self) -> str:
        """The broker's URL, with its password: never to be printed."""
        return self.external.amqp_url or self.broker.url

    @property
    def mongodb_url(self) -> str:
        """The database's URL."""
        return self.external.mongodb_url or self.database.url

    @property
    def management_url(self) -> str | None:
        """The broker's management API, None where an external broker was given without one."""
        return self.external.management_url if self.external.amqp_url else self.broker.management_url

    def addresses(self) -> dict[str, str]:
        """What a person can open, by purpose; no password."""
        p = self.ports
        return {
            "GraphQL": f"http://127.0.0.1:{p.gateway}/graphql",
            "hotline 12345": f"http://127.0.0.1:{p.intake}/intake/hotline_12345",
            "hotline 12319": f"http://127.0.0.1:{p.intake}/intake/hotline_12319",
            "mail caught in": str(self.mail),
            "logs": str(self.logs),
        }

    def environment(self) -> dict[str, str]:
        """The variables with which its programs run (infra/settings.py reads them)."""
        p = self.ports
        return self._environment | {
            "AMQP_URL": self.amqp_url,
            "MONGODB_URL": self.mongodb_url,
            "RABBITMQ_MANAGEMENT_URL": self.management_url or "",
            "WENMING_HOME": str(self.home),
            "WENMING_SECRETS": str(self.secrets_file),
            "WENMING_CLOCK": self.memory.clock,
            "WENMING_INTAKE_PORT": str(p.intake),
            "WENMING_GATEWAY_PORT": str(p.gateway),
            "WENMING_MATERIALS_PORT": str(p.materials),
            "WENMING_SMTP_URL": f"smtp://127.0.0.1:{p.smtp}",
            "PYTHONUNBUFFERED": "1",
            **self._settings,
        }

    def process(self, name: str) -> Process:
        """The process of the program `name`, running or not."""
        return Process(name, record=self.home / "processes" / f"{name}.json", log=self.logs / f"{name}.log")

    def processes(self) -> dict[str, tuple[Process, int | None]]:
        """Every process that a running instance has, with its port, in starting order."""
        servers: dict[str, tuple[Process, int | None]] = {}
        if not self.external.mongodb_url:
            servers["database"] = (self.database.process, self.ports.database)
        if not self.external.amqp_url:
            servers["epmd"] = (self.broker.epmd, self.ports.epmd)
            servers["broker"] = (self.broker.process, self.ports.broker)
        return servers | {one.name: (self.process(one.name), self.port_of(one)) for one in self.programs}

    def port_of(self, program: Program) -> int | None:
        """The port on which `program` listens, None where it listens on none."""
        return getattr(self.ports, program.port) if program.port else None

    def is_up(self) -> bool:
        """Whether every process lives."""
        return self._memory_file.exists() and all(process.alive() for process, _ in self.processes().values())

    @property
    def _memory_file(self) -> Path:
        return self.home / "instance.json"
