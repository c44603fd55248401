"""Settings and limits of the gateway. Defaults are for a city; each has an environment variable.

    WENMING_GATEWAY_DEADLINE     seconds that one whole request may take
    WENMING_GATEWAY_RPC_TIMEOUT  seconds that one answer of a service may take; less than the deadline, so that what
                                 depends on a second answer still arrives when another service is dead
    WENMING_GATEWAY_BODY_LIMIT   bytes of a request body
    WENMING_GATEWAY_CONCURRENT   requests that are answered at a time; the others wait, within their deadline
    WENMING_GATEWAY_DEPTH_LIMIT, WENMING_GATEWAY_COST_LIMIT   see gateway/limits.py
    WENMING_GATEWAY_BREAKER_FAILURES, WENMING_GATEWAY_BREAKER_REST   see gateway/rpc.py

The secret of the tokens is `token` in the secrets file (infra/settings.py).
"""

import os
from collections.abc import Mapping

import msgspec

from infra.settings import SettingMissing, Settings

_PREFIX = "WENMING_GATEWAY_"
TOKEN_SECRET = "token"
SECRET_BYTES = 32  # RFC 7518, 3.2: a key of at least the size of the hash


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between gateways. Seconds, bytes, counts; `city` is the four-digit code,
    `materials_address` where people reach the materials of tasks."""

    token_secret: str
    amqp_url: str = ""
    city: str = "5301"
    materials_address: str = ""
    log_level: str = "INFO"
    deadline: float = 3.0
    rpc_timeout: float = 2.0
    body_limit: int = 65_536
    depth_limit: int = 12
    cost_limit: int = 12_000
    concurrent: int = 8
    breaker_failures: int = 2
    breaker_rest: float = 5.0

    def __post_init__(self) -> None:
        if len(self.token_secret.encode()) < SECRET_BYTES:
            raise SettingMissing(f"the secret {TOKEN_SECRET!r} is shorter than {SECRET_BYTES} bytes")

    @staticmethod
    def from_environment(environment: Mapping[str, str] | None = None) -> "GatewaySettings":
        """The settings in `environment` (default: this process's). Raises SettingMissing."""
        env = os.environ if environment is None else environment
        house = Settings.from_environment(env)
        own = {field: env[_PREFIX + field.upper()] for field in _NUMBERS if env.get(_PREFIX + field.upper())}
        secret = house.secret(TOKEN_SECRET)
        if not secret:
            raise SettingMissing(f"the secrets file has no {TOKEN_SECRET!r} (WENMING_SECRETS names the file)")
        fixed = {
            "token_secret": secret,
            "amqp_url": house.amqp_url,
            "city": house.city[:4],
            "materials_address": house.materials_address,
            "log_level": house.log_level,
        }
        try:
            return msgspec.convert(own | fixed, GatewaySettings, strict=False)
        except msgspec.ValidationError as error:
            raise SettingMissing(f"a setting of the gateway cannot be read: {error}") from error


_NUMBERS = (
    "deadline",
    "rpc_timeout",
    "body_limit",
    "depth_limit",
    "cost_limit",
    "concurrent",
    "breaker_failures",
    "breaker_rest",
)
