"""Tasks and plans as its RPC methods show them, and the list of these methods."""

from datetime import datetime

import msgspec

from services.tasks.contracts.events import TaskState
from services.tasks.contracts.step import Step
from services.tasks.contracts.supervision import SupervisionState

GROUPS = ("overdue", "decision", "due_soon", "running", "waiting")


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task as its unit sees it. `version` is what a command must name as seen; `progress` is 0..1, from children.

    `answers_to` is the unit that checks it and decides its requests. `deadline_because` says in Chinese what its clock
    did. `self_check_by` is when the next self-check of a plan's task is due, `lead_department` who leads (牵头). An
    overview leaves `history` out.
    """

    task_id: str
    version: int
    state: TaskState
    progress: float
    children: int
    history: list[Step]
    answers_to: str = ""
    deadline_because: str = ""
    requests: list["TaskRequest"] = []
    materials: list[str] = []
    self_checks: int = 0
    self_check_by: datetime | None = None
    lead_department: str | None = None


class TaskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an extension, a suspension (`until` some moment) or to `raise` the duty, with its answer once there
    is one."""

    kind: str
    by: str
    at: datetime
    reason: str
    until: datetime | None = None
    by_unit: str | None = None
    granted: bool | None = None
    decided_by: str | None = None
    decided_by_unit: str | None = None
    decided_at: datetime | None = None
    why: str | None = None


class WorkItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a unit's work list. `kind` says what is to be done: `duty`, `assist`; or, of a task that answers to
    the unit, `extension`, `suspension`, `raise` (grant or refuse) or `verification`. `group` is one of GROUPS.
    `request` is the one that waits. An order (督办单) is a line of its own, `supervision` (acknowledge, answer) or
    `supervision_answer` (close or give back): `task` is what it pushes, `version` the order's. `self_check_due` is
    until when a plan's task is to be self-checked (自查), once that is near or has passed."""

    kind: str
    group: str
    version: int
    task: TaskState
    request: TaskRequest | None = None
    supervision: SupervisionState | None = None
    self_check_due: datetime | None = None


class WorkPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a unit's work list, what hurts most first; `counts` has the whole list by group."""

    items: list[WorkItem]
    end_cursor: str | None
    has_next: bool
    counts: dict[str, int]


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
#       ("due_soon" counts those of them for which most of the time has gone)
#   task_counts_by(units, coordinate, by: "state" | "source" | "role" | "category", state: a status | "overdue" |
#       "due_soon" | None) -> {unit: {what `by` says: n}}    of all states, or of one; sources and categories count
#       duties without the parts of them that units gave to others; roles are "duty", "part", "assist"
#   tasks(scope: {"unit": path | None, "place": path | None, "statuses": [..] | None, "source": str | None,
#       "overdue": bool | None}, first, after) -> TaskPage
#   task_pages(requests: list[{"scope", "first", "after"}]) -> list[TaskPage]       several lists in one call, in order
#   tasks_by_id(task_ids: list[str]) -> list[TaskView]
#   parts_of_tasks(task_ids: list[str]) -> {task_id: list[TaskView]}     directly below each: 分解 and 协办, ended ones
#       too; a task without parts is left out
#   work_list(unit, first, after, group: one of GROUPS | None) -> WorkPage      what the unit itself has to do or decide
#   accept_task(task_id, seen, by, cause) -> TaskView
#   return_task(task_id, seen, by, reason, cause) -> TaskView
#   submit_task(task_id, seen, by, result, cause, materials: list[str] = []) -> TaskView
#   verify_task(task_id, seen, by, passed: bool, note, cause) -> TaskView          all but the tasks of cases
#   assign_task(task_id, seen, by, unit, cause) -> TaskView    of the new task: the office names the unit of a case's
#       task that lies with the office; it stays decided
#   withdraw_task(task_id, seen, by, reason, cause) -> TaskView    by the office; of a part by the unit that gave it
#   report_progress(task_id, seen, by, percent, words, materials: list[str], cause) -> TaskView
#   self_check_task(task_id, seen, by, passed: bool, result, problems, cause) -> TaskView      a plan's task
#   delegate_task(task_id, seen, by, units: list[str], deadline: ISO | None, words, cause) -> TaskView   units below
#   ask_assist(task_id, seen, by, unit, deadline: ISO | None, words, cause) -> TaskView        a peer (协办)
#   ask_extension(task_id, seen, by, until: ISO, reason, cause) -> TaskView
#   ask_suspension(task_id, seen, by, until: ISO, reason, cause) -> TaskView
#   answer_request(task_id, seen, by, granted: bool, why, cause, unit=None) -> TaskView     whom the task answers to,
#       or the office; of a raise granted: the new task, of `unit` or, without one, of the lead department
#   resume_task(task_id, seen, by, reason, cause) -> TaskView                      before the chosen end
#   issue_task(task: {"id", "source": "meeting" | "leader_instruction" | "supervision", "title", "unit", "because",
#       "deadline": ISO | None, "limit": {"amount", "clock"} | None, "place": path | None, "case_id": str | None},
#       by, cause) -> TaskView                                                     by the office; the same again does
#       nothing
#   issue_plan(plan: {"plan_id", "title", "version", "issued_at" | None, "deadline": ISO,
#       "rows": [{"row", "mechanism", "measure", "lead_units": [name or path, …]}], "time_below": 0.9}, by, cause)
#       -> {"plan_id", "rows", "tasks", "already": bool}
#   plan_progress(plan_id: str) -> list[PlanProgress]
#   totals() -> {"tasks": n, "case_tasks": n, "plan_tasks": n, "open": n, "overdue": n}
