"""The document of a task: its fields, its public state, and the ways in which it changes.

The themes (task_answer.py, task_work.py …) inherit from it and Task (task.py) from them all: whatever a theme does goes
through `_move`, which asks the table of states, and `_tell`, which records event and history.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, EnumField, FloatField, IntField, ListField, StringField

from infra.messaging.event import Event
from infra.messaging.outbox import Aggregate
from infra.problem import InvalidInput
from services.tasks import card_rules, clock_ledger, contracts, urgency
from services.tasks.clock_ledger import Turn
from services.tasks.contracts import SERVICE, TaskRole, TaskSource, TaskState, TaskStatus
from services.tasks.deadlines import Due
from services.tasks.request_rules import waiting
from services.tasks.task_states import ENDED, WITH_THE_UNIT, WORKING, Step, after

SYSTEM = "系统"
MOST_MATERIALS = 100


class TaskRecord(Aggregate):
    """A task as it is stored. Below the public state (see TaskState) stands what only tasks needs.

    `inside_units` and `inside_places` are the two coordinates with everything that contains them, `lineage` the ids of
    the tasks above, `answer_by` the end of the time for acceptance or return, `limit_*` the limit as it was given,
    `case_sequence` the newest event of its case that it heard of (echoes of its own steps: case_news.py),
    `case_reworks` how many reworks of the case it counted,
    `case_reopenings` and `case_restorations` how often the case had been reopened and restored when it was issued.
    `decided` tells that the headquarters' office named the unit, `reassigned` that the duty went to another task of the
    case. `watch_until` is the next moment at which the clock brings anything to be said (scanner.py), as long as there
    is one: most of the time has gone (`due_soon_at`), the deadline, the supervision that follows (`supervise_at`), the
    end of a suspension. `unsolved_heard` is the reopening of its case that a follow-up was heard to have caused, so
    that it is supervised once. `time_given` is the time that the deadline gives altogether, in seconds of the clock of
    its limit, `provisional_under` the version of the calendar by which what is provisional was counted last: the
    deadline, or `answer_by` (`answer_provisional`).
    `answers_to` is the unit that decides its requests and checks it: the level above, or who gave this part.
    `suspended_at` and `resume_at` are the two ends of a suspension while it lasts, `status_before` the state to which
    it leads back; `stopped_with` is the whole with which a part stands still, whether or not it was suspended itself.
    `requests` are those for extension and suspension with their answers (request_rules.py),
    `matter` is what routing was asked (routing_table/rows.py), `route_row` the number of the row that decided,
    `lead_unit` the lead department (牵头) and `co_units` the assisting units (协办) that it names.
    `clock_ledger` what its clock did, `parts` how many parts were given to others, `self_checks` how often it was
    self-checked. `order_key`, `desk_key` and `decision_key` are its places in lists (urgency.py).
    """

    noun = "task"
    superseded_indexes: ClassVar[tuple[str, ...]] = ("resume_at_1",)
    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "db_alias": SERVICE,
        "collection": "tasks",
        "indexes": [
            ("inside_units", "order_key"),
            ("inside_places", "order_key"),
            {"fields": ["desk_key"], "sparse": True},
            {"fields": ["decision_key"], "sparse": True},
            {"fields": ["watch_until"], "sparse": True},
            {"fields": ["provisional_under"], "sparse": True},
            {"fields": ["case_id"], "sparse": True},
            {"fields": ["case_number"], "sparse": True},
            {"fields": ["plan_id"], "sparse": True},
            {"fields": ["lineage"], "sparse": True},
            {"fields": ["lead_task_id"], "sparse": True},
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
    extensions = IntField(default=0)
    suspended_until = DateTimeField()
    due_soon = BooleanField(default=False)
    role = EnumField(TaskRole, default=TaskRole.LEAD)
    lead_task_id = StringField()
    progress_percent = IntField()
    difficult = BooleanField(default=False)
    yellow_cards = IntField(default=0)
    red_cards = IntField(default=0)
    supervisions = IntField(default=0)

    inside_units = ListField(StringField())
    inside_places = ListField(StringField())
    lineage = ListField(StringField())
    weight = FloatField(default=1.0)
    answer_by = DateTimeField(required=True)
    limit_amount = FloatField()
    limit_clock = StringField()
    case_sequence = IntField(default=0)
    case_reworks = IntField(default=0)
    case_reopenings = IntField(default=0)
    case_restorations = IntField(default=0)
    decided = BooleanField(default=False)
    reassigned = BooleanField(default=False)
    suspended_at = DateTimeField()
    resume_at = DateTimeField()
    status_before = EnumField(TaskStatus)
    stopped_with = StringField()
    answers_to = StringField()
    requests = ListField(DictField())
    clock_ledger = ListField(DictField())
    parts = IntField(default=0)
    matter = DictField()
    route_row = IntField()
    lead_unit = StringField()
    co_units = ListField(StringField())
    materials = ListField(StringField())
    self_checks = IntField(default=0)
    self_checked_at = DateTimeField()
    watch_until = DateTimeField()
    due_soon_at = DateTimeField()
    supervise_at = DateTimeField()
    supervise_because = StringField()
    unsolved_heard = IntField()
    answer_provisional = BooleanField(default=False)
    time_given = FloatField()
    provisional_under = IntField()
    order_key = StringField()
    desk_key = StringField()
    decision_key = StringField()
    history = ListField(DictField())

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

    def notice(self, at: datetime) -> list[Step]:
        """Say what the clock has brought, in its order and once per deadline: most of the time has gone (黄牌), the
        deadline has passed (红牌). What was said, nothing where there is nothing to say.

        Every step does so first: what is late stays late, however soon after the deadline and before the scanner."""
        if self.status not in WITH_THE_UNIT or self.overdue:
            return []
        return [*self._notice_due_soon(at), *self._notice_overdue(at)]

    def _notice_due_soon(self, at: datetime) -> list[Step]:
        if self.due_soon or self.due_soon_at is None or at <= self.due_soon_at:
            return []
        self.due_soon = True
        self.yellow_cards += 1
        self._settle()
        self._tell(Step.DUE_SOON, contracts.TaskDueSoon(task=self.state()), SYSTEM, at, f"deadline/{self.pk}")
        return [Step.DUE_SOON]

    def _notice_overdue(self, at: datetime) -> list[Step]:
        if at <= self.deadline:
            return []
        self.overdue = True
        self.red_cards += 1
        self.supervise_at = self.supervise_at or self.deadline + card_rules.supervised_after(at)
        self._settle()
        self._tell(Step.OVERDUE, contracts.TaskOverdue(task=self.state()), SYSTEM, at, f"deadline/{self.pk}")
        return [Step.OVERDUE]

    @property
    def is_part(self) -> bool:
        """Whether the unit that gave it checks it: an assist, or what a unit gave to one below (a plan's own table of
        units says who carries what out)."""
        return self.role == TaskRole.ASSIST or (self.parent_id is not None and self.source != TaskSource.PLAN)

    @property
    def whole_id(self) -> str | None:
        """The id of the task of which it is a part: above it, or beside it."""
        return self.lead_task_id or self.parent_id

    def goes_on_at(self, at: datetime) -> datetime:
        """Since when the clock of a suspended task runs that is found or made to run `at` that moment; never before it
        stopped, as where its case decided before that and is heard later."""
        end = at if self.resume_at is None or self.stopped_with else min(at, self.resume_at)
        return max(end, self.suspended_at or end)

    def check_can(self, step: Step) -> None:
        """Raises Refused where the table of states does not allow the step now."""
        self._may(step)

    def _may(self, step: Step) -> TaskStatus:
        """The state to which the step leads. Raises Refused."""
        return after(step, self.status, self.source, part=self.is_part)

    def _move(self, step: Step, at: datetime) -> None:
        status = self._may(step)
        self.notice(at)
        if step == Step.RESUME:
            status = self.status_before or status
        if self.status == TaskStatus.SUSPENDED and step != Step.SUSPEND:
            self.suspended_at = self.suspended_until = self.resume_at = self.status_before = None
            self.stopped_with = None
        self.status = status
        if status not in WORKING:
            self._lapse(at)
        self._settle()

    def _lapse(self, at: datetime) -> None:
        """A request that waits is void as soon as the task is no longer with its unit."""
        if waiting(self.requests) is not None:
            *before, last = self.requests
            answer = {"granted": False, "decided_by": SYSTEM, "decided_at": at, "why": "任务状态已变化，申请失效"}
            self.requests = [*before, {**last, **answer}]

    def _due(self, until: Due, turn: Turn, at: datetime) -> None:
        """A new deadline: warned of anew, and never warned of what was before."""
        self._count_to(until)
        self.due_soon = False
        self._turn(turn, at, until.at)
        self._settle()

    def _count_to(self, until: Due) -> None:
        self.deadline, self.deadline_provisional = until.at, until.provisional
        self.due_soon_at, self.time_given = until.soon, until.whole.total_seconds()
        self.provisional_under = 0 if until.provisional or self._answer_may_move() else None

    def _answer_may_move(self) -> bool:
        return bool(self.answer_provisional and self.accepted_at is None)

    def _judge_by_deadline(self, before: datetime, at: datetime) -> None:
        """The deadline that was `before` was a mistake (of a case's category, of a provisional calendar), or extended
        too late by whom it answers to: whether it has passed, and when what is late is supervised by rule, follows the
        one that holds `at` that moment. The cards that were shown stay counted."""
        self.overdue = self.overdue and self._ran_until(at) > self.deadline
        if self.supervise_at is not None and self.supervise_because is None:  # what a follow-up wants stays wanted
            self.supervise_at = self.supervise_at + (self.deadline - before) if self.overdue else None
        self._settle()

    def _ran_until(self, at: datetime) -> datetime:
        """Until when its clock has run by then: what waits for a check, or is suspended, stands still since then."""
        stands = {TaskStatus.SUBMITTED: self.submitted_at, TaskStatus.SUSPENDED: self.suspended_at}.get(self.status)
        return stands or at

    def _turn(self, turn: Turn, at: datetime, until: datetime) -> None:
        self.clock_ledger = [*self.clock_ledger, clock_ledger.entry(turn, at, until)]

    def _settle(self) -> None:
        """What follows from the state: whether the scanner watches, and the places in lists."""
        self.watch_until = self._next_look()
        if self.status in ENDED:
            self.provisional_under = None
        rank = urgency.rank(self.status, overdue=self.overdue, due_soon=self.due_soon)
        last = f"{self.deadline.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}{self.pk}"
        self.order_key = f"{rank}{last}"
        self.desk_key = urgency.on_desk(self.responsible_unit, rank, last) if rank != urgency.Rank.ENDED else None
        self.decision_key = urgency.on_desk(self.answers_to, urgency.Rank.DECISION, last) if self._awaits() else None

    def _next_look(self) -> datetime | None:
        if self.status == TaskStatus.SUSPENDED:
            return None if self.stopped_with else self.resume_at
        if self.status not in WITH_THE_UNIT:
            return None
        said_soon = self.due_soon or self.overdue
        looks = [self.supervise_at, None if said_soon else self.due_soon_at, None if self.overdue else self.deadline]
        return min((at for at in looks if at is not None), default=None)

    def _awaits(self) -> bool:
        """Whether it waits for whom it answers to: a request, or a submission that its case does not decide."""
        if self.status == TaskStatus.SUBMITTED:
            return self.source != TaskSource.CASE or self.is_part
        return waiting(self.requests) is not None

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

    def _note(self, step: Step, by: str, note: str, at: datetime, cause: str, *, by_unit: str | None) -> None:
        """Tell of a step that moves neither duty nor deadline."""
        event = contracts.TaskProgressed(task=self.state(), what=step.value, by=by, note=note)
        self._tell(step, event, by, at, cause, note, by_unit=by_unit)


def require_text(text: object, field: str, zh: str) -> None:
    """Raises InvalidInput (field) where `text` says nothing."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{field} must not be empty", zh, field=field)


def with_materials(known: Sequence[str], more: object) -> list[str]:
    """`known` and those ids of `more` that are new. Raises InvalidInput (materials)."""
    if not isinstance(more, list | tuple) or not all(isinstance(one, str) and 0 < len(one) <= 100 for one in more):
        raise InvalidInput("materials must be a list of ids", "材料应为材料编号的列表", field="materials")
    found = list(dict.fromkeys([*known, *more]))
    if len(found) > MOST_MATERIALS:
        raise InvalidInput(f"at most {MOST_MATERIALS} materials", f"材料不得超过{MOST_MATERIALS}份", field="materials")
    return found


def with_names(text: str, materials: Sequence[str]) -> str:
    """What the history says where materials of these names came with it."""
    return f"{text}（材料：{'、'.join(materials)}）" if materials else text
