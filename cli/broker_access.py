"""How commands about messages reach the broker: the instance's URL, its queues, and its seal."""

from collections.abc import Iterator
from contextlib import contextmanager

import amqp

from cli.main import Town
from infra.local.programs import SERVICES
from infra.local.trouble import NotReady
from infra.logging import mask
from infra.messaging import broker
from infra.messaging.sealing import MASTER_KEY, SEAL_KEY, Seal
from infra.messaging.topology import load, queues_of


@contextmanager
def connected(town: Town) -> Iterator[amqp.Connection]:
    """A connection to the first of the instance's brokers that answers. Raises NotReady where none does."""
    connection = _opened(town)
    try:
        yield connection
    finally:
        broker.close(connection)


def _opened(town: Town) -> amqp.Connection:
    addresses, lost = town.instance.amqp_url, None
    for url in addresses.split(";"):
        try:
            return broker.open_connection(url, "wenming")
        except broker.LOST as error:
            lost = error
    raise NotReady(f"the broker at {mask(addresses)} does not answer; is {town.name} up?") from lost


def seal(town: Town) -> Seal:
    """The instance's seal, which also opens what was sealed before there was a key for it alone."""
    secrets = town.instance.secrets
    masters = [secret for name, secret in secrets.items() if name.partition(".")[0] == MASTER_KEY]
    return Seal(secrets[SEAL_KEY], *masters)


def handler_queues() -> list[str]:
    """The queues of all handlers of all services."""
    return sorted(queue.name for path in SERVICES.values() for queue in queues_of(load(path)))
