"""Which ports an instance uses, all on the loopback interface.

`local` and `demo` have fixed ports, so that addresses can be remembered and both can run side by side; any other
instance gets free ones when it is first started. `WENMING_<NAME>_PORT` (for example `WENMING_GATEWAY_PORT`) sets one.
"""

import random
import socket
from collections.abc import Mapping

import msgspec

from infra.local.trouble import BusyPort

FIRST_PORT = {"local": 8600, "demo": 8700}
SEARCHED = range(20_000, 32_000)  # below the range from which Linux takes ports of outgoing connections


class Ports(msgspec.Struct, frozen=True):
    """One port for each listener."""

    gateway: int
    intake: int
    smtp: int
    broker: int
    management: int
    stream: int
    distribution: int
    epmd: int
    database: int
    materials: int

    def setting(self, name: str) -> str:
        """The name of the variable that sets the port `name`, e.g. `WENMING_GATEWAY_PORT`."""
        return f"WENMING_{name.upper()}_PORT"


def is_free(port: int) -> bool:
    """Whether nobody listens on `port` of the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def answers(port: int) -> bool:
    """Whether somebody accepts connections on `port` of the loopback interface."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def free_ports(count: int, *, chance: random.Random | None = None) -> list[int]:
    """`count` different ports that are free now. Raises BusyPort where there are not enough."""
    candidates = (chance or random.Random()).sample(SEARCHED, k=len(SEARCHED))
    found: list[int] = []
    for port in candidates:
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise BusyPort(f"there are not {count} free ports between {SEARCHED.start} and {SEARCHED.stop}")


def ports_for(name: str, environment: Mapping[str, str]) -> Ports:
    """The ports of a new instance called `name`: its fixed ones or free ones, then what `environment` sets."""
    fields = Ports.__struct_fields__
    if name in FIRST_PORT:
        chosen = list(range(FIRST_PORT[name], FIRST_PORT[name] + len(fields)))
    else:
        chosen = free_ports(len(fields))
    return with_settings(Ports(*chosen), environment)


def completed(known: Mapping[str, int]) -> dict[str, int]:
    """The ports of an instance of an earlier version, which had fewer: free ones for what it did not have."""
    missing = [field for field in Ports.__struct_fields__ if field not in known]
    return dict(known) | dict(zip(missing, free_ports(len(missing)) if missing else [], strict=True))


def with_settings(ports: Ports, environment: Mapping[str, str]) -> Ports:
    """`ports`, changed by those that `environment` sets. Raises BusyPort where a setting is not a port number."""
    changes = {}
    for field in Ports.__struct_fields__:
        setting = ports.setting(field)
        if value := environment.get(setting):
            if not value.isdigit() or not 0 < int(value) < 65536:
                raise BusyPort(f"{setting}={value!r} is not a port number")
            changes[field] = int(value)
    return msgspec.structs.replace(ports, **changes)


def require_free(port: int, purpose: str, setting: str) -> None:
    """Raise BusyPort, naming the port, where somebody listens on it already."""
    if not is_free(port):
        raise BusyPort(
            f"port {port} ({purpose}) is in use by another program; stop it or set {setting} to another port"
        )
