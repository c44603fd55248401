"""Editing the routing table: the city's office only, under the version that it saw.

What holds already is never rewritten: an edit holds from today on at the earliest, and moves no duty that was assigned
before. Raises, in all: InvalidInput, Forbidden, NotFound, Stale, Refused; then nothing has changed and no event is
left.
"""

from datetime import date
from typing import Any

import msgspec
from pymongo.client_session import ClientSession

from infra.clock import CITY_ZONE, Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.problem import InvalidInput, Problem, Refused
from services.tasks import rights
from services.tasks.contracts import RoutingChanged, RoutingPage, RoutingRow, RoutingRowView
from services.tasks.routing_table.checks import read_row
from services.tasks.routing_table.lists import day_of, page_of
from services.tasks.routing_table.rows import RoutingTable, key_of
from services.tasks.routing_table.shelf import RoutingRegister, Shelf, load, stored_row
from services.tasks.task_record import require_text

MOST_ROWS = 2000


class RoutingCommands:
    """What the city's office can do with the routing table of the service's city."""

    def __init__(self, store: Store, registry: Registry, shelf: Shelf, clock: Clock) -> None:
        self._store, self._registry, self._shelf, self._clock = store, registry, shelf, clock
        self._city = registry.city.path

    def edit(
        self,
        rows: list[dict[str, Any]],
        effective_from: str,
        by: dict[str, Any],
        why: str,
        seen: int,
        cause: str,
        *,
        trial: bool = False,
        whole: bool = False,
    ) -> RoutingPage:
        """Let these rows read so from a day on; `whole`: and remove all others. The page of that day; on a `trial`
        nothing is written."""
        officer, day = Officer.from_json(by), day_of(effective_from, "effective_from")
        rights.require_office(officer)
        require_text(why, "why", "须注明理由")
        if not isinstance(seen, int) or isinstance(seen, bool):
            raise InvalidInput("seen must be the version that you looked at", "须注明所见版本", field="seen")
        if day < self._clock.now().astimezone(CITY_ZONE).date():
            raise Refused(
                "what holds already is not changed: choose today or a later day",
                "不得追溯修改，生效日期不得早于今日",
                field="effective_from",
            )
        given = read_rows(rows, self._registry, day)
        if trial:
            table = load(self._city)
            return page_of(table, day, changed=changes(table, given, day, whole=whole))
        changed = self._write(given, day, officer.name, why.strip(), seen, cause, whole=whole)
        return page_of(self._shelf.table(), day, changed=changed)

    def _write(
        self, given: list[RoutingRow], day: date, by: str, why: str, seen: int, cause: str, *, whole: bool
    ) -> list[RoutingRow]:
        """Register and rows in one transaction; the rows that are new."""
        at = self._clock.now()

        def work(session: ClientSession) -> list[RoutingRow]:
            def decide(register: RoutingRegister) -> list[RoutingRowView]:
                table = load(self._city, session)
                first = table.entries[-1].number + 1 if table.entries else 1
                new = changes(table, given, day, whole=whole)
                entries = [
                    RoutingRowView(number=n, row=row, by=by, at=at, why=why) for n, row in enumerate(new, start=first)
                ]
                register.change(self._event(entries, day, by, why), at=at, cause=cause)
                return entries

            entries = self._store.change(RoutingRegister, self._city, decide, seen=seen, session=session)
            self._store.insert_many([stored_row(self._city, one) for one in entries], session=session)
            return [one.row for one in entries]

        changed = self._store.in_transaction(work)
        self._shelf.forget()
        return changed

    def _event(self, entries: list[RoutingRowView], day: date, by: str, why: str) -> RoutingChanged:
        removed = sum(one.row.removed for one in entries)
        what = f"修订派遣路由{len(entries) - removed}行" + (f"，删除{removed}行" if removed else "")
        numbers = [one.number for one in entries]
        return RoutingChanged(city=self._city, rows=numbers, effective_from=day, what=what, by=by, why=why)


def read_rows(bodies: Any, registry: Registry, day: date) -> list[RoutingRow]:
    """The rows in an RPC argument. Raises the first InvalidInput, with all of them in `refused`."""
    if not isinstance(bodies, list) or not 1 <= len(bodies) <= MOST_ROWS:
        raise InvalidInput(f"give 1 to {MOST_ROWS} rows", f"应给出1至{MOST_ROWS}行", field="rows")
    rows: list[RoutingRow] = []
    refused: list[Problem] = []
    for n, body in enumerate(bodies):
        try:
            row = read_row(body, registry, day, f"rows[{n}]")
            _check_tie(row, rows, f"rows[{n}]")
            rows.append(row)
        except InvalidInput as problem:
            refused.append(problem)
    if refused:
        first, all_ = (
            refused[0],
            [{"field": one.field, "reason": one.detail, "reason_zh": one.detail_zh} for one in refused],
        )
        raise InvalidInput(first.detail, first.detail_zh, field=first.field, refused=all_)
    return rows


def _check_tie(row: RoutingRow, before: list[RoutingRow], at: str) -> None:
    """Raises InvalidInput where two rows would decide about the same matters on the same day."""
    if any(key_of(one) == key_of(row) for one in before):
        raise InvalidInput("another row here is for the very same matters", "与另一行适用范围完全相同", field=at)


def changes(table: RoutingTable, given: list[RoutingRow], day: date, *, whole: bool = False) -> list[RoutingRow]:
    """The rows of an edit that make a difference from `day` on. Raises InvalidInput where there is none, where a row to
    be removed is not there, or the row for all other matters would go; Refused where one reads otherwise again from a
    later day."""
    force = {key_of(one.row): one.row for one in table.on(day)}
    if whole:
        named = {key_of(row) for row in given}
        gone = [row for key, row in force.items() if key not in named]
        given = [*given, *(msgspec.structs.replace(row, removed=True, effective_from=day) for row in gone)]
    new = [row for row in (_named(row, force) for row in given) if not _reads_so(row, force.get(key_of(row)))]
    for n, row in enumerate(new):
        _check_change(row, force, table, day, f"rows[{n}]")
    if not new:
        raise InvalidInput("the table reads like that already", "与现行路由表相同，无需修订", field="rows")
    return new


def _named(row: RoutingRow, force: dict[Any, RoutingRow]) -> RoutingRow:
    """The row with the name that its category had, where it gives none; one to be removed as it was."""
    old = force.get(key_of(row))
    if old is not None and row.removed:
        return msgspec.structs.replace(old, removed=True, effective_from=row.effective_from)
    if row.name or not row.category or row.removed:
        return row
    name = next((one.name for one in force.values() if one.category == row.category and one.name), "")
    return msgspec.structs.replace(row, name=name)


def _reads_so(row: RoutingRow, old: RoutingRow | None) -> bool:
    return old is not None and msgspec.structs.replace(row, effective_from=old.effective_from) == old


def _check_change(row: RoutingRow, force: dict[Any, RoutingRow], table: RoutingTable, day: date, at: str) -> None:
    key = key_of(row)
    if row.removed and key not in force:
        raise InvalidInput("there is no such row in force", "现行路由表中没有该行", field=at)
    if row.removed and key == key_of(RoutingRow()):
        raise InvalidInput(
            "the row for all other matters stays: change it instead", "兜底行不能删除，只能修改", field=at
        )
    if any(key_of(one.row) == key and one.row.effective_from > day for one in table.entries):
        raise Refused("the row reads otherwise again from a later day", "该行已有更晚生效的修订", field=at)
