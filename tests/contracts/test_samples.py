"""A sample of every event, read by its producer and by everybody who hears it."""

import inspect
import json
from collections.abc import Iterator

import msgspec
import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from infra.local.programs import SERVICES
from infra.messaging.event import Envelope, Event, Undecodable, seal, unseal
from infra.messaging.topology import load
from tests.contracts.samples import EVENTS, fields, files, re_encoded, sample, with_more, without

CARRIED = ("task", "supervision", "case")  # the full state that an event carries
Kinds = dict[str, type[Event]]


def handlers() -> Iterator[tuple[str, Kinds]]:
    """Every handler of every service, as `<service>.<queue>`, and the event classes that it reads."""
    for service, path in SERVICES.items():
        for _, method in inspect.getmembers(load(path), inspect.isfunction):
            for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
                if hasattr(entrypoint, "consumer_queue"):
                    yield f"{service}.{entrypoint.queue}", {kind.type(): kind for kind in entrypoint.events}


HEARD = [(queue, kinds, f"{kind.source}.{kind.type()}") for queue, kinds in handlers() for kind in kinds.values()]
by_queue = pytest.mark.parametrize(
    ("kinds", "name"), [pytest.param(kinds, name, id=f"{queue}-{name}") for queue, kinds, name in HEARD]
)
by_event = pytest.mark.parametrize("name", EVENTS)


def received(headers: dict, body: dict, kinds: Kinds) -> Event:
    """What a handler gets of such a message. Raises Undecodable."""
    return unseal(Envelope.from_message(headers, json.dumps(body).encode()), kinds).event


def test_every_event_has_a_sample_and_every_sample_an_event() -> None:
    assert sorted(files()) == sorted(EVENTS)


@by_event
def test_the_producer_keeps_every_field_of_the_sample(name: str) -> None:
    _, body = sample(name)
    assert re_encoded(body, EVENTS[name]) == body


@by_event
def test_the_sample_has_every_field_of_the_event_with_a_value(name: str) -> None:
    _, body = sample(name)
    empty = [path for path in fields(body) if not _value(body, path)]
    assert empty == []
    assert set(body) == {field.encode_name for field in msgspec.structs.fields(EVENTS[name])}


@by_event
def test_the_producer_seals_the_sample_with_the_same_headers(name: str) -> None:
    headers, body = sample(name)
    envelope = Envelope.from_message(headers, json.dumps(body).encode())
    event = msgspec.json.decode(envelope.data, type=EVENTS[name])
    again = seal(event, subject=envelope.subject, sequence=envelope.sequence, at=envelope.time, cause=envelope.cause)
    assert again.headers() == headers


@by_queue
def test_every_hearer_reads_the_sample_and_passes_over_fields_of_a_later_version(kinds: Kinds, name: str) -> None:
    headers, body = sample(name)
    heard = received(headers, body, kinds)
    assert type(heard) is EVENTS[name]
    assert received(headers, with_more(body), kinds) == heard


@by_queue
def test_every_hearer_notices_that_a_required_field_is_gone(kinds: Kinds, name: str) -> None:
    headers, body = sample(name)
    unnoticed = []
    for path in fields(body):
        try:
            received(headers, without(body, path), kinds)
            unnoticed.append(path)
        except Undecodable as error:
            assert str(path[-1]) in str(error)  # noqa: PT017
    assert unnoticed == [path for path in fields(body) if _may_be_left_out(EVENTS[name], path)]


@by_event
def test_a_field_that_the_producer_no_longer_sends_would_be_noticed(name: str) -> None:
    _, body = sample(name)
    gone = msgspec.structs.fields(EVENTS[name])[-1].name
    rest = [(field.name, field.type) for field in msgspec.structs.fields(EVENTS[name]) if field.name != gone]
    poorer = msgspec.defstruct("Poorer", rest, kw_only=True)
    assert re_encoded(body, poorer) != body


def _value(body: object, path: tuple) -> bool:
    for key in path:
        body = body[key]  # type: ignore[index]
    return body is not None and body not in ("", [], {})


def _may_be_left_out(kind: type[Event], path: tuple) -> bool:
    """Whether a version of the event before this field existed is still read: the field has a default."""
    if len(path) == 1:
        return any(field.name == path[0] and not field.required for field in msgspec.structs.fields(kind))
    return path[0] in CARRIED and path[-1] in _optional(kind, str(path[0]))


def _optional(kind: type[Event], carried: str) -> set[str]:
    """The fields of the task or case inside that may be left out: those with a default."""
    inner = next((field.type for field in msgspec.structs.fields(kind) if field.name == carried), None)
    if not (isinstance(inner, type) and issubclass(inner, msgspec.Struct)):
        return set()
    return {field.name for field in msgspec.structs.fields(inner) if not field.required}
