"""The document of a task: its fields, its public state, and the ways in which it changes.

The themes (task_answer.py, task_work.py …) inherit from it and Task (task.py) from them all: whatever a theme does goes
through `_move`, which asks the table of states, and `_tell`, which records event and history.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, EnumField, FloatField, IntField, ListField, StringField

from infra.calendar import Deadline
from infra.messaging.event import Event
from infra.messaging.outbox import Aggregate
from infra.problem import InvalidInput
from services.tasks import contracts
from services.tasks.contracts import SERVICE, TaskRole, TaskSource, TaskState, TaskStatus
from services.tasks.task_states import ENDED, WITH_THE_UNIT, Step, after

SYSTEM = "系统"


class TaskRecord(Aggregate):
    """A task as it is stored. Below the public state (see TaskState) stands what only tasks needs.

    `inside_units` and `inside_places` are the two coordinates with everything that contains them, `lineage` the ids of
    the tasks above, `answer_by` the end of the time for acceptance or return, `limit_*` the limit as it was given,
    `case_sequence` the newest event of its case that it saw, `case_reworks` how many reworks of the case it counted.
    `decided` tells that the headquarters' office named the unit, `reassigned` that the duty went to another task of the
    case. `watch_until` is the deadline as long as the scanner must watch it, `order_key` the place in a work list.
    `suspended_at` and `resume_at` are the two ends of a suspension while it lasts, `status_before` the state to which
    it leads back.
    """

    noun = "task"
    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "db_alias": SERVICE,
        "collection": "tasks",
        "indexes": [
            ("inside_units", "order_key"),
            ("inside_places", "order_key"),
            {"fields": ["watch_until"], "sparse": True},
            {"fields": ["resume_at"], "sparse": True},
            {"fields": ["case_id"], "sparse": True},
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
    suspended_at = DateTimeField()
    resume_at = DateTimeField()
    status_before = EnumField(TaskStatus)
    watch_until = DateTimeField()
    order_key = StringField()
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

    def notice_overdue(self, at: datetime) -> bool:
        """Say that the deadline has passed, once per deadline; False where it has not, or there is nothing to say.

        Every step does so first: what is late stays late, however soon after the deadline and before the scanner."""
        if self.watch_until is None or at <= self.watch_until:
            return False
        self.overdue = True
        self._settle()
        self._tell(Step.OVERDUE, contracts.TaskOverdue(task=self.state()), SYSTEM, at, f"deadline/{self.pk}")
        return True

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


def require_text(text: object, field: str, zh: str) -> None:
    """Raises InvalidInput (field) where `text` says nothing."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{field} must not be empty", zh, field=field)
