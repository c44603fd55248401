"""All of Wenming, its processes started as `wenming up` starts them, on this run's broker and database."""

import os
import uuid
from collections.abc import Iterator

import pymongo
import pytest

from cli.demo import CLOCK
from cli.demonstration.story import Story
from cli.main import Town
from infra.local.instance import Instance
from infra.local.premises import External
from infra.organisation.registry import Registry
from tests.messaging.conftest import Host

PATIENT = {"WENMING_GATEWAY_DEADLINE": "60", "WENMING_GATEWAY_RPC_TIMEOUT": "30"}  # seconds; the machine may be busy


@pytest.fixture(scope="package")
def town(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running town of its own, with its own virtual host and databases, under the demonstration's clock."""
    host, prefix = Host(os.environ["AMQP_URL"]), f"test_{uuid.uuid4().hex[:10]}_"
    host.create()
    external = External(host.url, os.environ["MONGODB_URL"], os.environ["RABBITMQ_MANAGEMENT_URL"])
    town = Town("e2e")
    town.instance = Instance(
        "e2e",
        root=tmp_path_factory.mktemp("instances"),
        clock=CLOCK,
        external=external,
        settings=PATIENT | {"WENMING_DB_PREFIX": prefix},
    )
    try:
        with town.instance:
            yield town
    finally:
        host.delete()
        client: pymongo.MongoClient[object] = pymongo.MongoClient(os.environ["MONGODB_URL"])
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)


@pytest.fixture(scope="package")
def told(town: Town) -> Story:
    """The demonstration, told to its end with the feed of the project."""
    story = Story(town, Registry.load("5301"))
    for chapter in (
        story.contacts,
        story.plan,
        lambda tick: story.feed(tick, None),
        story.work,
        story.round,
        story.post,
    ):
        chapter(lambda done: None)
    return story
