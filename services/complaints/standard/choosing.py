"""Which row of the case standard a matter falls under, and why.

A minor class (小类) is found by the name that the channel declares (大类/小类), else by its name in the title or in a
sentence of the text. Its rows differ by filing condition and limit. The row whose filing condition the words (of that
sentence) name best is chosen, of equals the one with the shortest limit, of those the first. Where the words name none:
a declared class gets its strictest row (what is dangerous must not wait for a person; the desk can choose another); an
event (事件) of one row needs no more than its name in the title (施工扰民); any other class that is merely mentioned
gets no row.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from infra.calendar import ClockUnit
from infra.longest_match import TermTable
from services.complaints.contracts import LimitRow

EVENT = "事件"
RECOGNISED = 0.5  # share of a condition's phrase that the words must name
SHORTEST_NAME = 3  # a class whose name is shorter (雕塑) is found only where it is declared
# about how many hours pass while one unit of a clock runs: only to tell which limit is the shorter
_HOURS = {
    ClockUnit.URGENT_HOUR: 1.0,
    ClockUnit.WORK_HOUR: 3.0,
    ClockUnit.NATURAL_DAY: 24.0,
    ClockUnit.WORK_DAY: 30.0,
}
_SENTENCE = re.compile(r"[。！？!?；;\n]")
_SAY_LITTLE = frozenset({"面积", "周边", "通行", "影响通行", "影响安全", "市民", "道路", "外观"})
_BETWEEN = re.compile(r"[、，,；;。.：:/（）()\s]|或者|或|及|以及|和|等")
_QUANTITY = re.compile(
    r"(?:超过|大于|小于|达到?|低于)?\d[\d./×*]*(?:cm|mm|m|c㎡|㎡|米|厘米|%|天|小时)*[2²]?(?:以上|以下|以内|范围内)?的?"
)
_EMPTY_WORDS = re.compile(r"^(?:严重|明显|存在|出现|大面积|未|有)|(?:明显|严重|的|现象|问题)$")


class Declared(NamedTuple):
    """What the channel says of a matter: 部件 or 事件, 大类, 小类; "" where it does not."""

    kind: str = ""
    major: str = ""
    minor: str = ""


class Choice(NamedTuple):
    """The row, why for people, and the words that decided."""

    row: LimitRow
    why: str
    evidence: list[str]


def declared_of(category: str, kind: str = "") -> Declared:
    """What `category` declares: `大类/小类`, or a 小类 alone."""
    major, _, minor = category.strip().rpartition("/")
    return Declared(kind, major.strip(), minor.strip())


class Standard:
    """The rows of a case standard that are in force together, ready to be searched."""

    def __init__(self, rows: Iterable[LimitRow]) -> None:
        self.rows = {row.code: row for row in rows}
        self._classes: dict[str, list[LimitRow]] = defaultdict(list)
        for row in self.rows.values():
            self._classes[plain(row.minor)].append(row)
        names = {alias: name for name in self._classes for alias in _aliases(name) if len(alias) >= SHORTEST_NAME}
        self._names = names | {name: name for name in self._classes if len(name) >= SHORTEST_NAME}
        self._table = TermTable(self._names)

    def choose(self, title: str, text: str, declared: Declared) -> Choice | None:
        """The row for a matter with these words; None where it lies outside the standard."""
        said = plain(f"{title}。{text}")
        sentences = [(plain(title), said), *((one, one) for one in map(plain, _SENTENCE.split(text)))]
        if rows := self._declared(declared):
            found = _best(rows, said)
            if found is not None:
                return found
            row = min(rows, key=_hours)
            why = f"来件注明小类“{row.minor}”；立案条件未能识别，从严适用时限最短的一条" if len(rows) > 1 else ""
            return Choice(row, why or f"来件注明小类“{row.minor}”", [declared.minor])
        mentioned = (self._mentioned(where, words, n == 0) for n, (where, words) in enumerate(sentences))
        return next(filter(None, mentioned), None)

    def _mentioned(self, where: str, words: str, in_title: bool) -> Choice | None:
        """The row of the first class named in `where` of which `words` name a filing condition."""
        for name in dict.fromkeys(self._names[alias] for alias, _ in self._table.scan(where)):
            rows = self._classes[name]
            found = _best(rows, words)
            if found is None and in_title and len(rows) == 1 and rows[0].kind == EVENT and len(name) > SHORTEST_NAME:
                found = Choice(rows[0], f"来件标题写明“{rows[0].minor}”", [rows[0].minor])
            if found is not None:
                return found
        return None

    def _declared(self, declared: Declared) -> list[LimitRow]:
        """The rows of the declared minor class; kind and 大类 tell classes of the same name apart, where they fit."""
        rows = self._classes.get(plain(declared.minor), []) if declared.minor else []
        for name in ("kind", "major"):
            fit = [row for row in rows if plain(getattr(row, name)) == plain(getattr(declared, name))]
            rows = fit or rows
        return rows


def plain(text: str) -> str:
    """`text` in one width of letters, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _best(rows: list[LimitRow], said: str) -> Choice | None:
    """The row whose filing condition `said` names best; None where it names none."""
    named = [(row, *_named(row, said)) for row in rows]
    row, best, _, words = max(named, key=lambda one: (one[1], one[2], -_hours(one[0])))
    if best < RECOGNISED:
        return None
    quoted = "、".join(f"“{word}”" for word in words)
    return Choice(row, f"小类“{row.minor}”，依据{quoted}适用立案条件“{row.filing_condition}”", words)


def _named(row: LimitRow, said: str) -> tuple[float, float, list[str]]:
    """How well `said` names the filing condition: the best phrase's share, the sum of all recognised, their words."""
    own = _pieces(plain(row.minor))
    shares = {phrase: _share(_pieces(phrase) - own, said) for phrase in _phrases(row)}
    recognised = {phrase: share for phrase, share in shares.items() if share >= RECOGNISED}
    return max(shares.values(), default=0.0), sum(recognised.values()), list(recognised)[:3]


def _phrases(row: LimitRow) -> list[str]:
    """The phrases of a filing condition, without the class's own name, quantities and words that say little."""
    condition = _QUANTITY.sub("、", plain(row.filing_condition))
    for name in sorted(_aliases(plain(row.minor)), key=len, reverse=True):
        condition = condition.replace(name, "")
    bare = (_EMPTY_WORDS.sub("", part) for part in _BETWEEN.split(condition))
    return list(dict.fromkeys(part for part in bare if len(part) >= 2 and part not in _SAY_LITTLE))


def _share(pieces: set[str], said: str) -> float:
    """Which share of the `pieces` stands in `said`: 0–1."""
    return sum(piece in said for piece in pieces) / len(pieces) if pieces else 0.0


def _pieces(phrase: str) -> set[str]:
    """Every two characters that follow each other in `phrase`."""
    return {phrase[n : n + 2] for n in range(len(phrase) - 1)}


def _aliases(name: str) -> set[str]:
    """A class's name as people write it: 垃圾箱（果皮箱、桶） is also 垃圾箱."""
    outside = re.sub(r"[（(].*?[）)]", "", name)
    parts = re.split(r"[、/]", outside)
    return {alias for alias in (name, outside, *parts) if len(alias) >= 2}


def _hours(row: LimitRow) -> float:
    return row.amount * _HOURS[ClockUnit(row.clock)]
