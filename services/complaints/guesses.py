"""How often a query code may be tried: each try is paid for before the code is looked at; a right one is given back.

Counted per hour of wall time, whether or not there is such a receipt, so that the limit tells nothing either:

    per receipt and asker   10     a citizen who mistypes; who guesses from elsewhere cannot use up theirs
    per asker              300     who tries many receipts
    per receipt          1,000     who guesses from many places: of 2·10¹¹ codes that finds one in 20,000 years

So a hundred addresses are needed to keep a citizen out. An asker is an address (web.client_of), of IPv6 its /64; where
it is not known, all unknown askers of a receipt share its 10. Counters are 2²⁰ of each kind, shared by what falls into
the same one, so that nobody fills the database, and hold no address.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from infra.problem import Problem

MOST_WRONG, MOST_OF_ASKER, MOST_OF_RECEIPT = 10, 300, 1000
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
    def one(self, receipt: str, asker: str) -> Iterator[None]:
        """One try of `asker` ("" where nobody knows who it is), made inside the block; it counts where the block
        raises. Raises TooManyGuesses."""
        now, paid = self._wall(), list[str]()
        try:
            for what, most in _limits(receipt, asker):
                paid.append(self._pay(what, most, now))
        except TooManyGuesses:
            self._give_back(paid)
            raise
        yield
        self._give_back(paid)

    def _give_back(self, counters: list[str]) -> None:
        self._counters.update_many({"_id": {"$in": counters}}, {"$inc": {"wrong": -1}})

    def _pay(self, what: str, most: int, now: float) -> str:
        """Where the counter is full the filter finds nothing, and the insert meets the counter."""
        window = int(now // WINDOW)
        until = (window + 1) * WINDOW
        counter = f"{_number(what)}|{window}" if most == MOST_WRONG else f"{_number(what)}|{most}|{window}"
        first = {"until": datetime.fromtimestamp(until, UTC) + timedelta(minutes=1)}
        room = {"_id": counter, "wrong": {"$lt": most}}
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


def _limits(receipt: str, asker: str) -> list[tuple[str, int]]:
    """What a try is counted under, and how many may be wrong there."""
    of_asker = [(asker, MOST_OF_ASKER)] if asker else []
    return [(f"{receipt}|{asker}", MOST_WRONG), *of_asker, (receipt, MOST_OF_RECEIPT)]


def _number(what: str) -> int:
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8]) % COUNTERS
