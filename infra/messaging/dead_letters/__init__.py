"""Dead letters: messages that were given up. They rest in `<queue>.dead` until somebody redelivers or discards them.

The functions take a live connection (`broker.open_connection`) and the name of a handler's queue. Looking leaves a
letter where it is, in its order; while somebody looks, nobody else sees the letters that he holds. A letter leaves only
when the broker has confirmed its copy: in the handler's queue, or in the stream `dead-letters.discarded`. Whoever is
killed meanwhile loses nothing: what he held comes back, and at most one page of letters has its copy and rests too.
"""

from infra.messaging.dead_letters.discarding import discard
from infra.messaging.dead_letters.letter import Choice, DeadLetter, everything, these
from infra.messaging.dead_letters.reading import count, each, raw, read
from infra.messaging.dead_letters.records import Discarded, discarded
from infra.messaging.dead_letters.redelivering import redeliver

__all__ = [
    "Choice",
    "DeadLetter",
    "Discarded",
    "count",
    "discard",
    "discarded",
    "each",
    "everything",
    "raw",
    "read",
    "redeliver",
    "these",
]
