"""案件: the matter itself. It speaks: every method checks the step, changes the case and records the event.

It needs no database: `Case.open_with(...)` makes one, its methods raise Refused or record. Who may do what is decided
in desk.py; where a case stands because of its task, in task_following.py; which step leads where, in case_states.py.
"""

import hashlib
from datetime import datetime
from typing import Any, ClassVar

from mongoengine import BinaryField, BooleanField, DateTimeField, FloatField, IntField, ListField, StringField

from infra.messaging.event import Event
from infra.messaging.outbox import Aggregate
from infra.organisation import unit_path
from infra.problem import InvalidInput, Refused
from services.complaints import contracts
from services.complaints.case_states import CORRECTABLE, ENDED, TRANSITIONS, Step, after, require, way
from services.complaints.contracts import SERVICE, CaseState, CaseStatus, CaseStep, Reason, RequestKind, Urgency
from services.complaints.corrections import Correction, Decided, corrections, in_words, overruled
from services.complaints.duplicates import pack, sketch
from services.complaints.joined_reports import Joined, joined, words_of
from services.complaints.limits import Limit
from services.complaints.report import Report
from services.complaints.struct_field import struct_field
from services.complaints.task_following import Marks, TaskMark, rework_asked, seen, standing
from services.complaints.triage.decide import TriageDecision
from services.tasks.contracts import TaskState

SYSTEM = "系统"
PUT_RIGHT = frozenset({RequestKind.COMPLAINT, RequestKind.TIP_OFF, RequestKind.HELP})
JOINED, REVISED, REVISED_LATE = "催办", "来件有修改", "结案后来件有修改"


def case_id_for(report_id: str) -> str:
    """The id of the case that this report opens: the same whenever it is asked, so that no report opens two."""
    return hashlib.blake2b(report_id.encode(), digest_size=12).hexdigest()


