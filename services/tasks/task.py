"""A task: one piece of work for one unit, with a deadline. It speaks: every step checks, changes, tells (DOMAIN.md §4).

It needs no database: `Task.issue(...)` makes one, its methods raise Refused or record an event. Who may take a step is
decided in rights.py, whose duty it is in routing.py, when it is due in deadlines.py.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, EnumField, FloatField, IntField, ListField, StringField

from infra.calendar import Deadline
from infra.messaging.event import Event
from infra.messaging.outbox import Aggregate
from infra.organisation import unit_path
from infra.problem import InvalidInput, Refused
from services.complaints.contracts import CaseState, CaseStatus
from services.tasks import contracts
from services.tasks.contracts import SERVICE, TaskSource, TaskState, TaskStatus
from services.tasks.routing import RETURNS_UNTIL_OFFICE, is_office
from services.tasks.task_states import ENDED, WITH_THE_UNIT, Step, after

SYSTEM = "系统"
FELL_AWAY = frozenset({CaseStatus.VOIDED, CaseStatus.ANSWERED, CaseStatus.MERGED})

TimeAgain = Callable[["Task", datetime], Deadline | None]


class Task(Aggregate):
    """A task as it is stored. Below the public state (see TaskState) stands what only tasks needs.

    `inside_units` and `inside_places` are the two coordinates with everything that contains them, `lineage` the ids of
    the tasks above, `answer_by` the end of the time for acceptance or return, `limit_*` the limit as it was given,
    `case_sequence` the newest event of its case that it saw, `case_reworks` how many reworks of the case it counted.
    `decided` tells that the headquarters' office named the unit, `reassigned` that the duty went to another task of the
    case. `watch_until` is the deadline as long as the scanner must watch it, `order_key` the place in a work list.
    """

    noun = "task"
    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "tasks",
        "indexes": [
            ("inside_units", "order_key"),
            ("inside_places", "order_key"),
            {"fields": ["watch_until"], "sparse": True},
            {"fields": ["case_id"], "sparse": True},
            {"fields": ["plan_id"], "sparse": True},
            {"fields": ["lineage"], "sparse": True},
        ],
    }

    id = StringField(primary_key=True)
    source = EnumField(TaskSource, required=True)
    status = EnumField(TaskStatus, default=TaskStatus.ISSUED)
    title = StringField(required=True)
    responsible_unit = StringField(required=True)
    place_path = StringField(required=True)
    issued_at = DateTimeField(required=True)
    deadline = DateTimeField(required=True)
    deadline_provisional = BooleanField(default=False)
    overdue = BooleanField(default=False)
    parent_id = StringField()
    case_id = StringField()
    case_number = StringField()
    category = StringField()
    plan_id = StringField()
    plan_row = StringField()
    round = IntField(default=1)
    routed_because = StringField(default="")
    accepted_at = DateTimeField()
    accepted_in_time = BooleanField()
    submitted_at = DateTimeField()
    closed_at = DateTimeField()
    reworks = IntField(default=0)
    returns = IntField(default=0)

    inside_units = ListField(StringField())
    inside_places = ListField(StringField())
    lineage = ListField(StringField())
    weight = FloatField(default=1.0)
    answer_by = DateTimeField(required=True)
    limit_amount = FloatField()
    limit_clock = StringField()
    case_sequence = IntField(default=0)
    case_reworks = IntField(default=0)
    decided = BooleanField(default=False)
    reassigned = BooleanField(default=False)
    watch_until = DateTimeField()
    order_key = StringField()
    history = ListField(DictField())

    @classmethod
    def issue(cls, facts: Mapping[str, Any], *, by: str, cause: str) -> "Task":
        """A new task made of `facts` (fields above); it is issued `by` somebody at its `issued_at`."""
        task = cls(**facts)
        task.inside_units = unit_path.ancestors(task.responsible_unit)
        task.inside_places = unit_path.ancestors(task.place_path)
        task._settle()
        task._tell(
            Step.ASSIGN, contracts.TaskAssigned(task=task.state()), by, task.issued_at, cause, task.routed_because
        )
        return task

    def state(self) -> TaskState:
        """The full public state, as every event carries it."""
        fields = {name: getattr(self, name) for name in TaskState.__struct_fields__ if name != "task_id"}
        return TaskState(task_id=self.pk, **fields)

    def last_change(self) -> dict[str, Any]:
        """Who changed it last; see Aggregate."""
        if not self.history:
            return {}
        step = self.history[-1]
        return {"changed_by": step["by"], "changed_at": step["at"].isoformat(), "changed_what": step["what"]}

    def accept(self, by: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """签收. Raises Refused in a state that does not allow it."""
        self._move(Step.ACCEPT, at)
        self.accepted_at, self.accepted_in_time = at, at <= self.answer_by
        self._tell(Step.ACCEPT, contracts.TaskAccepted(task=self.state(), by=by), by, at, cause, by_unit=by_unit)

    def check_returnable(self, reason: str, at: datetime) -> None:
        """The guards of 退回: a reason, in time, and not what the office decides. Raises InvalidInput or Refused."""
        _require(reason, "reason", "退回必须说明理由")
        after(Step.RETURN, self.status, self.source)
        if self.is_decided:
            raise Refused("the headquarters' office has decided it: it stays", "已由总指挥部办公室裁定，不能再退回")
        if self.source == TaskSource.PLAN and self.parent_id is None:
            raise Refused("the plan names this unit as lead: it cannot give it back", "分解表确定的牵头任务不能退回")
        if at > self.answer_by:
            until = self.answer_by.isoformat()
            raise Refused(
                f"the working day for returning ended at {until}: who received it first is responsible",
                "已超过下达后一个工作日的退回时限，按首接负责制由本单位办理",
                until=until,
            )

    def give_back(
        self, by: str, reason: str, next_unit: str | None, at: datetime, cause: str, *, by_unit: str | None = None
    ) -> None:
        """退回: another task goes to `next_unit`. Raises as `check_returnable` does."""
        self.check_returnable(reason, at)
        self._move(Step.RETURN, at)
        self.returns += 1
        event = contracts.TaskReturned(task=self.state(), by=by, reason=reason, next_unit=next_unit)
        self._tell(Step.RETURN, event, by, at, cause, reason, by_unit=by_unit)

    def submit(
        self,
        by: str,
        result: str,
        at: datetime,
        cause: str,
        *,
        by_unit: str | None = None,
        unfinished_below: int = 0,
    ) -> None:
        """申报完成, with what was done. Raises InvalidInput without it, Refused in a state that does not allow it, or
        while tasks below this one are open: a parent is complete when its children are."""
        _require(result, "result", "申报完成必须说明办理结果")
        if unfinished_below:
            raise Refused(
                f"{unfinished_below} tasks below this one are still open",
                f"还有{unfinished_below}项下级任务未完成，不能申报",
                unfinished=unfinished_below,
            )
        self._move(Step.SUBMIT, at)
        self.submitted_at = at
        event = contracts.TaskSubmitted(task=self.state(), by=by, result=result)
        self._tell(Step.SUBMIT, event, by, at, cause, result, by_unit=by_unit)

    def verify(self, by: str, note: str | None, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """验收 passed: verified, and with that closed. Raises Refused for a case's task, in another state, or where
        the unit that submitted it is the one that verifies."""
        self._check_verifier(by_unit)
        self._move(Step.VERIFY, at)
        self._tell(Step.VERIFY, contracts.TaskVerified(task=self.state(), by=by), by, at, cause, note, by_unit=by_unit)
        self.close(by, note, at, cause)

    def rectify(
        self,
        by: str,
        reason: str,
        at: datetime,
        cause: str,
        *,
        by_unit: str | None = None,
        times: int = 1,
        until: Deadline | None = None,
    ) -> None:
        """整改: the check failed, the same unit again, `until` a new deadline where it gets one (see deadlines.py,
        `after_rework`). Raises InvalidInput without a reason, or Refused."""
        _require(reason, "reason", "退回整改必须说明理由")
        self._move(Step.RECTIFY, at)
        self.reworks += times
        if until is not None:
            self._due(until)
        event = contracts.TaskRectifying(task=self.state(), reason=reason)
        self._tell(Step.RECTIFY, event, by, at, cause, reason, by_unit=by_unit)

    def fail(
        self,
        by: str,
        reason: str,
        at: datetime,
        cause: str,
        *,
        by_unit: str | None = None,
        until: Deadline | None = None,
    ) -> None:
        """验收 not passed: the same unit rectifies. Raises as `verify` does, and InvalidInput without a reason."""
        self._check_verifier(by_unit)
        self.rectify(by, reason, at, cause, by_unit=by_unit, until=until)

    def close(self, by: str, note: str | None, at: datetime, cause: str) -> None:
        """办结. Raises Refused in a state that does not allow it."""
        self._move(Step.CLOSE, at)
        self.closed_at = at
        self._tell(Step.CLOSE, contracts.TaskClosed(task=self.state()), by, at, cause, note)

    def withdraw(self, by: str, reason: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """撤回: the duty fell away. Raises Refused where it has ended already."""
        self._move(Step.WITHDRAW, at)
        event = contracts.TaskWithdrawn(task=self.state(), reason=reason)
        self._tell(Step.WITHDRAW, event, by, at, cause, reason, by_unit=by_unit)

    def pass_on(self, by: str, because: str, at: datetime, cause: str, *, by_unit: str | None = None) -> None:
        """改派: withdrawn, because the next task of the case has the duty from now on. Raises as `withdraw` does."""
        self.withdraw(by, because, at, cause, by_unit=by_unit)
        self.reassigned = True

    def correct(self, facts: Mapping[str, Any], until: Deadline, note: str, at: datetime, cause: str) -> None:
        """更正: the case's category, place or limit was corrected, the unit stays and has not begun; the assignment is
        told again, with its deadline. Raises Refused where it was accepted."""
        self._move(Step.CORRECT, at)
        for name, value in facts.items():
            setattr(self, name, value)
        self.inside_places = unit_path.ancestors(self.place_path)
        self._due(until)
        self.overdue = self.overdue and at > self.deadline
        self._settle()
        self._tell(Step.CORRECT, contracts.TaskAssigned(task=self.state()), SYSTEM, at, cause, note)

    def notice_overdue(self, at: datetime) -> bool:
        """Say that the deadline has passed, once per deadline; False where it has not, or there is nothing to say.

        Every step does so first: what is late stays late, however soon after the deadline and before the scanner."""
        if self.watch_until is None or at <= self.watch_until:
            return False
        self.overdue = True
        self._settle()
        self._tell(Step.OVERDUE, contracts.TaskOverdue(task=self.state()), SYSTEM, at, f"deadline/{self.pk}")
        return True

    def follow(
        self, case: CaseState, sequence: int, note: str, at: datetime, cause: str, again: TimeAgain | None = None
    ) -> bool:
        """Do what the case's event number `sequence` makes necessary; older and repeated events do nothing.

        The event carries the case's full state, so the newest says it all; `again` tells the deadline after a rework.
        False where this task was given back or passed on: then the case's next task must be told.
        """
        if self.status == TaskStatus.RETURNED or self.reassigned:
            return False
        if sequence <= self.case_sequence:
            return True
        self.case_sequence = sequence
        if self.status not in ENDED:
            self._follow(case, note, at, cause, again)
        return True

    def _follow(self, case: CaseState, note: str, at: datetime, cause: str, again: TimeAgain | None) -> None:
        missed = case.reworks - self.case_reworks
        if missed > 0:
            self.case_reworks = case.reworks
            until = again(self, at) if again else None
            self.rectify(SYSTEM, note or "核查未通过，返工", at, cause, times=missed, until=until)
        if case.status == CaseStatus.CLOSED:
            self.close(SYSTEM, note or "案件结案", case.closed_at or at, cause)
        elif case.status in FELL_AWAY:
            self.withdraw(SYSTEM, note or "案件不再需要办理", at, cause)

    @property
    def is_decided(self) -> bool:
        """Whether it lies with the headquarters' office, or came back so often that it stays where it is."""
        return self.is_settled or is_office(self.responsible_unit)

    @property
    def is_settled(self) -> bool:
        """Whether it stays where it is even when the case is corrected: the office named the unit, or has to."""
        return self.decided or self.returns >= RETURNS_UNTIL_OFFICE

    def _check_verifier(self, by_unit: str | None) -> None:
        """Whoever submitted it does not judge it. An officer is known by the unit for which they act: many officers
        share a name."""
        after(Step.VERIFY, self.status, self.source)
        submitted = next((one for one in reversed(self.history) if one["what"] == Step.SUBMIT), None)
        if by_unit is not None and submitted is not None and submitted.get("by_unit") == by_unit:
            raise Refused(
                f"{by_unit} submitted it and cannot verify it: another unit does",
                "本单位申报完成的任务不能由本单位验收",
                unit=by_unit,
            )

    def _move(self, step: Step, at: datetime) -> None:
        status = after(step, self.status, self.source)
        self.notice_overdue(at)
        self.status = status
        self._settle()

    def _due(self, until: Deadline) -> None:
        self.deadline, self.deadline_provisional = until.at, until.provisional
        self._settle()

    def _settle(self) -> None:
        """What follows from the state: whether the scanner watches, and the place in a work list."""
        with_the_unit = self.status in WITH_THE_UNIT
        self.watch_until = self.deadline if with_the_unit and not self.overdue else None
        self.order_key = f"{rank(self.status)}{self.deadline.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}{self.pk}"

    def _tell(
        self,
        step: Step,
        event: Event,
        by: str,
        at: datetime,
        cause: str,
        note: str | None = None,
        *,
        by_unit: str | None = None,
    ) -> None:
        self.record(event, at=at, cause=cause)
        entry = {"version": self.sequence, "what": step.value, "by": by, "at": at, "note": note or None}
        self.history = [*self.history, entry | ({"by_unit": by_unit} if by_unit else {})]


def rank(status: TaskStatus) -> int:
    """The place of a state in a work list: 0 the unit must act, 1 it waits for others, 2 it has ended."""
    return 0 if status in WITH_THE_UNIT else 2 if status in ENDED else 1


def _require(text: str, field: str, zh: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{field} must not be empty", zh, field=field)
