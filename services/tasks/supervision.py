"""督办单: a numbered order by the tier above that a unit do its duty, with a deadline of its own. It speaks as a task
does: every step checks, changes, tells.

    opened ──acknowledge──► acknowledged ──answer──► answered ──close──► closed
       └──────────────answer─────────────────────────►  │ ▲
                                       returned ◄──return┘ └──answer── returned
    every open state ──close──► closed   (whoever opened it, or by itself when its task has ended)
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, EnumField, IntField, ListField, StringField

from infra.messaging.event import Event
from infra.messaging.outbox import Aggregate
from infra.organisation import unit_path
from infra.problem import Refused
from services.tasks import contracts, urgency
from services.tasks.contracts import (
    SERVICE,
    SupervisionState,
    SupervisionStatus,
    SupervisionTrigger,
)
from services.tasks.task_record import SYSTEM, require_text
from services.tasks.urgency import Rank

S = SupervisionStatus
WAITS_FOR_UNIT = frozenset({S.OPENED, S.ACKNOWLEDGED, S.RETURNED})
UNANSWERED_ZH = "督办单逾期未答复"
OVERDUE = "overdue"
STATUS_ZH = {
    S.OPENED: "已下达",
    S.ACKNOWLEDGED: "已签收",
    S.ANSWERED: "已答复",
    S.RETURNED: "答复已退回",
    S.CLOSED: "已销号",
}


class Push(StrEnum):
    """What can be done with an order; the values are what its history says."""

    OPEN = "opened"
    ACKNOWLEDGE = "acknowledged"
    ANSWER = "answered"
    RETURN = "returned"
    CLOSE = "closed"
    PROPOSE_CLUE = contracts.CLUE_PROPOSED


ALLOWED = {
    Push.ACKNOWLEDGE: (frozenset({S.OPENED, S.RETURNED}), S.ACKNOWLEDGED, "签收"),
    Push.ANSWER: (WAITS_FOR_UNIT, S.ANSWERED, "答复"),
    Push.RETURN: (frozenset({S.ANSWERED}), S.RETURNED, "退回答复"),
    Push.CLOSE: (frozenset(S) - {S.CLOSED}, S.CLOSED, "销号"),
}


class Supervision(Aggregate):
    """An order as it is stored. Below the public state: `serial` is the last part of its number, which tells in what
    order one issuer opened what it opened at one moment; `watch_until` the deadline of the unit, then of the issuer,
    as long as the scanner must watch it, `clue` why it was proposed as a clue (责任倒查线索), at most once. The keys
    are its places in lists."""

    noun = "supervision"
    superseded_indexes: ClassVar[tuple[str, ...]] = ("unit_1_opened_at_-1",)
    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "supervisions",
        "indexes": [
            ("inside_units", "order_key"),
            ("inside_places", "order_key"),
            ("by_unit", "order_key"),
            ("unit", "-opened_at", "-serial"),
            "task_id",
            {"fields": ["number"], "unique": True},
            {"fields": ["desk_key"], "sparse": True},
            {"fields": ["decision_key"], "sparse": True},
            {"fields": ["watch_until"], "sparse": True},
        ],
    }

    id = StringField(primary_key=True)
    number = StringField(required=True)
    serial = IntField()
    status = EnumField(SupervisionStatus, default=S.OPENED)
    trigger = EnumField(SupervisionTrigger, required=True)
    task_id = StringField(required=True)
    case_id = StringField()
    title = StringField(required=True)
    unit = StringField(required=True)
    place_path = StringField(required=True)
    by_unit = StringField(required=True)
    because = StringField(required=True)
    opened_at = DateTimeField(required=True)
    answer_by = DateTimeField(required=True)
    acknowledged_at = DateTimeField()
    answered_at = DateTimeField()
    closed_at = DateTimeField()
    overdue = BooleanField(default=False)
    returns = IntField(default=0)
    judge_by = DateTimeField()
    left_open = BooleanField(default=False)

    clue = StringField()
    inside_units = ListField(StringField())
    inside_places = ListField(StringField())
    watch_until = DateTimeField()
    order_key = StringField()
    desk_key = StringField()
    decision_key = StringField()
    history = ListField(DictField())

    @classmethod
    def open(cls, facts: dict[str, Any], *, by: str, by_unit: str | None, cause: str) -> "Supervision":
        """A new order made of `facts` (fields above)."""
        one = cls(**facts)
        one.inside_units, one.inside_places = unit_path.ancestors(one.unit), unit_path.ancestors(one.place_path)
        one._settle()
        event = contracts.SupervisionOpened(supervision=one.state(), by=by)
        one._tell(Push.OPEN, event, by, one.opened_at, cause, one.because, by_unit=by_unit)
        return one

    def state(self) -> SupervisionState:
        """The full public state, as every event carries it."""
        fields = {name: getattr(self, name) for name in SupervisionState.__struct_fields__ if name != "supervision_id"}
        return SupervisionState(supervision_id=self.pk, **fields)

    def acknowledge(self, by: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """签收. Raises Refused."""
        self._move(Push.ACKNOWLEDGE, at)
        self.acknowledged_at = at
        event = contracts.SupervisionAcknowledged(supervision=self.state(), by=by)
        self._tell(Push.ACKNOWLEDGE, event, by, at, cause, None, by_unit=by_unit)

    def answer(
        self, by: str, answer: str, at: datetime, cause: str, *, judge_by: datetime, by_unit: str | None = None
    ) -> None:
        """答复: what the unit does about it; its issuer judges that until `judge_by`. Raises InvalidInput without
        words, or Refused."""
        require_text(answer, "answer", "答复督办必须说明办理情况")
        self._move(Push.ANSWER, at)
        self.acknowledged_at = self.acknowledged_at or at
        self.answered_at, self.judge_by = at, judge_by
        self._settle()
        event = contracts.SupervisionAnswered(supervision=self.state(), by=by, answer=answer)
        self._tell(Push.ANSWER, event, by, at, cause, answer, by_unit=by_unit)

    def send_back(
        self, by: str, reason: str, until: datetime, at: datetime, cause: str, *, by_unit: str | None = None
    ) -> None:
        """退回: another answer is wanted `until` that moment. Raises InvalidInput without a reason, or Refused."""
        require_text(reason, "reason", "退回答复必须说明理由")
        self._check_judge(by_unit)
        self._move(Push.RETURN, at)
        self.returns += 1
        self.answer_by, self.answered_at, self.overdue = until, None, False
        self.judge_by, self.left_open = None, False
        self._settle()
        event = contracts.SupervisionReturned(supervision=self.state(), by=by, reason=reason)
        self._tell(Push.RETURN, event, by, at, cause, reason, by_unit=by_unit)

    def close(self, by: str, note: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """销号, and why. Raises InvalidInput without a note, or Refused."""
        require_text(note, "note", "销号必须说明情况")
        self._check_judge(by_unit)
        self._move(Push.CLOSE, at)
        self.closed_at = at
        event = contracts.SupervisionClosed(supervision=self.state(), by=by, note=note)
        self._tell(Push.CLOSE, event, by, at, cause, note, by_unit=by_unit)

    def notice_overdue(self, at: datetime) -> bool:
        """Notice, once per deadline, that it was not answered in time: a clue; or that its issuer has left open what
        was answered, which is shown and no clue: then False. Every step does so first."""
        if self.watch_until is None or at <= self.watch_until:
            return False
        if self.status == S.ANSWERED:
            self.left_open = True
            self._settle()
            return False
        self.overdue = True
        self._settle()
        return self.propose_clue(UNANSWERED_ZH, at, f"deadline/{self.pk}")

    def propose_clue(self, because: str, at: datetime, cause: str) -> bool:
        """责任倒查线索: hand it on, at most once; False where that was done before."""
        if self.clue is not None:
            return False
        self.clue = because
        event = contracts.AccountabilityProposed(supervision=self.state(), because=because)
        self._tell(Push.PROPOSE_CLUE, event, SYSTEM, at, cause, because)
        return True

    def last_change(self) -> dict[str, Any]:
        """Who changed it last; see Aggregate. Who is refused learns that it is overdue, not that it became a clue."""
        step = self.history[-1]
        what = OVERDUE if step["what"] == Push.PROPOSE_CLUE else step["what"]
        return {"changed_by": step["by"], "changed_at": step["at"].isoformat(), "changed_what": what}

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return bool(self.status != S.CLOSED)

    def _check_judge(self, by_unit: str | None) -> None:
        answered = next((one for one in reversed(self.history) if one["what"] == Push.ANSWER), None)
        if by_unit is not None and answered is not None and answered.get("by_unit") == by_unit:
            raise Refused(f"{by_unit} answered it: another unit judges", "本单位的答复不能由本单位审核", unit=by_unit)

    def _move(self, step: Push, at: datetime) -> None:
        before, after, zh = ALLOWED[step]
        if self.status not in before:
            raise Refused(
                f"a supervision that is {self.status} cannot be {step}",
                f"督办单{STATUS_ZH[SupervisionStatus(self.status)]}，不能{zh}",
                supervision_status=self.status,
            )
        self.notice_overdue(at)
        self.status = after
        self._settle()

    def _settle(self) -> None:
        with_unit = self.status in WAITS_FOR_UNIT
        self.watch_until = self._next_look()
        rank = Rank.ENDED if not self.is_open else Rank.OVERDUE if self.overdue else Rank.DUE_SOON
        last = f"{self.answer_by.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}{self.pk}"
        self.order_key = f"{rank}{last}"
        own = rank if with_unit else Rank.WAITING
        self.desk_key = urgency.on_desk(self.unit, own, last) if self.is_open else None
        decides = self.status == S.ANSWERED
        self.decision_key = urgency.on_desk(self.by_unit, Rank.DECISION, last) if decides else None

    def _next_look(self) -> datetime | None:
        """The deadline of whoever has to act: the unit that answers, or the issuer who judges that."""
        if self.status == S.ANSWERED:
            judge_by: datetime | None = None if self.left_open else self.judge_by
            return judge_by
        return self.answer_by if self.status in WAITS_FOR_UNIT and not self.overdue else None

    def _tell(
        self,
        step: Push,
        event: Event,
        by: str,
        at: datetime,
        cause: str,
        note: str | None,
        *,
        by_unit: str | None = None,
    ) -> None:
        self.record(event, at=at, cause=cause)
        entry = {"version": self.sequence, "what": step.value, "by": by, "at": at, "note": note or None}
        self.history = [*self.history, entry | ({"by_unit": by_unit} if by_unit else {})]
