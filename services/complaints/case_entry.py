"""How a matter enters: opened with its first report, filed, corrected, answered or voided."""

import hashlib
from datetime import datetime
from typing import Any, ClassVar, Self

import msgspec

from infra.organisation import unit_path
from infra.problem import InvalidInput, Refused
from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord
from services.complaints.case_states import CORRECTABLE, NOT_BEGUN, TRANSITIONS, Step, after, require
from services.complaints.contracts import CaseStatus, Channel, FactsAsked, RequestKind, Verification
from services.complaints.corrections import Correction, Decided, corrections, in_words, overruled
from services.complaints.data_tables import Entry, channel_entries, void_reason
from services.complaints.joined_reports import WEIGHED, opening, words_of
from services.complaints.limits import Limit
from services.complaints.officers_words import said
from services.complaints.reply_templates import complete, suggested_template
from services.complaints.report import Report
from services.complaints.triage.decide import TriageDecision

PUT_RIGHT = frozenset({RequestKind.COMPLAINT, RequestKind.TIP_OFF, RequestKind.HELP})
VERIFIABLE = frozenset({CaseStatus.RECEIVED, CaseStatus.VERIFYING})
SPLIT_OFF, ASKED, EXPIRED = "拆出来件", "一次性告知", "补正逾期"


def case_id_for(report_id: str) -> str:
    """The id of the case that this report opens: the same whenever it is asked, so that no report opens two."""
    return hashlib.blake2b(report_id.encode(), digest_size=12).hexdigest()


def _first_step(report: Report, decision: TriageDecision) -> Step | None:
    """What is done with a new case by itself, as channel and kind of request want it; None: a person decides."""
    entry = channel_entries()[Channel(report.channel)].entry
    if entry == Entry.REGISTER:
        return Step.FILE
    if decision.request_kind not in PUT_RIGHT:
        return None
    return Step.FILE if entry == Entry.FILE else Step.VERIFY


