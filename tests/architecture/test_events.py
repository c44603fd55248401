"""Every event has a hearer, every queue an event, and every service a database of its own."""

import importlib
from collections.abc import Iterator

import mongoengine
import pytest

from infra.local.programs import SERVICES
from infra.messaging.event import Event
from infra.messaging.topology import load, queues_of


def published(service: str) -> dict[str, type[Event]]:
    """The events of the contract of `service`, by type."""
    contracts = importlib.import_module(f"services.{service}.contracts")
    kinds = [kind for kind in vars(contracts).values() if isinstance(kind, type) and issubclass(kind, Event)]
    return {
        kind.type(): kind for kind in kinds if getattr(kind, "source", None) == service and not kind.__subclasses__()
    }


def bindings() -> Iterator[tuple[str, str]]:
    """What the queues of all services are bound to: (source, type)."""
    for service in SERVICES.values():
        for queue in queues_of(load(service)):
            yield from queue.bindings


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_heard_or_says_that_nobody_hears_it(service: str) -> None:
    heard = {type_ for source, type_ in bindings() if source == service}
    declared = {type_ for type_, kind in published(service).items() if not kind.unheard}
    assert heard == declared


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_publishes_and_listens(service: str) -> None:
    assert published(service) != {}
    assert queues_of(load(SERVICES[service])) != []


def test_queue_names_are_unique_and_begin_with_their_service() -> None:
    names = [(service, queue.name) for service, path in SERVICES.items() for queue in queues_of(load(path))]
    assert [name for service, name in names if not name.startswith(f"{service}.")] == []
    assert len(names) == len({name for _, name in names})


def test_no_service_reads_the_database_of_another() -> None:
    for path in SERVICES.values():
        load(path)
    strangers = [
        (kind.__module__, kind._meta.get("db_alias"))
        for kind in documents(mongoengine.Document)
        if kind.__module__.startswith("services.") and kind.__module__.split(".")[1] != kind._meta.get("db_alias")
    ]
    assert strangers == []


def documents(kind: type[mongoengine.Document]) -> Iterator[type[mongoengine.Document]]:
    """Every concrete document class below `kind`."""
    for below in kind.__subclasses__():
        if not below._meta.get("abstract"):
            yield below
        yield from documents(below)
