"""A delivery: one document on its way to one unit, what was tried, and how it ended.

pending ──► sent         the server took it
   │
   ├──────► failed       it never will be taken, or all tries are used up; the reason is kept
   ◄── retry ──┘         the operator has mended what was wrong
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import DateTimeField, IntField, StringField

from infra.messaging.outbox import Aggregate
from services.notify.contracts import BulletinKind, DeliveryStatus, NoticeDelivered, NoticeFailed
from services.notify.draft import NOTICES

RETRY_AFTER = tuple(timedelta(seconds=wait) for wait in (10, 60, 300, 1_800, 7_200, 21_600))


class Delivery(Aggregate):
    """`due_at` (wall time) is when it may be tried; who claims it moves that ahead by the lease and signs `claim`.

    `recipient` is known once it was tried: the contact book is asked at that moment.
    """

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": "notify",
        "collection": "delivery",
        "indexes": [("status", "due_at"), "document_id", {"fields": ["claim"], "sparse": True}],
    }
    noun = "delivery"

    id = StringField(primary_key=True)
    document_id = StringField(required=True)
    kind = StringField(required=True)
    unit = StringField(required=True)
    cause = StringField(required=True)
    status = StringField(required=True, default=DeliveryStatus.PENDING)
    due_at = DateTimeField(required=True)
    claim = StringField()
    attempts = IntField(default=0)
    recipient = StringField(default="")
    reason = StringField()
    ended_at = DateTimeField()

    def taken(self, recipient: str, at: datetime) -> None:
        """The server took it, `at` the city's time."""
        self._tried(recipient)
        self.status, self.reason, self.ended_at = DeliveryStatus.SENT, None, at
        if self.kind in NOTICES:
            event = NoticeDelivered(notice_id=self.document_id, unit=self.unit, delivered_at=at)
            self.record(event, at=at, cause=self.cause)

    def put_off(self, recipient: str, reason: str, *, wall: datetime, at: datetime) -> None:
        """Not taken for now: wait for the next try, or give up where all are used up. `wall` is the wall time."""
        if self.attempts >= len(RETRY_AFTER):
            self.refused(recipient, f"{reason}（已重试{self.attempts}次）", at)
            return
        self.due_at = wall + RETRY_AFTER[self.attempts]
        self._tried(recipient)
        self.reason = reason

    def refused(self, recipient: str, reason: str, at: datetime) -> None:
        """It never will be taken."""
        self._tried(recipient)
        self.status, self.reason, self.ended_at = DeliveryStatus.FAILED, reason, at
        if self.kind in NOTICES:
            event = NoticeFailed(notice_id=self.document_id, unit=self.unit, reason=reason)
            self.record(event, at=at, cause=self.cause)

    def retry(self, wall: datetime) -> bool:
        """Due again from `wall` (wall time) on, with all its tries, whether it failed or waits. False where the server
        took it, or another is sending it at this moment."""
        if self.status not in (DeliveryStatus.FAILED, DeliveryStatus.PENDING) or self.claim is not None:
            return False
        self.status, self.due_at, self.attempts, self.ended_at = DeliveryStatus.PENDING, wall, 0, None
        return True

    def _tried(self, recipient: str) -> None:
        self.attempts += 1
        self.recipient, self.claim = recipient, None


def delivery_of(document_id: str, kind: BulletinKind, unit: str, *, cause: str, wall: datetime) -> Delivery:
    """The delivery of a document to a unit; the same document and unit always make the same id."""
    return Delivery(id=f"{document_id}@{unit}", document_id=document_id, kind=kind, unit=unit, cause=cause, due_at=wall)
