"""The open cases that reports of one batch might be about: asked once per batch, at a cost that does not depend on how
many cases there are. For each report a bounded number of them is read per index."""

import heapq
import operator
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from pymongo import collection
from pymongo.client_session import ClientSession

from services.complaints.case import Case
from services.complaints.duplicates import EARTH, Point, normalised, unpack
from services.complaints.likeness import NO, Matter, Rank, Traits, Verdict, judge, traits_of
from services.complaints.named_things import Names
from services.complaints.report import Report
from services.complaints.thresholds import Thresholds, thresholds
from services.complaints.triage.decide import TriageDecision

CANDIDATES = 30  # of what one index finds, the newest open cases: those that a report is compared with
Where = tuple[str, str]  # category, place_path
Query = dict[str, Any]
_FIELDS = ("number", "words_key", "category", "place_path", "sketch", "names", "point", "received_at")
_SHOWN = dict.fromkeys(_FIELDS, 1)
_SHOWN_WITH_BANDS = _SHOWN | {"bands": 1}


class Match(msgspec.Struct, frozen=True):
    """A case that a report joins, or might join, and why; `fresh` is the case itself where this batch opened it."""

    case_id: str
    number: str
    why: str
    verdict: Verdict
    fresh: Case | None = None


class Found(NamedTuple):
    """The case that a report joins, and those that are suggested beside it, the most alike first."""

    joins: Match | None
    suggested: list[Match]


class _Known(NamedTuple):
    case_id: str
    number: str
    matter: Matter
    fresh: Case | None


class OpenCases:
    """Cases by their words, the bands of their signature, their place, and their point."""

    def __init__(self, rules: Thresholds | None = None) -> None:
        self._rules = rules or thresholds()
        self._known: dict[str, _Known] = {}
        self._by_words: dict[str, list[_Known]] = {}
        self._by_band: dict[int, list[_Known]] = {}
        self._by_place: dict[Where, list[_Known]] = {}
        self._with_point: dict[str, list[_Known]] = {}
        self._banded: set[str] = set()

    @staticmethod
    def like(reports: list[tuple[TriageDecision, Report]], now: datetime) -> "OpenCases":
        """What is open now, came in within the window, and might be one matter with one of `reports`."""
        found, matters = OpenCases(), [matter_of(*one) for one in reports]
        recent = {"is_open": True, "received_at": {"$gte": now - found._rules.window}}
        keys = list({one.traits.words_key for one in matters})
        found._read(recent | {"words_key": {"$in": keys}}, len(keys) * CANDIDATES)
        for category, place in {(one.category, one.place_path) for one in matters}:
            found._read(recent | {"category": category, "place_path": place}, CANDIDATES, _SHOWN)
        found._read_alike(recent, [one.traits.bands for one in matters if one.traits.bands])
        found._read_around([one for one in matters if one.point is not None])
        return found

    @staticmethod
    def of(case_ids: Iterable[str], session: ClientSession | None = None) -> "OpenCases":
        """Those of these cases that are open."""
        found = OpenCases()
        query = {"_id": {"$in": list(case_ids)}, "is_open": True}
        for case in _cases().find(query, _SHOWN_WITH_BANDS, session=session):
            found._remember(case)
        return found

    def add(self, case: Case) -> None:
        """A case that this batch opens: later reports of the batch may join it."""
        self._remember({"_id": case.id} | {field: getattr(case, field) for field in (*_FIELDS, "bands")}, fresh=case)

    def find(self, decision: TriageDecision, report: Report) -> Found:
        """The case that `report` is about, and those that it might be about (see likeness.py)."""
        matter = matter_of(decision, report)
        judged = [(judge(matter, one.matter, self._rules), one) for one in self._candidates(matter)]
        ranked = sorted((one for one in judged if one[0] > NO), key=operator.itemgetter(0), reverse=True)
        matches = [
            Match(one.case_id, one.number, f"与{one.number}{verdict.why}", verdict, one.fresh)
            for verdict, one in ranked
        ]
        joins = matches[0] if matches and matches[0].verdict.joins else None
        suggested = [one for one in matches if one.verdict.rank is Rank.SUGGESTED]
        return Found(joins, suggested[: self._rules.suggestions])

    def match(self, decision: TriageDecision, report: Report) -> Match | None:
        """The case that `report` joins."""
        return self.find(decision, report).joins

    def _candidates(self, matter: Matter) -> Iterable[_Known]:
        """A bounded number of what is known, also where one text was sent a thousand times to many places."""
        alike = {one.case_id: one for band in matter.traits.bands for one in self._by_band.get(band, ())}
        lists = [
            self._by_words.get(matter.traits.words_key, ()),
            self._by_place.get((matter.category, matter.place_path), ()),
            self._with_point.get(matter.category, ()) if matter.point else (),
            alike.values(),
        ]
        return {one.case_id: one for found in lists for one in _newest(found)}.values()

    def _read(self, query: Query, limit: int, shown: Query | None = None) -> None:
        """The newest that answer the query."""
        for case in _cases().find(query, shown or _SHOWN_WITH_BANDS).sort("received_at", -1).limit(limit):
            self._remember(case)

    def _read_alike(self, recent: Query, bands: list[list[int]]) -> None:
        """Those that share a band: all at once; where a band is so common that this is no bounded question (one text
        sent a thousand times), for each report the newest."""
        most = len(bands) * CANDIDATES
        together = recent | {"bands": {"$in": list({band for one in bands for band in one})}}
        cases = list(_cases().find(together, _SHOWN_WITH_BANDS).limit(most)) if bands else []
        if len(cases) < most:
            for case in cases:
                self._remember(case)
            return
        for one in bands:
            self._read(recent | {"bands": {"$in": one}}, CANDIDATES)

    def _read_around(self, matters: list[Matter]) -> None:
        """Those of the same category that are near in place and time."""
        if matters:
            around = {"is_open": True, "$or": [_around(one, self._rules) for one in matters]}
            for case in _cases().find(around, _SHOWN_WITH_BANDS).limit(len(matters) * CANDIDATES):
                self._remember(case)

    def _remember(self, case: dict[str, Any], fresh: Case | None = None) -> None:
        known = self._known.get(case["_id"])
        if known is None:
            known = self._known[case["_id"]] = _Known(case["_id"], case["number"], _matter(case), fresh)
            self._by_words.setdefault(case["words_key"], []).append(known)
            self._by_place.setdefault((case["category"], case["place_path"]), []).append(known)
            if known.matter.point:
                self._with_point.setdefault(case["category"], []).append(known)
        if known.case_id not in self._banded:
            for band in case.get("bands") or ():
                self._banded.add(known.case_id)
                self._by_band.setdefault(band, []).append(known)


