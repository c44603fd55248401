"""From the events of cases to callbacks: for each report of a hotline that wants them, each piece of news exactly once.

The id of a callback is made of the report and of what is told, so that an event that comes twice makes nothing new.
"""

import hashlib
from collections.abc import Collection, Sequence

from infra.clock import Clock
from infra.messaging.event import Event, Received
from infra.messaging.store import Store
from services.complaints.callbacks.line import Callback, CallbackLine
from services.complaints.callbacks.news import news_of
from services.complaints.case import Case
from services.complaints.contracts import CallbackNews
from services.complaints.joined_reports import Joined


class Telling:
    """`channels` are those with an address; `wall` is the clock of retries."""

    def __init__(self, store: Store, channels: Collection[str], wall: Clock) -> None:
        self._store, self._channels, self._wall = store, frozenset(channels), wall

    def hear(self, batch: Sequence[Received[Event]]) -> None:
        """Take up what of `batch` is news to a hotline."""
        news = [(one, told) for one in batch if self._channels and (told := news_of(one.event))]
        cases = _cases({_case_id(one) for one, _ in news})
        found = [
            (report, self._callback(report, one, told))
            for one, told in news
            for report in cases.get(_case_id(one), [])
            if report.channel in self._channels and (told == CallbackNews.ACCEPTED or _concerns(report, one))
        ]
        self._take_up(found)

    def _callback(self, report: Joined, received: Received[Event], told: CallbackNews) -> Callback:
        case_id, version, now = _case_id(received), received.envelope.sequence, self._wall.now()
        return Callback(
            id=callback_id(report.report_id, told, case_id, version),
            news=told,
            case_id=case_id,
            version=version,
            at=report.received_at if told == CallbackNews.ACCEPTED else received.envelope.time,
            since=now,
            due_at=now,
        )

    def _take_up(self, found: Sequence[tuple[Joined, Callback]]) -> None:
        now = self._wall.now()
        lines: dict[str, CallbackLine] = {}
        wanted: dict[str, list[Callback]] = {}
        for report, callback in found:
            wanted.setdefault(report.report_id, []).append(callback)
            line = lines.setdefault(report.report_id, _line(report))
            line.add(callback, now)
        created = self._store.insert_many(list(lines.values()))
        known = [line.id for line, is_new in zip(lines.values(), created, strict=True) if not is_new]
        if known:
            self._store.change_many(CallbackLine, known, lambda line: [line.add(one, now) for one in wanted[line.id]])


def callback_id(report_id: str, told: CallbackNews, case_id: str, version: int) -> str:
    """The id of a callback, fit for a header: a report is accepted once, all else happens in a version of a case."""
    what = [told.value] if told == CallbackNews.ACCEPTED else [told.value, case_id, str(version)]
    return "CB-" + hashlib.blake2b("\0".join([report_id, *what]).encode(), digest_size=12).hexdigest()


def _case_id(received: Received[Event]) -> str:
    return str(received.event.case.case_id)  # type: ignore[attr-defined]


def _concerns(report: Joined, received: Received[Event]) -> bool:
    """Whether the report was there when it happened: what was before it, its hotline did not ask about."""
    return report.received_at <= received.envelope.time


def _cases(ids: Collection[str]) -> dict[str, list[Joined]]:
    """The reports of each case; of one that was merged, those that it had."""
    if not ids:
        return {}
    found = Case.objects(id__in=list(ids)).exclude("outbox", "text", "sketch", "history")
    return {case.id: [*case.joined, *case.moved] for case in found}


def _line(report: Joined) -> CallbackLine:
    channel, _, external_id = report.report_id.partition(":")
    return CallbackLine(id=report.report_id, channel=channel, external_id=external_id, receipt=report.receipt)
