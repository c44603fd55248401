"""Video (MP4): its boxes are walked to see whether they are whole; what tells of camera, place and time is blanked.

Copied as it is but for the boxes `udta`, `meta` and `uuid` (place, camera, tags), which become empty boxes (`free`),
and the times in `mvhd`, `tkhd` and `mdhd`, which become zero. Sound and picture are not decoded: that they play is not
checked. Refused is a track of data that is neither sound nor picture nor text (a drone's or camera's path).
"""

import os
import shutil
import struct
from pathlib import Path
from typing import IO, NamedTuple

from services.tasks.materials.kinds import refusal

CONTAINERS = (b"moov", b"trak", b"mdia", b"moof", b"traf", b"edts", b"minf")
TOLD = (b"udta", b"meta", b"uuid")
TIMED = (b"mvhd", b"tkhd", b"mdhd")
TRACKS = (b"vide", b"soun", b"text", b"sbtl", b"subt", b"hint", b"mdir", b"url ", b"alis")
MOST_BOXES, DEEPEST = 100_000, 8


class Box(NamedTuple):
    """A box of the file: its type, where it stands, where its content begins, and where it ends."""

    type: bytes
    at: int
    begin: int
    end: int


def clean_mp4(source: Path, target: Path) -> dict[str, int]:
    """Copy the video in `source` to `target` without what it tells about itself; {"boxes"}. Raises InvalidInput."""
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        boxes = _boxes(file, 0, os.fstat(file.fileno()).st_size, 0)
        types = {box.type for box in boxes}
        if not {b"ftyp", b"moov", b"mdat"} <= types:
            raise refusal("the video is damaged or cut off", "视频已损坏或不完整")
        for box in boxes:
            _blank(file, box)
    return {"boxes": len(boxes)}


def _boxes(file: IO[bytes], at: int, end: int, depth: int) -> list[Box]:
    """All boxes between two places, with those inside containers. Raises InvalidInput where they do not fit."""
    found: list[Box] = []
    while at < end:
        box = _box(file, at, end)
        found.append(box)
        if box.type in CONTAINERS and depth < DEEPEST:
            found += _boxes(file, box.begin, box.end, depth + 1)
        if len(found) > MOST_BOXES:
            raise refusal("the video has too many parts", "视频结构异常")
        at = box.end
    return found


def _box(file: IO[bytes], at: int, end: int) -> Box:
    file.seek(at)
    head = file.read(16)
    if len(head) < 8 or at + 8 > end:
        raise refusal("the video is cut off", "视频不完整")
    size, kind = struct.unpack(">I4s", head[:8])
    begin = at + 8
    if size == 1 and len(head) == 16:
        size, begin = struct.unpack(">Q", head[8:])[0], at + 16
    size = size or end - at
    if size < begin - at or at + size > end:
        raise refusal("the video is damaged or cut off", "视频已损坏或不完整")
    return Box(kind, at, begin, at + size)


def _blank(file: IO[bytes], box: Box) -> None:
    if box.type == b"hdlr":
        file.seek(box.begin + 8)
        if file.read(4) not in TRACKS:
            raise refusal("the video has a track that is neither sound nor picture", "视频含有声音画面以外的数据轨")
    elif box.type in TOLD:
        file.seek(box.at + 4)
        file.write(b"free")
        _zero(file, box.begin, box.end)
    elif box.type in TIMED:
        file.seek(box.begin)
        long = file.read(1) == b"\x01"
        _zero(file, box.begin + 4, min(box.begin + 4 + (16 if long else 8), box.end))


def _zero(file: IO[bytes], begin: int, end: int) -> None:
    file.seek(begin)
    left = end - begin
    while left > 0:
        left -= file.write(bytes(min(left, 65_536)))
