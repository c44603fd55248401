"""What notify tells the others: its events, and the views that its RPC methods return."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from infra.messaging.event import Event

SERVICE = "notify"


class BulletinKind(StrEnum):
    """Kinds of documents (DOMAIN.md §6): 测评通报, 交办单, 督办通知单, 督办情况通知 (of a step of an order),
    责任倒查线索移送单, 热点问题提示, 曝光周报, 会议通知, 整改提醒, 公示."""

    RANKING = "ranking"
    ASSIGNMENT = "assignment"
    SUPERVISION = "supervision"
    SUPERVISION_NEWS = "supervision_news"
    CLUE = "clue"
    HOTSPOT = "hotspot"
    EXPOSURE_WEEKLY = "exposure_weekly"
    MEETING = "meeting"
    REMINDER = "reminder"
    PUBLIC = "public"


class DeliveryStatus(StrEnum):
    """sent → delivered | failed → acknowledged; `pending` before the first try."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"


class NotifyEvent(Event, frozen=True, kw_only=True):
    """Base of the events of notify. Nobody hears them yet."""

    source: ClassVar[str] = SERVICE
    unheard: ClassVar[bool] = True


class BulletinIssued(NotifyEvent, frozen=True, kw_only=True):
    """A numbered document is out. `number` is its 文号."""

    bulletin_id: str
    number: str
    kind: BulletinKind
    title: str
    issued_at: datetime
    units: list[str]
    round_id: str | None


class NoticeDelivered(NotifyEvent, frozen=True, kw_only=True):
    """The mail server took the notice for this unit."""

    notice_id: str
    unit: str
    delivered_at: datetime


class NoticeFailed(NotifyEvent, frozen=True, kw_only=True):
    """All tries failed; the reason is the mail server's."""

    notice_id: str
    unit: str
    reason: str


class BulletinView(msgspec.Struct, frozen=True, kw_only=True):
    """A bulletin with its text and HTML, and how many of its mails are in which state."""

    bulletin_id: str
    number: str
    kind: BulletinKind
    title: str
    issued_at: datetime
    units: list[str]
    text: str
    html: str
    deliveries: dict[DeliveryStatus, int]


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """A notice for one unit; `task_id` is empty where it is about no task."""

    notice_id: str
    unit: str
    task_id: str
    title: str
    issued_at: datetime
    status: DeliveryStatus
    recipient: str
    attempts: int


# RPC of notify (nameko service name "notify"):
#   import_contacts(rows: [{"unit": path, "role", "name", "email"}], by, cause) -> {"imported": n}     all or nothing
#   retry_mail(failed: bool, by, cause) -> {"due": n}     what waits for its next try is due now, with all its tries;
#       with `failed` also what has failed
#   recent_bulletins(units: list[str], first: int) -> {unit: list[BulletinView, with "" for text and html]}
#       addressed to the unit, newest first
#   bulletin(bulletin_id) -> BulletinView
#   notices(unit: str, first: int) -> list[NoticeView]     to the unit and everything below it, newest first
#   totals() -> {"notices": n, "reminders": n, "bulletins": n, "by_status": {status: n}}
