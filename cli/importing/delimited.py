"""CSV as offices write it: UTF-8 with or without a mark, UTF-16, or GBK / GB18030; commas, tabs, semicolons or bars."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from cli.importing.cells import plain_text
from cli.importing.encoding import encoding_and_lines
from cli.importing.form import Form
from cli.importing.table import TITLE_ROWS, Cells, Table, no_header, with_header
from infra.problem import InvalidInput

DELIMITERS = (",", "\t", ";", "|", "，")
LONGEST_CELL = 1024 * 1024  # characters; a quotation mark that never ends would swallow the rest of the file
SAMPLE = 64 * 1024


def read_delimited(path: Path, form: Form) -> Table:
    """The table in `path`. Raises InvalidInput: unknown encoding, no header, a required column is missing."""
    encoding, lines = encoding_and_lines(path)
    delimiter = _delimiter(path, encoding, form)
    file = path.open(encoding=encoding, newline="")
    found = with_header(_numbered(file, delimiter), form, _text, estimate=lines)
    if found is None:
        raise no_header(path, form)
    return found


def _delimiter(path: Path, encoding: str, form: Form) -> str:
    """The delimiter with which the best header is found."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(SAMPLE)

    def best(delimiter: str) -> int:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        return max((form.known_in(cells) for cells in _first(rows)), default=0)

    return max(DELIMITERS, key=best)


def _first(rows: Any) -> Iterator[list[str]]:
    try:
        for _ in range(TITLE_ROWS):
            yield next(rows)
    except (StopIteration, csv.Error):
        return


def _numbered(file: TextIO, delimiter: str) -> Iterator[tuple[int, Cells]]:
    with file:
        reader, number = csv.reader(file, delimiter=delimiter), 1
        while True:
            try:
                with _long_cells():
                    cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                detail = f"row {number} cannot be read: {error}"
                raise InvalidInput(detail, f"第{number}行起无法读取：引号未闭合或单元格过长", field="file") from error
            yield number, cells
            number = reader.line_num + 1


@contextmanager
def _long_cells() -> Iterator[None]:
    """Inside the block a cell may be long. The limit is one for the whole process: others have theirs back after it."""
    theirs = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(theirs)


def _text(value: Any, field: str, moment: bool) -> str:
    return plain_text(value, field, moment=moment)
