"""A table file as an official sends it, made flat: title rows, merged cells, several sheets; xlsx, or csv (UTF-8, GBK).

Nothing is dropped silently: every row below a header comes out, or is named with its number and why it does not.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from infra.problem import InvalidInput, TooLarge
from services.complaints.contracts import RefusedRow

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 20_000, 60
HEADER_WITHIN = 30  # rows from the top
KINDS = ("部件", "事件")

# The columns by our names, and how they are called in files.
HEADERS: dict[str, tuple[str, ...]] = {
    "kind": ("问题类型", "类型", "kind"),
    "major_code": ("大类代码", "大类编码", "major_code"),
    "major": ("大类名称", "大类", "major_name"),
    "minor_code": ("小类代码", "小类编码", "minor_code"),
    "minor": ("小类名称", "小类", "minor_name"),
    "handling_units": ("处置单位", "责任单位", "handling_units"),
    "supervising": ("主管部门", "supervising_departments"),
    "filing_condition": ("立案条件", "filing_condition"),
    "closing_condition": ("结案条件", "closing_condition"),
    "limit": ("处置时限", "处理时限", "time_limit", "limit"),
    "code": ("行号", "code"),
    "request_kinds": ("诉求类型", "request_kinds"),
    "subject": ("一级分类", "subject"),
    "category": ("类别代码", "category"),
    "default_unit": ("默认承办单位", "default_unit"),
    "because": ("依据", "because"),
}
_OWN = ("filing_condition", "closing_condition", "limit")  # a row that has none of its own continues the one above

Grid = list[list[Any]]
Merged = Mapping[tuple[int, int], tuple[int, int]]  # row, column (from 0) → the cell whose value it shares


class FlatRow(NamedTuple):
    """One row with every cell that it has or shares, cleaned, by our column names; `number` as the program shows it."""

    sheet: str
    number: int
    cells: dict[str, str]


class Flat(NamedTuple):
    """What came out of a file: the rows, what was refused, and what is worth knowing."""

    rows: list[FlatRow]
    refused: list[RefusedRow]
    notes: list[RefusedRow]


def flat_of(name: str, content: bytes, needed: Iterable[str]) -> Flat:
    """The rows of the file `name`; `needed` are the columns that mark the header row. Raises InvalidInput, TooLarge."""
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"{name} is larger than {LARGEST_FILE} bytes", f"文件超过{LARGEST_FILE}字节", field="file")
    flat = Flat([], [], [])
    sheets = _csv(name, content) if name.lower().endswith(".csv") else _xlsx(name, content)
    for title, grid, merged in sheets:
        _read_sheet(title, grid, merged, set(needed), flat)
    if not flat.rows and not flat.refused:
        raise InvalidInput(f"{name} holds no rows", "文件中没有数据行", field="file")
    return flat


def clean(value: object) -> str:
    """The text of a cell: blanks at the ends gone, a line break or several blanks made one blank."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else re.sub(r"\s+", " ", str(value)).strip()


def _csv(name: str, content: bytes) -> list[tuple[str, Grid, Merged]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            return [(name, [list(row) for row in csv.reader(io.StringIO(text, newline=""))][:MOST_ROWS], {})]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise InvalidInput(f"{name} is neither UTF-8 nor GBK", "文件编码既不是UTF-8也不是GBK", field="file")


def _xlsx(name: str, content: bytes) -> list[tuple[str, Grid, Merged]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise TooLarge(f"{name} unpacks to {unpacked} bytes", "文件解压后过大", field="file")
        book = load_workbook(io.BytesIO(content), data_only=True)
    except TooLarge:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise InvalidInput(f"{name} is no xlsx table: {error}", "文件不是可读的xlsx表格", field="file") from error
    return [(sheet.title, _grid(sheet), _merged(sheet)) for sheet in book.worksheets]


def _grid(sheet: Worksheet) -> Grid:
    rows, columns = min(sheet.max_row, MOST_ROWS), min(sheet.max_column, MOST_COLUMNS)
    return [list(row) for row in sheet.iter_rows(max_row=rows, max_col=columns, values_only=True)]


def _merged(sheet: Worksheet) -> Merged:
    return {
        (row, column): (span.min_row - 1, span.min_col - 1)
        for span in sheet.merged_cells.ranges
        for row in range(span.min_row - 1, min(span.max_row, MOST_ROWS))
        for column in range(span.min_col - 1, min(span.max_col, MOST_COLUMNS))
    }


def _read_sheet(title: str, grid: Grid, merged: Merged, needed: set[str], flat: Flat) -> None:
    if not any(clean(value) for row in grid for value in row):
        return
    header = next((n for n, row in enumerate(grid[:HEADER_WITHIN]) if needed <= _columns(row).keys()), None)
    if header is None:
        flat.refused.append(_about(title, 0, "no header row was found in this sheet", "未找到表头行，整张工作表未导入"))
        return
    kind = _kind_of(title, grid[:header])
    columns = _columns(grid[header])
    for n in range(header + 1, len(grid)):
        _read_row(title, n, grid, merged, columns, kind, flat)
    if len(grid) >= MOST_ROWS:
        flat.refused.append(_about(title, MOST_ROWS, "rows beyond this one were not read", "此行以后未读取"))


def _read_row(title: str, n: int, grid: Grid, merged: Merged, columns: dict[str, int], kind: str, flat: Flat) -> None:
    anchors = {name: merged.get((n, column), (n, column)) for name, column in columns.items()}
    own = [anchors[name] for name in _OWN if name in anchors]
    if own and all(row < n for row, _ in own):
        flat.notes.append(_about(title, n + 1, "continues the row above", "与上一行合并为同一条"))
        return
    cells = {name: clean(_at(grid, row, column)) for name, (row, column) in anchors.items()}
    if not any(cells.values()):
        flat.notes.append(_about(title, n + 1, "an empty row", "空行"))
        return
    flat.rows.append(FlatRow(title, n + 1, {"kind": kind} | {name: text for name, text in cells.items() if text}))


def _columns(row: list[Any]) -> dict[str, int]:
    """Our column names that this row heads, with their places."""
    texts = [clean(value).replace(" ", "") for value in row]
    return {name: texts.index(called) for name, names in HEADERS.items() for called in names if called in texts}


def _kind_of(title: str, above: Grid) -> str:
    """部件 or 事件 by the sheet's name, else by the end of its title rows; "" where neither says."""
    said = [title, *(clean(value) for row in above for value in row)]
    for text in said:
        found = [kind for kind in KINDS if kind in text.rpartition("(")[2].rpartition("（")[2]]
        if len(found) == 1:
            return found[0]
    return ""


def _at(grid: Grid, row: int, column: int) -> Any:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else None


def _about(sheet: str, row: int, reason: str, reason_zh: str) -> RefusedRow:
    return RefusedRow(sheet=sheet, row=row, reason=reason, reason_zh=reason_zh)
