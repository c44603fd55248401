"""The rows that were not taken: a table with row, field and reason before what stood in the row.

It can be corrected and imported again: its own columns (`导入·…`) are passed over. A citizen's text that Excel would
compute ("=…") gets an apostrophe, which the import takes away again. Only the file's owner can read it: it holds what
the original holds.
"""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.writer.excel import save_workbook

from cli.importing.cells import FORMULA
from cli.importing.form import OWN
from cli.importing.journal import lock

OWN_COLUMNS = tuple(OWN + word for word in ("行号", "字段", "原因", "留存编号"))
SPREADSHEET = ".xlsx"
LONGEST_CELL = 32_767  # characters, of a spreadsheet


class Refusals:
    """The report at `path` (.csv, or .xlsx), of a table with these `fields`; `length` bytes of its lines are kept."""

    def __init__(self, path: Path, fields: list[str], length: int) -> None:
        self.path, self._fields = path, fields
        self._lines = path.with_name(path.name + ".part") if path.suffix == SPREADSHEET else path
        handle = os.open(self._lines, os.O_RDWR | os.O_CREAT, 0o600)
        lock(handle, self._lines.name)
        os.fchmod(handle, 0o600)  # also where it was there before
        os.ftruncate(handle, length)
        os.lseek(handle, 0, os.SEEK_END)
        self._file = os.fdopen(handle, "r+b")
        self._file.seek(0, os.SEEK_END)
        if length == 0:
            self._write([*OWN_COLUMNS, *fields], mark="\ufeff")  # Excel takes it for GBK otherwise

    def add(self, number: int, cells: Mapping[str, str], *, field: str, reason: str, kept_as: str = "") -> None:
        """A row of the file that was not taken."""
        self._write([str(number), field, reason, kept_as, *(safe(cells.get(one, "")) for one in self._fields)])

    def flush(self) -> int:
        """Make sure that it is written; its length so far in bytes."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self, *, complete: bool, empty: bool) -> None:
        """Close it; of an import that is `complete`, an `empty` report is removed, and a spreadsheet made if wanted."""
        self._file.close()
        if not complete:
            return
        if empty:
            self._lines.unlink()
        elif self._lines != self.path:
            _as_spreadsheet(self._lines, self.path)
            self._lines.unlink()

    def _write(self, cells: list[str], mark: str = "") -> None:
        line = io.StringIO(newline="")
        csv.writer(line).writerow(cells)
        self._file.write((mark + line.getvalue()).encode("utf-8", "replace"))


def safe(text: str) -> str:
    """`text` so that Excel shows it and computes nothing."""
    return "'" + text if text.startswith(FORMULA) else text


def _as_spreadsheet(lines: Path, path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("未收")
    with lines.open(encoding="utf-8-sig", newline="") as file:
        for cells in csv.reader(file):
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("", one)[:LONGEST_CELL] for one in cells])
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(handle, 0o600)
    os.close(handle)
    save_workbook(book, path)
