"""The books of the year kept by hand: what every duty and every order must be in the end, and the counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tests.year.entry import AT_WORK, OFFICE, OPEN, WITH_THE_UNIT, Entry, above, look
from tests.year.order import PUSHED_AGAIN_AFTER, Order
from tests.year.recounting import recount
from tests.year.table import Table

CLUE_AFTER, CLUE_WINDOW = 3, timedelta(days=90)
Facts = dict[str, tuple[object, ...]]


class Ledger:
    """All duties by id, and the orders as they were opened; `new` are those that nobody has seen yet. The routing
    table; how many duties were `rerouted`, and how many deadlines `moved` when a calendar was published."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.orders: list[Order] = []
        self.new: list[Order] = []
        self.table, self.rerouted, self.moved = Table(), 0, 0

    def add(self, one: Entry) -> Entry:
        """A new duty."""
        assert one.id not in self.entries
        self.entries[one.id] = one
        return one

    def push(self, one: Entry, at: datetime, trigger: str, by_unit: str) -> None:
        """督办: an order is opened. The third to one unit within the window is a clue, unless one of the two before it
        was."""
        one.push_from, one.push_for = None, "overdue"
        order = Order(f"{one.id}-s{len(one.orders) + 1}", one.unit, by_unit, trigger, at)
        last = [other for other in self.orders if other.unit == one.unit and other.opened >= at - CLUE_WINDOW]
        last = last[1 - CLUE_AFTER :]
        if len(last) == CLUE_AFTER - 1 and not any(other.clue for other in last):
            order.clue = "again"
        one.orders.append(order)
        self.orders.append(order)
        self.new.append(order)

    def closed(self, order: Order, at: datetime) -> None:
        """销号: what is late and still undone is pushed again after a while, not counting what its clock stands still,
        unless another order pushes it now."""
        [one] = [one for one in self.entries.values() if order in one.orders]
        look(one, at)
        if all(other.status == "closed" for other in one.orders) and one.overdue and one.status in OPEN:
            stands = {"submitted": one.submitted, "suspended": one.stopped}.get(one.status) or at
            one.push_from = one.push_from or stands + PUSHED_AGAIN_AFTER

    def scan(self, at: datetime, numbers: Mapping[str, int]) -> None:
        """Everything is looked at. `numbers` tells in which order the product opened those of one moment."""
        pushed: list[Entry] = []
        for one in self.entries.values():
            look(one, at)
            if one.status in WITH_THE_UNIT and one.push_from and at > one.push_from:
                pushed += [one] if one.unit != OFFICE else []
                one.push_from = None
        for one in sorted(pushed, key=lambda one: numbers.get(f"{one.id}-s{len(one.orders) + 1}", 0)):
            self.push(one, at, one.push_for, above(one.unit))
        for order in self.orders:
            order.look(at)

    def recount(self, at: datetime) -> None:
        """A calendar was published: every duty is looked at, wholes before their parts."""
        for one in sorted(self.entries.values(), key=lambda one: one.id.count(".")):
            self.moved += recount(one, at)

    def duties(self) -> Facts:
        """What is compared of duties, by id."""
        return {
            one.id: (
                *(one.status, one.unit, one.place, one.deadline, one.overdue, one.due_soon, one.in_time),
                *(one.round, one.returns, one.reworks, one.extensions, one.yellow, one.red, len(one.orders)),
            )
            for one in self.entries.values()
        }

    def pushes(self) -> Facts:
        """What is compared of orders, by id."""
        return {
            one.id: (
                *(one.status, one.unit, one.by_unit, one.trigger, one.opened, one.answer_by),
                *(one.overdue, one.returns, one.left_open, bool(one.clue)),
            )
            for one in self.orders
        }

    def told(self) -> dict[str, int]:
        """How often what happens once must have been told."""
        entries, ends = self.entries.values(), Counter(one.status for one in self.entries.values())
        return {
            **{f"task_{status}": ends[status] for status in ("returned", "closed", "withdrawn")},
            "task_extended": sum(one.extensions for one in entries),
            "task_due_soon": sum(one.yellow for one in entries),
            "task_overdue": sum(one.red for one in entries),
            "supervision_opened": len(self.orders),
            "supervision_returned": sum(one.returns for one in self.orders),
            "supervision_closed": sum(one.status == "closed" for one in self.orders),
            "accountability_proposed": sum(bool(one.clue) for one in self.orders),
            "routing_changed": len(self.table.edits),
        }

    def summary(self) -> str:
        """How many of what there are."""
        entries, orders = self.entries.values(), self.orders
        by_source, by_role = Counter(one.source for one in entries), Counter(one.role for one in entries)
        triggers, clues = Counter(one.trigger for one in orders), Counter(one.clue for one in orders if one.clue)
        by_table = f"{len(self.table.edits)} edits of the table, {self.rerouted} rerouted, {self.moved} deadlines moved"
        return f"tasks {dict(by_source)} {dict(by_role)}, orders {dict(triggers)}, clues {dict(clues)}; {by_table}"

    def in_time(self, unit: str) -> tuple[int, int]:
        """How many at or inside `unit` were accepted in time, and closed without ever being late."""
        inside = [one for one in self.entries.values() if f"{one.unit}/".startswith(f"{unit}/")]
        return sum(one.in_time is True for one in inside), sum(one.status == "closed" and not one.red for one in inside)

    def desks(self) -> dict[str, Counter[str]]:
        """Unit → how many lines of each group lie on its desk: its duties and orders, and what it has to decide."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.entries.values():
            if one.status in OPEN:
                found[one.unit][_group(one)] += 1
            if (one.asked and one.status in AT_WORK) or (one.status == "submitted" and one.is_verified):
                found[one.giver or above(one.unit)]["decision"] += 1
        for order in self.orders:
            if order.waits:
                found[order.unit]["overdue" if order.overdue else "due_soon"] += 1
            elif order.status == "answered":
                found[order.unit]["waiting"] += 1
                found[order.by_unit]["decision"] += 1
        return found

    def counts(self, coordinate: str, unit: str, by: str) -> dict[str, int]:
        """How many lie at or inside `unit`."""
        found: Counter[str] = Counter()
        for one in self.entries.values():
            path = one.place if coordinate == "place" else one.unit
            if path == unit or path.startswith(unit + "/"):
                found.update(_words(one, by))
        return dict(found)


def _group(one: Entry) -> str:
    if one.status not in WITH_THE_UNIT:
        return "waiting"
    return "overdue" if one.overdue else "due_soon" if one.due_soon else "running"


def _words(one: Entry, by: str) -> Iterator[str]:
    if by == "state":
        yield one.status
        yield from _facts(one)
    elif by == "role":
        yield one.role
    elif one.role == "duty":
        word = one.source if by == "source" else one.category
        if word:
            yield word


def _facts(one: Entry) -> Iterator[str]:
    if one.status in OPEN and (one.overdue or one.due_soon):
        yield "overdue" if one.overdue else "due_soon"
    cards = {"yellow_card": one.yellow, "red_card": one.red, "supervised": len(one.orders)}
    yield from (name for name, times in cards.items() if times)