def matter_of(decision: TriageDecision, report: Report) -> Matter:
    """What a report is about, as triage decided."""
    content = report.latest.content
    return Matter(
        traits=traits_of(content.text, content.address),
        category=decision.category,
        place_path=decision.place_path,
        point=content.point,
        received_at=report.received_at,
        said_where=bool(normalised(content.address)),
    )


def _newest(found: Collection[_Known]) -> Iterable[_Known]:
    """Those of a list that a report is compared with."""
    if len(found) <= CANDIDATES:
        return found
    return heapq.nlargest(CANDIDATES, found, key=lambda one: one.matter.received_at)


def _matter(case: dict[str, Any]) -> Matter:
    """What a stored case is about."""
    names: Names = frozenset(case.get("names") or ())
    traits = Traits(
        words_key=case["words_key"],
        sketch=unpack(case.get("sketch") or b""),
        bands=[],
        names=names,
    )
    return Matter(
        traits=traits,
        category=case["category"],
        place_path=case["place_path"],
        point=_point(case.get("point")),
        received_at=case["received_at"],
        said_where=False,
    )


def _around(one: Matter, rules: Thresholds) -> Query:
    circle = {"$centerSphere": [list(one.point or ()), rules.near_metres / EARTH]}
    soon = {"$gte": one.received_at - rules.soon, "$lte": one.received_at + rules.soon}
    return {"is_open": True, "category": one.category, "point": {"$geoWithin": circle}, "received_at": soon}


def _cases() -> collection.Collection[dict[str, Any]]:
    return Case._get_collection()


def _point(stored: Sequence[float] | None) -> Point | None:
    return (stored[0], stored[1]) if stored else None
