"""The samples of events, services/<name>/samples/<type>.json: each a message as it travels, headers and body."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from cli.contract import events_of
from infra.local.programs import SERVICES
from infra.messaging.event import Event

ROOT = Path(__file__).resolve().parents[2] / "services"
EVENTS = {f"{kind.source}.{kind.type()}": kind for service in SERVICES for kind in events_of(service)}


def files() -> dict[str, Path]:
    """`<source>.<type>` → the file of its sample."""
    return {f"{file.parents[1].name}.{file.stem}": file for file in sorted(ROOT.glob("*/samples/*.json"))}


def sample(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headers and body of the sample `<source>.<type>`."""
    read = json.loads(files()[name].read_text("utf-8"))
    return read["headers"], read["body"]


def re_encoded(body: dict[str, Any], kind: type[Event]) -> Any:
    """What comes out where `body` goes through the event class: without what the class does not know."""
    return json.loads(msgspec.json.encode(msgspec.json.decode(json.dumps(body), type=kind)))


def fields(body: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every field of every object in `body`."""
    pairs: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in pairs:
        if isinstance(body, dict):
            yield (*at, key)
        yield from fields(value, (*at, key))


def without(body: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    """A copy of `body` that lacks the field at `path`."""
    copy = json.loads(json.dumps(body))
    del _at(copy, path[:-1])[path[-1]]
    return copy


def with_more(body: dict[str, Any]) -> dict[str, Any]:
    """A copy of `body` with a field that nobody knows in every object."""
    copy = json.loads(json.dumps(body))
    for path in {(), *(path[:-1] for path in fields(body))}:
        _at(copy, path)["a_field_of_next_year"] = {"nested": [1, None, "明年"]}
    return copy


def _at(body: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        body = body[key]
    return body
