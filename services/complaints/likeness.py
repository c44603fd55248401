"""One matter, one case: whether a report is about the matter of an open case. Pure; which cases are compared is asked
in open_cases.py, the thresholds stand in data/likeness.csv.

A report **joins** an open case of the last weeks when
  * the normalised words and address are identical, and say where it is or are long enough not to be said by chance; or
  * the category is the same and it is near: at most 50 m away and 24 h after or before; or
  * category and place are the same and the words are alike (`join_here`); or
  * the words are nearly identical (`join_anywhere`) and long, whatever category and place triage found.
It is **suggested** to the desk as the same matter when it is alike, but not enough (`suggest_here`,
`suggest_anywhere`), or alike enough and something speaks against it: the places differ, or the two texts name
different roads, houses or schools (named_things.py).
Points that are further apart than near are two matters, whatever the words: neither joined nor suggested. A place that
is the whole city is not known and says nothing.
"""

import functools
from datetime import datetime
from enum import IntEnum

import msgspec

from infra.organisation import unit_path
from services.complaints.duplicates import Point, Sketch, metres, normalised, same_words_key, similarity, sketch
from services.complaints.named_things import Names, different_things, named_things
from services.complaints.signature import bands
from services.complaints.thresholds import Thresholds
from services.complaints.triage.category import OTHER


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What of a text and address is compared."""

    words_key: str
    sketch: Sketch
    bands: list[int]
    names: Names


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What a report or an open case is about. `said_where` tells whether it came with an address."""

    traits: Traits
    category: str
    place_path: str
    point: Point | None
    received_at: datetime
    said_where: bool

    @property
    def is_placed(self) -> bool:
        """Whether a place within the city is known."""
        return unit_path.tier(self.place_path) > 1


class Rank(IntEnum):
    """How sure it is that two are one matter; joined is what is at least ALIKE."""

    NOTHING = 0
    SUGGESTED = 1
    ALIKE = 2
    NEAR = 3
    SAME_WORDS = 4


class Verdict(msgspec.Struct, frozen=True, order=True):
    """How sure, how alike (0..1), how near (metres, negative), and why, in words that follow the other's number."""

    rank: Rank
    score: float = 0.0
    nearness: float = 0.0
    why: str = ""

    @property
    def joins(self) -> bool:
        """Whether the report becomes part of the case."""
        return self.rank >= Rank.ALIKE


NO = Verdict(Rank.NOTHING)


@functools.lru_cache(maxsize=1024)
def traits_of(text: str, address: str) -> Traits:
    """The traits of a text with its address."""
    plain = normalised(text + address)
    return Traits(
        words_key=same_words_key(text, address),
        sketch=sketch(text, address),
        bands=bands(plain),
        names=named_things(plain),
    )


def judge(one: Matter, known: Matter, rules: Thresholds) -> Verdict:
    """Whether `one` is about the matter of `known`: the surest of the reasons above."""
    if not one.traits.sketch or _apart(one, known, rules):
        return NO
    same = one.traits.words_key == known.traits.words_key
    against = _against(one, known)
    if same and not against and (one.is_placed or one.said_where or _telling(one, rules)):
        return Verdict(Rank.SAME_WORDS, 1.0, why="文字相同")
    near = _near(one, known, rules)
    return near if near is not None else _alike(one, known, against, rules)


def _apart(one: Matter, known: Matter, rules: Thresholds) -> bool:
    return one.point is not None and known.point is not None and metres(one.point, known.point) > rules.near_metres


def _near(one: Matter, known: Matter, rules: Thresholds) -> Verdict | None:
    """They are not apart: whether that is because both points are known."""
    if one.point is None or known.point is None or one.category == OTHER or one.category != known.category:
        return None
    if abs(one.received_at - known.received_at) > rules.soon:
        return None
    distance = metres(one.point, known.point)
    return Verdict(Rank.NEAR, 1.0, -distance, f"同类别，相距{distance:.0f}米，{rules.near_hours:.0f}小时之内")


def _alike(one: Matter, known: Matter, against: str, rules: Thresholds) -> Verdict:
    score = similarity(one.traits.sketch, known.traits.sketch)
    here = one.is_placed and (one.category, one.place_path) == (known.category, known.place_path)
    said = f"{'同类别、同地点，' if here else ''}文字相似度{score:.0%}"
    enough = score >= rules.join_here if here else score >= rules.join_anywhere and _both_telling(one, known, rules)
    if enough and not against:
        return Verdict(Rank.ALIKE, score, why=said)
    if score < (rules.suggest_here if here else rules.suggest_anywhere):
        return NO
    return Verdict(Rank.SUGGESTED, score, why=f"{said}，但{against}" if against else said)


def _against(one: Matter, known: Matter) -> str:
    """What speaks against one matter where the words are alike; "" where nothing does."""
    paths = one.place_path, known.place_path
    if one.is_placed and known.is_placed and not (unit_path.contains(*paths) or unit_path.contains(*paths[::-1])):
        return "地点不同"
    differing = different_things(one.traits.names, known.traits.names)
    return f"所指不同（{differing}）" if differing else ""


def _telling(one: Matter, rules: Thresholds) -> bool:
    return len(one.traits.sketch) >= rules.telling_bigrams


def _both_telling(one: Matter, known: Matter, rules: Thresholds) -> bool:
    return _telling(one, rules) and _telling(known, rules)
