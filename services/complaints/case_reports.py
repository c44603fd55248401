"""The reports of a case: more of them on the same matter, and their revisions."""

from datetime import datetime
from typing import Any, ClassVar

from infra.problem import Refused
from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord
from services.complaints.joined_reports import joined, words_of
from services.complaints.report import Report

JOINED, REVISED, REVISED_LATE = "催办", "来件有修改", "结案后来件有修改"


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
        self._tell(contracts.CaseRevised(case=self.state(), what=JOINED), JOINED, SYSTEM, at, cause, why)
        return True

    def note_revision(self, report: Report, *, at: datetime, cause: str) -> bool:
        """来件有修改: a report of the case has new content; False where the case has seen it.

        An ended case keeps the words by which it was decided, and tells of the revision all the same.
        """
        old = next((one for one in self.joined if one.report_id == report.id), None)
        if old is None or old.revision >= report.revision:
            return False
        self.joined = [joined(report) if one is old else one for one in self.joined]
        if self.joined[0].report_id == report.id and not self.has_ended:
            for name, words in words_of(report.latest.content).items():
                setattr(self, name, words)
        what = REVISED_LATE if self.has_ended else REVISED
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, SYSTEM, at, cause, report.receipt)
        return True

    def _holds(self, report_id: str) -> bool:
        return any(one.report_id == report_id for one in self.joined)
