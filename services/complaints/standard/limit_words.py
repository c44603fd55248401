"""Limits as a case standard writes them (`2紧急工作时`, `15天`, `1紧急工作时制止`) and the clocks that they mean.

Which word means which clock is data (data/limit_words.csv). A limit is kept as it is written beside what it means.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec

from infra.calendar import LENGTHS, LONGEST, ClockUnit
from infra.problem import InvalidInput

LIMIT_WORDS = Path(__file__).parents[1] / "data" / "limit_words.csv"
QUALIFIER = "qualifier"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SHORTEST = 0.01
_RANGE = re.compile(r"\d\s*[-~～—至到]+\s*\d")


class LimitWords(NamedTuple):
    """`clocks`: word → clock; `qualifiers`: what may stand behind the word, and what people understand by it."""

    clocks: Mapping[str, ClockUnit]
    qualifiers: Mapping[str, str]


class WrittenLimit(msgspec.Struct, frozen=True):
    """`amount` of `clock`; `qualifier` says what is limited ("" the whole matter, 制止: to stop it)."""

    amount: float
    clock: ClockUnit
    qualifier: str = ""


@cache
def limit_words(path: Path = LIMIT_WORDS) -> LimitWords:
    """The words of the table in `path`; read once per process."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return LimitWords(
        {row["word"]: ClockUnit(row["means"]) for row in rows if row["means"] != QUALIFIER},
        {row["word"]: row["because"] for row in rows if row["means"] == QUALIFIER},
    )


def read_limit(written: str, words: LimitWords | None = None) -> WrittenLimit:
    """What `written` means; full-width digits, blanks and a 个 before the unit are understood.

    Raises InvalidInput (field 处置时限) that says what is wrong: blank, a range, several limits, an unknown unit, …
    """
    words = words or limit_words()
    said = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written))
    number = _NUMBER.match(said)
    if number is None or len(_NUMBER.findall(said)) != 1:
        _refuse_numbers(said)
    unit = said[number.end() :].removeprefix("个")
    word = max((word for word in words.clocks if unit.startswith(word)), key=len, default=None)
    if word is None:
        _refuse(f"the unit {unit!r} is unknown", f"时限单位“{unit}”不在单位表中")
    qualifier = unit.removeprefix(word)
    if qualifier and qualifier not in words.qualifiers:
        _refuse(f"{qualifier!r} behind the limit is unknown", f"时限“{said}”中的“{qualifier}”无法识别")
    clock = words.clocks[word]
    return WrittenLimit(_amount(number[0], clock), clock, qualifier)


def write_limit(limit: WrittenLimit, words: LimitWords | None = None) -> str:
    """The limit in the words of the table: the inverse of `read_limit`."""
    clocks = (words or limit_words()).clocks
    word = next(word for word, clock in clocks.items() if clock == limit.clock)
    return f"{limit.amount:.12g}{word}{limit.qualifier}"


def _amount(digits: str, clock: ClockUnit) -> float:
    amount = float(digits[:20])
    if len(digits) > 20 or not _SHORTEST <= amount <= LONGEST / LENGTHS[clock]:
        _refuse(f"{digits} {clock} is no possible limit", f"时限{digits[:20]}超出范围")
    return amount


def _refuse_numbers(said: str) -> NoReturn:
    if not said:
        _refuse("the limit is empty", "时限为空")
    if _RANGE.search(said):
        _refuse(f"{said!r} is a range, not one limit", f"时限“{said}”是一个区间，应写明一个时限")
    if len(_NUMBER.findall(said)) > 1:
        _refuse(f"{said!r} holds several limits", f"时限“{said}”含有多个时限，应分行填写")
    _refuse(f"the limit {said!r} does not begin with a number", f"时限“{said}”应以数字开头")


def _refuse(detail: str, detail_zh: str) -> NoReturn:
    raise InvalidInput(detail, detail_zh, field="处置时限")
