"""The encodings in which offices save a table as text: UTF-8 with or without a mark, UTF-16, GBK / GB18030."""

import codecs
from pathlib import Path
from typing import TextIO

from infra.problem import InvalidInput

CHUNK = 1024 * 1024
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def open_text(path: Path) -> TextIO:
    """The file, opened as the csv module wants it. Raises InvalidInput where its encoding is none of these."""
    return path.open(encoding=encoding_and_lines(path)[0], newline="")


def encoding_and_lines(path: Path) -> tuple[str, int]:
    """The encoding in which the whole file can be read, and how many line ends it has. Raises InvalidInput."""
    with path.open("rb") as file:
        start = file.read(3)
    marked = [name for mark, name in _MARKS.items() if start.startswith(mark)]
    for name in marked or ["utf-8", "gb18030"]:
        lines = _lines(path, name)
        if lines is not None:
            return name, lines
    raise InvalidInput(f"{path.name} is neither UTF-8 nor GB18030", "文件编码既非 UTF-8 也非 GBK/GB18030", field="file")


def _lines(path: Path, encoding: str) -> int | None:
    """How many line ends the file has; None where it is not in this encoding."""
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 0
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                lines += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return lines
