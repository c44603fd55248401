"""Looking at a queue of dead letters: they are taken, held, settled or put back, and keep their order."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import amqp

from infra.messaging.dead_letters.letter import DeadLetter, letter_of
from infra.messaging.delivery import Delivery
from infra.messaging.topology import DEAD

AT_ONCE = 200  # letters in memory at a time: a page
A_FEW = 8  # letters that are put back together; beyond 32 RabbitMQ collects them and loses their order
COME_BACK = 2.0  # seconds at most until a few letters are back in their queue

Page = list[tuple[Delivery, DeadLetter]]


class Held:
    """The letters of the handler queue `queue` that were taken and not settled; in memory are their tags alone."""

    def __init__(self, channel: amqp.Channel, queue: str) -> None:
        self._channel, self._queue, self._tags = channel, queue, set[int]()
        self._deliveries = self._taken(self._count())

    def pages(self) -> Iterator[Page]:
        """The letters that were there at first, `AT_ONCE` at a time, each such page oldest first: the broker may have
        mixed up letters that were looked at before."""
        while page := [(one, letter_of(one, self._queue)) for one in islice(self._deliveries, AT_ONCE)]:
            yield sorted(page, key=lambda found: found[1].last_failed_at)

    def settle(self, settled: Sequence[Delivery]) -> None:
        """Remove them; a few at a time too, for what is returned afterwards waits behind them."""
        for start in range(0, len(settled), A_FEW):
            for delivery in settled[start : start + A_FEW]:
                self._channel.basic_ack(delivery.tag)
                self._tags.discard(delivery.tag)
            self._count()

    def put_back(self) -> None:
        """Return all in their order, a few at a time: of many at once the broker loses the order.

        The rest is taken first, where nobody read to the end: the broker puts what is returned behind what was returned
        before, so only all keep their order.
        """
        deque(self._deliveries, maxlen=0)
        tags = sorted(self._tags)
        others = self._count() if tags else 0
        for start in range(0, len(tags), A_FEW):
            few = tags[start : start + A_FEW]
            for tag in few:
                self._channel.basic_reject(tag, requeue=True)
            end = time.monotonic() + COME_BACK
            while self._count() < others + start + len(few) and time.monotonic() < end:
                time.sleep(0.001)

    def _taken(self, limit: int) -> Iterator[Delivery]:
        for _ in range(limit):
            message = self._channel.basic_get(self._queue + DEAD)
            if message is None:
                return
            self._tags.add(message.delivery_tag)
            yield Delivery(message, self._queue + DEAD)

    def _count(self) -> int:
        # On the same channel: while its process answers this, it also learns what is settled and which of its returns
        # are done.
        return int(self._channel.queue_declare(self._queue + DEAD, passive=True).message_count)


@contextmanager
def looking(connection: amqp.Connection, queue: str) -> Iterator[Held]:
    """The letters that are there now; those not settled go back at the end of the block.

    Raises amqp.NotFound where there is no such queue.
    """
    with connection.channel() as channel:
        channel.auto_decode = False
        held = Held(channel, queue)
        try:
            yield held
        finally:
            held.put_back()
