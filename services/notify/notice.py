"""A notice: a numbered document addressed to one unit about one task. Every assignment stands in exactly one."""

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, StringField

from infra.clock import CITY_ZONE
from infra.messaging.outbox import Aggregate
from services.notify.contracts import BulletinKind
from services.notify.rendering import Rendered
from services.notify.task_notice import Subject, unit_of
from services.tasks.contracts import SupervisionState


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


def notice_id(kind: BulletinKind, subject: Subject) -> str:
    """The id of the notice about `subject`: one per assignment and per order; of reminders one per deadline that came
    near, and one per deadline that was missed."""
    if isinstance(subject, SupervisionState):
        return f"{kind}-{subject.supervision_id}"
    if kind == BulletinKind.REMINDER:
        when = "" if subject.overdue else "soon-"
        return f"reminder-{when}{subject.task_id}-{subject.deadline.astimezone(CITY_ZONE):%Y%m%d%H%M}"
    return f"{kind}-{subject.task_id}"


def notice_of(kind: BulletinKind, subject: Subject, number: str, document: Rendered, at: datetime) -> Notice:
    """The notice about `subject` to its unit."""
    return Notice(
        id=notice_id(kind, subject),
        number=number,
        kind=kind,
        unit=unit_of(subject),
        task_id=subject.task_id or "",
        title=subject.title,
        issued_at=at,
        deadline=subject.answer_by if isinstance(subject, SupervisionState) else subject.deadline,
        text=document.text,
        html=document.html,
    )
