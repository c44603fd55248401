"""并案 and 拆分: several cases become one, and stand by themselves again. Each method is one side of it; both sides are
written in one transaction (desk_unions.py)."""

from datetime import datetime
from typing import Any, ClassVar

from infra.problem import Refused
from services.complaints import contracts
from services.complaints.case_states import OPEN, Step, require
from services.complaints.case_together import CaseTogether, LimitOf
from services.complaints.contracts import Absorbed, CaseStatus
from services.complaints.joined_reports import Joined, without_words
from services.complaints.task_following import newest_round

TAKEN_IN, UNDONE, GIVEN_UP = "并入", "撤销并案", "拆分"
_FILED = frozenset({CaseStatus.FILED, CaseStatus.DISPATCHED})
_NOT_FILED = frozenset({CaseStatus.RECEIVED, CaseStatus.VERIFYING})


class CaseUnion(CaseTogether):
    """A case as a part of another, and as the whole of several."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def merge_into(
        self, whole: "CaseUnion", by: str, reason: str, *, limit_of: LimitOf, at: datetime, cause: str
    ) -> None:
        """This case ends as a part of `whole`, which has its reports from now on; `limit_of` is about `whole`. Raises
        Refused."""
        if whole.id == self.id:
            raise Refused("a case cannot be merged into itself", "案件不能并入自身", field="others")
        require(OPEN, CaseStatus(whole.status), "并入其他案件", "take in another")
        if CaseStatus(self.status) in _FILED and CaseStatus(whole.status) in _NOT_FILED:
            raise Refused(
                "a filed case cannot become part of one that is not filed: merge them the other way round",
                "已立案的案件不能并入未立案的案件，请反向并案",
                field="others",
            )
        before = self.status
        self._take(Step.MERGE)
        brought = self._counting()
        self.before_merge, self.merged_into, self.suggestions = before, whole.id, []
        self.moved, self.joined = self.joined, []
        whole._absorb(self, brought, by, reason, limit_of, at, cause)
        why = f"并入{whole.number}：{reason}" if reason else f"并入{whole.number}"
        self._tell(contracts.CaseMerged(case=self.state(), into=whole.id), "并案", by, at, cause, why)

    def stand_again(
        self, whole: "CaseUnion", by: str, reason: str, *, limit_of: LimitOf, at: datetime, cause: str
    ) -> None:
        """撤销并案: the merged case has its reports back and stands where it stood; where a unit had it, it is filed
        anew. `whole` is the case that it was merged into, and `limit_of` about that. Raises Refused."""
        if self.merged_into != whole.id:
            raise Refused("it is no part of that case", "该案件未并入此案件", field="part")
        require(OPEN, CaseStatus(whole.status), "拆分", "be split")
        self.joined, self.moved = whole._give_back(self, by, reason, limit_of, at, cause), []
        before = CaseStatus(self.before_merge)
        self._take(Step.SPLIT if before in _FILED else Step.SPLIT_UNFILED)
        if before in _FILED:
            self.restorations = (self.restorations or 0) + 1
            self.last_ended_at, self.again_since = self.retained_since, at
        if before == CaseStatus.VERIFYING:
            self._take(Step.VERIFY)
        self.merged_into = self.before_merge = None
        self.rounds_done = newest_round(self.tasks)
        event = contracts.CaseSplit(case=self.state(), restored=[self.id], what=UNDONE)
        self._tell(event, UNDONE, by, at, cause, reason)

    def hand_over(self, receipt: str, by: str, why: str, *, limit_of: LimitOf, at: datetime, cause: str) -> Joined:
        """拆分: one joined report leaves this case, which goes on without it. Raises Refused."""
        require(OPEN, CaseStatus(self.status), "拆分", "be split")
        found = next((one for one in self.joined if one.receipt == receipt), None)
        if found is None:
            raise Refused(f"{receipt} is not in this case", f"{receipt}不在该案件中", field="receipt")
        if found == self.joined[0]:
            raise Refused("its first report cannot leave a case", "立案来件不能拆出", field="receipt")
        part = next((one for one in self.absorbed if receipt in one.receipts), None)
        if part is not None:
            raise Refused(
                f"it came with {part.number}: undo that merge",
                f"该来件随{part.number}并入，请撤销并案",
                field="receipt",
            )
        self._let_go([receipt])
        self._tell(contracts.CaseRevised(case=self.state(), what=GIVEN_UP), GIVEN_UP, by, at, cause, why)
        self._weigh(limit_of, at, cause)
        self._step_back(at, cause)
        return found

    def take_over(self, report: Joined, by: str, why: str, *, limit_of: LimitOf, at: datetime, cause: str) -> None:
        """并入: a report that stood in another case stands in this one. Raises Refused."""
        require(OPEN, CaseStatus(self.status), "并入来件", "take in another report")
        self._take_in([report])
        self._tell(contracts.CaseRevised(case=self.state(), what=TAKEN_IN), TAKEN_IN, by, at, cause, why)
        self._weigh(limit_of, at, cause)

    def _absorb(
        self,
        part: "CaseUnion",
        brought: list[Joined],
        by: str,
        reason: str,
        limit_of: LimitOf,
        at: datetime,
        cause: str,
    ) -> None:
        receipts = [one.receipt for one in part.moved]
        self.absorbed = [*self.absorbed, Absorbed(case_id=part.id, number=part.number, receipts=receipts)]
        self._take_in(brought)
        self.revised = [*self.revised, *part.revised]
        self.escalated_by = list(dict.fromkeys([*self.escalated_by, *part.escalated_by]))
        self.suggestions = [one for one in self.suggestions if one.case_id != part.id]
        why = f"{part.number}：{reason}" if reason else part.number
        self._tell(contracts.CaseRevised(case=self.state(), what=TAKEN_IN), TAKEN_IN, by, at, cause, why)
        self._weigh(limit_of, at, cause)

    def _give_back(
        self, part: "CaseUnion", by: str, reason: str, limit_of: LimitOf, at: datetime, cause: str
    ) -> list[Joined]:
        receipts = {receipt for one in self.absorbed if one.case_id == part.id for receipt in one.receipts}
        theirs = [without_words(one) if one.report_id in self.forgotten else one for one in part.moved]
        erased = [one for one in theirs if one.report_id in self.forgotten]
        part.forgotten = list(dict.fromkeys([*part.forgotten, *(one.report_id for one in erased)]))
        part._forget_why(one.receipt for one in erased)
        self.absorbed = [one for one in self.absorbed if one.case_id != part.id]
        self._let_go(receipts)
        why = f"{part.number}：{reason}" if reason else part.number
        self._tell(contracts.CaseRevised(case=self.state(), what=GIVEN_UP), GIVEN_UP, by, at, cause, why)
        self._weigh(limit_of, at, cause)
        self._step_back(at, cause)
        return theirs
