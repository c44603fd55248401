"""The service of complaints on a broker host and a database of its own, as a hotline, the desk and tasks meet it."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import kombu
import pymongo

from infra.local.ports import free_ports
from infra.messaging import topology
from infra.messaging.event import Envelope
from infra.messaging.rpc_client import call_once
from infra.messaging.topology import exchange_of
from infra.settings import Settings
from infra.signature import signed_headers
from services.complaints.channels import known_channels
from services.complaints.service import ComplaintsService
from tests.integration.one_service import DEADLINE, own_host, publish, received, wait_until
from tests.messaging.conftest import environment_of
from tests.unit.case_samples import AT

SECRETS = {"master_key": "of the tests"} | {name: f"secret of {name}" for name in known_channels()}
LIMITS = """channel,items_per_s,items_at_once,asks_per_s,asks_at_once,body_bytes,items_per_body
*,2000,20000,500,5000,5242880,1000
patrol,0.01,20,0.01,3,10000,20
"""
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DESK = {"role": "hotline_desk", "unit": "5301", "name": "钱七"}
STREET_OFFICER = {"role": "street", "unit": "5301/530102/530102001", "name": "孙八"}
JSON = {"Content-Type": "application/json"}


class Complaints:
    """The running service."""

    def __init__(
        self, settings: Settings, home: Path, variables: Mapping[str, str] = {}, secrets: Mapping[str, str] = {}
    ) -> None:
        self.settings, self._home = settings, home
        self._variables, self._secrets = dict(variables), SECRETS | secrets
        self.secrets_file = home / "secrets.json"
        self._port = free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=DEADLINE, trust_env=False)
        mongo: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(settings.mongodb_url, tz_aware=True)
        self.db = mongo[settings.db_prefix + "complaints"]
        topology.declare_all(settings.amqp_url, [ComplaintsService], settings.retry_delays)
        self._tap = kombu.Connection(settings.amqp_url)
        self._channel = self._tap.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(self._queue, exchange_of("complaints"), routing_key="#")
        self._said: dict[str, Envelope] = {}

    def start(self) -> None:
        """Start its process and wait until it is ready."""
        ready = self._home / f"ready-{uuid.uuid4().hex}"
        self.secrets_file.write_text(json.dumps(self._secrets))
        limits = self._home / "limits.csv"
        limits.write_text(LIMITS)
        environment = environment_of(self.settings) | {
            "WENMING_READY_FILE": str(ready),
            "WENMING_SECRETS": str(self.secrets_file),
            "WENMING_CHANNEL_LIMITS": str(limits),
        }
        environment |= self._variables
        service = "services.complaints.service:ComplaintsService"
        command = [sys.executable, "-W", "ignore", "-m", "infra.serve", service, "--web-port", str(self._port)]
        process = self._process = subprocess.Popen(command, env=os.environ | environment)
        wait_until(lambda: ready.exists() or process.poll() is not None, "the service is ready")
        assert process.poll() is None, "the service died"

    def stop(self) -> int:
        """End its process; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(DEADLINE)

    def close(self) -> None:
        """Remove everything that it left."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._tap.release()
        self.client.close()
        self.db.client.drop_database(self.db.name)
        self.db.client.close()

    def push(self, items: Any, channel: str = "hotline_12345", **headers: str) -> httpx.Response:
        """Push JSON as the hotline would."""
        return self.push_raw(json.dumps(items, ensure_ascii=False).encode(), channel, **headers)

    def push_raw(
        self, body: bytes, channel: str = "hotline_12345", secret: str | None = None, **headers: str
    ) -> httpx.Response:
        """Push a signed body."""
        signed = signed_headers((secret or SECRETS.get(channel, "?")).encode(), int(time.time()), body)
        return self.client.post(f"/intake/{channel}", content=body, headers=JSON | signed | headers)

    def ask(self, number: str, channel: str = "hotline_12345") -> httpx.Response:
        """Ask how far a work order is."""
        path = f"/intake/{channel}/{number}"
        signed = signed_headers(SECRETS[channel].encode(), int(time.time()), path.encode())
        return self.client.get(path, headers=signed)

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """What the RPC method answers; raises the Problem that it raised."""
        return call_once(self.settings.amqp_url, "complaints", method, *args, timeout=DEADLINE, **kwargs)

    def tell(self, *events: tuple[Any, str, int]) -> None:
        """Publish events of tasks: (event, id of the task, sequence)."""
        publish(self.settings, [received(event, f"task/{name}", n, AT) for event, name, n in events])

    def said(self, about: str | None = None) -> list[Envelope]:
        """Every event of the service so far (about one subject), in the order in which they came, each once."""
        while (message := self._channel.basic_get(self._queue, no_ack=True)) is not None:
            envelope = Envelope.from_message(message.headers, bytes(message.body))
            self._said.setdefault(envelope.id, envelope)  # a relay may publish it again
        return [one for one in self._said.values() if about in (None, one.subject)]

    def case_of(self, number: str, channel: str = "hotline_12345") -> dict[str, Any]:
        """The stored case that holds the work order, once there is one."""
        return self._case({"joined.report_id": f"{channel}:{number}"}, f"a case for {number}")

    def case_in(self, number: str, status: str) -> dict[str, Any]:
        """The stored case that holds the work order, once it has this status and all its events are published."""
        query = {"joined.report_id": f"hotline_12345:{number}", "status": status, "outbox_since": None}
        return self._case(query, f"{number} {status}")

    def _case(self, query: dict[str, Any], what: str) -> dict[str, Any]:
        """The first case that answers the query: a moment later it may do so no more."""
        found: list[dict[str, Any]] = []
        wait_until(lambda: found or found.extend(self.db.cases.find(query).limit(1)), what)
        return found[0]


def order(number: str, **changes: Any) -> dict[str, Any]:
    """A work order of 12345 with a text of its own, always the same and like that of no other number."""
    sample = known_channels()["hotline_12345"].sample
    own = base64.b32encode(hashlib.sha512(number.encode()).digest()).decode().lower()[:64]
    text = f"五华区华山街道翠湖南路 {number} 号旁雨水井盖缺失，{own}。"
    return sample | {"工单编号": number, "诉求内容": text} | changes


@contextmanager
def complaints_running(
    home: Path, variables: Mapping[str, str] = {}, secrets: Mapping[str, str] = {}
) -> Iterator[Complaints]:
    """The service, started, until the end of the block; with further environment variables and secrets."""
    with own_host() as settings:
        complaints = Complaints(settings, home, variables, secrets)
        try:
            complaints.start()
            yield complaints
        finally:
            complaints.close()
