"""The retention rule: N days after a case has ended its people are taken out of it, and what could not be taken in is
destroyed N days after somebody resubmitted or discarded it, and never while it waits. The case itself stays, as it was
counted.

Any replica may run it, at any time, together with others: what is due is found by an index, in proportion to what has
become due; every step can be repeated, and what a crash leaves undone is still due.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import PyMongoError

from infra.clock import Clock
from infra.messaging.store import Store
from services.complaints.case import Case
from services.complaints.erasure import Erasure
from services.complaints.refused import Misfit
from services.complaints.report import Report

MOST_AT_A_TIME = 1000  # of one run
Query = Mapping[str, Any]
ENDED: Query = {"end": {"$exists": True}}  # misfits kept before this rule were retained since they came
log = logging.getLogger(__name__)


class Retention:
    """Anonymises what is due `days` after its end."""

    def __init__(self, store: Store, erasure: Erasure, clock: Clock, days: int) -> None:
        self._store, self._erasure, self._clock = store, erasure, clock
        self._kept_for = timedelta(days=days)

    def run(self) -> int:
        """Anonymise what is due now, at most MOST_AT_A_TIME of each; how many it were."""
        until = self._clock.now() - self._kept_for
        done = self._each(Case, until, self._case) + self._each(Misfit, until, self._misfit, ENDED)
        if done:
            log.info("anonymised %d cases and misfits that ended before %s", done, until.isoformat())
        return done

    def _each(
        self, kind: type[Case] | type[Misfit], until: datetime, act: Callable[[str], None], only: Query | None = None
    ) -> int:
        """One that fails stays due and is named in the log; it must not keep the people of all others in."""
        due = kind._get_collection().find({"retained_since": {"$lt": until}, **(only or {})}, {"_id": 1})
        done = 0
        for one in list(due.sort("retained_since", 1).limit(MOST_AT_A_TIME)):
            time.sleep(0)  # let a hotline's push have its turn
            try:
                act(one["_id"])
                done += 1
            except PyMongoError:
                raise
            except Exception as error:  # whatever is odd in one document
                log.error("%s %s cannot be anonymised: %s", kind.noun, one["_id"], type(error).__name__)
        return done

    def _case(self, case_id: str) -> None:
        """First the case, while what its reports sealed can still be searched for in it; then they; then it is done."""
        case = Case.objects(id=case_id).only("joined", "moved").first()
        ids = [one.report_id for one in [*case.joined, *case.moved]]
        clean = self._erasure.cleaner(Report.objects(id__in=ids).exclude("outbox"))
        at = self._clock.now()
        if not self._store.change(Case, case_id, lambda case: case.anonymise(clean, at)):
            return
        for report_id in [one.report_id for one in case.joined]:
            self._store.change(Report, report_id, lambda report: report.anonymise(clean, at))
        self._store.change(Case, case_id, Case.retention_done)

    def _misfit(self, misfit_id: str) -> None:
        self._store.change(Misfit, misfit_id, Misfit.erase)
