"""The scanner of 补正: finds the cases whose citizen has let the term pass and lets each notice it, once.

It walks the index of what waits (infra/walking.py), so it costs what became due, and a case that cannot be looked at
holds up no other. Any number of replicas may scan at once.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from infra.clock import Clock
from infra.messaging.store import Store
from infra.set_aside import SetAside
from infra.walking import Said, Walk
from services.complaints.case import Case

PAGE = 200
CAUSE = "complaints/clock"


class FactsDue:
    """Wakes cases whose term for facts has ended; `aside` keeps those that cannot be looked at."""

    def __init__(self, store: Store, clock: Clock, aside: SetAside) -> None:
        self._store, self._clock, self._aside = store, clock, aside

    def wake(self) -> int:
        """Let every case whose term has ended notice it; how many did."""
        now = self._clock.now()
        return Walk(self._aside, partial(_due, now), partial(self._look, now)).walk()[CAUSE]

    def _look(self, now: datetime, ids: list[str]) -> Said:
        woken = self._store.change_many(Case, ids, lambda case: case.wake(now, CAUSE))
        return Counter({CAUSE: sum(woken.values())})


def _due(now: datetime, without: Sequence[str]) -> list[Any]:
    query: dict[str, Any] = {"wakes_at": {"$lte": now}} | ({"_id": {"$nin": list(without)}} if without else {})
    found = Case._get_collection().find(query, {"_id": 1}).sort("wakes_at", 1)
    return [document["_id"] for document in found.limit(PAGE)]
