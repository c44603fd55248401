"""docker-compose.yml has the same processes as `make up` (docker-compose itself checks it in `make compose-check`)."""

from typing import Any

import pytest
import yaml

from infra.local.premises import Premises
from infra.local.programs import PROGRAMS, TOPOLOGY, Program
from infra.local.secret_file import generated
from infra.settings import Settings
from tests.architecture.source import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


def command_of(name: str) -> list[str]:
    """The command of the compose service `name`."""
    command: list[str] = COMPOSE["services"][name]["command"]
    return command


def said(words: tuple[str, ...]) -> list[str]:
    """What a command says on one machine, without what differs in a container: interpreter, addresses, directories."""
    return [word for word in words[1:] if "{" not in word and not word.startswith("127.")]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_runs_the_same_module_in_a_container(program: Program) -> None:
    command = command_of(program.name)
    assert command[0] == "python"
    assert [word for word in command if word in said(program.command)] == said(program.command)


def test_the_queues_of_all_services_are_declared_first() -> None:
    assert command_of("topology")[1:] == list(TOPOLOGY[1:])
    for program in PROGRAMS:
        needed = COMPOSE["services"][program.name]["depends_on"]
        assert needed == {"topology": {"condition": "service_completed_successfully"}}


def test_there_is_no_process_that_one_machine_does_not_have() -> None:
    servers = {"broker", "database", "replica-set", "topology"}
    assert set(COMPOSE["services"]) == {program.name for program in PROGRAMS} | servers


def test_every_process_that_stays_has_a_health_check_but_the_sink() -> None:
    once = {"replica-set", "topology", "smtp"}
    healthy = {name for name, service in COMPOSE["services"].items() if "healthcheck" in service}
    assert healthy == set(COMPOSE["services"]) - once


def test_its_variables_are_those_that_the_settings_read() -> None:
    variables = dict.fromkeys(COMPOSE["x-environment"], "1")
    settings = Settings.from_environment(variables | {"WENMING_CLOCK": "wall", "WENMING_CALLBACK_URLS": "{}"})
    assert (settings.intake_port, settings.gateway_port, settings.materials_port, settings.bind) == (1, 1, 1, "1")
    assert {"WENMING_SECRETS", "WENMING_READY_FILE", "WENMING_SMTP_URL", "WENMING_HOME"} <= set(variables)


def test_both_ways_know_the_same_servers() -> None:
    assert COMPOSE["services"]["database"]["image"] == "mongo:6.0"
    assert COMPOSE["services"]["broker"]["image"].startswith("rabbitmq:3.10")
    assert "broker_password" in generated()
    assert Premises("local", environment={}).programs == PROGRAMS
