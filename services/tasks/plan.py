"""目标任务分解表: a plan, issued once, from which tasks come (DOMAIN.md §2, §4)."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec
from mongoengine import BooleanField, DateTimeField, DictField, FloatField, IntField, ListField, StringField

from infra.clock import in_milliseconds
from infra.messaging.outbox import Aggregate
from infra.problem import InvalidInput, Refused
from services.tasks.breakdown import PlanDraft, PlanRow
from services.tasks.contracts import SERVICE, PlanIssued


class Plan(Aggregate):
    """A plan as it is stored, one version in force. `complete` is set when all its tasks exist: issuing that was
    interrupted is taken up again with the same moment of issue, so with the same deadlines."""

    noun = "plan"
    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "plans"}

    id = StringField(primary_key=True)
    title = StringField(required=True)
    plan_version = IntField(required=True)
    issued_by = StringField(required=True)
    issued_at = DateTimeField(required=True)
    deadline = DateTimeField(required=True)
    time_below = FloatField(required=True)
    rows = ListField(DictField())
    tasks = IntField(required=True)
    complete = BooleanField(default=False)

    @classmethod
    def drafted(cls, draft: PlanDraft, tasks: int, issued_at: datetime, by: str) -> "Plan":
        """The plan of which `draft` (with its lead units resolved) is the text, with so many tasks to be issued."""
        return cls(
            id=draft.plan_id,
            title=draft.title,
            plan_version=draft.version,
            issued_by=by,
            issued_at=issued_at,
            deadline=draft.deadline,
            time_below=draft.time_below,
            rows=msgspec.to_builtins(draft.rows),
            tasks=tasks,
        )

    def last_change(self) -> dict[str, Any]:
        """See Aggregate."""
        return {"changed_by": self.issued_by, "changed_at": self.issued_at.isoformat(), "changed_what": "issued"}

    def row_texts(self) -> list[PlanRow]:
        """The rows, their lead units as paths."""
        return msgspec.convert(self.rows, list[PlanRow])

    def check_same(self, draft: PlanDraft) -> None:
        """Raises Refused where `draft` is another version of this plan, or the same with another text."""
        if draft.version != self.plan_version:
            raise Refused(
                f"plan {self.pk} is in force as version {self.plan_version}",
                f"分解表{self.pk}第{self.plan_version}版正在执行，不能再下达第{draft.version}版",
                field="version",
            )
        stored = (self.title, self.deadline, self.time_below, self.row_texts())
        if (draft.title, draft.deadline, draft.time_below, draft.rows) != stored:
            raise Refused(
                f"version {self.plan_version} of plan {self.pk} was issued with another text",
                f"分解表{self.pk}第{self.plan_version}版已下达且内容不同",
                field="rows",
            )

    def finish(self, at: datetime, cause: str) -> None:
        """All tasks exist: the plan is issued. Does nothing the second time."""
        if not self.complete:
            self.complete = True
            event = PlanIssued(
                plan_id=self.pk,
                title=self.title,
                plan_version=self.plan_version,
                rows=len(self.rows),
                tasks=self.tasks,
            )
            self.record(event, at=at, cause=cause)


def read_draft(body: Any) -> PlanDraft:
    """The plan in an RPC argument, its moments in whole milliseconds as they are stored, so that what is sent again
    equals what was kept. Raises InvalidInput naming the field."""
    try:
        draft = msgspec.convert(body, PlanDraft)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$.") or None
        raise InvalidInput(f"not a plan: {error}", f"分解表有误：{reason}", field=field) from error
    _check_rows(draft)
    issued_at = draft.issued_at and _moment(draft.issued_at, "issued_at")
    return msgspec.structs.replace(draft, deadline=_moment(draft.deadline, "deadline"), issued_at=issued_at)


def _moment(given: datetime, field: str) -> datetime:
    try:
        return in_milliseconds(given)
    except OverflowError as error:
        raise InvalidInput(f"{field} lies outside all calendars", "时间超出可用范围", field=field) from error


def _check_rows(draft: PlanDraft) -> None:
    if not draft.rows:
        raise InvalidInput("a plan needs rows", "分解表没有内容", field="rows")
    numbers: set[str] = set()
    for index, row in enumerate(draft.rows):
        if row.row in numbers:
            raise InvalidInput(f"row {row.row} stands twice", f"第{row.row}行重复", field=f"rows[{index}].row")
        numbers.add(row.row)


def check_time(draft: PlanDraft, issued_at: datetime) -> None:
    """Raises InvalidInput where the deadline does not lie after the issue."""
    if draft.deadline <= issued_at:
        raise InvalidInput(
            f"the deadline {draft.deadline.isoformat()} is not after the issue at {issued_at.isoformat()}",
            "完成期限早于下达时间",
            field="deadline",
        )
