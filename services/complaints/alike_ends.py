"""A suggested duplicate has ended: the desk need not look at it any more, or looks at the case that it became part of.

It hears the ends of cases as a reason to look; what counts is how the cases stand, so that order and repetition do not
matter. One indexed question per batch, and a change per case to which one of them was suggested.
"""

from collections.abc import Sequence
from typing import Any

from infra.clock import Clock
from infra.messaging.event import Received
from infra.messaging.store import Store
from services.complaints.case import Case
from services.complaints.contracts import CaseAnswered, CaseClosed, CaseMerged, CaseVoided

ENDS = (CaseAnswered, CaseClosed, CaseMerged, CaseVoided)
_SHOWN = {"number": 1, "is_open": 1, "merged_into": 1}


class AlikeEnds:
    """Keeps suggestions to cases that go on."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def hear(self, batch: Sequence[Received[Any]]) -> None:
        """Drop what is suggested to others of the cases of `batch` that have ended."""
        causes = {one.event.case.case_id: one.envelope.id for one in batch}
        asking = [one["_id"] for one in _cases().find({"suggestions.case_id": {"$in": list(causes)}}, {"_id": 1})]
        if not asking:
            return
        ended = _read(list(causes), is_open=False)
        whole = _read([one["merged_into"] for one in ended.values() if one.get("merged_into")], is_open=True)
        now = self._clock.now()

        def drop(case: Case) -> None:
            for case_id in [one.case_id for one in case.suggestions if one.case_id in ended]:
                goes_on = whole.get(ended[case_id].get("merged_into") or "")
                instead = (goes_on["_id"], goes_on["number"]) if goes_on else None
                case.drop_suggestion(case_id, instead, at=now, cause=causes[case_id])

        self._store.change_many(Case, asking, drop)


def _read(case_ids: list[str], *, is_open: bool) -> dict[str, dict[str, Any]]:
    found = _cases().find({"_id": {"$in": case_ids}}, _SHOWN)
    return {one["_id"]: one for one in found if bool(one.get("is_open")) == is_open}


def _cases() -> Any:
    return Case._get_collection()
