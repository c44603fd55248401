"""The reaction to the tasks' events: every case stands where its newest task stands."""

from collections.abc import Sequence
from typing import Any

from infra.clock import Clock
from infra.messaging.event import Received
from infra.messaging.retry import FinalError
from infra.messaging.store import Store
from services.complaints.case import Case


class Following:
    """Lets cases follow their tasks."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def hear(self, batch: Sequence[Received[Any]]) -> None:
        """Take in what the tasks' events of `batch` say. Raises FinalError for a case that does not exist."""
        by_case: dict[str, list[Received[Any]]] = {}
        for one in batch:
            if one.event.task.stands_for_its_case:  # what the unit gave to others is no assignment of the case
                by_case.setdefault(one.event.task.case_id, []).append(one)
        if not by_case:
            return
        now = self._clock.now()

        def follow(case: Case) -> None:
            for one in by_case[case.id]:
                case.follow(
                    one.event.task,
                    one.envelope.sequence,
                    next_unit=getattr(one.event, "next_unit", None),
                    result=getattr(one.event, "result", None),
                    why=getattr(one.event, "reason", ""),
                    at=now,
                    cause=one.envelope.id,
                )

        changed = self._store.change_many(Case, by_case, follow)
        if missing := by_case.keys() - changed.keys():
            raise FinalError(f"no such case: {', '.join(sorted(missing))}")
