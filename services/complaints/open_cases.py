"""The open cases that reports of one batch might be about: asked once per batch, a bounded number each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from infra.organisation import unit_path
from services.complaints.case import Case
from services.complaints.duplicates import (
    ALIKE,
    CANDIDATES,
    NEAR,
    SOON,
    WINDOW,
    Point,
    Sketch,
    metres,
    normalised,
    same_words_key,
    similarity,
    sketch,
    unpack,
)
from services.complaints.report import Report
from services.complaints.triage.category import OTHER
from services.complaints.triage.decide import TriageDecision

Where = tuple[str, str]  # category, place_path
_FIELDS = ("number", "words_key", "category", "place_path", "sketch", "point", "received_at")


class Match(msgspec.Struct, frozen=True):
    """The case that a report joins, and why; `fresh` is the case itself where this batch opened it."""

    case_id: str
    why: str
    fresh: Case | None = None


class _Known(msgspec.Struct, frozen=True):
    case_id: str
    number: str
    sketch: Sketch
    point: Point | None
    received_at: datetime
    fresh: Case | None


class OpenCases:
    """Cases by their words, and by category and place."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._by_words: dict[str, list[_Known]] = {}
        self._by_place: dict[Where, list[_Known]] = {}

    @staticmethod
    def like(reports: list[tuple[TriageDecision, Report]], now: datetime) -> "OpenCases":
        """What is open now and came in within the window: with the same words as one of `reports`, and the newest of
        each category and place that they have."""
        found = OpenCases()
        recent = {"is_open": True, "received_at": {"$gte": now - WINDOW}}
        keys = {_words_key(report) for _, report in reports}
        found._read(recent | {"words_key": {"$in": list(keys)}}, limit=len(keys) * CANDIDATES)
        for category, place in {(decision.category, decision.place_path) for decision, _ in reports}:
            found._read(recent | {"category": category, "place_path": place}, limit=CANDIDATES)
        return found

    def add(self, case: Case) -> None:
        """A case that this batch opens: later reports of the batch may join it."""
        self._remember({"_id": case.id} | {field: getattr(case, field) for field in _FIELDS}, fresh=case)

    def match(self, decision: TriageDecision, report: Report) -> Match | None:
        """The case that `report` is about: one with the same words, else the nearest, else the most alike, of its
        category and place (see duplicates.py)."""
        content = report.latest.content
        own = sketch(content.text, content.address)
        if not own:
            return None
        placed = unit_path.tier(decision.place_path) > 1
        if placed or normalised(content.address):
            for same in _not_apart(self._by_words.get(_words_key(report), []), content.point):
                return Match(same.case_id, f"与{same.number}文字相同", same.fresh)
        beside = _not_apart(self._by_place.get((decision.category, decision.place_path), []), content.point)
        if decision.category != OTHER and (near := _near(beside, content.point, report.received_at)):
            return near
        return _most_alike(beside, own) if placed else None

    def _read(self, query: dict[str, Any], limit: int) -> None:
        found = Case._get_collection().find(query, dict.fromkeys(_FIELDS, 1)).sort("received_at", -1).limit(limit)
        for case in found:
            self._remember(case)

    def _remember(self, case: dict[str, Any], fresh: Case | None = None) -> None:
        if case["_id"] in self._ids:
            return
        self._ids.add(case["_id"])
        known = _Known(
            case["_id"],
            case["number"],
            unpack(case.get("sketch") or b""),
            _point(case.get("point")),
            case["received_at"],
            fresh,
        )
        self._by_words.setdefault(case["words_key"], []).append(known)
        self._by_place.setdefault((case["category"], case["place_path"]), []).append(known)


def _point(stored: Sequence[float] | None) -> Point | None:
    return (stored[0], stored[1]) if stored else None


def _not_apart(cases: list[_Known], point: Point | None) -> list[_Known]:
    """Those that can be the same matter: both points known and far from each other are two."""
    return [one for one in cases if point is None or one.point is None or metres(point, one.point) <= NEAR]


def _near(cases: list[_Known], point: Point | None, at: datetime) -> Match | None:
    """The nearest of `cases` (none is apart) whose point is known and that came in shortly before or after `at`."""
    if point is None:
        return None
    distances = [
        (metres(point, one.point), one) for one in cases if one.point is not None and abs(at - one.received_at) <= SOON
    ]
    if not distances:
        return None
    distance, best = min(distances, key=_first)
    return Match(best.case_id, f"与{best.number}同类别、同地点，相距{distance:.0f}米，24小时之内", best.fresh)


def _most_alike(cases: list[_Known], own: Sketch) -> Match | None:
    score, best = max(((similarity(own, one.sketch), one) for one in cases), key=_first, default=(0.0, None))
    if best is None or score < ALIKE:
        return None
    return Match(best.case_id, f"与{best.number}同类别、同地点，文字相似度{score:.0%}", best.fresh)


def _words_key(report: Report) -> str:
    content = report.latest.content
    return same_words_key(content.text, content.address)


def _first(scored: tuple[float, _Known]) -> float:
    return scored[0]
