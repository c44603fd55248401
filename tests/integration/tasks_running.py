"""The service of tasks on a broker host and a database of its own: processes, published case events, what it says."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import kombu
import msgspec

from infra.messaging.event import Envelope, Event, seal
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.rpc_client import call_once
from infra.messaging.topology import declare_all, exchange_of
from infra.settings import Settings
from services.tasks.service import TasksService
from tests.messaging.conftest import DEADLINE, environment_of

V = TypeVar("V")


def wait_for(value: Callable[[], V], within: float = DEADLINE) -> V:
    """The first true value of `value()`; fails after `within` seconds."""
    end = time.monotonic() + within
    while not (found := value()):
        assert time.monotonic() < end, f"not within {within} s"
        time.sleep(0.02)
    return found


class Tasks:
    """The running service as a test sees it: it hears cases, it is called, and it says something.

    `about` is how the ids of the tasks begin that the test asks for.
    """

    def __init__(self, settings: Settings, home: Path) -> None:
        self.settings, self._home, self.about = settings, home, ""
        self._processes: list[subprocess.Popen[bytes]] = []
        declare_all(settings.amqp_url, [TasksService], settings.retry_delays)
        self._connection = kombu.Connection(settings.amqp_url)
        self._publisher = Publisher(self._connection)
        self._channel = self._connection.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(self._queue, exchange_of("tasks"), routing_key="#")
        self._said: dict[str, Envelope] = {}

    def start(self) -> None:
        """Start one process of the service and wait until it is ready."""
        ready = self._home / f"ready-{len(self._processes)}"
        environment = environment_of(self.settings) | {
            "WENMING_CLOCK": self.settings.clock_setting,
            "WENMING_READY_FILE": str(ready),
            "WENMING_SCAN_SECONDS": "0.1",
        }
        command = [sys.executable, "-m", "infra.serve", "services.tasks.service:TasksService", "--web-port", "0"]
        process = subprocess.Popen(command, env=environment)
        self._processes.append(process)
        wait_for(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None

    def stop(self) -> None:
        """End every process and the connection."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.wait(DEADLINE)
        self._connection.release()

    def hear(self, *events: tuple[Event, str, int]) -> None:
        """Publish events of complaints: (event, subject, sequence)."""
        at = self.settings.clock().now()
        envelopes = [seal(e, subject=subject, sequence=n, at=at, cause="test") for e, subject, n in events]
        assert self._publisher.publish([_parcel(envelope) for envelope in envelopes]) == {}

    def said(self, type_: str | None = None) -> list[Envelope]:
        """Every event so far about those tasks (of one type), in the order in which they came, each once."""
        while (message := self._channel.basic_get(self._queue, no_ack=True)) is not None:
            envelope = Envelope.from_message(message.headers, bytes(message.body))
            self._said.setdefault(envelope.id, envelope)  # a relay may publish it again
        ours = [one for one in self._said.values() if one.subject.startswith(f"task/{self.about}")]
        return [one for one in ours if type_ in (None, one.type)]

    def waits_until_said(self, type_: str, count: int = 1) -> list[dict[str, Any]]:
        """The bodies of the first `count` events of that type, once they have come."""
        found = wait_for(lambda: self.said(type_)[:count] if len(self.said(type_)) >= count else None)
        return [msgspec.json.decode(envelope.data) for envelope in found]

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """What the RPC method answers; raises the Problem that it raised."""
        return call_once(self.settings.amqp_url, "tasks", method, *args, timeout=DEADLINE, **kwargs)


def _parcel(envelope: Envelope) -> Parcel:
    return Parcel(envelope.id, exchange_of(envelope.source), envelope.type, envelope.headers(), envelope.data)
