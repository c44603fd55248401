"""The scanner: finds what the clock has brought, and lets each task and supervision say so once.

Due soon, overdue, the end of a suspension, supervision after so many days: each has in `watch_until` the next moment at
which anything is to be said. The scanner walks the index of these moments (infra/walking.py), so it costs what became
due, not what exists. One replica scans at a time (a lease); two by accident do no harm: everything is changed under its
version, and what the other one has said is not said again. What was missed while nobody scanned, or the clock jumped,
is found by the next look; a clock that goes back unsays nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.lease import Lease
from infra.messaging.outbox import Aggregate
from infra.messaging.retry import is_outage
from infra.messaging.store import Store
from infra.set_aside import SetAside
from infra.walking import Find, Look, Said, Walk
from services.tasks.calendars import CalendarShelf
from services.tasks.parts import keep_parts
from services.tasks.recalculating import recalculate_all
from services.tasks.supervising import Supervisor
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from services.tasks.task_states import Step
from services.tasks.timekeeping import Timekeeper
from services.tasks.waking import hold_wholes, wake

PAGE = 200
TASKS, ORDERS, PROVISIONAL = "deadlines of tasks", "deadlines of orders", "provisional deadlines"


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
        aside: Callable[[str], SetAside],
    ) -> None:
        self._store, self._clock, self._time = store, clock, time
        self._supervisor, self.lease, self._calendars, self._aside = supervisor, lease, calendars, aside

    def scan(self) -> Said:
        """Everything that is to be said by now, a page at a time: how many of each step. Nothing while another replica
        holds the lease. A job that fails altogether does not hold up the others; then raises ExceptionGroup."""
        self._calendars.refresh()
        if not self.lease.hold():
            return Said()
        now, version = self._clock.now(), self._time.calendar.version
        return self._all(
            {
                PROVISIONAL: (partial(provisional, version), partial(self._recalculate, now, version)),
                TASKS: (partial(due, Task, now), partial(self._look_at_tasks, now)),
                ORDERS: (partial(due, Supervision, now), partial(self._look_at_orders, now)),
            }
        )

    def _all(self, jobs: Mapping[str, tuple[Find, Look]]) -> Said:
        said, failed = Said(), dict[str, Exception]()
        for job, (find, look) in jobs.items():
            try:
                said += Walk(self._aside(job), find, look, self.lease.hold).walk()
            except Exception as error:
                if is_outage(error):
                    raise
                failed[job] = error
        if failed:
            raise ExceptionGroup(", ".join(failed), list(failed.values()))
        return said

    def _look_at_tasks(self, now: datetime, ids: list[str]) -> Said:
        def work(session: ClientSession) -> Said:
            pushed: list[Task] = []
            said: Said = Counter()
            hold_wholes(self._store, ids, now, session)

            def look(task: Task) -> Task:
                said.update(step.value for step in self._look(task, now, session))
                if task.must_supervise(now) and self._supervisor.push(task, now):
                    pushed.append(task)
                return task

            tasks = self._store.change_many(Task, ids, look, session=session)
            keep_parts(self._store, tasks.values(), self._time, session)
            self._supervisor.open_all(pushed, now, session)
            return said + Counter({Step.SUPERVISE.value: len(pushed)})

        return self._store.in_transaction(work)

    def _look(self, task: Task, now: datetime, session: ClientSession) -> list[Step]:
        woken = [Step.RESUME] if wake(task, self._time, now, session) else []
        return [*woken, *task.notice(now)]

    def _recalculate(self, now: datetime, version: int, ids: list[str]) -> Said:
        """Provisional deadlines are counted again, once per calendar that came."""
        self._store.in_transaction(partial(recalculate_all, self._store, self._time, ids, version, now))
        return Said()

    def _look_at_orders(self, now: datetime, ids: list[str]) -> Said:
        said = self._store.change_many(Supervision, ids, lambda one: one.notice_overdue(now))
        return Counter(clues=sum(said.values()))


def provisional(version: int, without: Sequence[str] = ()) -> list[str]:
    """The ids of a page of tasks whose provisional deadline was counted by an earlier calendar; wholes first."""
    query = {"provisional_under": {"$lt": version}} | _but(without)
    found = Task._get_collection().find(query, {"_id": 1})
    return [document["_id"] for document in found.sort([("provisional_under", 1), ("_id", 1)]).limit(PAGE)]


def due(kind: type[Aggregate], now: datetime, without: Sequence[str] = ()) -> list[Any]:
    """The ids of a page of those that must be looked at by `now`, those that have waited longest first."""
    found = kind._get_collection().find({"watch_until": {"$lt": now}} | _but(without), {"_id": 1})
    return [document["_id"] for document in found.sort("watch_until", 1).limit(PAGE)]


def _but(without: Sequence[str]) -> dict[str, Any]:
    return {"_id": {"$nin": list(without)}} if without else {}
