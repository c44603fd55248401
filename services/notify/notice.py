"""A notice: a numbered document addressed to one unit about one task. Every assignment stands in exactly one."""

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, StringField

from infra.clock import CITY_ZONE
from infra.messaging.outbox import Aggregate
from services.notify.contracts import BulletinKind
from services.notify.rendering import Rendered
from services.tasks.contracts import TaskState


class Notice(Aggregate):
    """`number` is its 文号; `text` and `html` are kept as they were sent. Its delivery tells how it fared."""

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
    deadline = DateTimeField(required=True)
    text = StringField(required=True)
    html = StringField(required=True)


def notice_id(kind: BulletinKind, task: TaskState) -> str:
    """The id of the notice about `task`: one per assignment; of reminders one per deadline that was missed."""
    if kind == BulletinKind.REMINDER:
        return f"reminder-{task.task_id}-{task.deadline.astimezone(CITY_ZONE):%Y%m%d%H%M}"
    return f"{kind}-{task.task_id}"


def notice_of(kind: BulletinKind, task: TaskState, number: str, document: Rendered, at: datetime) -> Notice:
    """The notice about `task` to its unit."""
    return Notice(
        id=notice_id(kind, task),
        number=number,
        kind=kind,
        unit=task.responsible_unit,
        task_id=task.task_id,
        title=task.title,
        issued_at=at,
        deadline=task.deadline,
        text=document.text,
        html=document.html,
    )
