"""How urgent a report is: what the channel declares, raised where the text names a danger; never lowered."""

import csv
import functools
from pathlib import Path

from infra.longest_match import TermTable
from services.complaints.contracts import Reason, Urgency

DECLARED = {"一般": Urgency.NORMAL, "普通": Urgency.NORMAL, "紧急": Urgency.URGENT, "特急": Urgency.CRITICAL}
RANK = {Urgency.NORMAL: 0, Urgency.URGENT: 1, Urgency.CRITICAL: 2}
ZH = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}
DANGERS_FILE = Path(__file__).parents[1] / "data" / "dangers.csv"


@functools.cache
def dangers(file: Path = DANGERS_FILE) -> dict[str, Urgency]:
    """The words that name a danger, with the urgency that each gives; read once per process."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["term"]: Urgency(row["urgency"]) for row in csv.DictReader(rows)}


@functools.cache
def _table() -> TermTable:
    return TermTable(dangers())


def urgency_of(title: str, text: str, declared: str = "") -> tuple[Urgency, Reason]:
    """The urgency of a report and why.

    `declared` is the channel's 紧急程度 (一般, 紧急, 特急); any other word counts as not declared.
    """
    said = DECLARED.get(declared.strip(), Urgency.NORMAL)
    named = list(dict.fromkeys(term for part in (title, text) for term, _ in _table().scan(part)))
    worst = max((dangers()[term] for term in named), key=RANK.__getitem__, default=Urgency.NORMAL)
    if RANK[worst] > RANK[said]:
        words = [term for term in named if dangers()[term] == worst]
        return worst, Reason(f"文中出现危险情形“{words[0]}”，定为{ZH[worst]}", words)
    if declared.strip() in DECLARED:
        return said, Reason(f"来件注明紧急程度“{declared.strip()}”", [declared.strip()])
    return said, Reason("来件未注明紧急程度，文中未见危险情形，按一般办理", [])
