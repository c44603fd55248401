"""contract: the events of all services as one AsyncAPI document."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from infra.local.programs import SERVICES
from infra.messaging import asyncapi
from infra.messaging.event import Event
from infra.messaging.topology import load, queues_of

COMMITTED = Path(__file__).resolve().parents[1] / "services" / "asyncapi.json"
VERSION = "1.0.0"


def events_of(service: str) -> Iterator[type[Event]]:
    """Every event that the contracts of `service` declare."""
    module = importlib.import_module(f"services.{service}.contracts")
    for thing in vars(module).values():
        is_event = isinstance(thing, type) and issubclass(thing, Event) and thing.__module__.startswith(module.__name__)
        if is_event and thing.__struct_fields__:
            yield thing


def document() -> dict[str, Any]:
    """The AsyncAPI document of the code as it is."""
    events = [event for service in SERVICES for event in events_of(service)]
    queues = {service: queues_of(load(path)) for service, path in SERVICES.items()}
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asyncapi.document(events, queues, version=VERSION)))
    return found  # as JSON has it: no tuples


def printed() -> str:
    """The document as it is committed."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=False) + "\n"


@click.command("asyncapi")
@click.option("--write", is_flag=True, help=f"Write it to services/{COMMITTED.name} instead of printing it.")
def asyncapi_command(write: bool) -> None:
    """Print the AsyncAPI 3 document of all events, generated from the code."""
    if write:
        COMMITTED.write_text(printed(), "utf-8")
    else:
        click.echo(printed(), nl=False)


COMMANDS = (asyncapi_command,)
