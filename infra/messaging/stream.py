"""Reading a stream of the broker from somewhere on, until it ends or for ever."""

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import amqp

IN_HAND = 20  # messages read ahead
FIRST_WORD = 3.0  # seconds in which a stream that holds anything tells it (the broker's own count lags by seconds)
PATIENCE = 60.0  # seconds for the first message of a stream of which the broker says that it holds some
A_WHILE = 1.0  # seconds without a message after which one who follows looks after the connection
LAST_WORD = 1.0  # seconds after which the last message is the last that came: others may write without an end


@contextlib.contextmanager
def messages_from(
    connection: amqp.Connection, stream: str, start: Any, *, follow: bool = False
) -> Iterator[Iterator[amqp.Message]]:
    """The messages of `stream` from `start` on (an offset, a time, or first, last, next), bodies as bytes.

    Those that are there, or also those that come: then they never end.
    """
    reader = _Reader(connection, stream, start)
    try:
        yield reader.following() if follow else reader.to_the_end()
    finally:
        reader.close()


def last_message(connection: amqp.Connection, stream: str) -> amqp.Message | None:
    """The last message of `stream`, None where it is empty; while others write, one of the last."""
    reader = _Reader(connection, stream, "last")
    try:
        return reader.last()
    finally:
        reader.close()


class _Reader:
    def __init__(self, connection: amqp.Connection, stream: str, start: Any) -> None:
        self._connection, self._stream, self._channel = connection, stream, connection.channel()
        self._inbox: list[amqp.Message] = []
        self._channel.auto_decode = False
        self._channel.basic_qos(0, IN_HAND, False)
        arguments = {"x-stream-offset": start}
        self._consumer = self._channel.basic_consume(stream, callback=self._inbox.append, arguments=arguments)

    def following(self) -> Iterator[amqp.Message]:
        """All that comes."""
        while True:
            self._drain(A_WHILE)
            yield from self._taken()

    def to_the_end(self) -> Iterator[amqp.Message]:
        """All that is there.

        The channel reads the stream on while it takes an acknowledgement, and answers what it is asked next only
        after it has sent what it read: where that is nothing the stream is at its end, however slow the broker is.
        """
        if not self._begins():
            return
        while self._inbox:
            yield from self._taken()
            self._count()

    def last(self) -> amqp.Message | None:
        """The last one, where the reading starts with the last chunk, which the broker sends as a whole."""
        found = None
        if self._begins():
            self._count()
            enough = time.monotonic() + LAST_WORD
            while self._inbox and (found is None or time.monotonic() < enough):
                (found,) = deque(self._taken(), maxlen=1)
                self._count()
        return found

    def close(self) -> None:
        """Read no more."""
        self._channel.basic_cancel(self._consumer)
        self._channel.close()

    def _begins(self) -> bool:
        """Whether a first message comes."""
        end = time.monotonic() + PATIENCE
        self._drain(FIRST_WORD)
        while not self._inbox and self._count() and time.monotonic() < end:
            self._drain(A_WHILE)
        return bool(self._inbox)

    def _drain(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            self._connection.drain_events(timeout=0 if self._inbox else seconds)
        self._connection.heartbeat_tick()

    def _taken(self) -> Iterator[amqp.Message]:
        """What has come, acknowledged once it was all taken."""
        taken, self._inbox[:] = self._inbox[:], []
        yield from taken
        if taken:
            self._channel.basic_ack(taken[-1].delivery_tag, multiple=True)

    def _count(self) -> int:
        """How many messages the broker counts, which lags; what it had to send is in the inbox after that."""
        return int(self._channel.queue_declare(self._stream, passive=True).message_count)
