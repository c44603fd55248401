"""Hearing again: what the event log tells is put once more into the queue of one handler, which the service works off.

For a handler that keeps more than it did when those events came, or that has lost what it kept, and of which there are
no documents to recount (then rebuild.py is the better way). Only for handlers that were declared with
`@handles(…, rehears=True)`: what they have heard before changes nothing, in whatever order it comes again.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime

import amqp

from infra.messaging import event_log
from infra.messaging.event import Event
from infra.messaging.publisher import Parcel, Publisher

BATCH = 500  # events


class NotTaken(Exception):
    """The broker did not take all of them into the queue; those before it has."""


def rehear(
    connection: amqp.Connection, queue: str, events: Iterable[type[Event]], since: datetime | None = None
) -> int:
    """Put every event of these types that was logged since `since` (None: all) into `queue`; how many. Can be repeated.

    Raises NotTaken, one of broker.LOST.
    """
    heard, publisher, sent = {(kind.source, kind.type()) for kind in events}, Publisher(connection), 0
    entries = (one.entry for one in event_log.read(connection, since))
    wanted = (entry for entry in entries if (entry.source, entry.type) in heard)
    while batch := list(itertools.islice(wanted, BATCH)):
        if refused := publisher.publish([_parcel(entry, queue) for entry in batch]):
            raise NotTaken(f"{len(refused)} events found no place in {queue}: {set(refused.values())}")
        sent += len(batch)
    return sent


def _parcel(entry: event_log.Entry, queue: str) -> Parcel:
    """As it was published, for this queue alone."""
    return Parcel(entry.id, "", queue, entry.envelope().headers(), bytes(entry.body))
