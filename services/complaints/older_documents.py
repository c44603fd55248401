"""Documents from before a field was there: what later rules need is worked out for them, once, in batches.

    case     since when it is retained, which without it would never be anonymised; where its texts say what its report
             sealed; how many photos its reports have
    misfit   since when it is retained, where it has ended

It can be repeated at any time and by several: what is done is left as it is. `wenming privacy backfill` runs it.
"""

import time
from typing import Any

from infra.messaging.store import Store
from infra.problem import InvalidInput
from services.complaints.case import Case
from services.complaints.case_states import ENDED
from services.complaints.contracts import OlderCompleted
from services.complaints.erasure import Erasure
from services.complaints.hiding import Span, hidden_in
from services.complaints.refused import Misfit
from services.complaints.report import Report

MOST_AT_ONCE = 1000
_ABSENT = {"$exists": False}
_LACKING: dict[str, Any] = {
    "anonymised_at": _ABSENT,
    "$or": [
        {"status": {"$in": [one.value for one in ENDED]}, "retained_since": _ABSENT},
        {"hidden": _ABSENT},
        {"joined.photos": _ABSENT},
    ],
}


class OlderDocuments:
    """Completes them."""

    def __init__(self, store: Store, erasure: Erasure) -> None:
        self._store, self._erasure = store, erasure

    def complete(self, after: str | None, limit: int) -> OlderCompleted:
        """At most `limit` cases behind the id `after` (None: from the first), and as many misfits. Raises
        InvalidInput."""
        if not isinstance(limit, int) or not 1 <= limit <= MOST_AT_ONCE:
            raise InvalidInput(f"limit must be 1 to {MOST_AT_ONCE}", f"每批应为1至{MOST_AT_ONCE}条", field="limit")
        behind = {"_id": {"$gt": after}} if isinstance(after, str) else {}
        found = Case._get_collection().find(_LACKING | behind, {"_id": 1}).sort("_id", 1).limit(limit)
        ids = [one["_id"] for one in found]
        cases, misfits = sum(self._case(case_id) for case_id in ids), self._misfits(limit)
        more = limit in (len(ids), misfits)
        return OlderCompleted(next=(ids[-1] if ids else after or "") if more else None, cases=cases, misfits=misfits)

    def _case(self, case_id: str) -> bool:
        time.sleep(0)  # let a hotline's push have its turn
        joined = Case.objects(id=case_id).scalar("joined").first() or []
        reports = {one.id: one for one in Report.objects(id__in=[one.report_id for one in joined]).exclude("outbox")}

        def work_out(case: Case) -> bool:
            return case.work_out(
                self._hidden(case, reports),
                {about: len(one.latest.content.photos) for about, one in reports.items()},
            )

        return self._store.change(Case, case_id, work_out)

    def _hidden(self, case: Case, reports: dict[str, Report]) -> dict[str, list[Span]]:
        """Of every version of the report that opened it: an ended case keeps the words of an older one."""
        opener = reports.get(case.joined[0].report_id) if case.joined else None
        if opener is None:
            return {}
        texts = {"title": case.title, "text": case.text, "address": case.address}
        versions = enumerate(self._erasure.sealed_in(opener))
        said = {f"{name} {n}": value for n, sealed in versions for name, value in sealed.items()}
        return hidden_in(texts, said, case.address)

    def _misfits(self, limit: int) -> int:
        lacking = {"key": {"$exists": True}, "end": {"$exists": True}, "retained_since": _ABSENT}
        ids = [one["_id"] for one in Misfit._get_collection().find(lacking, {"_id": 1}).limit(limit)]
        return sum(self._store.change(Misfit, misfit_id, Misfit.retain) for misfit_id in ids)
