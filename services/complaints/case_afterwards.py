"""After the end: the citizen is asked, the unit may appeal, the matter may have to be put right again."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from infra.problem import InvalidInput, Refused
from services.complaints import contracts
from services.complaints.case_record import SYSTEM, CaseRecord
from services.complaints.case_states import REPLIED, Step, require
from services.complaints.contracts import APPEAL_GRANTED, Appeal, CaseStatus, DeskKind, Rating, RatingSource
from services.complaints.officers_words import said
from services.complaints.task_following import newest_round
from services.complaints.terms import desk_term

CLOSED = frozenset({CaseStatus.CLOSED})
APPEALED, DENIED = "超时申诉", "申诉不成立"
NOT_SOLVED = "回访反映未解决"


class CaseAfterwards(CaseRecord):
    """What happens to a closed case."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def rate(
        self,
        rated_by: RatingSource | str,
        contacted: bool | None,
        solved: bool | None,
        satisfied: bool | None,
        *,
        by: str = "市民",
        at: datetime,
        cause: str,
    ) -> None:
        """回访 or the citizen's own answer: contacted, solved, satisfied? Officers ask again until they reached the
        citizen, then no more for that closing; citizens answer once per closing and `by`, since a case may have
        several; they may rate a direct answer too (closing 0). Where an officer hears that it is not solved, the case
        is reopened; what citizens say themselves an officer reads first.
        Raises Refused, InvalidInput."""
        source = RatingSource(rated_by)
        _check_answers(source, contacted, solved, satisfied)
        follow_up = source == RatingSource.FOLLOW_UP
        require(CLOSED if follow_up else REPLIED, CaseStatus(self.status), "回访" if follow_up else "评价", "be rated")
        closing = len(self.closings)
        same = [one for one in self.ratings if (one.rated_by, one.closing) == (source, closing)]
        if any(one.contacted if follow_up else one.by == by for one in same):
            raise Refused("this closing was rated already", "本次办理结果已评价，不能重复评价", field="case_id")
        rating = Rating(
            closing=closing, rated_by=source, contacted=contacted, solved=solved, satisfied=satisfied, by=by, at=at
        )
        self.ratings = [*self.ratings, rating]
        if follow_up and contacted:
            self._hear_answers()
        event = contracts.CitizenRated(
            case=self.state(),
            rated_by=source,
            contacted=contacted,
            solved=solved,
            satisfied=satisfied,
            due=self._follow_up_due() if follow_up else None,
        )
        self._tell(event, "回访" if follow_up else "市民评价", by, at, cause, _in_words(rating))
        if follow_up and solved is False:
            self._reopen(SYSTEM, NOT_SOLVED, at, cause, not_solved=True)

    def reopen(self, by: str, reason: str, *, until: datetime, at: datetime, cause: str) -> None:
        """重办: to be put right again by the same unit; everything is kept. `until` ends the time for it.
        Raises Refused, InvalidInput."""
        reason = said(reason, "reason")
        require(CLOSED, CaseStatus(self.status), "重办", "be reopened")
        _check_in_time(at, until, "重办")
        self._reopen(by, reason, at, cause)

    def appeal_timeout(self, by: str, reason: str, *, until: datetime, at: datetime, cause: str) -> None:
        """超时申诉 by the unit, once, of a closed case whose task was overdue. Raises Refused, InvalidInput."""
        reason = said(reason, "reason")
        require(CLOSED, CaseStatus(self.status), APPEALED, "be appealed")
        if self.appeal is not None:
            raise Refused("an appeal was made already", "该案件已申诉过，不能再次申诉", field="case_id")
        if not any(mark.overdue for mark in self.tasks.values()):
            raise Refused("no task of this case was overdue", "该案件没有超时，无需申诉", field="case_id")
        _check_in_time(at, until, "申诉")
        self.appeal = Appeal(reason=reason, by=by, at=at)
        self._tell(contracts.CaseRevised(case=self.state(), what=APPEALED), APPEALED, by, at, cause, reason)

    def decide_appeal(self, by: str, granted: bool, decision: str, *, at: datetime, cause: str) -> None:
        """The city's office decides: granted, the delay is excused in the statistic; that it was late stays a fact.
        Raises Refused, InvalidInput."""
        decision = said(decision, "decision")
        if not isinstance(granted, bool):
            raise InvalidInput("granted must be true or false", "须注明申诉是否成立", field="granted")
        if self.appeal is None or self.appeal.granted is not None:
            raise Refused("there is no appeal to decide", "没有待裁定的申诉", field="case_id")
        self.appeal = msgspec.structs.replace(
            self.appeal, granted=granted, decision=decision, decided_by=by, decided_at=at
        )
        self.excused = granted
        what = APPEAL_GRANTED if granted else DENIED
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, by, at, cause, decision)

    def _follow_up_due(self) -> datetime | None:
        at = self.closed_at
        return at + desk_term(DeskKind.FOLLOW_UP, at).within if at else None

    def _reopen(self, by: str, reason: str, at: datetime, cause: str, *, not_solved: bool = False) -> None:
        self._take(Step.REOPEN)
        self.reopenings += 1
        self.last_ended_at, self.again_since = self.closed_at, at
        self.rounds_done = newest_round(self.tasks)
        self._hear_answers()
        self.closed_at = self.replied_at = self.reply = self.closing_condition = self.revised_late = None
        self.revised, self.escalated_by = [], []
        event = contracts.CaseReopened(case=self.state(), reason=reason, not_solved=not_solved)
        self._tell(event, "重办", by, at, cause, reason)


def _check_answers(source: RatingSource, contacted: bool | None, solved: bool | None, satisfied: bool | None) -> None:
    for name, answer in (("contacted", contacted), ("solved", solved), ("satisfied", satisfied)):
        if answer is not None and not isinstance(answer, bool):
            raise InvalidInput(f"{name} must be true, false or null", "须为是、否或未答", field=name)
    if source == RatingSource.FOLLOW_UP and contacted is None:
        raise InvalidInput("say whether the citizen was reached", "须注明是否联系到市民", field="contacted")
    if contacted is False and source == RatingSource.FOLLOW_UP and (solved, satisfied) != (None, None):
        raise InvalidInput(
            "who was not reached has said nothing", "未联系到市民，不能填写是否解决、是否满意", field="solved"
        )


def _check_in_time(at: datetime, until: datetime, zh: str) -> None:
    if at > until:
        raise Refused(
            f"the time for it ended {until.isoformat()}", f"已超过{zh}期限", field="case_id", until=until.isoformat()
        )


def _in_words(rating: Rating) -> str:
    words = {None: "未答", True: "是", False: "否"}
    asked = (("联系", rating.contacted), ("解决", rating.solved), ("满意", rating.satisfied))
    return "，".join(f"{noun}：{words[answer]}" for noun, answer in asked)
