"""How often a query code may be tried: each try is paid for before the code is looked at; a right one is given back.

Counted per hour of wall time, whether or not there is such a receipt, so that the limit tells nothing either:

    per receipt and asker   10     a citizen who mistypes; who guesses from elsewhere cannot use up theirs
    per asker              300     who tries many receipts
    per receipt          1,000     who guesses from many places; from then on
    per receipt and site     3     so that no number of wrong codes keeps a citizen out whose own address has not failed

Of 2·10¹¹ codes a thousand an hour find one in 10,000 years, three an hour from each of 100,000 addresses in 40. An
asker is an address (web.client_of), of IPv6 its /64; a site is the same, of IPv6 the /48, of which nobody has many.
Where it is not known, all unknown askers of a receipt share its 10. Counters are 2²⁴ of each kind, shared by what falls
into the same one in that hour, so that nobody fills the database, and hold no address.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from infra.problem import Problem

MOST_WRONG, MOST_OF_ASKER, MOST_OF_RECEIPT, MOST_OF_SITE = 10, 300, 1000, 3
WINDOW = 3600  # seconds
COUNTERS = 2**24
SITE = 48  # bits of an IPv6 address that are one site's


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
            paid.append(self._pay_for_receipt(receipt, asker, now))
        except TooManyGuesses:
            self._give_back(paid)
            raise
        yield
        self._give_back(paid)

    def _pay_for_receipt(self, receipt: str, asker: str, now: float) -> str:
        """Where many have tried the receipt, each site has few tries of its own."""
        try:
            return self._pay(receipt, MOST_OF_RECEIPT, now)
        except TooManyGuesses:
            return self._pay(f"{receipt}|{_site(asker)}", MOST_OF_SITE, now)

    def _give_back(self, counters: list[str]) -> None:
        self._counters.update_many({"_id": {"$in": counters}}, {"$inc": {"wrong": -1}})

    def _pay(self, what: str, most: int, now: float) -> str:
        """Where the counter is full the filter finds nothing, and the insert meets the counter."""
        window = int(now // WINDOW)
        until = (window + 1) * WINDOW
        counter = f"{_number(f'{window}|{what}')}|{most}|{window}"
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
    """What a try of that asker is counted under, and how many may be wrong there."""
    of_asker = [(asker, MOST_OF_ASKER)] if asker else []
    return [(f"{receipt}|{asker}", MOST_WRONG), *of_asker]


def _site(asker: str) -> str:
    """The asker, of IPv6 the network that one subscriber has."""
    return str(ip_network(asker).supernet(new_prefix=SITE)) if ":" in asker else asker


def _number(what: str) -> int:
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8]) % COUNTERS
