"""What a batch of reports leads to: the cases to open, with suggestions, and the reports that join."""

from datetime import datetime
from typing import NamedTuple

from infra.turns import Overtaken
from services.complaints.case import Case
from services.complaints.contracts import Suggestion
from services.complaints.hotspots import Counted
from services.complaints.open_cases import Match, OpenCases
from services.complaints.report import Report
from services.complaints.standard.limiting import Limits
from services.complaints.thresholds import thresholds
from services.complaints.triage.decide import TriageDecision


class Triaged(NamedTuple):
    """A report, what triage decided about it, and the id of the event that brought it."""

    report: Report
    decision: TriageDecision
    cause: str

    def counted(self) -> Counted:
        """As it counts for hotspots."""
        decided = self.decision
        return Counted(decided.category, decided.category_name, decided.place_path, self.report.received_at, self.cause)


class Joining(NamedTuple):
    """A report that joins a case, and why."""

    one: Triaged
    match: Match


class Plan:
    """Filled report by report; each knows what those before it led to."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.opened: list[Case] = []
        self.joining: dict[str, list[Joining]] = {}
        self._first: dict[str, Triaged] = {}
        self._into_new: dict[str, list[Triaged]] = {}

    def opens(self, one: Triaged, case: Case, suggested: list[Match], at: datetime) -> None:
        """`one` opens `case`, which might be about the same matter as the `suggested` ones."""
        self.opened.append(case)
        self._first[case.id] = one
        _suggest(case, suggested, at)

    def joins(self, one: Triaged, match: Match, at: datetime) -> None:
        """`one` joins an open case, or one that this batch opens."""
        if match.fresh is None:
            self.joining.setdefault(match.case_id, []).append(Joining(one, match))
        else:
            limit_of = self._limits.about(match.fresh, at)
            match.fresh.join(one.report, one.decision, match.why, limit_of=limit_of, at=at, cause=one.cause)
            self._into_new.setdefault(match.case_id, []).append(one)

    def check(self, others: OpenCases, at: datetime) -> None:
        """Compare with what others opened meanwhile. Raises Overtaken where a case would be opened for a matter of
        theirs."""
        for case in self.opened:
            one = self._first[case.id]
            found = others.find(one.decision, one.report)
            if found.joins is not None:
                raise Overtaken(f"{found.joins.case_id} was opened meanwhile")
            _suggest(case, found.suggested, at)

    def reports_in(self, case: Case) -> list[Triaged]:
        """The reports that are in a case which this batch opens."""
        return [self._first[case.id], *self._into_new.get(case.id, [])]


def _suggest(case: Case, suggested: list[Match], at: datetime) -> None:
    """Suggestions come with the case: one that an officer has dismissed, or split, is never made again."""
    made = [
        Suggestion(case_id=one.case_id, number=one.number, score=one.verdict.score, why=one.why) for one in suggested
    ]
    if made:
        case.begin_alike(made[: thresholds().suggestions - len(case.suggestions)], at)
