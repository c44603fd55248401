"""The product in a simulated year: its desk on a real database, its clock, its events; no broker.

What tasks tell comes to the counters late, shuffled and repeated; what cases tell comes late and repeated; the desk is
opened anew now and then, as after a restart.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from threading import Thread
from typing import Any

from infra.calendar import SATURDAY, WorkingCalendar, is_published_workday
from infra.clock import FixedClock
from infra.messaging.event import Event, Received, seal, unseal
from infra.messaging.relay import Pending
from infra.messaging.store import Store
from infra.organisation.registry import Registry
from infra.statutory_holidays import statutory_holidays
from services.complaints.contracts import CaseState
from services.tasks.contracts import TASK_EVENTS
from services.tasks.desk import Desk, open_desk
from services.tasks.routing_table.shelf import RoutingRegister
from services.tasks.scanner import due
from services.tasks.service import TasksService
from services.tasks.supervision import Supervision
from services.tasks.task import Task

OFFICE = "5301/~office"
KINDS: dict[str, type[Any]] = {kind.type(): kind for kind in TASK_EVENTS}
LAST_PUBLISHED = date(2025, 12, 31)
COUNTERS = 3  # threads that count at once in the end
RESTARTS, SCANS, COUNTED, REPEATS, LATE = 0.02, 0.1, 0.01, 0.2, 0.3  # chances, and the share that is counted in time
NOBODY_SCANS = (datetime(2025, 9, 28), datetime(2025, 10, 25))  # what was missed is said later


class Postbox:
    """Takes what the store hands over, as the relay does; `told` counts all of it by type."""

    def __init__(self) -> None:
        self.events: list[Received[Any]] = []
        self.told: Counter[str] = Counter()

    def hand_over(self, pending: Iterable[Pending]) -> None:
        """See Relay."""
        for one in pending:
            self.told[one.envelope.type] += 1
            if one.envelope.type in KINDS:
                self.events.append(unseal(one.envelope, KINDS))


class Town:
    """One desk at a time, and what is on its way to it."""

    def __init__(self, start: datetime, chance: random.Random) -> None:
        self.clock, self.chance = FixedClock(start.replace(tzinfo=UTC)), chance
        self.registry = Registry.load("5301")
        self.postbox, self.heard = Postbox(), list[Received[Any]]()
        self.restarts = self.refusals = 0
        self.desk = self._opened()

    def _opened(self) -> Desk:
        store = Store(self.postbox, service="tasks")  # type: ignore[arg-type]
        calendar = WorkingCalendar(_known_beforehand, LAST_PUBLISHED)  # of a new process: what was imported it reads
        return open_desk(store, self.registry, self.clock, calendar)

    @property
    def now(self) -> datetime:
        """The moment, naive, in UTC."""
        return self.clock.now().replace(tzinfo=None)

    def go_to(self, at: datetime) -> bool:
        """Let time pass; now and then the service is restarted, something is counted, deadlines are looked at: whether
        they were."""
        self.clock.advance(at - self.now)
        if self.chance.random() < RESTARTS:
            self.desk.scanner.lease.release()  # as it runs out, in wall time, when its holder is gone
            self.desk, self.restarts = self._opened(), self.restarts + 1
        if self.chance.random() < COUNTED:
            self.count(self._some())
        if self.chance.random() >= SCANS or NOBODY_SCANS[0] < at < NOBODY_SCANS[1]:
            return False
        self.scan()
        return True

    def scan(self) -> None:
        """The service looks at the deadlines as its timer does. Raises RuntimeError where anything was left."""
        TasksService.scan_deadlines(self)  # type: ignore[arg-type]
        if any(due(kind, self.clock.now()) for kind in (Task, Supervision)):
            raise RuntimeError(f"not everything was looked at on {self.now}")

    def tell(self, event: Event, case: CaseState, sequence: int) -> None:
        """Cases tell something, perhaps with older news after it or twice."""
        at = self.clock.now()
        news = Received(event, seal(event, subject=f"case/{case.case_id}", sequence=sequence, at=at, cause="year"))
        again = self.chance.sample(self.heard, min(len(self.heard), 2)) if self.chance.random() < REPEATS else []
        self.heard.append(news)
        batch = [news, *again]
        self.chance.shuffle(batch)
        self.desk.cases.follow(batch)

    def do(self, command: str, task_id: str, unit: str, *args: Any) -> None:
        """An officer of `unit` does it, having seen the task as it is."""
        getattr(self.desk.commands, command)(task_id, version(Task, task_id), officer(unit), *args, "year")

    def supervise(self, task_id: str, unit: str) -> None:
        """An officer of `unit` opens an order for the task."""
        seen = version(Task, task_id)
        self.desk.supervisions.open(task_id, None, seen, officer(unit), "群众反映强烈", None, "year")

    def push(self, command: str, order_id: str, unit: str, *args: Any) -> None:
        """An officer of `unit` does it with an order."""
        seen = version(Supervision, order_id)
        getattr(self.desk.supervisions, command)(order_id, seen, officer(unit), *args, "year")

    def edit_table(self, row: dict[str, Any], day: date, unit: str) -> None:
        """An officer of `unit` lets a row of the routing table read so from that day on."""
        seen = version(RoutingRegister, self.registry.city.path)
        self.desk.routing.edit([row], day.isoformat(), officer(unit), "调整分工", seen, "year")

    def import_calendar(self, year: int, days: list[dict[str, Any]], unit: str) -> None:
        """An officer of `unit` imports the calendar of a year."""
        self.desk.calendars.put(year, days, officer(unit), "year")

    def count(self, events: list[Received[Any]]) -> None:
        """The counters hear of these."""
        for start in range(0, len(events), 50):
            self.desk.counters.count(events[start : start + 50])

    def count_all(self) -> None:
        """Everything that was ever told comes to several counters at once, each in an order of its own."""
        told = self.postbox.events
        shuffled = [self.chance.sample(told, len(told)) for _ in range(COUNTERS)]
        _at_once([lambda some=some: self.count(some) for some in shuffled])  # type: ignore[misc]

    def _some(self) -> list[Received[Any]]:
        """Some of what waits, shuffled and partly twice; the rest comes later."""
        waiting = self.postbox.events
        self.chance.shuffle(waiting)
        return waiting[: int(len(waiting) * LATE)] + waiting[:10]


def _known_beforehand(day: date) -> bool:
    """Whether `day` is worked, before the calendar of 2026 is published."""
    if day <= LAST_PUBLISHED:
        return is_published_workday(day)
    return day.weekday() < SATURDAY and day not in statutory_holidays(day.year)


def officer(unit: str) -> dict[str, str]:
    """Somebody of that unit."""
    role = "city_office" if unit == OFFICE else "department" if "~" in unit else None
    return {"role": role or ("district" if unit.count("/") == 1 else "street"), "unit": unit, "name": "张三"}


def iso(moment: datetime) -> str:
    """The moment as commands take it."""
    return moment.replace(tzinfo=UTC).isoformat()


def version(kind: type[Any], id: str) -> int:
    """The version of a task or an order as it is now."""
    found = kind._get_collection().find_one({"_id": id}, {"sequence": 1}) or {}
    return int(found["sequence"])


def _at_once(works: list[Callable[[], None]]) -> None:
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
