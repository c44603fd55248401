"""热点: a place and matter that grow unusually, told once per episode.

Counters per category, place and day are kept in the transaction that takes a report into its case, so that every report
counts exactly once; judging one costs two reads of one document, however many reports there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from mongoengine import DateTimeField, FloatField, IntField, ListField, StringField
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra import mongo
from infra.messaging.outbox import Aggregate
from infra.messaging.store import Store
from infra.organisation import unit_path
from services.complaints.contracts import SERVICE, HotspotDetected
from services.complaints.heat import HeatRules, Unusual, day_of, heat_rules, unusual
from services.complaints.triage.category import OTHER

COUNTERS = "heat_counters"
MOST_DAYS = 60  # kept of one counter, so that it does not grow


class Counted(NamedTuple):
    """A report that was taken into a case: what about, where, when it came, and the event that brought it."""

    category: str
    category_name: str
    place_path: str
    received_at: datetime
    cause: str

    @property
    def key(self) -> str:
        """The id of its counter, and of its hotspot."""
        return f"{self.category}|{self.place_path}"


class Hotspot(Aggregate):
    """The episodes of one category at one place: the one that goes on or was last, and how many there were."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "hotspots",
        "indexes": [("inside_places", "-until"), "-until"],
    }
    noun = "hotspot"

    id = StringField(primary_key=True)
    category = StringField(required=True)
    place_path = StringField(required=True)
    inside_places = ListField(StringField())
    episodes = IntField(default=0)
    since = DateTimeField()
    until = DateTimeField()
    reports = IntField(default=0)
    usual = FloatField(default=0.0)

    @classmethod
    def quiet(cls, category: str, place_path: str) -> "Hotspot":
        """One that has not begun."""
        places = unit_path.ancestors(place_path)
        return cls(id=f"{category}|{place_path}", category=category, place_path=place_path, inside_places=places)

    def note(self, found: Unusual, at: datetime, pause: timedelta, last: Counted) -> bool:
        """It grows unusually, with `last`; whether that is news: an episode goes on until it was usual for as long as
        `pause`."""
        begins = self.until is None or at - self.until > pause
        self.reports = found.reports if begins else max(self.reports, found.reports)
        self.until = at if begins else max(self.until, at)
        if not begins:
            return False
        self.since, self.usual, self.episodes = found.since, found.usual, self.episodes + 1
        event = HotspotDetected(
            category=self.category,
            place_path=self.place_path,
            reports=found.reports,
            usual=found.usual,
            since=found.since,
            category_name=last.category_name,
        )
        self.record(event, at=at, cause=last.cause)
        return True


class Hotspots:
    """Counts what comes in and notices what grows."""

    def __init__(self, db: Database[dict[str, Any]], store: Store, rules: HeatRules | None = None) -> None:
        self._counters = db.get_collection(COUNTERS, write_concern=mongo.DURABLE)
        self._store, self._rules = store, rules or heat_rules()

    def count(self, reports: Sequence[Counted], now: datetime, session: ClientSession) -> None:
        """Count these reports, each of which was taken into a case in this transaction; tell what became a hotspot.
        What is of no particular category is not counted."""
        counted = {one.key: one for one in reports if one.category != OTHER}
        days = Counter((one.key, day_of(one.received_at).isoformat()) for one in reports if one.category != OTHER)
        if not counted:
            return
        changes = [UpdateOne({"_id": key}, {"$inc": {f"days.{day}": n}}, upsert=True) for (key, day), n in days.items()]
        self._counters.bulk_write(changes, ordered=False, session=session)
        for counter in list(self._counters.find({"_id": {"$in": list(counted)}}, session=session)):
            self._judge(counted[counter["_id"]], _by_day(counter), now, session)

    def _judge(self, last: Counted, by_day: Mapping[date, int], now: datetime, session: ClientSession) -> None:
        if len(by_day) > MOST_DAYS:
            self._forget(last.key, sorted(by_day)[:-MOST_DAYS], session)
        found = unusual(by_day, day_of(now), self._rules)
        if found is None:
            return
        pause = timedelta(days=self._rules.window_days)
        self._store.insert(Hotspot.quiet(last.category, last.place_path), session=session)
        self._store.change(Hotspot, last.key, lambda hotspot: hotspot.note(found, now, pause, last), session=session)

    def _forget(self, key: str, days: list[date], session: ClientSession) -> None:
        gone = {f"days.{day.isoformat()}": 1 for day in days}
        self._counters.update_one({"_id": key}, {"$unset": gone}, session=session)


def _by_day(counter: dict[str, Any]) -> dict[date, int]:
    return {date.fromisoformat(day): n for day, n in counter["days"].items()}
