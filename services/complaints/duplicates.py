"""One matter, one case: when two texts are about the same. Pure; which cases are compared is asked in filing.py.

A report joins an open case of the last `WINDOW` whose normalised text is identical, or one of the same category and
place whose text is alike: Jaccard similarity of the character bigrams at least `ALIKE`.
"""

import hashlib
import re
import unicodedata
from datetime import timedelta

WINDOW = timedelta(days=30)
ALIKE = 0.7
CANDIDATES = 30  # the newest open cases of one category and place that a report is compared with

Shingles = frozenset[str]
_NOT_WORDS = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """`text` as it is compared: widths and cases unified, only letters, ideographs and digits kept."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


def same_words_key(text: str, address: str) -> str:
    """The same where text and address differ in blanks, punctuation and widths only.

    The address counts: collectors send the same words for one place after another.
    """
    return hashlib.blake2b(f"{normalised(text)}|{normalised(address)}".encode(), digest_size=16).hexdigest()


def shingles(text: str, address: str) -> Shingles:
    """The character bigrams of the normalised text and address; none where there are no words."""
    plain = normalised(text + address)
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1)) or frozenset(plain)


def similarity(one: Shingles, other: Shingles) -> float:
    """Jaccard similarity, 0..1; 0 where it cannot reach ALIKE because the sizes differ too much."""
    small, large = sorted((len(one), len(other)))
    if small < ALIKE * large or not large:
        return 0.0
    common = len(one & other)
    return common / (small + large - common)