class Case(Aggregate):
    """A case as it is stored. Below the public state (see CaseState) stands what only complaints needs.

    `inside_places` and `inside_units` are its two coordinates with every unit that contains them; `address` is where
    the sender said it is, `point` longitude and latitude where it gave them; they, `words_key` and `sketch` find its
    duplicates. `is_open` and the sketch are absent once the case has ended: the indexes for duplicates hold open cases
    only. `tasks` is the newest seen of each task,
    `proposed_reply` what the unit said it did.
    """

    noun = "case"
    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "cases",
        "indexes": [
            {"fields": ["joined.report_id"], "unique": True},
            {"fields": ["number"], "unique": True},
            ("inside_places", "status", "-received_at", "-id"),
            ("inside_units", "status", "-received_at", "-id"),
            {"fields": ["words_key"], "partialFilterExpression": {"is_open": True}},
            {
                "fields": ["category", "place_path", "-received_at"],
                "partialFilterExpression": {"is_open": True},
            },
        ],
    }

    id = StringField(primary_key=True)
    number = StringField(required=True)
    status = StringField(required=True)
    is_open = BooleanField()
    title = StringField(required=True)
    text = StringField(required=True)
    address = StringField(default="")
    point = ListField(FloatField())
    words_key = StringField(required=True)
    sketch = BinaryField()
    category = StringField(required=True)
    category_name = StringField(required=True)
    place_path = StringField(required=True)
    inside_places = ListField(StringField())
    urgency = StringField(required=True)
    request_kind = StringField(required=True)
    joined: list[Joined] = struct_field(list[Joined])
    received_at = DateTimeField(required=True)
    filed_at = DateTimeField()
    limit_amount = FloatField()
    limit_clock = StringField()
    responsible_unit = StringField()
    inside_units = ListField(StringField())
    task_id = StringField()
    tasks: Marks = struct_field(dict[str, TaskMark], default=dict)
    dispatches = IntField(default=0)
    returns = IntField(default=0)
    reworks = IntField(default=0)
    proposed_reply = StringField()
    reply = StringField()
    replied_at = DateTimeField()
    closing_condition = StringField()
    void_reason = StringField()
    closed_at = DateTimeField()
    reasons: dict[str, Reason] = struct_field(dict[str, Reason], default=dict)
    history: list[CaseStep] = struct_field(list[CaseStep], default=list)

    @classmethod
    def open_with(
        cls, report: Report, decision: TriageDecision, *, number: str, limit: Limit, at: datetime, cause: str
    ) -> "Case":
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

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it, but for a reopening."""
        return CaseStatus(self.status) in ENDED

    def state(self) -> CaseState:
        """The public state, as its events carry it."""
        return CaseState(
            case_id=self.id,
            number=self.number,
            status=CaseStatus(self.status),
            category=self.category,
            place_path=self.place_path,
            urgency=Urgency(self.urgency),
            request_kind=RequestKind(self.request_kind),
            channels=list(dict.fromkeys(one.channel for one in self.joined)),
            reports=len(self.joined),
            filed_at=self.filed_at,
            limit_amount=self.limit_amount,
            limit_clock=self.limit_clock,
            responsible_unit=self.responsible_unit,
            task_id=self.task_id,
            dispatches=self.dispatches,
            returns=self.returns,
            reworks=self.reworks,
            closed_at=self.closed_at,
        )

    def decided(self) -> Decided:
        """What triage, or an officer after it, decided."""
        return Decided(
            category=self.category,
            category_name=self.category_name,
            place_path=self.place_path,
            urgency=Urgency(self.urgency),
        )

    def last_change(self) -> dict[str, Any]:
        """See Aggregate.last_change."""
        last = self.history[-1]
        return {"changed_by": last.by, "changed_at": last.at.isoformat(), "changed_what": last.what}

    def file(self, by: str, *, limit: Limit, at: datetime, cause: str, why: str = "") -> None:
        """立案 with the limit that its category and urgency give. Raises Refused."""
        self._take(Step.FILE)
        self.filed_at, self.limit_amount, self.limit_clock = at, limit.amount, limit.clock
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
        self.limit_amount, self.limit_clock = limit.amount, limit.clock
        what, why = "、".join(one.what for one in found), in_words(found)
        self._tell(contracts.CaseRevised(case=self.state(), what=what), what, by, at, cause, why)

    def answer(self, by: str, reply: str, *, at: datetime, cause: str) -> None:
        """答复: answered directly, nothing to put right. Raises Refused, InvalidInput."""
        reply = _said(reply, "reply")
        self._take(Step.ANSWER)
        self.reply, self.replied_at = reply, at
        self._tell(contracts.CaseAnswered(case=self.state()), "答复", by, at, cause)

    def void(self, by: str, reason: str, *, at: datetime, cause: str) -> None:
        """作废, with a reason. Raises Refused, InvalidInput."""
        reason = _said(reason, "reason")
        self._take(Step.VOID)
        self.void_reason = reason
        self._tell(contracts.CaseVoided(case=self.state(), reason=reason), "作废", by, at, cause, reason)

    def close(self, by: str, condition: str, reply: str, *, at: datetime, cause: str) -> None:
        """结案: the check passed; names the closing condition, replies to the citizen. Raises Refused, InvalidInput."""
        condition, reply = _said(condition, "condition"), _said(reply, "reply")
        self._take(Step.CLOSE)
        self.closing_condition, self.reply = condition, reply
        self.closed_at = self.replied_at = at
        self._tell(contracts.CaseClosed(case=self.state(), condition=condition), "结案", by, at, cause, condition)

    def request_rework(self, by: str, reason: str, *, at: datetime, cause: str) -> None:
        """返工: the check failed, the same unit again. Raises Refused, InvalidInput."""
        reason = _said(reason, "reason")
        self._take(Step.REWORK)
        self.reworks += 1
        if self.task_id in self.tasks:
            self.tasks = rework_asked(self.tasks, self.task_id)
        self._tell(contracts.CaseReworkRequested(case=self.state(), reason=reason), "返工", by, at, cause, reason)

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

    def follow(
        self,
        task: TaskState,
        sequence: int,
        *,
        next_unit: str | None = None,
        result: str | None = None,
        why: str = "",
        at: datetime,
        cause: str,
    ) -> bool:
        """Stand where the task's event number `sequence` says, if it is the newest; False where it is no news.

        Whatever the order in which events come, the last state is the same. An ended case only remembers the mark.
        """
        marks = seen(self.tasks, task, sequence, next_unit=next_unit, result=result)
        if marks is self.tasks:
            return False
        self.tasks = marks
        if not self.has_ended:
            self._stand_as_the_task(why, at, cause)
        return True

    def _stand_as_the_task(self, why: str, at: datetime, cause: str) -> None:
        before, now = self.state(), standing(self.tasks)
        steps = way(CaseStatus(self.status), now.status) if now.status else []
        for step in steps or []:
            self._take(step)
        self.task_id, self.responsible_unit = now.task_id, now.responsible_unit
        self.inside_units = unit_path.ancestors(now.responsible_unit) if now.responsible_unit else []
        self.dispatches, self.returns = now.dispatches, now.returns
        self.proposed_reply = now.proposed_reply
        if self.state() != before:
            what = "、".join(TRANSITIONS[step].zh for step in steps or []) or "重新派遣"
            self._tell(contracts.CaseRevised(case=self.state(), what=what), what, SYSTEM, at, cause, why)

    def _holds(self, report_id: str) -> bool:
        return any(one.report_id == report_id for one in self.joined)

    def _take(self, step: Step) -> None:
        self.status = after(step, CaseStatus(self.status)).value
        self.is_open = None if self.has_ended else True
        self.sketch = None if self.has_ended else self.sketch or pack(sketch(self.text, self.address))

    def _tell(self, event: Event, what: str, by: str, at: datetime, cause: str, why: str = "") -> None:
        self.record(event, at=at, cause=cause)
        self.history = [*self.history, CaseStep(version=self.sequence, what=what, by=by, at=at, why=why)]


def _said(text: str, field: str) -> str:
    """`text` without surrounding blanks. Raises InvalidInput where nothing is left."""
    text = text.strip() if isinstance(text, str) else ""
    if not text:
        raise InvalidInput(f"{field} must not be empty", "不能为空", field=field)
    return text
