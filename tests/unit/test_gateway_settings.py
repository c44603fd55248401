"""The gateway's settings: from the environment, with limits that can be changed, never without a good secret."""

import json
from pathlib import Path

import pytest

from gateway.settings import GatewaySettings
from infra.settings import SettingMissing

SECRET = "0123456789abcdef0123456789abcdef"
MATERIALS = "http://127.0.0.1:8014"


def environment(directory: Path, **more: str) -> dict[str, str]:
    secrets = directory / "secrets.json"
    secrets.write_text(json.dumps({"token": SECRET}))
    servers = {"AMQP_URL": "amqp://broker", "MONGODB_URL": "mongodb://db", "WENMING_SECRETS": str(secrets)}
    return servers | more


def test_defaults_are_for_kunming_with_three_seconds_for_a_request(tmp_path: Path) -> None:
    settings = GatewaySettings.from_environment(environment(tmp_path))
    assert settings == GatewaySettings(
        token_secret=SECRET, amqp_url="amqp://broker", city="5301", materials_address=MATERIALS
    )
    assert (settings.deadline, settings.rpc_timeout, settings.body_limit) == (3.0, 2.0, 65_536)


def test_every_limit_can_be_set(tmp_path: Path) -> None:
    given = {
        "DEADLINE": "5.5",
        "RPC_TIMEOUT": "4",
        "BODY_LIMIT": "1000",
        "DEPTH_LIMIT": "9",
        "COST_LIMIT": "500",
        "CONCURRENT": "2",
        "BREAKER_FAILURES": "3",
        "BREAKER_REST": "1.5",
    }
    env = environment(tmp_path, **{f"WENMING_GATEWAY_{name}": value for name, value in given.items()})
    settings = GatewaySettings.from_environment(env)
    assert [getattr(settings, name.lower()) for name in given] == [5.5, 4.0, 1000, 9, 500, 2, 3, 1.5]


def test_the_port_of_the_gateway_is_not_taken_for_a_limit(tmp_path: Path) -> None:
    settings = GatewaySettings.from_environment(environment(tmp_path, WENMING_GATEWAY_PORT="8010"))
    assert settings == GatewaySettings(token_secret=SECRET, amqp_url="amqp://broker", materials_address=MATERIALS)


@pytest.mark.parametrize("secrets", [{}, {"token": ""}, {"token": "short"}])
def test_without_a_secret_of_32_bytes_it_does_not_start(tmp_path: Path, secrets: dict[str, str]) -> None:
    env = environment(tmp_path)
    Path(env["WENMING_SECRETS"]).write_text(json.dumps(secrets))
    with pytest.raises(SettingMissing, match="token"):
        GatewaySettings.from_environment(env)


def test_a_limit_that_is_no_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingMissing, match="deadline"):
        GatewaySettings.from_environment(environment(tmp_path, WENMING_GATEWAY_DEADLINE="soon"))
