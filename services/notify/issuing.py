"""The issuing office: turns what happened elsewhere into numbered documents and their deliveries.

Document, number and deliveries are written in one transaction: a number is given exactly when its document exists, so
a series has no gaps, and an event that comes twice finds its document there and changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from infra.clock import Clock, WallClock
from infra.messaging.event import Received
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation import unit_path
from infra.organisation.registry import Registry
from services.assessment.contracts import RoundPublished
from services.notify import ranking_bulletin
from services.notify.bulletin import Bulletin
from services.notify.contracts import BulletinKind
from services.notify.delivery import Delivery, delivery_of
from services.notify.draft import Draft, Telling
from services.notify.letterhead import Letterhead, document_number, year_of
from services.notify.notice import Notice, notice_of
from services.notify.rendering import Renderer


class IssuingOffice:
    """Issues the documents of one city. `clock` dates them."""

    def __init__(self, store: Store, numbering: Numbering, registry: Registry, clock: Clock) -> None:
        self._store, self._numbering, self._registry, self._clock = store, numbering, registry, clock
        self._wall = WallClock()
        self._renderer = Renderer(registry)
        self.letterhead = Letterhead.of(registry)

    def issue_ranking(self, received: Received[RoundPublished]) -> str:
        """The bulletin of a published round, to the city, its office and every unit ranked. Returns its id."""
        event, at, cause = received.event, self._clock.now(), received.envelope.id
        bulletin_id = f"ranking-{event.round_id}"

        def work(session: ClientSession) -> None:
            if Bulletin._get_collection().find_one({"_id": bulletin_id}, {"_id": 1}, session=session):
                return
            bulletin = self._ranking(bulletin_id, received, at, session)
            self._store.insert(bulletin, session=session)
            mailed = (
                unit for unit in bulletin.units if unit != self._registry.city.path
            )  # the office reads for the city
            self._dispatch(((bulletin_id, unit, cause) for unit in mailed), BulletinKind.RANKING, session)

        self._store.in_transaction(work)
        return bulletin_id

    def _ranking(
        self, bulletin_id: str, received: Received[RoundPublished], at: datetime, session: ClientSession
    ) -> Bulletin:
        event = received.event
        (number,) = self._numbers(BulletinKind.RANKING, 1, at, session)
        facts = ranking_bulletin.facts_of(event, self._registry, at)
        document = self._renderer.render("ranking", office=self.letterhead.office, number=number, **facts)
        return Bulletin.issue(
            bulletin_id,
            BulletinKind.RANKING,
            number,
            facts["title"],
            document,
            [*self._city(), *(standing.unit for standing in event.standings)],
            round_id=event.round_id,
            at=at,
            cause=received.envelope.id,
        )

    def _city(self) -> list[str]:
        city = self._registry.city.path
        return [unit for unit in (city, unit_path.office_of(city)) if self._registry.get(unit)]

    def issue_notices(self, tell: Telling, batch: Iterable[Received[Any]]) -> int:
        """One notice for each draft in which `tell` tells the events of `batch` and that has none yet; how many are
        new."""
        wanted = {draft.id: draft for received in batch for draft in tell(received, self._registry)}
        at = self._clock.now()

        def work(session: ClientSession) -> int:
            known = Notice._get_collection().find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=session)
            done = {one["_id"] for one in known}
            new = [draft for id, draft in wanted.items() if id not in done]
            for kind in sorted({draft.kind for draft in new}):
                self._write_notices(kind, [draft for draft in new if draft.kind == kind], at, session)
            return len(new)

        return self._store.in_transaction(work)

    def _write_notices(self, kind: BulletinKind, new: Sequence[Draft], at: datetime, session: ClientSession) -> None:
        numbers = self._numbers(kind, len(new), at, session)
        notices = [self._notice(draft, number, at) for draft, number in zip(new, numbers, strict=True)]
        self._store.insert_many(notices, session=session)
        self._dispatch(((draft.id, draft.unit, draft.cause) for draft in new), kind, session)

    def _notice(self, draft: Draft, number: str, at: datetime) -> Notice:
        document = self._renderer.notice(draft, self.letterhead.office, number, at)
        return notice_of(draft, number, document, at)

    def _numbers(self, kind: BulletinKind, count: int, at: datetime, session: ClientSession) -> list[str]:
        series, year = self.letterhead.series[kind], year_of(at)
        return [document_number(series, year, n) for n in self._numbering.next_many(series, year, count, session)]

    def _dispatch(self, addressed: Iterable[tuple[str, str, str]], kind: BulletinKind, session: ClientSession) -> None:
        """Deliveries for (document id, unit, cause); they are due at once."""
        now = self._wall.now()
        deliveries: list[Delivery] = [
            delivery_of(document, kind, unit, cause=cause, wall=now) for document, unit, cause in addressed
        ]
        self._store.insert_many(deliveries, session=session)
