"""What a service says of its books as a whole."""

import msgspec


class QueueDepth(msgspec.Struct, frozen=True):
    """A handler's queue: how many events wait in it (alone ones included), and how many were given up."""

    queue: str
    waiting: int
    dead: int


class Summary(msgspec.Struct, frozen=True):
    """The state of the books: `unsent` documents hold events since before the moment that was asked for."""

    service: str
    totals: dict[str, int]
    unsent: int
    queues: list[QueueDepth]
    wrong_counters: list[str]
    oddities: list[str]
