"""What a file that is imported holds: its rows, what is refused of it and why, and what is reported of it."""

import base64
import binascii
from collections.abc import Callable
from datetime import date

from infra.problem import InvalidInput
from services.complaints.contracts import ImportReport, LimitTable, RefusedRow
from services.complaints.standard.outside import LAST_RESORT, read_outside
from services.complaints.standard.reading import Reading, read_standard
from services.complaints.standard.tables import Edition, Tables
from services.complaints.triage.request_kind import ZH as KIND_ZH

READERS = {LimitTable.STANDARD: read_standard, LimitTable.OUTSIDE: read_outside}


def read(table: LimitTable, name: str, content: str, is_unit: Callable[[str | None], bool]) -> Reading:
    """The table in the file `name` (`content` is its base64); `is_unit` knows the city's departments.

    Raises InvalidInput where it is no such file, holds no row, or is not whole.
    """
    reading = _known_units(READERS[table](name, _decoded(content)), is_unit)
    _check_whole(table, reading)
    return reading


def same_as(edition: Edition, table: LimitTable, day: date, reading: Reading) -> bool:
    """Whether this very table was imported for this day before."""
    return (edition.table, edition.effective_from, list(edition.rows)) == (table, day, reading.rows)


def report(
    reading: Reading, edition: str | None, version: int, tables: Tables, table: LimitTable, day: date
) -> ImportReport:
    """What came of the import: the edition, None where nothing was written, and what it replaces on that day."""
    replaced = tables.edition_on(table, day)
    return ImportReport(
        edition=edition,
        version=version,
        effective_from=day,
        rows=len(reading.rows),
        classes=reading.classes,
        refused=reading.refused,
        notes=reading.notes,
        edits_left_behind=sorted({e.row.code for e in tables.edits if replaced and e.edition == replaced.edition}),
    )


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidInput("the content is not base64", "文件内容编码有误", field="content") from error


def _known_units(reading: Reading, is_unit: Callable[[str | None], bool]) -> Reading:
    """`reading` without the rows whose default unit is no department of the city: those are refused."""
    unknown = [row for row in reading.rows if not is_unit(row.default_unit)]
    refused = [
        RefusedRow(
            sheet=row.source.partition(" ")[0],
            row=int("".join(filter(str.isdigit, row.source.rpartition("第")[2]))),
            reason=f"no department {row.default_unit}",
            reason_zh=f"默认承办单位{row.default_unit}不存在",
        )
        for row in unknown
    ]
    return Reading([row for row in reading.rows if row not in unknown], reading.refused + refused, reading.notes)


def _check_whole(table: LimitTable, reading: Reading) -> None:
    """Raises InvalidInput where no row is left, or the second table has no row for what nothing else fits."""
    if not reading.rows and not reading.refused:
        raise InvalidInput("the file holds no rows", "文件中没有数据行", field="file")
    rest = {word for row in reading.rows if row.subject == LAST_RESORT for word in row.request_kinds.split("、")}
    if table == LimitTable.OUTSIDE and (missing := set(KIND_ZH.values()) - rest):
        words = "、".join(sorted(missing))
        raise InvalidInput(f"no row for {words} of {LAST_RESORT}", f"一级分类“其他”缺少诉求类型：{words}", field="file")
