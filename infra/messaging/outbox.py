"""The aggregate and its outbox: an event is recorded inside the document whose change it tells.

The change and the event are one write, so neither exists without the other (DESIGN.md, decision 1).
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, Document, IntField
from mongoengine.base import BaseField

from infra.messaging.event import Envelope, Event, seal


class OutboxField(BaseField):
    """A list of envelopes, stored as one subdocument each. Only the store and the relay write it."""

    def __init__(self) -> None:
        super().__init__(default=list)

    def to_mongo(self, value: list[Envelope]) -> list[dict[str, Any]]:
        """The envelopes as they are stored."""
        return [envelope.as_document() for envelope in value]

    def to_python(self, value: list[Any]) -> list[Envelope]:
        """The envelopes that were stored."""
        return [one if isinstance(one, Envelope) else Envelope.from_document(one) for one in value]


class Aggregate(Document):
    """A thing that changes under a lock and tells what happened to it.

    `version` is the lock: every write raises it by one. `sequence` counts the facts recorded so far; it is what people
    and commands call the version seen. `outbox` holds the events that are not yet known to be published, and
    `outbox_since` the wall time since which it is not empty. Never call `save()`: write through the store.
    """

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "indexes": [{"fields": ["outbox_since"], "sparse": True}]}
    noun: ClassVar[str]

    version = IntField(default=0)
    sequence = IntField(default=0)
    outbox: list[Envelope] = OutboxField()
    outbox_since = DateTimeField()

    @property
    def subject(self) -> str:
        """The name under which events tell of it: `case/5301…`."""
        return f"{self.noun}/{self.pk}"

    def record(self, event: Event, *, at: datetime, cause: str) -> Envelope:
        """Remember that `event` happened `at` that moment, because of `cause` (id of an event or request).

        Change the document first: the event carries its full state.
        """
        self.sequence += 1
        envelope = seal(event, subject=self.subject, sequence=self.sequence, at=at, cause=cause)
        self.outbox = [*self.outbox, envelope]
        self.outbox_since = self.outbox_since or datetime.now(UTC)
        return envelope

    def last_change(self) -> dict[str, Any]:
        """Who changed it last: `changed_by`, `changed_at`, `changed_what`, for those whose view is stale."""
        return {}


def aggregates_of(service: str) -> list[type[Aggregate]]:
    """Every aggregate class (imported so far) that lives in the database of `service`."""
    found: set[type[Aggregate]] = set()
    todo = list(Aggregate.__subclasses__())
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if not kind._meta.get("abstract") and kind._meta.get("db_alias") == service:
            found.add(kind)
    return sorted(found, key=lambda kind: kind.__name__)
