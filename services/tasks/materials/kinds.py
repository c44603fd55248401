"""Which kinds of files are taken, how large each may be (data/material_kinds.csv), and which one a file is.

The content decides, by its first bytes (of office files by the main part that they declare), never the name.
"""

import csv
import functools
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

from infra.problem import InvalidInput, TooLarge

TABLE = Path(__file__).parents[1] / "data" / "material_kinds.csv"
HEAD = 16  # bytes by which a kind is told
MEGABYTE = 1024 * 1024
CONTENT_TYPES = "[Content_Types].xml"
LONGEST_CONTENT_TYPES = MEGABYTE
MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash")
NO_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, KeyError, EOFError),
    *(NotImplementedError, RuntimeError, MemoryError),
)  # what reading an archive raises where it is damaged, enciphered or none
_OFFICE = "application/vnd.openxmlformats-officedocument"
OFFICE_PARTS = {
    f"{_OFFICE}.wordprocessingml.document.main+xml": "docx",
    f"{_OFFICE}.spreadsheetml.sheet.main+xml": "xlsx",
    f"{_OFFICE}.presentationml.presentation.main+xml": "pptx",
}


class Kind(NamedTuple):
    """A kind of file: its media type, how its names end (the first is the usual way), and its most bytes."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    most_bytes: int

    @property
    def is_image(self) -> bool:
        """Whether it has a thumbnail."""
        return self.media_type.startswith("image/")


@functools.cache
def kinds() -> dict[str, Kind]:
    """Every kind that is taken, by name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["kind"]: _kind(row) for row in csv.DictReader(file)}


def largest() -> int:
    """The most bytes that any kind may have."""
    return max(kind.most_bytes for kind in kinds().values())


def kind_of(file: IO[bytes]) -> Kind:
    """The kind that the content of `file` (seekable) is. Raises InvalidInput where it is none that is taken."""
    file.seek(0)
    name = _by_first_bytes(file.read(HEAD))
    if name == "office":
        name = _office(file)
    file.seek(0)
    if name is None:
        raise refusal("what the file contains is of no kind that is taken", "文件内容不属于可上传的类型")
    return kinds()[name]


def check_size(kind: Kind, size: int) -> None:
    """Raises TooLarge where a file of that kind may not have `size` bytes."""
    if size > kind.most_bytes:
        most = kind.most_bytes // MEGABYTE
        raise TooLarge(f"a {kind.name} may have at most {most} MB", f"{kind.name}文件不得超过{most}MB", field="file")


def refusal(detail: str, detail_zh: str) -> InvalidInput:
    """That the file is not taken."""
    taken = "、".join(kinds())
    return InvalidInput(f"{detail} (taken: {taken})", f"{detail_zh}（可上传：{taken}）", field="file")


def _kind(row: dict[str, str]) -> Kind:
    size = int(row["most_megabytes"]) * MEGABYTE
    return Kind(row["kind"], row["media_type"], tuple(row["extensions"].split()), size)


def _by_first_bytes(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "office"
    return "mp4" if head[4:8] == b"ftyp" and head[8:12] in MP4_BRANDS else None


def _office(file: IO[bytes]) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(CONTENT_TYPES).file_size > LONGEST_CONTENT_TYPES:
                return None
            declared = archive.read(CONTENT_TYPES).decode("utf-8", "replace")
    except NO_ARCHIVE:
        return None
    return next((name for part, name in OFFICE_PARTS.items() if f'"{part}"' in declared), None)
