"""Which events of a case its duty rests on: tasks hears the others under the number of the one before that it does.

All events under one number say the same but for how far the unit is, so tasks has nothing to do about the second of
them (infra/decisions/0013).
"""

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import IntField

from infra.messaging.event import Envelope, Event
from infra.messaging.outbox import Aggregate
from services.complaints.contracts import CaseRevised, CitizenRated


def changes_duty(event: Event) -> bool:
    """Whether tasks may have to do something about it: not where it only tells how far the unit is, which tasks has
    told itself, or what was said of the end."""
    echo = isinstance(event, CaseRevised) and event.unchanged_since > 0
    return not echo and not isinstance(event, CitizenRated)


class CaseDuty(Aggregate):
    """`changed_sequence` is the number of the newest event that changes the duty, 0 where it was not kept yet."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    changed_sequence = IntField(default=0)

    @property
    def unchanged_since(self) -> int:
        """That number; where it was not kept every event may have changed it."""
        return self.changed_sequence or self.sequence

    def record(self, event: Event, *, at: datetime, cause: str) -> Envelope:
        """See Aggregate."""
        before = self.unchanged_since
        envelope = super().record(event, at=at, cause=cause)
        self.changed_sequence = self.sequence if changes_duty(event) else before
        return envelope
