"""The scanner: finds what the clock has brought, and lets each task and supervision say so once.

Due soon, overdue, the end of a suspension, supervision after so many days: each has in `watch_until` the next moment at
which anything is to be said. The scanner walks the index of these moments, so it costs what became due, not what
exists. One replica scans at a time (a lease); two by accident do no harm: everything is changed under its version, and
what the other one has said is not said again. What was missed while nobody scanned, or the clock jumped, is found by
the next look; a clock that goes back unsays nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from infra.clock import Clock
from infra.lease import Lease
from infra.messaging.outbox import Aggregate
from infra.messaging.store import Store
from services.tasks.calendars import CalendarShelf
from services.tasks.recalculation import part_again, recalculated
from services.tasks.supervising import Supervisor
from services.tasks.supervision import Supervision
from services.tasks.task import SYSTEM, Task
from services.tasks.task_clock import BY_ITSELF
from services.tasks.task_states import Step
from services.tasks.timekeeping import Timekeeper

PAGE = 200
Said = Counter[str]
Look = Callable[[list[str], datetime], Said]

log = logging.getLogger(__name__)


class Scanner:
    """Lets tasks and supervisions notice what time has brought them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        time: Timekeeper,
        supervisor: Supervisor,
        lease: Lease,
        calendars: CalendarShelf,
    ) -> None:
        self._store, self._clock, self._time = store, clock, time
        self._supervisor, self.lease, self._calendars = supervisor, lease, calendars

    def scan(self) -> Said:
        """Everything that is to be said by now, a page at a time: how many of each step. Nothing while another replica
        holds the lease."""
        self._calendars.refresh()
        if not self.lease.hold():
            return Counter()
        now = self._clock.now()
        self._recalculate(now)
        return self._walk(Task, self._look_at_tasks, now) + self._walk(Supervision, self._look_at_supervisions, now)

    def _walk(self, kind: type[Aggregate], look: Look, now: datetime) -> Said:
        said: Said = Counter()
        stuck: list[str] = []
        before: set[str] = set()
        while ids := due(kind, now, without=stuck):
            stuck += before.intersection(ids)  # looked at, and still due: not again before the next scan
            said += self._page(look, ids, now, stuck)
            before = set(ids)
            if not self.lease.hold():
                break
        return said

    def _page(self, look: Look, ids: list[str], now: datetime, stuck: list[str]) -> Said:
        """A page in one transaction; where one of them cannot be looked at, each for itself and that one next time."""
        try:
            return look(ids, now)
        except PyMongoError:
            raise
        except Exception:
            if len(ids) == 1:
                log.exception("%s cannot be looked at", ids[0])
                stuck += ids
                return Counter()
        return sum((self._page(look, [id], now, stuck) for id in ids), Counter())

    def _look_at_tasks(self, ids: list[str], now: datetime) -> Said:
        def work(session: ClientSession) -> Said:
            pushed: list[Task] = []
            said: Said = Counter()

            def look(task: Task) -> None:
                said.update(step.value for step in self._look(task, now))
                if task.must_supervise(now) and self._supervisor.push(task, now):
                    pushed.append(task)

            self._store.change_many(Task, ids, look, session=session)
            self._supervisor.open_all(pushed, now, session)
            return said + Counter({Step.SUPERVISE.value: len(pushed)})

        return self._store.in_transaction(work)

    def _look(self, task: Task, now: datetime) -> list[Step]:
        if not task.must_resume(now):
            return task.notice(now)
        task.resume(SYSTEM, BY_ITSELF, self._time.resumed(task, now), now, f"deadline/{task.pk}")
        return [Step.RESUME, *task.notice(now)]

    def _recalculate(self, now: datetime) -> None:
        """Provisional deadlines are counted again, once per calendar that came; wholes before their parts."""
        version, stuck = self._time.calendar.version, list[str]()

        def again(ids: list[str], at: datetime) -> Said:
            self._store.change_many(Task, ids, lambda task: self._again(task, version, at))
            return Counter()

        while ids := provisional(version, without=stuck):
            for depth in sorted({id.count(".") for id in ids}):  # that of a part has one more than that of its whole
                self._page(again, [id for id in ids if id.count(".") == depth], now, stuck)
            if not self.lease.hold():
                break

    def _again(self, task: Task, version: int, now: datetime) -> None:
        until = recalculated(task, self._time)
        if task.is_part:
            whole = Task._get_collection().find_one({"_id": task.whole_id}, {"deadline": 1, "deadline_provisional": 1})
            if whole is not None:
                until = part_again(task, whole["deadline"], whole.get("deadline_provisional", False), self._time)
        task.recalculate(until, version, now, f"calendar/{version}")

    def _look_at_supervisions(self, ids: list[str], now: datetime) -> Said:
        said = self._store.change_many(Supervision, ids, lambda one: one.notice_overdue(now))
        return Counter(clues=sum(said.values()))


def provisional(version: int, limit: int = PAGE, without: list[str] | None = None) -> list[str]:
    """The ids of at most `limit` tasks whose provisional deadline was counted by an earlier calendar; wholes first."""
    query: dict[str, Any] = {"provisional_under": {"$lt": version}} | ({"_id": {"$nin": without}} if without else {})
    found = Task._get_collection().find(query, {"_id": 1})
    return [document["_id"] for document in found.sort([("provisional_under", 1), ("_id", 1)]).limit(limit)]


def due(kind: type[Aggregate], now: datetime, limit: int = PAGE, without: list[str] | None = None) -> list[Any]:
    """The ids of at most `limit` that must be looked at by `now`, those that have waited longest first."""
    query: dict[str, Any] = {"watch_until": {"$lt": now}} | ({"_id": {"$nin": without}} if without else {})
    found = kind._get_collection().find(query, {"_id": 1})
    return [document["_id"] for document in found.sort("watch_until", 1).limit(limit)]
