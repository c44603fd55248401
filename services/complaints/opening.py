"""A case of its own for a report that stood in another: triaged again, numbered in the transaction that creates it."""

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.organisation.registry import Registry
from services.complaints.case import Case
from services.complaints.contracts import CaseView
from services.complaints.filing import triage_input
from services.complaints.numbers import CaseNumbers
from services.complaints.report import Report
from services.complaints.standard.limiting import Limits
from services.complaints.triage.category import Lexicon
from services.complaints.triage.decide import triage


class Opening:
    """Opens cases for reports that are split off."""

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
        decision, now = triage(triage_input(report.latest.content), self._registry, self._lexicon), self._clock.now()
        (number,) = self._numbers.next(1, session)
        limit = self._limits.for_report(report.latest.content, decision, now)
        return Case.split_off(report, decision, by, before.number, number=number, limit=limit, at=now, cause=cause)
