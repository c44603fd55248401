"""One lane per hotline, beside the service: what one of them does with us is nothing to the others.

A hotline that asks to be left alone (`Retry-After`), or does not answer three times in a row, is left alone as a whole.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from infra.clock import Clock
from services.complaints.callbacks.sending import LEASE, Sender, Tried

IDLE = 1.0  # seconds between looks where nothing is due
SIDE_BY_SIDE = 2  # requests to one hotline at a time
SILENT = 3  # times in a row without an answer
SILENT_PAUSE = timedelta(seconds=30)
log = logging.getLogger(__name__)


class Lane:
    """Sends to one hotline as long as there is something due and it wants it. `wall` counts pauses."""

    def __init__(self, sender: Sender, wall: Clock) -> None:
        self._sender, self._wall = sender, wall
        self._silent = 0
        self._quiet_until: datetime | None = None

    @property
    def name(self) -> str:
        """The channel."""
        return self._sender.name

    def turn(self) -> bool:
        """Try one; False where nothing is to be done at this moment."""
        if self._quiet_until is not None and self._wall.now() < self._quiet_until:
            return False
        tried = self._sender.send_one()
        if tried is not None:
            self._learn(tried)
        return tried is not None

    def _learn(self, tried: Tried) -> None:
        self._silent = 0 if tried.answered else self._silent + 1
        pause = tried.pause or (SILENT_PAUSE if self._silent >= SILENT else None)
        self._quiet_until = self._wall.now() + pause if pause else None


class Lanes:
    """Runs the lanes in threads of their own between start and stop."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        for lane in self._lanes:
            for n in range(SIDE_BY_SIDE):
                thread = threading.Thread(target=self._run, args=(lane,), name=f"callbacks {lane.name} {n}")
                thread.daemon = True
                thread.start()
                self._threads.append(thread)

    def stop(self) -> None:
        """End what is in hand, at most for the time of a lease."""
        self._ending.set()
        for thread in self._threads:
            thread.join(LEASE.total_seconds())

    def _run(self, lane: Lane) -> None:
        while not self._ending.is_set():
            if not _turn(lane):
                self._ending.wait(IDLE)


def _turn(lane: Lane) -> bool:
    """A failure of ours (the database is away) waits like an idle lane."""
    try:
        return lane.turn()
    except Exception as error:
        log.error("callbacks to %s wait, a turn failed: %s", lane.name, type(error).__name__)
        return False
