"""Settings of a process: environment variables, read once at its start, and the secrets file that they name.

AMQP_URL              broker, several URLs separated by ';'     MONGODB_URL   database (a replica set)
WENMING_HOME          directory of local state                  WENMING_DB_PREFIX   before every database name
WENMING_CLOCK         see infra/clock.py                        WENMING_CITY  code of the city
WENMING_BIND          address that HTTP ports are bound to      WENMING_INTAKE_PORT, _GATEWAY_PORT, _MATERIALS_PORT
WENMING_MATERIALS_URL where people reach the materials of tasks, e.g. https://materials.example.cn (this machine)
WENMING_SMTP_URL      mail server                               WENMING_SECRETS   JSON file: {name: secret}
WENMING_CHANNEL_LIMITS CSV file: how much each channel may send (services/complaints/channel_limits.py)
WENMING_INTAKE_PROCESSES how many processes of complaints share what each channel may send (1)
WENMING_CALLBACK_URLS  where each hotline is called back: JSON {channel: https URL}
WENMING_RETRY_DELAYS  milliseconds before each retry of a failed event, e.g. 2000,15000,120000,900000
WENMING_EVENT_LOG_BYTES, WENMING_EVENT_LOG_AGE   what the event log keeps, e.g. 10737418240 and 365D
WENMING_TRUSTED_PROXIES how many proxies of ours stand before the intake, each adding to X-Forwarded-For (0)
WENMING_ANONYMISE_AFTER_DAYS   days after its end when a case loses the people in it (365)
WENMING_READY_FILE    touched when a service is ready           WENMING_LOG_LEVEL   DEBUG, INFO, WARNING
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from infra.clock import Clock, parse_clock
from infra.logging import mask

DB_PREFIX = "wenming_"  # of every service's database
RETRY_DELAYS = (2_000, 15_000, 120_000, 900_000)


class SettingMissing(Exception):
    """A setting without which the process cannot run is absent or cannot be read; the text names it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between a laptop, a test and a cluster. Fields are named after their variables."""

    amqp_url: str
    mongodb_url: str
    home: Path = Path(".wenming")
    db_prefix: str = DB_PREFIX
    clock_setting: str = "wall"
    city: str = "530100"
    bind: str = "127.0.0.1"
    intake_port: int = 8012
    gateway_port: int = 8010
    materials_port: int = 8014
    materials_url: str = ""
    smtp_url: str = ""
    secrets_file: Path | None = None
    channel_limits: Path | None = None
    intake_processes: Annotated[int, msgspec.Meta(ge=1)] = 1
    callback_urls: dict[str, str] = {}
    retry_delays: tuple[int, ...] = RETRY_DELAYS
    ready_file: Path | None = None
    log_level: str = "INFO"
    event_log_bytes: int = 10 * 1024**3
    event_log_age: str = "365D"
    trusted_proxies: Annotated[int, msgspec.Meta(ge=0)] = 0
    anonymise_after_days: Annotated[int, msgspec.Meta(ge=1)] = 365

    def __repr__(self) -> str:
        """Without the passwords in its URLs: it may end up in a log."""
        return f"Settings(amqp_url={mask(self.amqp_url)!r}, mongodb_url={mask(self.mongodb_url)!r}, …)"

    @staticmethod
    def from_environment(environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings in `environment` (default: this process's). Raises SettingMissing."""
        env = {name: value for name, value in (os.environ if environment is None else environment).items() if value}
        found = {field: env[name] for name, field in _VARIABLES.items() if name in env}
        for name in ("AMQP_URL", "MONGODB_URL"):
            if name not in env:
                raise SettingMissing(f"the environment variable {name} is not set")
        if "retry_delays" in found:
            found["retry_delays"] = found["retry_delays"].split(",")  # type: ignore[assignment]
        try:
            if "callback_urls" in found:
                found["callback_urls"] = msgspec.json.decode(found["callback_urls"])
            return msgspec.convert(found, Settings, strict=False, dec_hook=_decode)
        except msgspec.DecodeError as error:
            raise SettingMissing(f"a setting cannot be read: {error}") from error

    def web_port(self, service: str) -> int:
        """The port on which `service` answers HTTP, if it does."""
        return self.materials_port if service == "tasks" else self.intake_port

    @property
    def materials_address(self) -> str:
        """Where people reach the materials of tasks: the first part of every address of one."""
        return self.materials_url.rstrip("/") or f"http://127.0.0.1:{self.materials_port}"

    def clock(self) -> Clock:
        """The clock that the setting names. Raises ValueError where it names none."""
        return parse_clock(self.clock_setting)

    def secret(self, name: str) -> str | None:
        """The secret `name` from the secrets file, None where there is none."""
        if self.secrets_file is None or not self.secrets_file.exists():
            return None
        return json.loads(self.secrets_file.read_text("utf-8")).get(name)


_VARIABLES = {
    "AMQP_URL": "amqp_url",
    "MONGODB_URL": "mongodb_url",
    "WENMING_HOME": "home",
    "WENMING_DB_PREFIX": "db_prefix",
    "WENMING_CLOCK": "clock_setting",
    "WENMING_CITY": "city",
    "WENMING_BIND": "bind",
    "WENMING_INTAKE_PORT": "intake_port",
    "WENMING_GATEWAY_PORT": "gateway_port",
    "WENMING_MATERIALS_PORT": "materials_port",
    "WENMING_MATERIALS_URL": "materials_url",
    "WENMING_SMTP_URL": "smtp_url",
    "WENMING_SECRETS": "secrets_file",
    "WENMING_CHANNEL_LIMITS": "channel_limits",
    "WENMING_INTAKE_PROCESSES": "intake_processes",
    "WENMING_CALLBACK_URLS": "callback_urls",
    "WENMING_RETRY_DELAYS": "retry_delays",
    "WENMING_READY_FILE": "ready_file",
    "WENMING_LOG_LEVEL": "log_level",
    "WENMING_EVENT_LOG_BYTES": "event_log_bytes",
    "WENMING_EVENT_LOG_AGE": "event_log_age",
    "WENMING_TRUSTED_PROXIES": "trusted_proxies",
    "WENMING_ANONYMISE_AFTER_DAYS": "anonymise_after_days",
}


def _decode(wanted: type, value: object) -> object:
    """msgspec's hook for the one type that it does not know."""
    if wanted is Path:
        return Path(str(value))
    raise NotImplementedError(wanted)
