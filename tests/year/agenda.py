"""Who acts next in the simulated year: lives, each with the moment at which it goes on."""

import heapq
import itertools
from datetime import datetime, timedelta

from tests.year import stored
from tests.year.ledger import Ledger
from tests.year.life import Wait
from tests.year.order_lives import OrderLife
from tests.year.town import Town


class Agenda:
    """Until the year is over; every order that comes to be gets a life of its own."""

    def __init__(self, town: Town, books: Ledger, until: datetime) -> None:
        self._town, self._books, self._until = town, books, until
        self._order = itertools.count()
        self._waiting: list[tuple[datetime, int, Wait]] = []

    def add(self, at: datetime, life: Wait) -> None:
        """It acts then, where the year is not over."""
        if at < self._until:
            heapq.heappush(self._waiting, (at, next(self._order), life))

    def run(self) -> None:
        """One after the other; in the end the deadlines are looked at once more."""
        while self._waiting:
            at, _, life = heapq.heappop(self._waiting)
            self._go_to(at)
            wait = next(life, None)
            if wait is not None:
                self.add(at + timedelta(minutes=wait), life)
            self._welcome(at)
        self._go_to(self._until)
        self._town.scan()
        self._look()

    def _go_to(self, at: datetime) -> None:
        if self._town.go_to(at):
            self._look()
            self._welcome(at)

    def _look(self) -> None:
        self._books.scan(self._town.now, stored.numbers())

    def _welcome(self, at: datetime) -> None:
        for order in self._books.new:
            self.add(at, OrderLife(self._town, self._books, order).live())
        self._books.new.clear()
