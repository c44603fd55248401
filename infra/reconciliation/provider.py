"""`books = BooksProvider(BOOKS)` in a service class: its ledgers, its totals, and what is still on its way."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import amqp
import msgspec
from mongoengine.connection import get_db
from nameko.extensions import DependencyProvider

from infra.messaging import broker, topology
from infra.messaging.outbox import aggregates_of
from infra.messaging.rpc import rpc
from infra.problem import Problem
from infra.reconciliation import books, counters
from infra.reconciliation.books import Ledger
from infra.reconciliation.summary import QueueDepth, Summary
from infra.settings import RETRY_DELAYS

Totals = Callable[[datetime], dict[str, int]]
Oddities = Callable[[], list[str]]


class ServiceBooks(msgspec.Struct, frozen=True):
    """What a service's books.py says: its ledgers, the tallies whose counters are to be checked, totals as of a moment,
    and what ought never to be, in words (an empty list where all is well)."""

    ledgers: Mapping[str, Ledger]
    tallies: tuple[str, ...] = ()
    totals: Totals = lambda _: {}
    oddities: Oddities = list


class BooksProvider(DependencyProvider):
    """Gives every worker the Bookkeeper of its service."""

    def __init__(self, of: ServiceBooks) -> None:
        self._books, self.tallies = of, of.tallies

    def setup(self) -> None:
        """See nameko's Extension.setup."""
        kind, url = self.container.service_cls, self.container.config["AMQP_URI"]
        queues = [queue.name for queue in topology.queues_of(kind, RETRY_DELAYS)]
        self.keeper = Bookkeeper(self.container.service_name, self._books, url, queues)

    def get_dependency(self, worker_ctx: object) -> "Bookkeeper":
        """The bookkeeper."""
        return self.keeper


class KeepsBooks:
    """What a service class inherits to be asked about its books; it has `keeper = BooksProvider(…)`."""

    keeper: Any  # a Bookkeeper in every worker

    @rpc(expected_exceptions=Problem)
    def books(self, as_of: str, unsent_since: str) -> dict[str, Any]:
        """See Bookkeeper.summary."""
        found: dict[str, Any] = self.keeper.summary(as_of, unsent_since)
        return found

    @rpc(expected_exceptions=Problem)
    def book_page(self, ledger: str, span: dict[str, Any], first: int | None = None) -> dict[str, Any]:
        """See Bookkeeper.page."""
        found: dict[str, Any] = self.keeper.page(ledger, span, first)
        return found

    @rpc(expected_exceptions=Problem)
    def book_entries(self, ledger: str, span: dict[str, Any], first: int) -> list[list[str]]:
        """See Bookkeeper.entries."""
        found: list[list[str]] = self.keeper.entries(ledger, span, first)
        return found


class Bookkeeper:
    """Answers questions about the books of one service, in JSON builtins."""

    def __init__(self, service: str, of: ServiceBooks, amqp_url: str, queues: list[str]) -> None:
        self._service, self._books, self._url, self._queues = service, of, amqp_url, queues

    def summary(self, as_of: str, unsent_since: str) -> dict[str, Any]:
        """The Summary. `as_of` is a moment of the city's clock, `unsent_since` one of wall time, both ISO."""
        found = Summary(
            service=self._service,
            totals=self._books.totals(datetime.fromisoformat(as_of)),
            unsent=self._unsent(datetime.fromisoformat(unsent_since)),
            queues=self._depths(),
            wrong_counters=[
                line for name in self._books.tallies for line in counters.differences(get_db(self._service), name)
            ],
            oddities=self._books.oddities(),
        )
        return msgspec.to_builtins(found)

    def page(self, ledger: str, span: dict[str, Any], first: int | None) -> dict[str, Any]:
        """The Page of the ledger. Raises NotFound, InvalidInput."""
        return msgspec.to_builtins(
            books.page(books.ledger_of(self._books.ledgers, ledger), books.read_span(span), first)
        )

    def entries(self, ledger: str, span: dict[str, Any], first: int) -> list[list[str]]:
        """The entries of the ledger as [key, value]. Raises NotFound, InvalidInput."""
        found = books.entries(books.ledger_of(self._books.ledgers, ledger), books.read_span(span), first)
        return [list(entry) for entry in found]

    def _unsent(self, before: datetime) -> int:
        query = {"outbox_since": {"$lte": before}}
        return sum(kind._get_collection().count_documents(query) for kind in aggregates_of(self._service))

    def _depths(self) -> list[QueueDepth]:
        connection = broker.connect(self._url, f"{self._service}.books")
        assert connection is not None
        try:
            with connection.channel() as channel:
                return [_depth(channel, queue) for queue in self._queues]
        finally:
            broker.close(connection)


def _depth(channel: amqp.Channel, queue: str) -> QueueDepth:
    waiting, alone, dead = (
        channel.queue_declare(name, passive=True).message_count
        for name in (queue, queue + topology.ALONE, queue + topology.DEAD)
    )
    return QueueDepth(queue, waiting + alone, dead)