class CaseEntry(CaseRecord):
    """From the first report to its filing, or to the end without one."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    @classmethod
    def open_with(
        cls, report: Report, decision: TriageDecision, *, number: str, limit: Limit, at: datetime, cause: str
    ) -> Self:
        """A new case of `report` as triage decided: filed, to be verified on site first, or waiting for a person, as
        the channel (data/channel_entry.csv) and the kind of request want it."""
        case, step = cls._of(report, decision, number), _first_step(report, decision)
        why = channel_entries()[Channel(report.channel)].why if step else ""
        case._limited(limit if step else None)
        if step == Step.FILE:
            case._file(SYSTEM, why, at, cause)
            return case
        if step is not None:
            case._take(step)
        case._tell(contracts.CaseReceived(case=case.state()), "受理", SYSTEM, at, cause, why)
        return case

    @classmethod
    def split_off(
        cls,
        report: Report,
        decision: TriageDecision,
        by: str,
        before: str,
        *,
        number: str,
        limit: Limit,
        at: datetime,
        cause: str,
    ) -> Self:
        """拆出: a case of its own for `report`, which stood in the case numbered `before`; it enters as any other."""
        case, step = cls._of(report, decision, number), _first_step(report, decision)
        if step is not None:
            case._take(step)
            case._limited(limit)
        case.filed_at = at if step == Step.FILE else None
        event = contracts.CaseSplit(case=case.state(), restored=[case.id], what=SPLIT_OFF)
        case._tell(event, SPLIT_OFF, by, at, cause, f"自{before}拆出")
        return case

    @classmethod
    def _of(cls, report: Report, decision: TriageDecision, number: str) -> Self:
        content = report.latest.content
        return cls(
            id=case_id_for(report.id),
            number=number,
            status=CaseStatus.RECEIVED.value,
            is_open=True,
            **words_of(content),
            category=decision.category,
            category_name=decision.category_name,
            place_path=decision.place_path,
            inside_places=unit_path.ancestors(decision.place_path),
            urgency=decision.urgency.value,
            request_kind=decision.request_kind.value,
            difficult=content.difficult,
            first_subject=decision.subject or None,
            joined=[opening(report, decision)],
            received_at=report.received_at,
            reasons=decision.reasons,
        )

    def file(self, by: str, *, limit: Limit, at: datetime, cause: str, why: str = "") -> None:
        """立案 with the limit that its category and urgency give. Raises Refused, also where it must be verified."""
        require(VERIFIABLE, CaseStatus(self.status), TRANSITIONS[Step.FILE].zh, "be filed")
        if self.must_be_verified:
            raise Refused(
                "what came on public channels only must be verified on site before it is filed",
                "该来件须先现场核实，属实后方可立案",
                field="status",
            )
        after(Step.FILE, CaseStatus(self.status))
        self._limited(limit)
        self.confirmed, self.revised, self.escalated_by, self.entered_later = True, [], [], None
        self._file(by, why, at, cause)

    def verify(self, by: str, found: bool, note: str, *, limit: Limit, at: datetime, cause: str, why: str = "") -> None:
        """核实: somebody looked on site. As reported: filed with `limit`; `why` says what was corrected. Not: the case
        waits for void or answer, which the same officer gives. Raises Refused, InvalidInput."""
        note = said(note, "note")
        status = CaseStatus(self.status)
        require(VERIFIABLE, status, TRANSITIONS[Step.VERIFY].zh, "be verified on site")
        if self.verification is not None and self.verification.found:
            raise Refused("it was verified already", "该案件已核实", field="status")
        if status == CaseStatus.RECEIVED:
            self._take(Step.VERIFY)
        self.verification, self.entered_later = Verification(found=found, by=by, at=at, note=note), None
        event = contracts.ReportVerified(case=self.state(), found=found, by=by)
        self._tell(event, "核实属实" if found else "核实不属实", by, at, cause, note)
        if found:
            self._limited(limit)
            self._file(by, f"现场核实属实；{why}" if why else "现场核实属实", at, cause)

    def ask_for_facts(self, by: str, missing: list[str], *, due: datetime, at: datetime, cause: str) -> None:
        """一次性告知: everything that is missing is said once, with the day by which it must come. Raises Refused where
        it was said before, InvalidInput."""
        listed = [said(one, "missing") for one in missing] if isinstance(missing, list) else []
        if not listed:
            raise InvalidInput("say what is missing", "须写明需补正的内容", field="missing")
        require(NOT_BEGUN, CaseStatus(self.status), "退回补正", "be returned for facts")
        if self.facts_asked is not None:
            raise Refused(
                "the citizen was told once what is missing; everything is to be said at once",
                "已一次性告知，不得再次要求补正",
                field="missing",
            )
        self.facts_asked = FactsAsked(missing=listed, by=by, at=at, due=due)
        self._tell(contracts.CaseRevised(case=self.state(), what=ASKED), ASKED, by, at, cause, "；".join(listed))

    def wake(self, at: datetime, cause: str) -> bool:
        """Notice that the facts that were asked for have not come in time; False where that is no news."""
        asked = self.facts_asked
        if asked is None or not self.waits_for_facts or at < asked.due:
            return False
        self.facts_asked = msgspec.structs.replace(asked, expired=True)
        self._tell(contracts.CaseRevised(case=self.state(), what=EXPIRED), EXPIRED, SYSTEM, at, cause)
        return True

    def overrule(self, now: Decided, by: str) -> list[Correction]:
        """Decide otherwise than triage did; what was corrected. The reasons that were overruled stay beside it."""
        found = corrections(self.decided(), now)
        self.reasons = overruled(self.reasons, found, by) if found else self.reasons
        self.escalated_by = [] if any(one.decision in WEIGHED for one in found) else self.escalated_by
        self.category, self.category_name, self.urgency = now.category, now.category_name, now.urgency.value
        self.request_kind, self.first_subject = now.request_kind.value, now.subject or self.first_subject
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

    def answer(self, by: str, reply: str, answered_as: str | None = None, *, at: datetime, cause: str) -> None:
        """答复: answered directly, nothing to put right; `answered_as` is a template (reply_templates.py), by default
        what the kind of request suggests. Raises Refused, InvalidInput."""
        reply = complete(said(reply, "reply"))
        self._take(Step.ANSWER)
        self.reply, self.replied_at = reply, at
        self.answered_as = answered_as or suggested_template(RequestKind(self.request_kind))
        self._tell(contracts.CaseAnswered(case=self.state()), "答复", by, at, cause)

    def void(self, by: str, reason: str, code: str = "other", *, at: datetime, cause: str) -> None:
        """作废, with a reason and its code (data/void_reasons.csv). Raises Refused, InvalidInput."""
        reason, known = said(reason, "reason"), void_reason(code)
        self._take(Step.VOID)
        self.void_reason, self.void_code = reason, code
        why = reason if code == "other" else f"{known}：{reason}"
        self._tell(contracts.CaseVoided(case=self.state(), reason=reason, code=code), "作废", by, at, cause, why)
