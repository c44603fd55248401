"""Spreadsheets (.xlsx), read row by row: titles above the header, dates of both epochs, numbers as text."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from cli.importing.cells import cell_text
from cli.importing.form import Form
from cli.importing.table import Cells, Table, Text, no_header, with_header
from infra.problem import InvalidInput, TooLarge

MOST_ROWS, MOST_COLUMNS = 1_048_576, 256  # Excel's own, and what any table of work orders has
LARGEST_PART = 1024**3  # bytes of a part of the archive, unpacked
LARGEST_TEXTS = 256 * 1024**2  # the same for the table of texts: it alone is held in memory
_OLD = b"\xd0\xcf\x11\xe0"  # how .xls files, and enciphered .xlsx files, begin
_ZIP = b"PK"


def read_spreadsheet(path: Path, form: Form, sheet: str | None = None) -> Table:
    """The table in `path`: in `sheet`, or in the first visible sheet that has a header.

    Raises InvalidInput: enciphered, damaged, no such sheet, no header, a required column is missing; TooLarge.
    """
    _check(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets through whatever a damaged part makes its parsers raise
        raise _damaged(path, error) from error
    text = _reader(book.epoch)
    for one in _sheets(book, sheet):
        estimate = one.max_row if isinstance(one.max_row, int) else None
        one.reset_dimensions()  # some programs write a wrong one
        found = with_header(_numbered(path, one), form, text, estimate)
        if found is not None:
            return found
    raise no_header(path, form)


def _check(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLD:
        detail = f"{path.name} is enciphered, or an old .xls: save it as .xlsx without a password"
        raise InvalidInput(detail, "文件已加密，或为旧版 .xls，请另存为不加密的 .xlsx", field="file")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from error
    texts = [part.file_size for part in parts if part.filename.endswith(("sharedStrings.xml", "styles.xml"))]
    if max([part.file_size for part in parts], default=0) > LARGEST_PART or max(texts, default=0) > LARGEST_TEXTS:
        raise TooLarge(f"{path.name} is too large when unpacked", "文件解压后过大，请拆分后导入", field="file")


def _sheets(book: Any, name: str | None) -> list[Any]:
    if name is None:
        return [one for one in book.worksheets if one.sheet_state == "visible"]
    if name not in book.sheetnames:
        known = "、".join(book.sheetnames)
        raise InvalidInput(f"there is no sheet {name}", f"没有工作表“{name}”，现有：{known}", field="sheet")
    return [book[name]]


def _numbered(path: Path, sheet: Any) -> Iterator[tuple[int, Cells]]:
    rows = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except Exception as error:  # see above
            raise _damaged(path, error) from error
        if number > MOST_ROWS:
            raise TooLarge(f"{path.name} has more than {MOST_ROWS} rows", "行数过多", field="file")
        yield number, cells


def _reader(epoch: Any) -> Text:
    def text(cell: Any, field: str, moment: bool) -> str:
        if cell.value is None:
            return ""
        if cell.data_type == "e":
            raise InvalidInput(f"the cell holds {cell.value}", f"单元格为错误值 {cell.value}", field=field)
        return cell_text(cell.value, field, moment=moment, form=_format_of(cell), epoch=epoch)

    return text


def _format_of(cell: Any) -> str:
    """The cell's number format, "" where it names one that the workbook does not have."""
    try:
        return cell.number_format or ""
    except (IndexError, KeyError, AttributeError):
        return ""


def _damaged(path: Path, error: Exception) -> InvalidInput:
    return InvalidInput(f"{path.name} is no spreadsheet: {type(error).__name__}", "文件损坏或不是 .xlsx", field="file")
