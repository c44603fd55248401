"""A bulletin: a numbered document that is published to many units. Once issued it never changes."""

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, ListField, StringField

from infra.messaging.outbox import Aggregate
from services.notify.contracts import BulletinIssued, BulletinKind
from services.notify.rendering import Rendered


class Bulletin(Aggregate):
    """`number` is its 文号; `text` and `html` are kept as they were sent."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": "notify",
        "collection": "bulletin",
        "indexes": [("units", "-issued_at"), {"fields": ["number"], "unique": True}],
    }
    noun = "bulletin"

    id = StringField(primary_key=True)
    number = StringField(required=True)
    kind = StringField(required=True)
    title = StringField(required=True)
    issued_at = DateTimeField(required=True)
    units = ListField(StringField())
    text = StringField(required=True)
    html = StringField(required=True)
    round_id = StringField()

    @staticmethod
    def issue(
        id: str,
        kind: BulletinKind,
        number: str,
        title: str,
        document: Rendered,
        units: list[str],
        *,
        round_id: str | None,
        at: datetime,
        cause: str,
    ) -> "Bulletin":
        """A new bulletin to `units`, which tells that it was issued."""
        bulletin = Bulletin(
            id=id,
            number=number,
            kind=kind,
            title=title,
            issued_at=at,
            units=units,
            text=document.text,
            html=document.html,
            round_id=round_id,
        )
        event = BulletinIssued(
            bulletin_id=id, number=number, kind=kind, title=title, issued_at=at, units=units, round_id=round_id
        )
        bulletin.record(event, at=at, cause=cause)
        return bulletin
