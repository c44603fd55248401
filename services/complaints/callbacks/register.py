"""What the operator sees of the callbacks, and sends again. No content, only what happened to it."""

from collections.abc import Iterable
from typing import Any

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, InvalidInput, NotFound
from services.complaints.callbacks.line import Callback, CallbackLine
from services.complaints.contracts import CallbackPage, CallbackStatus, CallbackView, Channel
from services.complaints.report import Report

MOST = 500
MAY_RESEND = frozenset({Role.CITY_OFFICE, Role.OPERATOR})


class Register:
    """`wall` is the clock of retries."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store, self._wall = store, wall

    def page(self, status: str | None, first: int) -> CallbackPage:
        """At most `first` callbacks with that status (None: any). Raises InvalidInput."""
        if status is not None and status not in set(CallbackStatus):
            raise InvalidInput(f"no status {status!r}", f"没有这个状态：{status}", field="status")
        if not isinstance(first, int) or not 1 <= first <= MOST:
            raise InvalidInput(f"first must be 1 to {MOST}", f"每页1到{MOST}条", field="first")
        query: dict[str, Any] = {} if status is None else {"callbacks.status": status}
        if status == CallbackStatus.FAILED:
            query["failed"] = "yes"  # an index
        lines = CallbackLine.objects(__raw__=query).exclude("outbox").order_by("-changed_at", "-id").limit(first + 1)
        found = [view for line in lines for view in views_of(line) if status in (None, view.status)]
        return CallbackPage(items=found[:first], left_off=len(found) > first)

    def of(self, name: str) -> list[CallbackView]:
        """The callbacks of the report with that receipt, or with a callback of that id. Raises NotFound."""
        reports = [one.id for one in Report.objects(receipt=name).only("id")]
        query = {"$or": [{"_id": {"$in": reports}}, {"callbacks.id": name}]}
        lines = CallbackLine.objects(__raw__=query).exclude("outbox")
        found = [view for line in lines for view in views_of(line)]
        if not found:
            raise NotFound(f"no callback {name!r}, nor any for such a receipt", f"没有该回执或编号的回调：{name}")
        return found

    def resend(self, ids: list[str] | None, by: dict[str, Any]) -> int:
        """Make these due again (None: all that failed); how many were. Raises Forbidden, InvalidInput."""
        if Officer.from_json(by).role not in MAY_RESEND:
            detail = "only the city's office or the operator sends callbacks again"
            raise Forbidden(detail, "只有市总指挥部办公室或运维人员可以重发", field="by")
        wanted = None if ids is None else set(ids)
        query = {"failed": "yes"} if wanted is None else {"callbacks.id": {"$in": sorted(wanted)}}
        lines = [one["_id"] for one in CallbackLine._get_collection().find(query, {"_id": 1})]
        return sum(self._store.change(CallbackLine, one, lambda line: self._again(line, wanted)) for one in lines)

    def _again(self, line: CallbackLine, wanted: set[str] | None) -> int:
        now = self._wall.now()
        chosen = [one.id for one in line.callbacks if _chosen(one, wanted)]
        return sum(line.resend(one, now) for one in chosen)


def _chosen(one: Callback, wanted: set[str] | None) -> bool:
    return one.status == CallbackStatus.FAILED if wanted is None else one.id in wanted


def views_of(line: CallbackLine) -> Iterable[CallbackView]:
    """Its callbacks, the oldest first."""
    for one in line.callbacks:
        yield CallbackView(
            callback_id=one.id,
            channel=Channel(line.channel),
            external_id=line.external_id,
            receipt=line.receipt,
            news=one.news,
            at=one.at,
            status=one.status,
            attempts=one.attempts,
            reason=one.reason,
            due_at=one.due_at if one.status == CallbackStatus.PENDING else None,
            ended_at=one.ended_at,
        )
