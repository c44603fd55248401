"""The AsyncAPI 3.0 document of the event backbone, generated from event classes and handlers' queues.

One channel per event (exchange and routing key as AMQP binding), a `send` operation of its producer, a `receive`
operation of every queue that is bound to it. Payload schemas are the JSON Schemas of the event classes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from infra.messaging.event import HEADER_PREFIX, Event
from infra.messaging.topology import ConsumerQueue, exchange_of

_REF = "#/components/schemas/{name}"
_ATTRIBUTES = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "description": "unique: <source>/<subject>#<sequence>"},
    "type": {"type": "string"},
    "source": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
    "subject": {"type": "string", "description": "the aggregate, e.g. case/…"},
    "sequence": {"type": "integer", "minimum": 1, "description": "counts the events of the subject without gaps"},
    "cause": {"type": "string", "description": "id of the event or request that led to this one"},
    "dataversion": {"type": "integer", "minimum": 1},
}


def document(
    events: Iterable[type[Event]], queues: Mapping[str, Iterable[ConsumerQueue]], *, version: str
) -> dict[str, Any]:
    """The whole document. `queues` maps a service to the queues of its handlers; `version` is that of the product."""
    known = sorted(events, key=lambda event: (event.source, event.type()))
    payloads, schemas = msgspec.json.schema_components(known, ref_template=_REF)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Wenming event backbone", "version": version, "description": (__doc__ or "").strip()},
        "defaultContentType": "application/json",
        "channels": {_name(event): _channel(event) for event in known},
        "operations": _sending(known) | _receiving(known, queues),
        "components": {
            "messages": {_name(event): _message(event, schema) for event, schema in zip(known, payloads, strict=True)},
            "schemas": dict(sorted(schemas.items())) | {"CloudEventHeaders": _headers()},
        },
    }


def _name(event: type[Event]) -> str:
    return f"{event.source}.{event.type()}"


def _channel(event: type[Event]) -> dict[str, Any]:
    exchange = {"name": exchange_of(event.source), "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": event.type(),
        "messages": {event.type(): {"$ref": f"#/components/messages/{_name(event)}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _message(event: type[Event], payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": event.type(),
        "summary": (event.__doc__ or "").strip().split("\n")[0],
        "headers": {"$ref": _REF.format(name="CloudEventHeaders")},
        "payload": payload,
        "x-schema-version": event.schema_version,
        "x-unheard": event.unheard,
    }


def _headers() -> dict[str, Any]:
    properties = {HEADER_PREFIX + name: schema for name, schema in _ATTRIBUTES.items()}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _sending(events: Iterable[type[Event]]) -> dict[str, Any]:
    return {
        f"{event.source}.sends.{event.type()}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_name(event)}"},
        }
        for event in events
    }


def _receiving(events: Iterable[type[Event]], queues: Mapping[str, Iterable[ConsumerQueue]]) -> dict[str, Any]:
    known = {_name(event) for event in events}
    found = {}
    for service, consumed in sorted(queues.items()):
        for queue in consumed:
            for source, type_ in queue.bindings:
                if f"{source}.{type_}" not in known:
                    raise ValueError(f"{queue.name} is bound to {source}.{type_}, which no contract declares")
                found[f"{queue.name}.receives.{source}.{type_}"] = {
                    "action": "receive",
                    "channel": {"$ref": f"#/channels/{source}.{type_}"},
                    "bindings": {"amqp": {"ack": True, "bindingVersion": "0.3.0"}},
                    "x-queue": queue.name,
                    "x-service": service,
                }
    return found
