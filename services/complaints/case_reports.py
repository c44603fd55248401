"""The reports of a case: more of them on the same matter, and their revisions."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from infra.problem import Refused
from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord
from services.complaints.contracts import CaseStatus, Channel, Suggestion
from services.complaints.data_tables import channel_entries
from services.complaints.joined_reports import joined, words_of
from services.complaints.report import Report

JOINED, REVISED, REVISED_LATE = "催办", "来件有修改", "结案后来件有修改"
ALIKE, NOT_ALIKE, SEEN = "疑似重复", "非重复", "已阅"


class CaseReports(CaseRecord):
    """What was said about the matter."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def join(self, report: Report, why: str, *, at: datetime, cause: str) -> bool:
        """催办: another report on the same matter; False where the case holds it. Raises Refused where it has ended."""
        if self._holds(report.id):
            return False
        if self.has_ended:
            raise Refused("a case that has ended takes no further reports", "案件已办结，不能再并入", field="status")
        self.joined = [*self.joined, joined(report)]
        self.difficult = bool(self.difficult) or report.latest.content.difficult
        self._facts_arrived(at)
        self._tell(contracts.CaseRevised(case=self.state(), what=JOINED), JOINED, SYSTEM, at, cause, why)
        if CaseStatus(self.status) == CaseStatus.VERIFYING and not self.must_be_verified:
            self._file(SYSTEM, f"{channel_entries()[Channel(report.channel)].why}（{report.receipt}）", at, cause)
        return True

    def note_revision(self, report: Report, *, at: datetime, cause: str) -> bool:
        """来件有修改: a report of the case has new content; False where the case has seen it.

        An ended case keeps the words by which it was decided, and tells of the revision all the same.
        """
        old = next((one for one in self.joined if one.report_id == report.id), None)
        if old is None or old.revision >= report.revision or report.id in self.forgotten:
            return False
        self.joined = [joined(report) if one is old else one for one in self.joined]
        if self.joined[0].report_id == report.id and not self.has_ended:
            for name, words in words_of(report.latest.content).items():
                setattr(self, name, words)
        self._facts_arrived(at)
        self.revised_late = True if self.has_ended else self.revised_late
        what = REVISED_LATE if self.has_ended else REVISED
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, SYSTEM, at, cause, report.receipt)
        return True

    def suggest(self, suggestions: list[Suggestion], *, at: datetime, cause: str) -> bool:
        """疑似重复: these cases may be the same matter; False where that is no news or the case has ended."""
        if self.has_ended or suggestions == self.suggestions:
            return False
        self.suggestions = suggestions
        why = "、".join(one.number for one in suggestions)
        self._tell(contracts.CaseRevised(case=self.state(), what=ALIKE), ALIKE, SYSTEM, at, cause, why)
        return True

    def begin_alike(self, suggestions: list[Suggestion], at: datetime) -> None:
        """疑似重复 from the beginning: found when it was opened, a part of that and no event of its own."""
        known = {one.case_id for one in self.suggestions}
        self.suggestions = [*self.suggestions, *(one for one in suggestions if one.case_id not in known)]
        self._stand_on_desk(at)

    def dismiss_suggestions(self, by: str, *, at: datetime, cause: str) -> None:
        """非重复: an officer has looked, it is a matter of its own. Raises Refused where nothing was suggested."""
        if not self.suggestions:
            raise Refused("no duplicates are suggested", "没有疑似重复的案件", field="case_id")
        self.suggestions = []
        self._tell(contracts.CaseRevised(case=self.state(), what=NOT_ALIKE), NOT_ALIKE, by, at, cause)

    def take_note(self, by: str, *, at: datetime, cause: str) -> None:
        """已阅: the desk has seen what was revised after the end. Raises Refused where there is nothing to see."""
        if not self.revised_late:
            raise Refused("nothing was revised after its end", "没有结案后修改的来件", field="case_id")
        self.revised_late = None
        self._tell(contracts.CaseRevised(case=self.state(), what=SEEN), SEEN, by, at, cause)

    def _facts_arrived(self, at: datetime) -> None:
        if self.facts_asked is not None and self.facts_asked.arrived_at is None and not self.has_ended:
            self.facts_asked = msgspec.structs.replace(self.facts_asked, arrived_at=at)

    def _holds(self, report_id: str) -> bool:
        return any(one.report_id == report_id for one in self.joined)
