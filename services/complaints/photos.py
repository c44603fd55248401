"""Photos by reference: where a photo can be had and the hash of its bytes, never the bytes themselves.

A channel sends a list; each entry is `{"链接": "https://…", "哈希": "<64 hex digits of SHA-256>"}`, or with `编号` (the
sender's own id of the photo) in the place of `链接`. The hash proves later that the photo is the one that was meant.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from services.complaints.field_reading import LINE_LIMIT, Item, refuse

MOST_PHOTOS = 50
LINK, NUMBER, HASH = "链接", "编号", "哈希"
_LINK = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")
_NUMBER = re.compile(r"[\w./-]{1,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Photo(msgspec.Struct, frozen=True):
    """Where it is (an http address, or the sender's id of it) and the SHA-256 of its bytes in lower-case hex."""

    reference: str
    sha256: str


def photos(item: Item, field: str) -> list[Photo]:
    """The photos in the field; [] where it is missing. Raises InvalidInput naming the field."""
    value = item.get(field)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        refuse(field, "must be a list of photos by reference", "须为照片引用列表")
    if len(value) > MOST_PHOTOS:
        refuse(field, f"has more than {MOST_PHOTOS} photos", f"超过{MOST_PHOTOS}张")
    return [_photo(one, field) for one in value]


def _photo(entry: Any, field: str) -> Photo:
    if not isinstance(entry, Mapping):
        refuse(field, f"needs {LINK} or {NUMBER}, and {HASH} for every photo", f"每张须含{LINK}（或{NUMBER}）和{HASH}")
    link, number, sha256 = (entry.get(name) for name in (LINK, NUMBER, HASH))
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256.lower()):
        refuse(field, f"has a photo whose {HASH} is not the SHA-256 in 64 hex digits", f"的{HASH}须为64位SHA-256")
    if isinstance(link, str) and len(link) <= LINE_LIMIT and _LINK.fullmatch(link):
        return Photo(link, sha256.lower())
    if link is None and isinstance(number, str) and _NUMBER.fullmatch(number):
        return Photo(number, sha256.lower())
    refuse(
        field,
        f"has a photo without an http(s) {LINK} or a {NUMBER}; bytes are not taken",
        "只收链接或编号，不收图片内容",
    )
