"""How alike two reports are: words, similarity, distance. Pure; what follows from it is decided in likeness.py.

A case keeps a sketch of its bigrams instead of comparing texts: the `SKETCH` smallest of their hashes. Up to that many
bigrams the similarity is exact, beyond (texts of more than some 250 characters) it is an estimate, ±0.03.
"""

import hashlib
import math
import re
import unicodedata
import zlib
from array import array

SKETCH = 256

EARTH = 6_371_008.8  # mean radius in metres

Sketch = frozenset[int]
Point = tuple[float, float]  # longitude, latitude in degrees
_NOT_WORDS = re.compile(r"[\W_]+")
_WIDTH = 4  # bytes of a character in UTF-32


def normalised(text: str) -> str:
    """`text` as it is compared: widths and cases unified, only letters, ideographs and digits kept."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


def same_words_key(text: str, address: str) -> str:
    """The same where text and address differ in blanks, punctuation and widths only.

    The address counts: collectors send the same words for one place after another.
    """
    return hashlib.blake2b(f"{normalised(text)}|{normalised(address)}".encode(), digest_size=16).hexdigest()


def sketch(text: str, address: str) -> Sketch:
    """The smallest hashes of the character bigrams of normalised text and address; none where there are no words."""
    plain = normalised(text + address).encode("utf-32-le")
    if not plain:
        return frozenset()
    pairs = {plain[at : at + 2 * _WIDTH] for at in range(0, max(len(plain) - _WIDTH, _WIDTH), _WIDTH)}
    return frozenset(sorted(map(zlib.crc32, pairs))[:SKETCH])


def metres(one: Point, other: Point) -> float:
    """The distance of two points; to a few millimetres where they are near."""
    east = math.remainder(other[0] - one[0], 360.0) * math.cos(math.radians((one[1] + other[1]) / 2))
    return EARTH * math.radians(math.hypot(east, other[1] - one[1]))


def pack(one: Sketch) -> bytes:
    """The sketch as it is stored."""
    return array("I", one).tobytes()


def unpack(stored: bytes) -> Sketch:
    """The sketch that was stored."""
    return frozenset(array("I", stored))


def similarity(one: Sketch, other: Sketch) -> float:
    """Jaccard similarity of the bigrams behind two sketches, 0..1."""
    common = len(one & other)
    if not common:
        return 0.0
    if len(one) < SKETCH and len(other) < SKETCH:
        return common / (len(one) + len(other) - common)
    smallest = sorted(one | other)[:SKETCH]
    return sum(value in one and value in other for value in smallest) / len(smallest)
