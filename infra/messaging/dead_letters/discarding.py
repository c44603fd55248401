"""Discarding dead letters: away for good, with a record of each."""

from collections.abc import Sequence
from datetime import UTC, datetime

import amqp

from infra.messaging.dead_letters import records
from infra.messaging.dead_letters.letter import these
from infra.messaging.dead_letters.settling import settle


def discard(
    connection: amqp.Connection,
    queue: str,
    ids: Sequence[str],
    *,
    reason: str,
    by: str = "",
) -> int:
    """Take the letters `ids` away for good, with a record of them; how many were there.

    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a letter is not discarded without a reason")
    records.declare(connection)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return settle(
        connection, queue, these(ids), lambda delivery, letter: records.record(delivery, letter, reason, by, now)
    )
