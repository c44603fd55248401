"""派遣路由表: the routing table as RPC methods show it, how it explains itself, and the event of its change."""

from datetime import date, datetime
from typing import ClassVar

import msgspec

from services.tasks.contracts.events import TasksEvent
from services.tasks.contracts.views import TaskView


class RoutingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row: which matters it is for, and whose duty they are. A criterion that is empty (or None) fits everything.

    Criteria: `category` with all below it (`sanitation`: `sanitation.*`), `place` with everything inside it, `kind` of
    request, `subject` (first-level, in Chinese), `channel` on which the matter came in first, `difficult` (疑难).
    `goes_to`: `territory` (the street, else the zone or district), `district`, `proposed` (the department that the
    complaints' tables propose, else the territory), `office`, `~ucb` (a municipal department), `district/~ucb` (the
    bureau of the place's district), or the path of a unit. `lead` (牵头) is the municipal department to which what is
    key and difficult moves; `assists` (协办) are written as `goes_to` is. `name` is what people call the category.
    `removed`: from that day on there is no such row.
    """

    category: str = ""
    place: str = ""
    kind: str = ""
    subject: str = ""
    channel: str = ""
    difficult: bool | None = None
    name: str = ""
    goes_to: str = ""
    lead: str = ""
    assists: list[str] = []
    because: str = ""
    effective_from: date = date.min
    removed: bool = False


class RoutingRowView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a row as it is kept for ever: its `number` in the order of editing (those that came with the system
    first), by whom, when and why."""

    number: int
    row: RoutingRow
    by: str = ""
    at: datetime | None = None
    why: str = ""


class RoutingPage(msgspec.Struct, frozen=True, kw_only=True):
    """The rows in force on a day in the order in which they are tried; `version` is what an edit must name as seen;
    `changed` are the rows that this edit (or trial) makes new."""

    version: int
    day: date
    rows: list[RoutingRowView]
    changed: list[RoutingRow] = []


class RowTried(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was considered for a matter: whether it fits, and why (not)."""

    row: RoutingRowView
    fits: bool
    why: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Whose duty a matter is by the table in force on `day`, and how that came out.

    `tried`: the rows whose category fits, in the order in which they are tried; the first that fits decides (`number`).
    `unit` and `because` are the result; `lead` and `assists` paths. `tasks`: those of the case so far, with their
    histories: rounds, returns, decisions; what they were given stays, whatever the table says today.
    """

    day: date
    version: int
    matter: dict[str, str | bool | None]
    tried: list[RowTried]
    number: int | None
    unit: str
    unit_name: str
    because: str
    lead: str | None
    assists: list[str]
    tasks: list[TaskView] = []


class RoutingChanged(TasksEvent, frozen=True, kw_only=True):
    """Rows of the routing table were edited: for what is assigned from `effective_from` on. `rows` are their numbers,
    `what` says them in words."""

    unheard: ClassVar[bool] = True

    city: str
    rows: list[int]
    effective_from: date
    what: str
    by: str
    why: str


# RPC of tasks about the routing table; days are ISO dates, seen the version looked at; commands are the city office's:
#   routing_table(day=None, search=None) -> RoutingPage
#   routing_history(category=None) -> list[RoutingRowView]       every version of every row, the newest first
#   edit_routing(rows: list[RoutingRow as JSON, without effective_from], effective_from, by, why, seen, cause,
#       trial=False, whole=False) -> RoutingPage     rows that read so already are left out; `whole`: what is not named
#       is removed; a refused edit names every wrong row in `refused`
#   explain_routing(asked: {"case": id or number} | {"category", "place", "kind"?, "subject"?, "channel"?, "difficult"?,
#       "default_unit"?}, day=None) -> Explanation
#   reroute_task(task_id, seen, by, reason, cause) -> TaskView   of the new task; by the office
#   raise_task(task_id, seen, by, reason, cause) -> TaskView     上报提级: answered by answer_request(…, unit=None)
