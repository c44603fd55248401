"""The scanner: finds the tasks whose deadline has passed and lets each say so once.

It walks the index of deadlines that must still be watched, so it costs what became due, not what exists. Any number of
replicas may scan: a task is changed under its version, and what the other one has said is not said again.
"""

from datetime import datetime

from infra.clock import Clock
from infra.messaging.store import Store
from services.tasks.task import Task

PAGE = 200


class Scanner:
    """Lets tasks notice that their deadline, or later whatever else the clock brings, has come."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def find_overdue(self) -> int:
        """Record TaskOverdue for every task whose deadline has passed and was not said; how many there were."""
        now, said = self._clock.now(), 0
        while ids := due(now):
            said += sum(self._notice(ids, now).values())
        return said

    def _notice(self, ids: list[str], now: datetime) -> dict[str, bool]:
        return self._store.change_many(Task, ids, lambda task: task.notice_overdue(now))


def due(now: datetime, limit: int = PAGE) -> list[str]:
    """The ids of at most `limit` watched tasks whose deadline lies before `now`, the oldest deadline first."""
    found = Task._get_collection().find({"watch_until": {"$lt": now}}, {"_id": 1})
    return [document["_id"] for document in found.sort("watch_until", 1).limit(limit)]
