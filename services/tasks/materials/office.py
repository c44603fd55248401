"""Office files (docx, xlsx, pptx): read to see whether they are whole and hold no program, packed anew, bare.

Taken away: what docProps says (author, company, times, own properties), what pictures in JPEG, PNG and WebP say about
themselves, the times in the archive, and whatever stood before or after it. Not taken away: the names of authors in
comments and tracked changes, and what other embedded objects say.
"""

import re
import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from infra.problem import InvalidInput
from services.tasks.materials.images import clean_image
from services.tasks.materials.kinds import CONTENT_TYPES, NO_ARCHIVE, kinds, refusal

MOST_PARTS = 5_000
MOST_UNPACKED = 300 * 1024 * 1024  # bytes
PROGRAMS = re.compile(
    r"(^|/)(vba\w*\.(bin|xml)|activeX/.*|.*\.(exe|dll|js|vbs|bat|cmd|ps1|scr|jar|ocx))$", re.IGNORECASE
)
MACRO_TYPES = (b"macroenabled", b"vbaproject", b"activex")
EARLIEST = (1980, 1, 1, 0, 0, 0)
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = b"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
EMPTY = {
    "docProps/core.xml": _HEAD + b'<cp:coreProperties xmlns:cp="' + _PACKAGE + b'"/>',
    "docProps/app.xml": _HEAD + b'<Properties xmlns="' + _OFFICE + b'/extended-properties"/>',
    "docProps/custom.xml": _HEAD + b'<Properties xmlns="' + _OFFICE + b'/custom-properties"/>',
}


def clean_office(source: Path, target: Path) -> dict[str, int]:
    """Pack the file in `source` anew into `target`; {"parts"}. Raises InvalidInput where it is damaged, enciphered, far
    too large when unpacked, or holds macros or other programs."""
    try:
        with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
            parts = _checked(before)
            for part in parts:
                _carry(before, part, after)
    except NO_ARCHIVE as error:
        raise refusal("the office file is damaged or cut off", "办公文档已损坏或不完整") from error
    return {"parts": len(parts)}


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    parts = [part for part in archive.infolist() if not part.is_dir()]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise refusal("the office file is too large when unpacked", "办公文档解压后过大")
    names = [part.filename for part in parts]
    if len({name.casefold() for name in names}) != len(names) or any(_leads_out(name) for name in names):
        raise refusal("the office file has parts with doubtful names", "办公文档内部结构异常")
    declared = archive.read(CONTENT_TYPES).lower()
    if any(PROGRAMS.search(name) for name in names) or any(one in declared for one in MACRO_TYPES):
        raise refusal("the office file holds macros or programs", "办公文档含有宏或程序")
    return parts


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name


def _carry(before: zipfile.ZipFile, part: zipfile.ZipInfo, after: zipfile.ZipFile) -> None:
    fresh = zipfile.ZipInfo(part.filename, EARLIEST)
    fresh.compress_type = zipfile.ZIP_DEFLATED
    empty = EMPTY.get(part.filename)
    after.writestr(fresh, _bare(part.filename, before.read(part)) if empty is None else empty)


def _bare(name: str, content: bytes) -> bytes:
    """The part as it is, a picture without what it says about itself; one that cannot be opened stays as it is."""
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    kind = next((kind for kind in kinds().values() if kind.is_image and ending in kind.extensions), None)
    if kind is None or "/media/" not in name:
        return content
    with TemporaryDirectory() as directory:
        given, bare, small = (Path(directory) / one for one in ("given", "bare", "small"))
        given.write_bytes(content)
        try:
            clean_image(kind.name, given, bare, small)
        except InvalidInput:
            return content
        return bare.read_bytes()
