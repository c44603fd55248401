"""Trying again at once: the operator has mended the mail server, its settings or the contact book."""

from collections.abc import Iterator
from typing import Any

from infra.clock import Clock, WallClock
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden
from services.notify.contracts import DeliveryStatus
from services.notify.delivery import Delivery

BATCH = 500
MAY_RETRY = frozenset({Role.CITY_OFFICE, Role.OPERATOR})


class Resending:
    """Makes deliveries due again. `wall` is the clock of retries."""

    def __init__(self, store: Store, *, wall: Clock | None = None) -> None:
        self._store, self._wall = store, wall or WallClock()

    def retry(self, *, failed: bool, by: Officer) -> int:
        """Make every delivery that waits for its next try due now, and those that `failed` pending again; how many.

        What a post room has claimed at this moment is left to it; documents stay as they were issued. Raises Forbidden.
        """
        if by.role not in MAY_RETRY:
            detail = "only the city's office or the operator sends mail again"
            raise Forbidden(detail, "只有市总指挥部办公室或运维人员可以重发", field="by")
        return sum(self._make_due(ids) for ids in _batches(_undelivered(failed)))

    def _make_due(self, ids: list[str]) -> int:
        now = self._wall.now()
        return sum(self._store.change_many(Delivery, ids, lambda delivery: delivery.retry(now)).values())


def _undelivered(failed: bool) -> dict[str, Any]:
    waiting = {"status": DeliveryStatus.PENDING, "claim": None, "attempts": {"$gt": 0}}
    return {"$or": [waiting, {"status": DeliveryStatus.FAILED}]} if failed else waiting


def _batches(query: dict[str, Any]) -> Iterator[list[str]]:
    """The ids of what `query` finds now, in batches; what is retried meanwhile is not found again."""
    ids = [one["_id"] for one in Delivery._get_collection().find(query, {"_id": 1})]
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
