"""What becomes of the reports of cases that officers merge and split: triaged again where they changed, with the limit
that follows; a case of its own for a report that stood in another, numbered in the transaction that creates it."""

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.organisation.registry import Registry
from services.complaints.case import Case
from services.complaints.case_together import LimitOf
from services.complaints.contracts import CaseView
from services.complaints.filing import triage_input
from services.complaints.numbers import CaseNumbers
from services.complaints.report import Report
from services.complaints.standard.limiting import Limits
from services.complaints.triage.category import Lexicon
from services.complaints.triage.decide import TriageDecision, triage


class Opening:
    """Opens cases for reports that are split off, and knows what those that move bring along."""

    def __init__(
        self,
        registry: Registry,
        lexicon: Lexicon,
        numbers: CaseNumbers,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._registry, self._lexicon, self._numbers = registry, lexicon, numbers
        self._limits, self._clock = limits, clock

    def split_off(self, report: Report, before: CaseView, by: str, session: ClientSession, cause: str) -> Case:
        """The new case of `report`, which stood in the case `before`; it is to be inserted in the same transaction."""
        decision, now = self.decision(report), self._clock.now()
        (number,) = self._numbers.next(1, session)
        limit = self._limits.for_report(report.latest.content, decision, now)
        return Case.split_off(report, decision, by, before.number, number=number, limit=limit, at=now, cause=cause)

    def decision(self, report: Report) -> TriageDecision:
        """What triage finds of its newest version."""
        return triage(triage_input(report.latest.content), self._registry, self._lexicon)

    def limit_of(self, case: Case) -> LimitOf:
        """The limit of `case` now, however it is decided."""
        return self._limits.about(case, self._clock.now())
