"""A notice: a numbered document addressed to one unit. Every assignment stands in exactly one."""

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, StringField

from infra.messaging.outbox import Aggregate
from services.notify.draft import Draft
from services.notify.rendering import Rendered


class Notice(Aggregate):
    """`number` is its 文号; `text` and `html` are kept as they were sent. Its delivery tells how it fared.
    `task_id` and `deadline` are those of the draft."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": "notify",
        "collection": "notice",
        "indexes": [("unit", "-issued_at"), "kind", {"fields": ["number"], "unique": True}],
    }
    noun = "notice"

    id = StringField(primary_key=True)
    number = StringField(required=True)
    kind = StringField(required=True)
    unit = StringField(required=True)
    task_id = StringField(required=True)
    title = StringField(required=True)
    issued_at = DateTimeField(required=True)
    deadline = DateTimeField()
    text = StringField(required=True)
    html = StringField(required=True)


def notice_of(draft: Draft, number: str, document: Rendered, at: datetime) -> Notice:
    """The notice that `draft` becomes with its number."""
    return Notice(
        id=draft.id,
        number=number,
        kind=draft.kind,
        unit=draft.unit,
        task_id=draft.task_id,
        title=draft.about,
        issued_at=at,
        deadline=draft.deadline,
        text=document.text,
        html=document.html,
    )
