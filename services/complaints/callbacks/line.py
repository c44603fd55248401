"""The callbacks of one report, in the order of what happened, and how each ended.

    pending ──► sent          the hotline took it (2xx)
       │  ├───► superseded    something later was told before this one became known here
       │  └───► failed        it never will be taken, or a week of tries is over; the reason is kept
       ◄── resend ──┘

Only the oldest pending one is tried: a later status never overtakes an earlier one. One that failed no longer holds up
the others.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, StringField

from infra.messaging.outbox import Aggregate
from infra.struct_field import struct_field
from services.complaints.callbacks.retry import GIVE_UP_AFTER
from services.complaints.contracts import SERVICE, CallbackNews, CallbackStatus


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell: what happened `at` that moment (the city's time), in version `version` of the case.

    `since` is when trying began, in wall time; `due_at`, `ended_at` likewise.
    """

    id: str
    news: CallbackNews
    case_id: str
    version: int
    at: datetime
    since: datetime
    due_at: datetime
    status: CallbackStatus = CallbackStatus.PENDING
    attempts: int = 0
    reason: str = ""
    ended_at: datetime | None = None

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in the order."""
        return self.at, self.version


class CallbackLine(Aggregate):
    """`due_at` (wall time) is when its next callback may be tried, absent where none is pending; who claims the line
    moves that ahead by the lease and signs `claim`. `failed` is there while one has failed."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "callback_lines",
        "indexes": [
            {"fields": ["channel", "due_at"], "partialFilterExpression": {"due_at": {"$exists": True}}},
            {"fields": ["claim"], "sparse": True},
            {"fields": ["failed"], "sparse": True},
            "callbacks.id",
            ("-changed_at", "-id"),
        ],
    }
    noun = "callback_line"

    id = StringField(primary_key=True)
    channel = StringField(required=True)
    external_id = StringField(required=True)
    receipt = StringField(required=True)
    callbacks: list[Callback] = struct_field(list[Callback], default=list)
    due_at = DateTimeField()
    claim = StringField()
    failed = StringField()
    changed_at = DateTimeField(required=True)

    @property
    def next(self) -> Callback | None:
        """The one to be tried next."""
        return next((one for one in self.callbacks if one.status == CallbackStatus.PENDING), None)

    def add(self, new: Callback, now: datetime) -> bool:
        """Take up `new` where it belongs; False where it is known. `now` is wall time."""
        if any(one.id == new.id for one in self.callbacks):
            return False
        if any(one.place > new.place and one.status == CallbackStatus.SENT for one in self.callbacks):
            new = msgspec.structs.replace(new, status=CallbackStatus.SUPERSEDED, ended_at=now)
        self.callbacks = sorted([*self.callbacks, new], key=lambda one: one.place)
        self._changed(now)
        return True

    def taken(self, callback_id: str, now: datetime) -> None:
        """The hotline took it."""
        self._end(callback_id, CallbackStatus.SENT, "", now)

    def refused(self, callback_id: str, reason: str, now: datetime) -> None:
        """It never will be taken."""
        self._end(callback_id, CallbackStatus.FAILED, reason, now)

    def put_off(self, callback_id: str, reason: str, wait: timedelta, now: datetime) -> None:
        """Not taken for now: once more after `wait`, or given up where a week of tries would be over by then."""
        one = self.named(callback_id)
        if now + wait > one.since + GIVE_UP_AFTER:
            return self.refused(callback_id, f"{reason}（已重试{one.attempts + 1}次）", now)
        return self._replace(one, now, attempts=one.attempts + 1, reason=reason, due_at=now + wait)

    def resend(self, callback_id: str, now: datetime) -> bool:
        """Due again from `now` on, with all its time; False where it neither failed nor waits for its next try, or is
        being sent at this moment. Something later may have been told meanwhile."""
        one = self.named(callback_id)
        waits = one.status == CallbackStatus.PENDING and one.attempts > 0
        if self.claim is not None or not (waits or one.status == CallbackStatus.FAILED):
            return False
        self._replace(one, now, status=CallbackStatus.PENDING, since=now, due_at=now, ended_at=None)
        return True

    def named(self, callback_id: str) -> Callback:
        """The one with that id. Raises StopIteration where there is none."""
        return next(one for one in self.callbacks if one.id == callback_id)

    def _end(self, callback_id: str, status: CallbackStatus, reason: str, now: datetime) -> None:
        one = self.named(callback_id)
        self._replace(one, now, status=status, attempts=one.attempts + 1, reason=reason, ended_at=now)

    def _replace(self, one: Callback, now: datetime, **changes: Any) -> None:
        changed = msgspec.structs.replace(one, **changes)
        self.callbacks = [changed if other is one else other for other in self.callbacks]
        self.claim = None
        self._changed(now)

    def _changed(self, now: datetime) -> None:
        self.changed_at = now
        if self.claim is None:  # else the lease stands there
            self.due_at = self.next.due_at if self.next else None
        failed = any(one.status == CallbackStatus.FAILED for one in self.callbacks)
        self.failed = "yes" if failed else None
