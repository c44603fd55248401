"""The scanner of 补正: finds the cases whose citizen has let the term pass and lets each notice it, once.

It walks the index of what waits, so it costs what became due. Any number of replicas may scan at once.
"""

from infra.clock import Clock
from infra.messaging.store import Store
from services.complaints.case import Case

PAGE = 200
CAUSE = "complaints/clock"


class FactsDue:
    """Wakes cases whose term for facts has ended."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def wake(self) -> int:
        """Let every case whose term has ended notice it; how many did."""
        now, woken = self._clock.now(), 0
        while True:
            waiting = Case._get_collection().find({"wakes_at": {"$lte": now}}, {"_id": 1}).sort("wakes_at", 1)
            ids = [one["_id"] for one in waiting.limit(PAGE)]
            said = sum(self._store.change_many(Case, ids, lambda case: case.wake(now, CAUSE)).values()) if ids else 0
            woken += said
            if not said:
                return woken
