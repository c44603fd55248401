"""What a report is about: a category of data/categories.csv, found by the weighted terms of data/lexicon.csv.

A term speaks for a category (`sanitation.garbage`) or for a whole subject (`sanitation`). It counts once in full, again
with diminishing weight where it is repeated, and more in the title, where people name their matter. First the subject
with the most weight is chosen, then its best category: the words that decided are the reason.
"""

import csv
import functools
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from infra.longest_match import TermTable
from services.complaints.contracts import Reason

DATA = Path(__file__).parents[1] / "data"
SUBJECT_MARK = "."
OTHER = "other.other"
TITLE_FACTOR = 2.0
DECLARED_FACTOR = 2.5
SECOND_BEST = 0.4  # how much the other categories of a subject add to its best one
SHOWN_TERMS = 6
LEAST_SCORE = 2.0  # below it the words found say too little


class Category(msgspec.Struct, frozen=True):
    """A row of categories.csv. `code` is `<subject code>.<name>`; `kind` is 部件 or 事件; `level1` the first-level
    subject of the hotlines' taxonomy, by which the second table gives limits (standard/outside.py). Whose duty such a
    matter is, is not said here: that belongs to tasks."""

    code: str
    subject: str
    name: str
    kind: str
    level1: str

    @property
    def subject_code(self) -> str:
        """`sanitation` of `sanitation.garbage`."""
        return self.code.partition(SUBJECT_MARK)[0]


class Hit(msgspec.Struct, frozen=True):
    """A term that was found, and how much it weighed for the chosen category or its subject."""

    term: str
    weight: float


class Classification(msgspec.Struct, frozen=True):
    """The category, its score, which share of all weight found spoke for its subject (0–1), and the terms that did,
    the heaviest first."""

    category: Category
    score: float
    confidence: float
    hits: tuple[Hit, ...]
    declared: bool = False

    def reason(self) -> Reason:
        """The decision in words for people."""
        name = f"{self.category.subject}/{self.category.name}"
        evidence = [f"{hit.term} +{hit.weight:.1f}" for hit in self.hits]
        if self.declared:
            return Reason(f"来件已注明类别，归入{name}", evidence)
        if not self.hits:
            return Reason(f"未发现类别特征词，归入{name}，请人工确认", [])
        words = "、".join(f"“{hit.term}”" for hit in self.hits[:3])
        return Reason(f"依据特征词{words}归入{name}（把握{self.confidence:.0%}）", evidence)


class Lexicon:
    """The categories and the terms that speak for them, loaded once."""

    def __init__(self, categories: Iterable[Category], terms: Iterable[tuple[str, str, float]]) -> None:
        self.categories = {category.code: category for category in categories}
        self.weights: dict[str, list[tuple[str, float]]] = {}
        for term, speaks_for, weight in terms:
            self.weights.setdefault(term, []).append((speaks_for, weight))
        self.table = TermTable(self.weights)
        self._by_name = {
            name: c for c in self.categories.values() for name in (c.code, c.name, f"{c.subject}/{c.name}")
        }

    @staticmethod
    @functools.cache
    def load(directory: Path = DATA) -> "Lexicon":
        """The lexicon in `directory` (categories.csv, lexicon.csv). Raises KeyError where a column is missing."""
        with (directory / "categories.csv").open(encoding="utf-8", newline="") as file:
            categories = [msgspec.convert(row, Category, strict=False) for row in csv.DictReader(file)]
        with (directory / "lexicon.csv").open(encoding="utf-8", newline="") as file:
            terms = [(row["term"], row["category"], float(row["weight"])) for row in csv.DictReader(file)]
        return Lexicon(categories, terms)

    def named(self, name: str) -> Category | None:
        """The category with this code, name (垃圾清运) or subject and name (市容环卫/垃圾清运)."""
        return self._by_name.get(name)

    def name_of(self, code: str) -> str:
        """What people call the category; the code itself where it is not known (any more)."""
        return self.categories[code].name if code in self.categories else code

    def count(self, *weighted_texts: tuple[str, float]) -> dict[str, float]:
        """How much each term found weighs by its occurrences: per text `factor × (1 + ln n)`, the largest of them."""
        found: dict[str, float] = {}
        for text, factor in weighted_texts:
            for term, n in Counter(term for term, _ in self.table.scan(text)).items():
                found[term] = max(found.get(term, 0.0), factor * (1 + math.log(n)))
        return found


def classify(lexicon: Lexicon, title: str, text: str, declared: str = "") -> Classification:
    """The category of a report with this title and text; `declared` is what the channel itself calls the matter.

    Without known terms, or with too weak ones, it is the category `other.other` with confidence 0.
    """
    if named := lexicon.named(declared.strip()):
        return Classification(named, DECLARED_FACTOR, 1.0, (Hit(declared.strip(), DECLARED_FACTOR),), declared=True)
    found = lexicon.count((title, TITLE_FACTOR), (text, 1.0), (declared, DECLARED_FACTOR))
    scores = _scores(lexicon, found)
    subjects = _subject_scores(scores)
    if max(subjects.values(), default=0.0) < LEAST_SCORE:
        return Classification(lexicon.categories[OTHER], 0.0, 0.0, ())
    subject = max(subjects, key=lambda code: (subjects[code], code))
    category = _best_of(lexicon, subject, scores)
    share = subjects[subject] / sum(subjects.values())
    return Classification(category, subjects[subject], share, _hits(lexicon, found, {subject, category.code}))


def _scores(lexicon: Lexicon, found: dict[str, float]) -> dict[str, float]:
    """Weight by category or subject code."""
    scores: dict[str, float] = {}
    for term, times in found.items():
        for speaks_for, weight in lexicon.weights[term]:
            scores[speaks_for] = scores.get(speaks_for, 0.0) + weight * times
    return scores


def _subject_scores(scores: dict[str, float]) -> dict[str, float]:
    """Per subject: its own terms, its best category, and a part of its other categories."""
    best: dict[str, float] = {}
    total: dict[str, float] = {}
    for code, score in scores.items():
        subject, mark, _ = code.partition(SUBJECT_MARK)
        if mark:
            best[subject] = max(best.get(subject, 0.0), score)
        total[subject] = total.get(subject, 0.0) + score * (SECOND_BEST if mark else 1.0)
    return {subject: total[subject] + (1 - SECOND_BEST) * best.get(subject, 0.0) for subject in total}


def _best_of(lexicon: Lexicon, subject: str, scores: dict[str, float]) -> Category:
    """The subject's category with the most weight; of equals the first in the table."""
    inside = [category for category in lexicon.categories.values() if category.subject_code == subject]
    return max(inside, key=lambda category: scores.get(category.code, 0.0))


def _hits(lexicon: Lexicon, found: dict[str, float], codes: set[str]) -> tuple[Hit, ...]:
    weights = {
        term: times * sum(weight for speaks_for, weight in lexicon.weights[term] if speaks_for in codes)
        for term, times in found.items()
    }
    heaviest = sorted((hit for hit in weights.items() if hit[1] > 0), key=lambda hit: (-hit[1], hit[0]))
    return tuple(Hit(term, round(weight, 2)) for term, weight in heaviest[:SHOWN_TERMS])
