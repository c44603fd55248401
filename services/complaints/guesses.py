"""How often a query code may be tried: each try is paid for before the code is looked at; a right one is given back.

Counted per receipt and hour of wall time, whether or not there is such a receipt, so that the limit tells nothing
either. Receipts share 2²⁰ counters, so that nobody fills the database with receipts that do not exist.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from infra.problem import Problem

MOST_WRONG = 10
WINDOW = 3600  # seconds
COUNTERS = 2**20


class TooManyGuesses(Problem):
    """Nobody may try further codes for this receipt at present; `extra["retry_after"]` is when, in seconds."""

    status, code = 429, "too_many_guesses"


class Guesses:
    """The counters in `db`; `wall` is wall time in unix seconds."""

    def __init__(self, db: Database[dict[str, Any]], *, wall: Callable[[], float]) -> None:
        self._counters, self._wall = db["query_guesses"], wall

    def prepare(self) -> None:
        """Have the database forget what is over."""
        self._counters.create_index("until", expireAfterSeconds=0)

    @contextmanager
    def one(self, receipt: str) -> Iterator[None]:
        """One try, made inside the block; it counts where the block raises. Raises TooManyGuesses."""
        now = self._wall()
        counter = self._pay(receipt, now)
        yield
        self._counters.update_one({"_id": counter}, {"$inc": {"wrong": -1}})

    def _pay(self, receipt: str, now: float) -> str:
        """Where the counter is full the filter finds nothing, and the insert meets the counter."""
        window = int(now // WINDOW)
        until = (window + 1) * WINDOW
        counter = f"{_number(receipt)}|{window}"
        first = {"until": datetime.fromtimestamp(until, UTC) + timedelta(minutes=1)}
        room = {"_id": counter, "wrong": {"$lt": MOST_WRONG}}
        for _ in range(2):  # two first tries at the same moment: the later one finds the counter of the other
            try:
                self._counters.update_one(room, {"$inc": {"wrong": 1}, "$setOnInsert": first}, upsert=True)
                return counter
            except DuplicateKeyError:
                wait = max(1, int(until - now))
        raise TooManyGuesses(
            "too many wrong query codes for this receipt; try again later",
            "查询码错误次数过多，请稍后再试",
            field="code",
            retry_after=wait,
        )


def _number(receipt: str) -> int:
    return int.from_bytes(hashlib.sha256(receipt.encode()).digest()[:8]) % COUNTERS
