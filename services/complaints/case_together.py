"""What the reports of a case decide together: its urgency, its kind of request, whether it is 疑难, and how it enters.

It is decided anew whenever a report joins, is revised or leaves, so that it does not matter in which order they came,
and a split restores what a merge had changed. What an officer decided stays: the desk is shown who says otherwise.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord
from services.complaints.case_states import TRANSITIONS, Step
from services.complaints.contracts import CaseStatus, Reason, RequestKind, Urgency
from services.complaints.corrections import Decided, corrections
from services.complaints.data_tables import Entry, channel_entries
from services.complaints.joined_reports import WEIGHED, Joined, erased_reason
from services.complaints.limits import Limit
from services.complaints.task_following import newest_round
from services.complaints.together import demands, leading, quoting, says_more

UNEXPLAINED = Reason("", [])  # of the opener, where triage gave no reason
UNFILED = frozenset({CaseStatus.RECEIVED, CaseStatus.VERIFYING})
LimitOf = Callable[[Decided], Limit]  # the limit that the case gets once it is decided like that


class CaseTogether(CaseRecord):
    """A case as the sum of its reports."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def _take_in(self, reports: Iterable[Joined]) -> None:
        """These stand in the case from now on."""
        self._listen(reports)
        self._have([*self.joined, *reports])

    def _replace(self, old: Joined, new: Joined) -> None:
        """A report of the case has a new version; what the one before said already is known to the desk."""
        if (new.urgency, new.request_kind) != (old.urgency, old.request_kind):
            self._listen([new])
        self._have([new if one is old else one for one in self.joined])

    def _let_go(self, receipts: Collection[str]) -> None:
        """The reports with these receipts stand elsewhere from now on."""
        self.revised = [one for one in self.revised if one not in receipts]
        self.escalated_by = [one for one in self.escalated_by if one not in receipts]
        self._have([one for one in self.joined if one.receipt not in receipts])

    def _have(self, reports: list[Joined]) -> None:
        self._know_opener()
        self.joined = reports
        self.difficult = any(one.difficult for one in reports)

    def _listen(self, reports: Iterable[Joined]) -> None:
        """The desk is to see which of them make the case more urgent, or say more than an officer decided."""
        for one in reports:
            more = says_more(one, Urgency(self.urgency), RequestKind(self.request_kind))
            if more["urgency"] or (more["request_kind"] and self._is_an_officers("request_kind")):
                self.escalated_by = list(dict.fromkeys([*self.escalated_by, one.receipt]))

    def _weigh(self, limit_of: LimitOf, at: datetime, cause: str) -> None:
        """Decide what its reports decide together, tell where that is otherwise than before, and let it enter so."""
        self._know_opener()
        before, leaders = self.decided(), leading(self.joined)
        free = {name: one for name, one in leaders.items() if not self._is_an_officers(name)}
        now = msgspec.structs.replace(before, **{name: getattr(one, name) for name, one in free.items()})
        found = corrections(before, now)
        limit = limit_of(now) if found and self.limit_amount is not None else None
        for name, one in free.items():
            self._explain(name, one)
        if found:
            self.urgency, self.request_kind = now.urgency.value, now.request_kind.value
            if limit is not None:
                self._limited(limit)
            what = "、".join(f"调整{one.noun}" for one in found)
            why = "；".join(
                f"{one.noun}由{one.old}调整为{one.new}（依据来件{free[one.decision].receipt}）" for one in found
            )
            self._tell(contracts.CaseRevised(case=self.state(), what=what), what, SYSTEM, at, cause, why)
        self._enter(limit_of, at, cause)

    def _enter(self, limit_of: LimitOf, at: datetime, cause: str) -> None:
        """What waits for verification is filed as soon as a report is there that needs none; what waits for an answer
        enters as its channels want it as soon as a report wants it put right."""
        status, step = CaseStatus(self.status), self._entry()
        if step == Step.FILE and status in UNFILED:
            self._enter_for_a_report(limit_of)
            self._file(SYSTEM, self._why_filed(), at, cause)
        elif step == Step.VERIFY and status == CaseStatus.RECEIVED:
            self._enter_for_a_report(limit_of)
            self._step(Step.VERIFY, channel_entries()[self._wanting().channel].why, at, cause)

    def _step_back(self, at: datetime, cause: str) -> None:
        """What was filed or verified for a report that has left waits again as it did, as long as no unit has begun;
        what an officer filed or verified stays so."""
        status, step = CaseStatus(self.status), self._entry()
        back = Step.REVERIFY if step == Step.VERIFY else Step.UNFILE
        if not self.entered_later or step == Step.FILE or status not in TRANSITIONS[back].before:
            return
        if status != CaseStatus.VERIFYING:  # its task falls away, and a next one comes when it is filed again
            self.restorations = (self.restorations or 0) + 1
            self.last_ended_at, self.rounds_done = at, newest_round(self.tasks)
        self.entered_later = True if step is not None and len(self.joined) > 1 else None
        self._step(back, "立案所依据的来件已拆出", at, cause)

    def _entry(self) -> Step | None:
        """What is done by itself with a case of these reports, filed or not: see case_entry.py."""
        if not self.must_be_verified and CaseStatus(self.status) == CaseStatus.VERIFYING and not self.entered_later:
            return Step.FILE  # whatever kind it is: it waited for this alone
        if not self._is_to_be_put_right:
            return None
        return Step.VERIFY if self.must_be_verified else Step.FILE

    def _enter_for_a_report(self, limit_of: LimitOf) -> None:
        self.entered_later = True
        if self.limit_amount is None:
            self._limited(limit_of(self.decided()))

    def _step(self, step: Step, why: str, at: datetime, cause: str) -> None:
        self._take(step)
        what = TRANSITIONS[step].zh
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, SYSTEM, at, cause, why)

    def _why_filed(self) -> str:
        if self.verification is not None and self.verification.found:
            return "现场核实属实"
        known = self._wanting()
        return f"{channel_entries()[known.channel].why}（{known.receipt}）"

    @property
    def _is_to_be_put_right(self) -> bool:
        registered = any(channel_entries()[one.channel].entry == Entry.REGISTER for one in self.joined)
        return registered or demands(RequestKind(self.request_kind)) > 0

    def _wanting(self) -> Joined:
        """The report for which it enters: it needs no verification, if there is such a one, and demands most."""
        entries = channel_entries()
        return max(self.joined, key=lambda one: (entries[one.channel].entry != Entry.VERIFY, demands(one.request_kind)))

    def _is_an_officers(self, decision: str) -> bool:
        reason = self.reasons.get(decision)
        return reason is not None and bool(reason.by)

    def _know_opener(self) -> None:
        """What was triaged before each report kept what triage found: then the case has it."""
        opener, *others = self.joined
        if opener.urgency is None or opener.request_kind is None:
            found = {"urgency": Urgency(self.urgency), "request_kind": RequestKind(self.request_kind)}
            self.joined = [msgspec.structs.replace(opener, difficult=bool(self.difficult), **found), *others]

    def _forget_why(self, receipts: Iterable[str]) -> None:
        """What was decided because of these reports is not explained with their words any more."""
        erased = list(receipts)
        self.reasons = {
            name: erased_reason(one) if any(receipt in said for receipt in erased for said in _words(one)) else one
            for name, one in self.reasons.items()
        }

    def _explain(self, decision: str, leader: Joined) -> None:
        """Give the reason of the report that decides; that of the opener is kept with it while another one decides."""
        opener, *others = self.joined
        because, reason = dict(opener.because), self.reasons.get(decision, UNEXPLAINED)
        if leader.report_id == opener.report_id:
            reason = because.pop(decision, reason)
        else:
            because.setdefault(decision, reason)
            reason = quoting(leader.receipt, leader.because.get(decision))
        others_said = {name: one for name, one in self.reasons.items() if name != decision}
        self.reasons = others_said if reason == UNEXPLAINED else self.reasons | {decision: reason}
        self.joined = [msgspec.structs.replace(opener, because=because), *others]

    def _counting(self) -> list[Joined]:
        """Its reports as they count for a case that takes them in: each as triage found it, or as its officers
        decided about all of them."""
        self._know_opener()
        opener, *others = self.joined
        own: dict[str, Reason] = {name: self.reasons[name] for name in WEIGHED if name in self.reasons}
        found = [msgspec.structs.replace(opener, because=own | opener.because), *others]
        decided = {"urgency": Urgency(self.urgency), "request_kind": RequestKind(self.request_kind)}
        officers = {name: value for name, value in decided.items() if self._is_an_officers(name)}
        return (
            [msgspec.structs.replace(one, because=one.because | own, **officers) for one in found]
            if officers
            else found
        )


def _words(reason: Reason) -> list[str]:
    return [reason.text_zh, *reason.evidence]
