"""Tasks and plans as its RPC methods show them, and the list of these methods."""

from datetime import datetime

import msgspec

from services.tasks.contracts.events import TaskState


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task as its unit sees it. `version` is what a command must name as seen; `progress` is 0..1, from children."""

    task_id: str
    version: int
    state: TaskState
    progress: float
    children: int
    history: list["TaskStep"]


class TaskStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step in a task's life: which version it made, what was done, by whom (of which unit, where that is known),
    when, and why."""

    version: int
    what: str
    by: str
    at: datetime
    note: str | None = None
    by_unit: str | None = None


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a work list, most urgent first."""

    items: list[TaskView]
    end_cursor: str | None
    has_next: bool
    total: int


class PlanProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A plan's row with its progress, 0..1, summed upward on reading. `lead_units` are paths."""

    plan_id: str
    row: str
    measure: str
    mechanism: str
    lead_units: list[str]
    tasks: int
    done: int
    progress: float


# RPC of tasks (nameko service name "tasks"); `by` is an Officer as JSON:
#   task_counts(units: list[str], coordinate: "place" | "responsible") -> {unit: {status: n, ..., "overdue": n}}
#       summed over everything inside each unit; statuses that nothing has are left out, "overdue" counts open tasks
#   tasks(scope: {"unit": path | None, "place": path | None, "statuses": [..] | None, "source": str | None,
#       "overdue": bool | None}, first, after) -> TaskPage
#   task_pages(requests: list[{"scope", "first", "after"}]) -> list[TaskPage]       several lists in one call, in order
#   tasks_by_id(task_ids: list[str]) -> list[TaskView]
#   accept_task(task_id, seen, by, cause) -> TaskView
#   return_task(task_id, seen, by, reason, cause) -> TaskView
#   submit_task(task_id, seen, by, result, cause) -> TaskView
#   verify_task(task_id, seen, by, passed: bool, note, cause) -> TaskView          all but the tasks of cases
#   assign_task(task_id, seen, by, unit, cause) -> TaskView    of the new task: the office names the unit of a case's
#       task that lies with the office; it stays decided
#   issue_plan(plan: {"plan_id", "title", "version", "issued_at" | None, "deadline": ISO,
#       "rows": [{"row", "mechanism", "measure", "lead_units": [name or path, …]}], "time_below": 0.9}, by, cause)
#       -> {"plan_id", "rows", "tasks", "already": bool}
#   plan_progress(plan_id: str) -> list[PlanProgress]
#   totals() -> {"tasks": n, "case_tasks": n, "plan_tasks": n, "open": n, "overdue": n}
