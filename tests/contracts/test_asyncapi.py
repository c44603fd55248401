"""The committed AsyncAPI document is the one of the code."""

import json
from typing import Any

import pytest

from cli.contract import COMMITTED, document, printed
from infra.local.programs import SERVICES
from infra.messaging import asyncapi
from infra.messaging.topology import ConsumerQueue, load, queues_of
from tests.contracts.samples import EVENTS


def test_the_committed_document_is_that_of_the_code() -> None:
    assert COMMITTED.read_text("utf-8") == printed(), "the contracts changed: run `wenming asyncapi --write`"


def test_it_has_a_channel_and_a_message_for_every_event() -> None:
    made = document()
    assert set(made["channels"]) == set(made["components"]["messages"]) == set(EVENTS)


def test_every_binding_of_every_queue_is_an_operation_that_receives() -> None:
    receiving = {
        (operation["x-queue"], operation["channel"]["$ref"].removeprefix("#/channels/"))
        for operation in document()["operations"].values()
        if operation["action"] == "receive"
    }
    bound = {
        (queue.name, f"{source}.{type_}")
        for path in SERVICES.values()
        for queue in queues_of(load(path))
        for source, type_ in queue.bindings
    }
    assert receiving == bound


def test_every_reference_in_it_leads_somewhere() -> None:
    made = document()
    lost = [reference for reference in references(made) if not leads_somewhere(made, reference)]
    assert lost == []


def test_a_queue_that_is_bound_to_what_no_contract_declares_is_refused() -> None:
    queue = ConsumerQueue("tasks.gossip", (("tasks", "task_whispered"),))
    with pytest.raises(ValueError, match=r"tasks\.gossip is bound to tasks\.task_whispered"):
        asyncapi.document(EVENTS.values(), {"tasks": [queue]}, version="1")


def test_it_is_the_same_text_each_time() -> None:
    assert printed() == printed()
    assert json.loads(printed()) == document()


def references(part: Any) -> list[str]:
    """Every `$ref` inside."""
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


def leads_somewhere(whole: Any, reference: str) -> bool:
    """Whether the JSON pointer finds something."""
    for key in reference.removeprefix("#/").split("/"):
        if not isinstance(whole, dict) or key not in whole:
            return False
        whole = whole[key]
    return True
