"""Taking results into a round: each once, none after the publication.

A result is a document of its own, one per site and item. The same result again is "already" there; one that says
something else about the same site and item is refused, and so is a site that suddenly lies elsewhere or is of another
type. Results and the round's count of them change in one transaction, so publishing and recording never overlap.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, Document, FloatField, StringField
from pymongo.client_session import ClientSession

from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import InvalidInput
from services.assessment.contracts import SERVICE
from services.assessment.round import Round
from services.assessment.scoring import Result
from services.assessment.site_results import CheckedResult

SAME_FOR_A_SITE = {"site_type": "site_type", "place": "street"}  # stored field → the row's field
SAME_FOR_A_RESULT = {"deduction": "deduction", "note": "note", "case_number": "case_number"}


class SiteResult(Document):
    """What was found for one item on one site in one round; `deduction` in points with two decimals."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "site_result",
        "indexes": [("round_id", "site_id"), {"fields": ["case_number"], "sparse": True}],
    }

    id = StringField(primary_key=True)
    round_id = StringField(required=True)
    site_id = StringField(required=True)
    site_type = StringField(required=True)
    place = StringField(required=True)
    item = StringField(required=True)
    deduction = FloatField(required=True)
    note = StringField()
    case_number = StringField()
    recorded_by = StringField(required=True)
    recorded_at = DateTimeField(required=True)


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that was not taken: its index in what was handed in, the line of the file, the field, and why."""

    index: int
    field: str
    detail: str
    detail_zh: str
    line: int | None = None

    @staticmethod
    def of(index: int, problem: InvalidInput) -> "Refusal":
        """The refusal of row `index` because of `problem`."""
        return Refusal(index, problem.field or "", problem.detail, problem.detail_zh)


class Recorded(msgspec.Struct, frozen=True):
    """What became of the rows: how many are new, how many were there already, and which were refused."""

    recorded: int
    already: int
    refused: list[Refusal]


def record(
    store: Store, round_id: str, rows: Sequence[tuple[int, CheckedResult]], *, by: Officer, at: datetime, cause: str
) -> Recorded:
    """Take `rows` (index, result) into the round. Raises NotFound, and Refused where the round is published."""

    def work(session: ClientSession) -> Recorded:
        known = _Known(round_id, (row.site_id for _, row in rows), session)
        refused = [refusal for index, row in rows if (refusal := known.take(index, row, by, at)) is not None]
        count = len(known.new)
        numbers = sorted({one["case_number"] for one in known.new if one.get("case_number")})
        store.change(
            Round,
            round_id,
            lambda found: found.take_results(count, numbers, by=by, at=at, cause=cause),
            session=session,
        )
        if known.new:
            SiteResult._get_collection().insert_many(known.new, ordered=False, session=session)
        return Recorded(len(known.new), len(rows) - len(known.new) - len(refused), refused)

    return store.in_transaction(work)


class _Known:
    """The results that are there for certain sites of a round, and those that are about to come."""

    def __init__(self, round_id: str, sites: Iterable[str], session: ClientSession) -> None:
        self._round_id = round_id
        query = {"round_id": round_id, "site_id": {"$in": sorted(set(sites))}}
        found = list(SiteResult._get_collection().find(query, session=session))
        self._results = {one["_id"]: one for one in found}
        self._sites = {one["site_id"]: one for one in found}
        self.new: list[dict[str, Any]] = []

    def take(self, index: int, row: CheckedResult, by: Officer, at: datetime) -> Refusal | None:
        """Add it to `new`, or nothing where it is there already; a refusal where it contradicts what is there."""
        document = _document(self._round_id, row, by, at)
        site = self._sites.setdefault(row.site_id, document)
        for stored, field in SAME_FOR_A_SITE.items():
            if site[stored] != document[stored]:
                return _contradiction(index, field, f"site {row.site_id}", f"点位{row.site_id}", site[stored])
        result = self._results.get(document["_id"])
        for stored, field in SAME_FOR_A_RESULT.items() if result is not None else ():
            if result is not None and result[stored] != document[stored]:
                what = f"{row.item} on site {row.site_id}"
                return _contradiction(index, field, what, f"点位{row.site_id}“{row.item}”", result[stored])
        if result is None:
            self._results[document["_id"]] = document
            self.new.append(document)
        return None


def _contradiction(index: int, field: str, what: str, what_zh: str, stored: object) -> Refusal:
    return Refusal(index, field, f"{what} is recorded already with {stored!r}", f"{what_zh}已有不同记录：{stored}")


def _document(round_id: str, row: CheckedResult, by: Officer, at: datetime) -> dict[str, Any]:
    return {
        "_id": f"{round_id}/{row.site_id}/{row.item}",
        "round_id": round_id,
        **msgspec.structs.asdict(row),
        "deduction": float(row.deduction),
        "recorded_by": by.name,
        "recorded_at": at,
    }


def results_of(round_id: str) -> list[Result]:
    """Every result of a round, as scoring takes them."""
    fields = ("site_id", "site_type", "place", "item", "deduction")
    found = SiteResult._get_collection().find({"round_id": round_id}, {"_id": 0, **dict.fromkeys(fields, 1)})
    return [Result(**one | {"deduction": Decimal(str(one["deduction"]))}) for one in found]


def count_sites(round_id: str) -> int:
    """How many sites of a round have results."""
    return len(SiteResult._get_collection().distinct("site_id", {"round_id": round_id}))
