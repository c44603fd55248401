"""What the contestants insert and tell of."""

from typing import ClassVar

from mongoengine import IntField, StringField

from infra.clock import WallClock
from infra.messaging.event import Event
from infra.messaging.outbox import Aggregate

NOTE = "占道经营，请及时处理。" * 8  # what an event carries beside its number: about 250 bytes


class ItemMade(Event, frozen=True, kw_only=True):
    """An item exists."""

    source: ClassVar[str] = "our_source"
    number: int
    note: str


class BenchItem(Aggregate):
    """What is inserted."""

    noun = "item"
    meta = {"db_alias": "our_source", "collection": "items"}  # noqa: RUF012
    name = StringField(primary_key=True)
    number = IntField()
    note = StringField()

    @staticmethod
    def made(number: int) -> "BenchItem":
        """A new item, with its event."""
        item = BenchItem(name=str(number), number=number, note=NOTE)
        item.record(ItemMade(number=number, note=NOTE), at=WallClock().now(), cause="bench")
        return item
