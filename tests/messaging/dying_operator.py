"""An operator who is killed while he settles dead letters, at the third page of twenty:

python -m tests.messaging.dying_operator URL redeliver|discard publishing|confirmed QUEUE ID…
"""

import os
import signal
import sys
from collections.abc import Iterable

from infra.messaging import broker, dead_letters
from infra.messaging.dead_letters import looking, settling
from infra.messaging.publisher import Parcel, Publisher


class DyingPublisher(Publisher):
    """Dies at its third page: before it is sent, or once it is confirmed."""

    moment = ""
    pages = 0

    def publish(self, parcels: Iterable[Parcel]) -> dict[str, str]:
        """See Publisher."""
        self.pages += 1
        if (self.pages, self.moment) == (3, "publishing"):
            os.kill(os.getpid(), signal.SIGKILL)
        refused = super().publish(parcels)
        if (self.pages, self.moment) == (3, "confirmed"):
            os.kill(os.getpid(), signal.SIGKILL)
        return refused


def settle(url: str, act: str, moment: str, queue: str, *ids: str) -> None:
    """Settle the letters `ids`, and die of it."""
    looking.AT_ONCE, DyingPublisher.moment = 20, moment
    settling.Publisher = DyingPublisher  # type: ignore[misc]
    connection = broker.open_connection(url, "dying operator")
    if act == "redeliver":
        dead_letters.redeliver(connection, queue, ids)
    else:
        dead_letters.discard(connection, queue, ids, reason="a trial")


if __name__ == "__main__":
    settle(*sys.argv[1:])
