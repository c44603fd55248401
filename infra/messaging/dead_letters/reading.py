"""Reading dead letters: how many there are, what they are, what one of them holds."""

from collections.abc import Iterator

import amqp

from infra.messaging.dead_letters.letter import DeadLetter, content_type
from infra.messaging.dead_letters.looking import looking
from infra.messaging.delivery import PREFIX
from infra.messaging.sealing import Seal, opened_text
from infra.messaging.topology import DEAD
from infra.messaging.unread import Contents, opened


def count(connection: amqp.Connection, queue: str) -> int:
    """How many dead letters the handler queue `queue` has. Raises amqp.NotFound where there is no such queue."""
    with connection.channel() as channel:
        return int(channel.queue_declare(queue + DEAD, passive=True).message_count)


def read(connection: amqp.Connection, queue: str, limit: int | None = None) -> list[DeadLetter]:
    """The dead letters of the handler queue `queue` (the first `limit`), oldest first; all are in memory."""
    return sorted(each(connection, queue), key=lambda letter: letter.last_failed_at)[:limit]


def each(connection: amqp.Connection, queue: str) -> Iterator[DeadLetter]:
    """The dead letters of the handler queue `queue` as they lie there, a page in memory, each page oldest first.

    They are held until the iterator ends: close it (contextlib.closing).
    """
    with looking(connection, queue) as held:
        for page in held.pages():
            yield from (letter for _, letter in page)


def raw(
    connection: amqp.Connection, queue: str, id: str, seal: Seal | None
) -> tuple[DeadLetter, Contents | None, str] | None:
    """The letter `id`, what it holds if it was not an event, and what the exception said (empty: not kept).

    None where there is no such letter. Raises CannotOpen, and ValueError where there is no key.
    """
    with looking(connection, queue) as held:
        found = next((one for page in held.pages() for one in page if one[1].id == id), None)
    if found is None:
        return None
    delivery, letter = found
    detail = delivery.headers.get(PREFIX + "detail", "")
    contents = opened(content_type(delivery), delivery.body, seal) if letter.unread else None
    return letter, contents, opened_text(seal, detail) if detail and seal else ""
