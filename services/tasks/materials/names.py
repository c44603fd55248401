"""Names of files: what is kept of the one that was given, and how it is told to a browser (RFC 6266)."""

import re
import unicodedata
from urllib.parse import quote

from services.tasks.materials.kinds import Kind

LONGEST = 100  # characters, without the ending
UNNAMED = "材料"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|%;]')
_DIRECTORY = re.compile(r"[\\/]")


def clean_name(given: str, kind: Kind) -> str:
    """The name under which a file of that kind is kept: no directory, no control or invisible character, nothing that
    an operating system forbids, never hidden, at most LONGEST characters, and with an ending of its kind."""
    last = _DIRECTORY.split(unicodedata.normalize("NFC", given))[-1]
    visible = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in last)
    stem = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    before, dot, ending = stem.rpartition(".")
    known = bool(before) and dot == "." and ending.lower() in kind.extensions
    stem, ending = (before, ending.lower()) if known else (stem, kind.extensions[0])
    stem = stem[:LONGEST].strip(". ") or UNNAMED
    return f"{stem}.{ending}"


def content_disposition(name: str, *, inline: bool) -> str:
    """The header for a file of that (clean) name: in ASCII for old clients, in full for all others."""
    ascii_name = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
