"""What one unit is to be told because of an event, before it has a number: the issuing office makes a notice of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from infra.messaging.event import Envelope, Received
from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind

TITLES = {
    BulletinKind.ASSIGNMENT: "创建工作交办单",
    BulletinKind.REMINDER: "整改提醒",
    BulletinKind.SUPERVISION: "督办通知单",
    BulletinKind.SUPERVISION_NEWS: "督办情况通知",
    BulletinKind.CLUE: "责任倒查线索移送单",
    BulletinKind.HOTSPOT: "热点问题提示",
}
NOTICES = frozenset(TITLES)  # kinds of documents that are addressed to one unit
CONFIDENTIAL = frozenset({BulletinKind.CLUE})  # 未经核查: read by the unit itself, nobody stands in for it


class Words(NamedTuple):
    """What stands around the facts."""

    title: str
    opening: str
    closing: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """`id` follows from what is told to whom, so that what is told twice is written once. `about` names the matter in
    lists and in the subject of the mail, `facts` are the lines of the table, each with its label. `deadline` is until
    when something is to be done, `task_id` the task concerned; both where there is one. `cause` is the event's id."""

    id: str
    kind: BulletinKind
    unit: str
    about: str
    words: Words
    facts: list[tuple[str, str]]
    cause: str
    task_id: str = ""
    deadline: datetime | None = None


Telling = Callable[[Received[Any], Registry], list[Draft]]  # what an event is told in, to whoever is to know


def id_of_news(kind: BulletinKind, envelope: Envelope, unit: str) -> str:
    """The id of what tells `unit` of one event: once, however often it comes."""
    return f"{kind}-{envelope.subject.partition('/')[2]}-{envelope.sequence}-{unit}"
