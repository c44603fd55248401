"""更正: an officer decides otherwise than triage did. What was overruled stays as evidence (DESIGN.md, 9)."""

from typing import NamedTuple

import msgspec

from services.complaints.contracts import Reason, RequestKind, Urgency
from services.complaints.triage.request_kind import ZH as KIND_ZH
from services.complaints.triage.urgency import ZH as URGENCY_ZH


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided about a case, by triage or by an officer. `subject` is the category's first-level subject,
    `standard_row` the row of the case standard; "" where an officer says that it lies outside, None where no row fits.
    `places` are the names of its place until then and of `place_path`, for people, where an officer decides.
    """

    category: str
    category_name: str
    place_path: str
    urgency: Urgency
    request_kind: RequestKind
    subject: str = ""
    standard_row: str | None = None
    places: tuple[str, str] | None = None


class Correction(NamedTuple):
    """One decision that is otherwise now: its key in the case's reasons, its name, from what to what, for people."""

    decision: str
    noun: str
    old: str
    new: str

    @property
    def what(self) -> str:
        """What an officer did."""
        return f"更正{self.noun}"

    @property
    def words(self) -> str:
        """From what to what an officer decided."""
        return f"{self.noun}由{self.old}更正为{self.new}"


def corrections(before: Decided, now: Decided) -> list[Correction]:
    """What is decided otherwise `now`; none where all is as it was."""
    places = now.places or (before.place_path, now.place_path)
    compared = (
        ("category", "类别", before.category, now.category, before.category_name, now.category_name),
        ("place", "地点", before.place_path, now.place_path, *places),
        ("urgency", "紧急程度", before.urgency, now.urgency, URGENCY_ZH[before.urgency], URGENCY_ZH[now.urgency]),
        ("request_kind", "诉求类型", before.request_kind, now.request_kind, *map(_kind_zh, (before, now))),
        ("limit", "案件标准", before.standard_row or "", now.standard_row or "", *map(_row_zh, (before, now))),
    )
    return [
        Correction(decision, noun, old_words, new_words)
        for decision, noun, old, new, old_words, new_words in compared
        if old != new
    ]


def _kind_zh(decided: Decided) -> str:
    return KIND_ZH[decided.request_kind]


def _row_zh(decided: Decided) -> str:
    return decided.standard_row or "标准外"


def in_words(found: list[Correction]) -> str:
    """From what to what, "" where nothing was corrected."""
    return "；".join(one.words for one in found)


def overruled(reasons: dict[str, Reason], found: list[Correction], by: str) -> dict[str, Reason]:
    """`reasons` after `by` corrected: each names the officer, with the reason that it replaces as its evidence."""
    after = dict(reasons)
    for one in found:
        old = reasons.get(one.decision)
        after[one.decision] = Reason(f"{by}{one.words}", [old.text_zh, *old.evidence] if old else [], by)
    return after
