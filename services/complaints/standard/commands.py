"""Importing and editing the tables of limits: the city's office only, each under the version that it saw.

Raises, in all: InvalidInput, Forbidden, NotFound, Stale, Refused; then nothing has changed and no event is left. What
holds already is never rewritten: changes hold from today on, only a city's first import may reach back.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from pymongo.client_session import ClientSession

from infra.clock import CITY_ZONE, Clock
from infra.messaging.outbox import Aggregate
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput, NotFound, Refused
from services.complaints.contracts import CaseStandardChanged, ImportReport, LimitTable, StandardPage
from services.complaints.standard.imported import read, report, same_as
from services.complaints.standard.lists import day_of, page_of, table_of
from services.complaints.standard.outside import TERRITORY
from services.complaints.standard.row_edit import changed
from services.complaints.standard.shelf import CaseStandard, Shelf, load, stored_edit, stored_edition
from services.complaints.standard.tables import Edit, Edition, Tables


class StandardCommands:
    """What the city's office can do with the tables of limits of the service's city."""

    def __init__(self, store: Store, registry: Registry, shelf: Shelf, clock: Clock) -> None:
        self._store, self._registry, self._shelf, self._clock = store, registry, shelf, clock
        self._city = registry.city.path

    def import_table(
        self,
        city: str,
        name: str,
        content: str,
        effective_from: str,
        by: dict[str, Any],
        why: str,
        cause: str,
        *,
        seen: int | None = None,
        table: str = LimitTable.STANDARD,
        trial: bool = False,
        allow_refused: bool = False,
    ) -> ImportReport:
        """Put the table in the file `name` (base64) in force from a day on. Nothing is written on a `trial`, nor where
        rows were refused and that is not allowed: then the report's edition is None."""
        officer, kind, day = self._officer(by), table_of(table), day_of(effective_from, "effective_from")
        why = _said(why, "why")
        if city != self._city:
            raise InvalidInput(f"this is not the city {city}", f"本系统不是城市{city}", field="city")
        reading = read(kind, name, content, self._is_unit)
        now = self._clock.now()

        def draft(tables: Tables) -> Edition:
            self._check_day(tables, kind, day)
            number = len(tables.editions)
            return Edition(
                edition=f"{kind.value}-{day.isoformat()}-{number}",
                table=kind,
                number=number,
                name=name,
                effective_from=day,
                by=officer.name,
                at=now,
                why=why,
                rows=tuple(reading.rows),
            )

        tables = load(self._city)
        same = next((one for one in tables.editions if same_as(one, kind, day, reading)), None)
        if same is not None or trial or (reading.refused and not allow_refused):
            draft(tables)
            return report(reading, same.edition if same else None, tables.version, tables, kind, day)
        edition, version = self._write(draft, self._edition_written, seen, cause)
        return report(reading, edition.edition, version, tables, kind, day)

    def edit(
        self,
        code: str,
        changes: dict[str, str],
        effective_from: str,
        by: dict[str, Any],
        why: str,
        seen: int,
        cause: str,
        *,
        table: str = LimitTable.STANDARD,
    ) -> StandardPage:
        """Let the row `code` read otherwise from a day on."""
        officer, kind, day = self._officer(by), table_of(table), day_of(effective_from, "effective_from")
        why = _said(why, "why")
        if not isinstance(seen, int) or isinstance(seen, bool):
            raise InvalidInput("seen must be the version that you looked at", "须注明所见版本", field="seen")
        now = self._clock.now()

        def draft(tables: Tables) -> Edit:
            self._check_day(tables, kind, day, always=True)
            view = tables.on(day).rows(kind).get(code)
            if view is None:
                raise NotFound(f"no row {code!r} in force on {day}", f"{day.isoformat()}执行的表中没有{code}")
            later = [one for one in tables.edits if (one.edition, one.row.code) == (view.edition, code)]
            if any(one.effective_from > day for one in later):
                raise Refused(
                    "the row reads otherwise again from a later day", "该行已有更晚生效的修订", field="effective_from"
                )
            row = changed(view.row, changes, self._is_unit)
            return Edit(
                number=len(tables.edits) + 1,
                edition=view.edition,
                row=row,
                effective_from=day,
                by=officer.name,
                at=now,
                why=why,
            )

        self._write(draft, self._edit_written, seen, cause)
        return page_of(self._shelf.tables(), kind, day, code=code)

    def _write(
        self,
        draft: Callable[[Tables], Any],
        written: Callable[[Any], tuple[CaseStandardChanged, Aggregate]],
        seen: int | None,
        cause: str,
    ) -> tuple[Any, int]:
        """Register and document in one transaction; what was drafted and the register's new version."""
        self._store.insert(CaseStandard(id=self._city))

        def work(session: ClientSession) -> tuple[Any, int]:
            def decide(register: CaseStandard) -> tuple[Any, int, Aggregate]:
                new = draft(load(self._city, session))
                event, document = written(new)
                register.change(event, at=self._clock.now(), cause=cause)
                return new, register.sequence, document

            new, version, document = self._store.change(CaseStandard, self._city, decide, seen=seen, session=session)
            self._store.insert(document, session=session)
            return new, version

        result = self._store.in_transaction(work)
        self._shelf.forget()
        return result

    def _edition_written(self, edition: Edition) -> tuple[CaseStandardChanged, Aggregate]:
        what = f"导入{edition.name}，{len(edition.rows)}行"
        event = self._event(edition.table, edition.edition, [], edition.effective_from, what, edition.by, edition.why)
        return event, stored_edition(self._city, edition)

    def _edit_written(self, edit: Edit) -> tuple[CaseStandardChanged, Aggregate]:
        code, what = edit.row.code, f"修订{edit.row.code}"
        event = self._event(edit.row.table, edit.edition, [code], edit.effective_from, what, edit.by, edit.why)
        return event, stored_edit(self._city, edit)

    def _event(
        self, table: LimitTable, edition: str, rows: list[str], day: date, what: str, by: str, why: str
    ) -> CaseStandardChanged:
        return CaseStandardChanged(
            city=self._city, table=table, edition=edition, rows=rows, effective_from=day, what=what, by=by, why=why
        )

    def _officer(self, by: dict[str, Any]) -> Officer:
        officer = Officer.from_json(by)
        if officer.role != Role.CITY_OFFICE or not officer.may_act_for(self._city):
            raise Forbidden(
                "only the city's office may change the case standard", "只有市总指挥部办公室可以修订案件标准"
            )
        return officer

    def _check_day(self, tables: Tables, table: LimitTable, day: date, *, always: bool = False) -> None:
        """Raises Refused where history would be rewritten."""
        imported = any(one.number and one.table == table for one in tables.editions)
        if (always or imported) and day < self._clock.now().astimezone(CITY_ZONE).date():
            raise Refused(
                "what holds already is not changed: choose today or a later day",
                "不得追溯修改，生效日期不得早于今日",
                field="effective_from",
            )

    def _is_unit(self, pattern: str | None) -> bool:
        return pattern in (None, TERRITORY) or self._registry.get(f"{self._city}/{pattern}") is not None


def _said(text: str, field: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{field} must not be empty", "须注明理由", field=field)
    return text.strip()
