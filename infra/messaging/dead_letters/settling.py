"""Settling dead letters: a copy goes where it is wanted, and when the broker has confirmed it the letter is removed."""

from collections.abc import Callable

import amqp

from infra.messaging.dead_letters.letter import Choice, DeadLetter
from infra.messaging.dead_letters.looking import Held, Page, looking
from infra.messaging.delivery import Delivery
from infra.messaging.publisher import Parcel, Publisher

Copy = Callable[[Delivery, DeadLetter], Parcel | None]  # None: the letter stays


def settle(connection: amqp.Connection, queue: str, choice: Choice, copy: Copy) -> int:
    """Publish a copy of every chosen letter, page by page; those that the broker has confirmed are removed. How many.

    Killed between the two, a page of letters rests on beside its copies.
    """
    publisher = Publisher(connection)
    with looking(connection, queue) as held:
        return sum(_settle_page(held, publisher, page, choice, copy) for page in held.pages())


def _settle_page(held: Held, publisher: Publisher, page: Page, choice: Choice, copy: Copy) -> int:
    chosen = [(delivery, copy(delivery, letter)) for delivery, letter in page if choice(letter)]
    meant = [(delivery, parcel) for delivery, parcel in chosen if parcel is not None]
    refused = publisher.publish([parcel for _, parcel in meant])
    confirmed = [delivery for delivery, parcel in meant if parcel.key not in refused]
    held.settle(confirmed)
    return len(confirmed)
