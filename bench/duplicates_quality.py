"""What of real messages is joined and suggested at the thresholds of data/likeness.csv, and what is missed.

    python -m bench.duplicates_quality [--data DIR] [--show joined|suggested|missed]

reads messages.csv beside the project, in the order in which the messages were sent, and says so where it is not there.
Triage gives the category; the place is what the message calls it (the messages name districts as A3区, towns as A市).
"Missed" is a pair of messages at most 30 days apart that a slow comparison of all pairs finds alike (0.35) and that is
neither joined nor suggested. No database: the bands are looked up in memory, the same as in its index.
"""

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from services.complaints.duplicates import similarity
from services.complaints.likeness import NO, Matter, Rank, Verdict, judge, traits_of
from services.complaints.thresholds import thresholds
from services.complaints.triage.category import Lexicon, classify

DATA = Path(__file__).parents[2] / "shared/data/citizen-messages"
ALIKE = 0.35  # what the slow comparison of all pairs calls alike
_DISTRICT = re.compile(r"([A-Z])\d+(?:区|县)")


class Message(NamedTuple):
    """A message as triage would see it."""

    id: str
    user: str
    title: str
    matter: Matter


class Pair(NamedTuple):
    """A message, the earlier one that it is compared with, and what came of it."""

    verdict: Verdict
    earlier: Message
    later: Message


def messages(file: Path) -> list[Message]:
    """All messages, the earliest first."""
    with file.open(encoding="utf-8", newline="") as rows:
        return sorted((_message(row) for row in csv.DictReader(rows)), key=lambda one: one.matter.received_at)


def _message(row: dict[str, str]) -> Message:
    matter = Matter(
        traits=traits_of(row["body"], ""),
        category=classify(Lexicon.load(), row["title"], row["body"]).category.code,
        place_path=_place(row["title"] + row["body"]),
        point=None,
        received_at=datetime.fromisoformat(row["sent_at"]),
        said_where=False,
    )
    return Message(row["message_id"], row["user_id"], row["title"].strip(), matter)


def _place(text: str) -> str:
    found = _DISTRICT.search(text)
    return f"city/{found[0]}" if found else "city"


def filed(all_messages: list[Message]) -> Iterator[Pair]:
    """What every message is joined to, or suggested with: each of those that are not joined stands for a case."""
    rules = thresholds()
    by_band: dict[int, list[Message]] = defaultdict(list)
    by_place: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for one in all_messages:
        lists = [by_band[band] for band in one.matter.traits.bands]
        lists.append(by_place[one.matter.category, one.matter.place_path][-30:])
        near = {known.id: known for found in lists for known in found if _within(known, one)}
        judged = sorted(
            (Pair(judge(one.matter, known.matter, rules), known, one) for known in near.values()), key=_sure
        )
        joined = [pair for pair in judged if pair.verdict.joins]
        yield from joined[-1:]
        if not joined:
            yield from [pair for pair in judged if pair.verdict > NO][-rules.suggestions :]
            by_place[one.matter.category, one.matter.place_path].append(one)
            for band in one.matter.traits.bands:
                by_band[band].append(one)


def all_alike(all_messages: list[Message]) -> Iterator[Pair]:
    """Every pair within the window that is alike, by comparing all with all through the bigrams they share."""
    sharing: dict[int, list[int]] = defaultdict(list)
    for later, one in enumerate(all_messages):
        common = Counter(earlier for bigram in one.matter.traits.sketch for earlier in sharing[bigram])
        for bigram in one.matter.traits.sketch:
            sharing[bigram].append(later)
        for earlier, shared in common.items():
            other = all_messages[earlier]
            if shared * 4 < len(one.matter.traits.sketch) or not _within(other, one):
                continue
            score = similarity(one.matter.traits.sketch, other.matter.traits.sketch)
            if score >= ALIKE:
                yield Pair(Verdict(Rank.NOTHING, score), other, one)


def _within(earlier: Message, later: Message) -> bool:
    return later.matter.received_at - earlier.matter.received_at <= thresholds().window


def _sure(pair: Pair) -> Verdict:
    return pair.verdict


def missed(found: list[Pair], alike: list[Pair]) -> list[Pair]:
    """Pairs that are alike and in different cases between which nothing is suggested."""
    case = {one.id: one.id for pair in alike for one in (pair.earlier, pair.later)}
    for pair in found:
        if pair.verdict.joins:
            case[pair.later.id] = case.get(pair.earlier.id, pair.earlier.id)
    suggested = {
        frozenset((case.get(pair.earlier.id, pair.earlier.id), case.get(pair.later.id, pair.later.id)))
        for pair in found
    }
    return [
        pair
        for pair in alike
        if case[pair.earlier.id] != case[pair.later.id]
        and frozenset((case[pair.earlier.id], case[pair.later.id])) not in suggested
    ]


def main() -> None:
    """The command described above."""
    parser = argparse.ArgumentParser(description="What is joined, suggested and missed among real messages.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--show", choices=("joined", "suggested", "missed"))
    asked = parser.parse_args()
    file = asked.data / "messages.csv"
    if not file.exists():
        print(f"skipped: no messages at {file}")
        return
    every = messages(file)
    found, alike = list(filed(every)), list(all_alike(every))
    results = {
        "joined": [pair for pair in found if pair.verdict.joins],
        "suggested": [pair for pair in found if not pair.verdict.joins],
        "missed": missed(found, alike),
    }
    for pair in results[asked.show] if asked.show else []:
        print(f"{pair.verdict.score:.2f} {pair.earlier.id} {pair.later.id} {pair.verdict.why}")
        print(f"     {pair.earlier.title}\n     {pair.later.title}")
    print(f"messages {len(every)}  alike pairs {len(alike)}  " + "  ".join(f"{k} {len(v)}" for k, v in results.items()))


if __name__ == "__main__":
    main()
