"""What the READMEs name is there: commands with their options, modules; and the table of the services is complete."""

import importlib
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from cli.main import wenming
from infra.messaging.event import Event
from tests.architecture.source import ROOT, SERVICES, answered_by

COMMAND = re.compile(r"wenming (?:--instance \S+ )?([a-z][a-z-]*)([^`\n|#]*)")
MODULE = re.compile(r"[`(/]([a-z_]+\.py)\b")


@cache
def tracked(ending: str) -> tuple[Path, ...]:
    """The files of the repository with this ending."""
    found = subprocess.run(["git", "ls-files", f"*{ending}"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(ROOT / line for line in found.stdout.splitlines())


def documents() -> list[Path]:
    """Every text for people but the changelog, which tells of what was."""
    return [one for one in tracked(".md") if one.name != "CHANGELOG.md"]


def command_of(name: str, rest: str) -> tuple[click.Command | None, set[str]]:
    """The command that is meant, None where there is none; and the options that are given to it."""
    context = click.Context(wenming)
    found = wenming.get_command(context, name)
    words = rest.split()
    if isinstance(found, click.Group) and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        found = found.get_command(context, words[0])
    return found, set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest))


def unknown_commands(text: str) -> Iterator[str]:
    """What `text` says of `wenming` and is not so."""
    for said in COMMAND.finditer(text):
        command, options = command_of(said[1], said[2])
        if command is None:
            yield said[0]
        elif missing := options - {option for one in command.params for option in (*one.opts, *one.secondary_opts)}:
            yield f"{said[0]}: {sorted(missing)}"


def published_by(service: str) -> set[str]:
    """The types of the events that the service's contracts declare."""
    contracts = vars(importlib.import_module(f"services.{service}.contracts")).values()
    kinds = {kind for kind in contracts if isinstance(kind, type) and issubclass(kind, Event)}
    return {kind.type() for kind in kinds if getattr(kind, "source", "") == service and not kind.__subclasses__()}


@pytest.mark.parametrize("document", documents(), ids=lambda one: str(one.relative_to(ROOT)))
def test_commands_and_modules_that_a_document_names_exist(document: Path) -> None:
    text, known = document.read_text("utf-8"), {one.name for one in tracked(".py")}
    assert list(unknown_commands(text)) == []
    assert sorted(set(MODULE.findall(text)) - known) == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_of_the_services_names_every_event_and_every_method(service: str) -> None:
    lines = (ROOT / "services/README.md").read_text("utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith(f"| [{service}]")]
    published, answered = row.split("|")[3], row.split("|")[5]
    assert set(re.findall(r"`(\w+)`", published)) == published_by(service)
    assert set(re.findall(r"`(\w+)`", answered)) == answered_by(service)
