"""The case standard and the second table, as RPC methods show them and as a case keeps the row that gave its limit."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from services.complaints.contracts.events import ComplaintsEvent


class LimitTable(StrEnum):
    """案件标准 (the case standard) and the second table, for matters outside it."""

    STANDARD = "standard"
    OUTSIDE = "outside"


class LimitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of either table; what a table does not have is "" or None.

    `code` names it within its edition (`部件01-01-1`, `投诉-城乡建设`). Standard: `kind` 部件 or 事件,
    大类 `major`, 小类 `minor`, handling and supervising bodies as written. Second table: `request_kinds` in Chinese
    joined by 、,
    first-level `subject`, `category` where the row is for that category alone. `limit` is as it is written
    (`1紧急工作时制止`); `amount` of `clock` (a ClockUnit) is what it means, `qualifier` what it limits (制止).
    `closing_condition` of the second table names alternatives, separated by ；. `default_unit` is `territory` or a
    department below the city (`~housing`). `source` says where the row stood in the file.
    """

    code: str
    table: LimitTable
    kind: str = ""
    major_code: str = ""
    major: str = ""
    minor_code: str = ""
    minor: str = ""
    request_kinds: str = ""
    subject: str = ""
    category: str = ""
    handling_units: str = ""
    supervising: str = ""
    filing_condition: str = ""
    closing_condition: str = ""
    limit: str
    amount: float
    clock: str
    qualifier: str = ""
    default_unit: str | None = None
    because: str = ""
    source: str = ""

    @property
    def title(self) -> str:
        """What the row is about, in words for people."""
        if self.table == LimitTable.STANDARD:
            return f"{self.kind}/{self.major}/{self.minor}"
        return f"{self.request_kinds}×{self.subject}"


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    """A row in force: since when, by which edition and, where it was edited since, by whom, when and why."""

    row: LimitRow
    edition: str
    effective_from: date
    edit: int | None = None
    by: str = ""
    at: datetime | None = None
    why: str = ""


class EditionView(msgspec.Struct, frozen=True, kw_only=True):
    """An imported table: `number` in the order of import (0: the table that came with the system)."""

    edition: str
    table: LimitTable
    number: int
    name: str
    effective_from: date
    rows: int
    by: str
    at: datetime | None
    why: str


class StandardPage(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in force on a day, and all editions of the table; `version` is what a command must name
    as seen, `total` how many rows fit."""

    version: int
    day: date
    editions: list[EditionView]
    rows: list[RowView]
    total: int


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file that was not taken: sheet, row number as the table program shows it, and why."""

    sheet: str
    row: int
    reason: str
    reason_zh: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import took and what not; `notes` says what was read with a grain of salt. `edition` is None where
    nothing was written (a trial, or refused rows that were not allowed)."""

    edition: str | None
    version: int
    effective_from: date
    rows: int
    classes: int
    refused: list[RefusedRow]
    notes: list[RefusedRow]
    edits_left_behind: list[str]


class RowDifference(msgspec.Struct, frozen=True, kw_only=True):
    """How one row differs between two days: added, removed or changed, with the fields that changed (from, to)."""

    code: str
    title: str
    filing_condition: str
    change: str
    fields: dict[str, tuple[str, str]]


class LimitGiven(msgspec.Struct, frozen=True, kw_only=True):
    """The row that gave a case its limit, kept with the case as it was when the case was filed.

    `row_ref` is the row's full name with its edition and edit (CaseState.limit_row); `factor` what urgency made of the
    row's limit; `why` how the row was chosen; `closing_conditions` of which closing must name one,
    or say why it names another, whichever table the row is of; where there is none, any will do.
    """

    row_ref: str
    row: LimitRow
    effective_from: date
    factor: float
    amount: float
    clock: str
    default_unit: str | None
    why: str
    closing_conditions: list[str] = []

    @property
    def standard_row(self) -> str | None:
        """The code of the row where it is one of the case standard."""
        return self.row.code if self.row.table == LimitTable.STANDARD else None


class CaseStandardChanged(ComplaintsEvent, frozen=True, kw_only=True):
    """A table of limits was imported or a row of it edited: for the cases filed from `effective_from` on."""

    unheard: ClassVar[bool] = True

    city: str
    table: LimitTable
    edition: str
    rows: list[str]
    effective_from: date
    what: str
    by: str
    why: str


# RPC of complaints about the tables of limits; table is a LimitTable, days are ISO dates, seen the version looked at:
#   case_standard(table="standard", day=None, search=None, code=None, first=100, skip=0) -> StandardPage
#   import_standard(city, name, content: base64 of xlsx or csv, effective_from, by, why, cause,
#                   seen=None, table="standard", trial=False, allow_refused=False) -> ImportReport
#   edit_standard(code, changes: {field: text}, effective_from, by, why, seen, cause, table="standard") -> StandardPage
#         of the one row; fields: limit, filing_condition, closing_condition, handling_units, because, default_unit
#         ("" for none)
#   standard_diff(before: day, after: day, table="standard") -> list[RowDifference]
# Commands are the city office's; a refused one changes nothing.
