"""The room in which supervision orders are opened and ended: numbered without gaps, in the transaction of the task that
they push. Whoever is pushed again and again becomes a clue."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mongoengine.connection import get_db
from pymongo.client_session import ClientSession

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.registry import Registry
from infra.turns import Turns
from services.tasks import card_rules, deadlines, routing
from services.tasks.contracts import SERVICE, SupervisionStatus, SupervisionTrigger
from services.tasks.parts import end_parts
from services.tasks.supervision import Supervision
from services.tasks.task import SYSTEM, Task
from services.tasks.task_pushed import OVERDUE_ZH
from services.tasks.task_states import ENDED

ANSWER = "supervision_answer"
JUDGEMENT = "supervision_judgement"
SERIES = "supervision"
ENDED_ZH = "所督办的任务已办结或撤回"


class Order(NamedTuple):
    """An order that is to be opened for a task which has just told of it: why, who wants it, for which unit, and until
    when it wants an answer (by default as data/limits.csv says)."""

    task: Task
    trigger: SupervisionTrigger
    because: str
    by: str
    by_unit: str
    answer_by: datetime | None = None


class Supervisor:
    """Opens orders of one city."""

    def __init__(self, store: Store, registry: Registry, calendar: WorkingCalendar) -> None:
        self._store, self.registry, self._calendar = store, registry, calendar
        self._numbering = Numbering(get_db(SERVICE))

    def push(self, task: Task, at: datetime) -> bool:
        """Let the task tell that it is supervised by rule; False where nobody is above its unit."""
        if routing.unit_above(task.responsible_unit) == task.responsible_unit:
            task.forgo_supervision()
            return False
        task.supervise(SYSTEM, task.supervise_because or OVERDUE_ZH, at, f"deadline/{task.pk}")
        return True

    def open_all(self, tasks: Sequence[Task], at: datetime, session: ClientSession) -> list[Supervision]:
        """The orders that `push` has told of."""
        return self.open([_by_rule(task) for task in tasks], at, session)

    def open(self, orders: Sequence[Order], at: datetime, session: ClientSession) -> list[Supervision]:
        """Open the orders, each with the next number of whoever issues it, in the caller's transaction."""
        serials = self._serials([order.by_unit for order in orders], at, session)
        opened = [self._one(order, serial, at) for order, serial in zip(orders, serials, strict=True)]
        for unit in sorted({one.unit for one in opened}):
            Turns(get_db(SERVICE), f"{SERIES}|{unit}").take_before_looking(session)
            self._find_clues([one for one in opened if one.unit == unit], at, session)
        self._store.insert_many(opened, session=session)
        return opened

    def answer_by(self, at: datetime) -> datetime:
        """Until when an order of that moment is to be answered."""
        return deadlines.due(self._calendar, at, deadlines.limit_named(ANSWER, at)).at

    def judge_by(self, at: datetime) -> datetime:
        """Until when its issuer is to close or give back what was answered at that moment."""
        return deadlines.due(self._calendar, at, deadlines.limit_named(JUDGEMENT, at)).at

    def push_again(self, closed: Supervision, session: ClientSession) -> None:
        """The order was `closed` by an officer, in the caller's transaction: unless another one is open, the duty is
        pushed again as long as it is late and undone. Whoever opens or closes an order to the unit takes a turn, so of
        two that are closed at once the later one finds none open."""
        Turns(get_db(SERVICE), f"{SERIES}|{closed.unit}").take_before_looking(session)
        others: dict[str, Any] = {"task_id": closed.task_id, "_id": {"$ne": closed.pk}}
        others |= {"status": {"$ne": SupervisionStatus.CLOSED.value}}
        if Supervision._get_collection().find_one(others, {"_id": 1}, session=session) is None:
            at = closed.closed_at
            self._store.change(Task, closed.task_id, lambda task: task.await_next_supervision(at), session=session)

    def _one(self, order: Order, serial: int, at: datetime) -> Supervision:
        task, year = order.task, at.astimezone(CITY_ZONE).year
        facts = {
            "id": f"{task.pk}-s{task.supervisions}",
            "number": f"{self._series(order.by_unit)}〔{year}〕{serial}号",
            "serial": serial,
            "trigger": order.trigger,
            "task_id": task.pk,
            "case_id": task.case_id,
            "title": task.title,
            "unit": task.responsible_unit,
            "place_path": task.place_path,
            "by_unit": order.by_unit,
            "because": order.because,
            "opened_at": at,
            "answer_by": order.answer_by or self.answer_by(at),
        }
        by_unit = None if order.by == SYSTEM else order.by_unit
        return Supervision.open(facts, by=order.by, by_unit=by_unit, cause=task.outbox[-1].id)

    def _serials(self, issuers: Sequence[str], at: datetime, session: ClientSession) -> list[int]:
        """The number of each in the series of its issuer in that year."""
        year, wanted = at.astimezone(CITY_ZONE).year, defaultdict(list)
        for place, issuer in enumerate(issuers):
            wanted[issuer].append(place)
        found = [0] * len(issuers)
        for issuer, places in sorted(wanted.items()):
            given = self._numbering.next_many(f"{SERIES}|{issuer}", year, len(places), session)
            for place, serial in zip(places, given, strict=True):
                found[place] = serial
        return found

    def _series(self, issuer: str) -> str:
        unit = self.registry.city if routing.is_office(issuer) else self.registry.get(issuer)
        return f"{unit.short_name.removesuffix('市') if unit else issuer}创督"

    def _find_clues(self, opened: Sequence[Supervision], at: datetime, session: ClientSession) -> None:
        """The n-th order to one unit within the window is a clue; after it the count begins anew. Who opens orders to
        the unit has taken a turn: of two issuers at once one sees the other's order."""
        repeats, since = card_rules.clue_after(at), at - card_rules.clue_window(at)
        query = {"unit": opened[0].unit, "opened_at": {"$gte": since}}
        found = Supervision._get_collection().find(query, {"clue": 1}, session=session)
        last = found.sort([("opened_at", -1), ("serial", -1)]).limit(repeats - 1)
        clues = [bool(one.get("clue")) for one in last][::-1]
        for one in opened:
            if len(clues) >= repeats - 1 and not any(clues[-(repeats - 1) :]):
                days = round(card_rules.clue_window(at).total_seconds() / 86400)
                one.propose_clue(f"{days}日内第{repeats}次被督办", at, one.outbox[-1].id)
            clues.append(one.clue is not None)


def _by_rule(task: Task) -> Order:
    because = task.history[-1]["note"]
    trigger = SupervisionTrigger.OVERDUE if because == OVERDUE_ZH else SupervisionTrigger.NOT_SOLVED
    return Order(task, trigger, because, SYSTEM, routing.unit_above(task.responsible_unit))


def end_with(store: Store, tasks: Iterable[Task], session: ClientSession) -> None:
    """What ends with those tasks that have just ended: their parts, and the orders that push any of them."""
    ended = {task.pk: task for task in tasks if task.status in ENDED}
    parts = end_parts(store, ended.values(), session)
    pushed = {id: task for id, task in ended.items() if task.supervisions} | {part.pk: part for part in parts}
    if not pushed:
        return
    query: dict[str, Any] = {"task_id": {"$in": list(pushed)}, "status": {"$ne": SupervisionStatus.CLOSED.value}}
    ids = [one["_id"] for one in Supervision._get_collection().find(query, {"_id": 1}, session=session)]

    def close(one: Supervision) -> None:
        last = pushed[one.task_id].outbox[-1]
        one.close(SYSTEM, ENDED_ZH, last.time, last.id)

    if ids:
        store.change_many(Supervision, ids, close, session=session)
