"""How a matter enters: opened with its first report, filed, corrected, answered or voided."""

import hashlib
from datetime import datetime
from typing import Any, ClassVar, Self

from infra.organisation import unit_path
from infra.problem import InvalidInput
from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord, said
from services.complaints.case_states import CORRECTABLE, Step, require
from services.complaints.contracts import CaseStatus, RequestKind
from services.complaints.corrections import Correction, Decided, corrections, in_words, overruled
from services.complaints.joined_reports import joined, words_of
from services.complaints.limits import Limit
from services.complaints.report import Report
from services.complaints.triage.decide import TriageDecision

PUT_RIGHT = frozenset({RequestKind.COMPLAINT, RequestKind.TIP_OFF, RequestKind.HELP})


def case_id_for(report_id: str) -> str:
    """The id of the case that this report opens: the same whenever it is asked, so that no report opens two."""
    return hashlib.blake2b(report_id.encode(), digest_size=12).hexdigest()


class CaseEntry(CaseRecord):
    """From the first report to its filing, or to the end without one."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    @classmethod
    def open_with(
        cls, report: Report, decision: TriageDecision, *, number: str, limit: Limit, at: datetime, cause: str
    ) -> Self:
        """A new case of `report` as triage decided: filed where it is to be put right, else waiting for a person."""
        case = cls(
            id=case_id_for(report.id),
            number=number,
            status=CaseStatus.RECEIVED.value,
            is_open=True,
            **words_of(report.latest.content),
            category=decision.category,
            category_name=decision.category_name,
            place_path=decision.place_path,
            inside_places=unit_path.ancestors(decision.place_path),
            urgency=decision.urgency.value,
            request_kind=decision.request_kind.value,
            joined=[joined(report)],
            received_at=report.received_at,
            reasons=decision.reasons,
        )
        if decision.request_kind in PUT_RIGHT:
            case.file(SYSTEM, limit=limit, at=at, cause=cause, why="热线来件直接立案")
        else:
            case._tell(contracts.CaseReceived(case=case.state()), "受理", SYSTEM, at, cause)
        return case

    def file(self, by: str, *, limit: Limit, at: datetime, cause: str, why: str = "") -> None:
        """立案 with the limit that its category and urgency give. Raises Refused."""
        self._take(Step.FILE)
        self.filed_at = at
        self._limited(limit)
        self._tell(contracts.CaseFiled(case=self.state()), "立案", by, at, cause, why)

    def overrule(self, now: Decided, by: str) -> list[Correction]:
        """Decide otherwise than triage did; what was corrected. The reasons that were overruled stay beside it."""
        found = corrections(self.decided(), now)
        self.reasons = overruled(self.reasons, found, by) if found else self.reasons
        self.category, self.category_name, self.urgency = now.category, now.category_name, now.urgency.value
        self.place_path, self.inside_places = now.place_path, unit_path.ancestors(now.place_path)
        return found

    def correct(self, by: str, now: Decided, *, limit: Limit, at: datetime, cause: str) -> None:
        """更正 of a filed case that no unit has begun, with the `limit` that follows. Raises Refused, InvalidInput."""
        require(CORRECTABLE, CaseStatus(self.status), "更正")
        found = self.overrule(now, by)
        if not found:
            raise InvalidInput("it is decided like that already", "与现有认定相同，无需更正", field="category")
        self._limited(limit)
        what, why = "、".join(one.what for one in found), in_words(found)
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, by, at, cause, why)

    def answer(self, by: str, reply: str, *, at: datetime, cause: str) -> None:
        """答复: answered directly, nothing to put right. Raises Refused, InvalidInput."""
        reply = said(reply, "reply")
        self._take(Step.ANSWER)
        self.reply, self.replied_at = reply, at
        self._tell(contracts.CaseAnswered(case=self.state()), "答复", by, at, cause)

    def void(self, by: str, reason: str, *, at: datetime, cause: str) -> None:
        """作废, with a reason. Raises Refused, InvalidInput."""
        reason = said(reason, "reason")
        self._take(Step.VOID)
        self.void_reason = reason
        self._tell(contracts.CaseVoided(case=self.state(), reason=reason), "作废", by, at, cause, reason)
