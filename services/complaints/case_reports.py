"""The reports of a case: more of them on the same matter, and their revisions."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from infra.problem import InvalidInput, Refused
from services.complaints import contracts
from services.complaints.case_record import SYSTEM
from services.complaints.case_states import OPEN, require
from services.complaints.case_together import CaseTogether, LimitOf
from services.complaints.contracts import CaseStatus, Dismissal, Suggestion
from services.complaints.joined_reports import joining, words_of
from services.complaints.officers_words import said
from services.complaints.report import Report
from services.complaints.together import revised
from services.complaints.triage.decide import TriageDecision

JOINED, REVISED, REVISED_LATE = "催办", "来件有修改", "结案后来件有修改"
NOT_ALIKE, NO_LONGER_ALIKE, SEEN, CONFIRMED = "非重复", "疑似重复消除", "已阅", "确认研判"
_FILED = OPEN - {CaseStatus.RECEIVED, CaseStatus.VERIFYING}


class CaseReports(CaseTogether):
    """What was said about the matter."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def join(
        self, report: Report, decision: TriageDecision, why: str, *, limit_of: LimitOf, at: datetime, cause: str
    ) -> bool:
        """催办: another report on the same matter, of which triage found `decision`; False where the case holds it.
        What it says more than the others counts for the case. Raises Refused where it has ended."""
        if self.holds(report.id):
            return False
        if self.has_ended:
            raise Refused("a case that has ended takes no further reports", "案件已办结，不能再并入", field="status")
        newcomer = joining(report, decision)
        self._take_in([newcomer])
        self._facts_arrived(at)
        self._tell(contracts.CaseRevised(case=self.state(), what=JOINED), JOINED, SYSTEM, at, cause, why)
        self._weigh(limit_of, at, cause)
        return True

    def note_revision(
        self, report: Report, decision: TriageDecision, *, limit_of: LimitOf, at: datetime, cause: str
    ) -> bool:
        """来件有修改: a report of the case has new content, of which triage found `decision`; False where the case has
        seen it. The desk is shown it.

        An ended case keeps the words by which it was decided, and tells of the revision all the same.
        """
        place = next((n for n, one in enumerate(self.joined) if one.report_id == report.id), None)
        if place is None or self.joined[place].revision >= report.revision or report.id in self.forgotten:
            return False
        self._know_opener()
        old = self.joined[place]
        new = revised(old, joining(report, decision))
        if self.has_ended:
            self.joined = [new if one is old else one for one in self.joined]
            self.revised_late = True
            self._tell_revision(REVISED_LATE, report, at, cause)
            return True
        self._replace(old, new)
        if place == 0:
            for name, words in words_of(report.latest.content).items():
                setattr(self, name, words)
        if not self._facts_arrived(at):
            self.revised = [*(one for one in self.revised if one != report.receipt), report.receipt]
        self._tell_revision(REVISED, report, at, cause)
        self._weigh(limit_of, at, cause)
        return True

    def _tell_revision(self, what: str, report: Report, at: datetime, cause: str) -> None:
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, SYSTEM, at, cause, report.receipt)

    def begin_alike(self, suggestions: list[Suggestion], at: datetime) -> None:
        """疑似重复 from the beginning: found when it was opened, a part of that and no event of its own."""
        known = {one.case_id for one in self.suggestions}
        self.suggestions = [*self.suggestions, *(one for one in suggestions if one.case_id not in known)]
        self._stand_on_desk(at)

    def dismiss_suggestions(
        self, by: str, reason: str, others: list[str] | None = None, *, at: datetime, cause: str
    ) -> None:
        """非重复: an officer has looked, `others` (None: all that are suggested) are other matters; they are not
        suggested again. Raises Refused where nothing was suggested, InvalidInput where one of `others` was not."""
        why = said(reason, "reason")
        if not self.suggestions:
            raise Refused("no duplicates are suggested", "没有疑似重复的案件", field="case_id")
        suggested = {one.case_id: one for one in self.suggestions}
        chosen = list(suggested) if others is None else others
        if not isinstance(chosen, list) or not chosen or not all(one in suggested for one in chosen):
            raise InvalidInput("name cases that are suggested", "只能排除列出的疑似重复案件", field="others")
        dropped = [suggested[one] for one in dict.fromkeys(chosen)]
        self.suggestions = [one for one in self.suggestions if one not in dropped]
        self.dismissed = [
            *self.dismissed,
            *(Dismissal(case_id=one.case_id, number=one.number, by=by, at=at, why=why) for one in dropped),
        ]
        numbers = "、".join(one.number for one in dropped)
        event = contracts.CaseRevised(case=self.state(), what=NOT_ALIKE)
        self._tell(event, NOT_ALIKE, by, at, cause, f"{numbers}：{why}")

    def drop_suggestion(self, ended: str, instead: tuple[str, str] | None, *, at: datetime, cause: str) -> bool:
        """疑似重复消除: the suggested case `ended` has ended; False where it is not suggested. Where it was merged,
        `instead` (id, number) of the case that goes on is suggested, unless that is this one or was dismissed."""
        old = next((one for one in self.suggestions if one.case_id == ended), None)
        if old is None:
            return False
        self.suggestions = [one for one in self.suggestions if one is not old]
        why = f"{old.number}已办结"
        known = {self.id} | {one.case_id for one in self.suggestions} | {one.case_id for one in self.dismissed}
        if instead is not None:
            case_id, number = instead
            why = f"{old.number}已并入{number}"
            if case_id not in known:
                self.suggestions = [*self.suggestions, msgspec.structs.replace(old, case_id=case_id, number=number)]
        event = contracts.CaseRevised(case=self.state(), what=NO_LONGER_ALIKE)
        self._tell(event, NO_LONGER_ALIKE, SYSTEM, at, cause, why)
        return True

    def confirm(self, by: str, *, at: datetime, cause: str) -> None:
        """确认研判: what triage was not sure of is right, and the facts of a filed case have been seen; it leaves the
        desk. Raises Refused where there is nothing to confirm."""
        require(OPEN, CaseStatus(self.status), CONFIRMED, "be confirmed")
        asked = self.facts_asked
        facts = CaseStatus(self.status) in _FILED and asked is not None and (asked.expired or asked.arrived_at)
        unsettled = bool(facts) and asked is not None and not asked.settled
        if not unsettled and not self.is_unclear:
            raise Refused("there is nothing to confirm", "没有待确认的事项", field="case_id")
        self.confirmed = True
        if asked is not None and unsettled:
            self.facts_asked = msgspec.structs.replace(asked, settled=True)
        self._tell(contracts.CaseRevised(case=self.state(), what=CONFIRMED), CONFIRMED, by, at, cause)

    def take_note(self, by: str, *, at: datetime, cause: str) -> None:
        """已阅: the desk has seen what was revised, what made it more urgent, and what dissatisfied citizens said.
        Raises Refused where there is nothing to see."""
        if not (self.revised_late or self.revised or self.escalated_by or self.has_unheard_answers):
            raise Refused("nothing new was said", "没有未阅的修改、催办升级或评价", field="case_id")
        self.revised_late, self.revised, self.escalated_by = None, [], []
        self._hear_answers()
        self._tell(contracts.CaseRevised(case=self.state(), what=SEEN), SEEN, by, at, cause)

    def _facts_arrived(self, at: datetime) -> bool:
        """Whether what came now are the facts that were asked for: the desk sees them, also where it had settled that
        nothing came."""
        if self.facts_asked is None or self.facts_asked.arrived_at is not None or self.has_ended:
            return False
        self.facts_asked = msgspec.structs.replace(self.facts_asked, arrived_at=at, settled=False)
        return True

    def holds(self, report_id: str) -> bool:
        """Whether this report stands in it."""
        return any(one.report_id == report_id for one in self.joined)
