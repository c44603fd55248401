"""How well triage finds the first-level subject of real messages: precision, recall and F1 per label.

    python -m bench.triage_quality [--data DIR] [--half all|tune|held]

reads labelled.csv (seven first-level labels) from the citizen messages beside the project and says so where it is not
there. The lexicon was tuned on the half of messages with an even digest of their id; `held` is the other half.
"""

import argparse
import csv
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from services.complaints.triage.category import Category, Lexicon, classify

DATA = Path(__file__).parents[2] / "shared/data/citizen-messages"

# Our subjects and categories in the words of the labels, a category before its subject. The board files property
# management, city management, utilities, buses and pavements under 城乡建设, food and drugs under 卫生计生.
LABELS = {
    "construction": "城乡建设",
    "sanitation": "城乡建设",
    "utilities": "城乡建设",
    "land.planning": "城乡建设",
    "transport": "交通运输",
    "transport.bus": "城乡建设",
    "transport.parking": "城乡建设",
    "transport.bikes": "城乡建设",
    "transport.order": "城乡建设",
    "utilities.gas": "城乡建设",
    "environment": "环境保护",
    "labour": "劳动和社会保障",
    "education": "教育文体",
    "health": "卫生计生",
    "commerce": "商贸旅游",
}


class Score(NamedTuple):
    """Of one label: how many were found, rightly found, and there."""

    found: int
    right: int
    there: int

    @property
    def precision(self) -> float:
        """Of those found, the share that is right; 0 where none was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Of those there, the share that was found; 0 where there is none."""
        return self.right / self.there if self.there else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def label_of(category: Category) -> str:
    """The label that messages of `category` bear; a subject of our own stays itself and counts as a miss."""
    return LABELS.get(category.code) or LABELS.get(category.subject_code, category.subject)


def is_held_out(message_id: str) -> bool:
    """Whether a message belongs to the half that the lexicon was not tuned on."""
    return hashlib.sha256(message_id.encode()).digest()[0] % 2 == 1


def score(pairs: Iterable[tuple[str, str]]) -> dict[str, Score]:
    """Per label the score of `pairs` (expected, found)."""
    pairs = list(pairs)
    there, found = Counter(expected for expected, _ in pairs), Counter(got for _, got in pairs)
    right = Counter(expected for expected, got in pairs if expected == got)
    return {label: Score(found[label], right[label], there[label]) for label in sorted(there)}


def main() -> None:
    """The command described above."""
    parser = argparse.ArgumentParser(description="Quality of the first-level subject on labelled messages.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--half", choices=("all", "tune", "held"), default="held")
    asked = parser.parse_args()
    file = asked.data / "labelled.csv"
    if not file.exists():
        print(f"skipped: no labelled messages at {file}")
        return
    with file.open(encoding="utf-8", newline="") as rows:
        messages = [row for row in csv.DictReader(rows) if asked.half in {"all", _half(row["message_id"])}]
    lexicon = Lexicon.load()
    pairs = [(row["label"], label_of(classify(lexicon, row["title"], row["body"]).category)) for row in messages]
    _print(score(pairs), len(pairs))


def _half(message_id: str) -> str:
    return "held" if is_held_out(message_id) else "tune"


def _print(scores: dict[str, Score], messages: int) -> None:
    for label, one in scores.items():
        print(f"{one.precision:6.3f} {one.recall:6.3f} {one.f1:6.3f} {one.there:5} {label}")
    macro = sum(one.f1 for one in scores.values()) / len(scores)
    accuracy = sum(one.right for one in scores.values()) / messages
    print(f"macro_f1 {macro:.3f}  accuracy {accuracy:.3f}  messages {messages}")


if __name__ == "__main__":
    main()
