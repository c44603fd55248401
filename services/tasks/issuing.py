"""下达: a plan becomes tasks, once, even when it is sent twice or interrupted half-way; and how far it has come."""

from typing import Any

from infra.calendar import WorkingCalendar
from infra.clock import Clock, in_milliseconds
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.problem import NotFound
from services.tasks import deadlines, rights
from services.tasks.breakdown import PlanDraft, PlanRow, TaskSpec, break_down, resolved
from services.tasks.contracts import PlanProgress, TaskSource
from services.tasks.plan import Plan, check_time, read_draft
from services.tasks.progress import DONE, Node, mean, roll_up
from services.tasks.task import Task
from services.tasks.work_list import nodes_of_plan

BATCH = 250


class Plans:
    """Issues plans and reads their progress."""

    def __init__(self, store: Store, registry: Registry, calendar: WorkingCalendar, clock: Clock) -> None:
        self._store, self._registry, self._calendar, self._clock = store, registry, calendar, clock

    def issue(self, body: dict[str, Any], by: dict[str, Any], cause: str) -> dict[str, Any]:
        """Issue every task of the plan in `body`; {"plan_id", "rows", "tasks", "already"}. Only the city's office may.

        The same plan again does nothing. Raises Forbidden; InvalidInput naming the field, and the row where a lead
        unit is not known, with nothing issued; Refused where the plan is in force with another version or text.
        """
        officer, draft = Officer.from_json(by), resolved(read_draft(body), self._registry)
        rights.require_office(officer)
        plan = self._plan(draft, officer.name)
        already = plan.complete
        if not already:
            self._insert_tasks(draft, plan, officer.name, cause)
            self._store.change(Plan, plan.pk, lambda plan: plan.finish(self._clock.now(), cause))
        return {"plan_id": plan.pk, "rows": len(draft.rows), "tasks": plan.tasks, "already": already}

    def progress(self, plan_id: str) -> list[PlanProgress]:
        """The plan's rows in their order, each with its progress and the paths of its lead units. Raises NotFound."""
        plan = Plan.objects(pk=plan_id).exclude("outbox").first()
        if plan is None:
            raise NotFound(f"there is no plan {plan_id}", f"没有编号为{plan_id}的分解表", field="plan_id")
        nodes = nodes_of_plan(plan_id)
        return [row_progress(plan_id, row, nodes.get(row.row, [])) for row in plan.row_texts()]

    def _plan(self, draft: PlanDraft, by: str) -> Plan:
        """The plan as it is stored by now; an earlier attempt keeps its moment of issue."""
        issued_at = draft.issued_at or in_milliseconds(self._clock.now())
        check_time(draft, issued_at)
        specs = break_down(draft, self._registry, issued_at)
        plan = Plan.drafted(draft, len(specs), issued_at, by)
        if not self._store.insert(plan):
            plan = Plan.objects(pk=draft.plan_id).exclude("outbox").first()
            plan.check_same(draft)
        return plan

    def _insert_tasks(self, draft: PlanDraft, plan: Plan, by: str, cause: str) -> None:
        answer = deadlines.answer_facts(self._calendar, plan.issued_at)
        specs = break_down(draft, self._registry, plan.issued_at)
        for start in range(0, len(specs), BATCH):
            tasks = [task_of(spec, plan, answer, by, cause) for spec in specs[start : start + BATCH]]
            self._store.insert_many(tasks)


def task_of(spec: TaskSpec, plan: Plan, answer: dict[str, Any], by: str, cause: str) -> Task:
    """The task that `spec` describes, issued when its plan was, to be answered as `answer` says."""
    facts = {
        "id": spec.id,
        "source": TaskSource.PLAN,
        "title": spec.row.measure,
        "responsible_unit": spec.unit,
        "place_path": spec.place,
        "issued_at": plan.issued_at,
        "deadline": spec.deadline,
        "parent_id": spec.lineage[-1] if spec.lineage else None,
        "lineage": list(spec.lineage),
        "parts": spec.parts,
        "plan_id": plan.pk,
        "plan_row": spec.row.row,
        "routed_because": f"{plan.title}：第{spec.row.row}项" + ("，由上级分解" if spec.lineage else "，牵头单位"),
    }
    return Task.issue(facts | answer, by=by, cause=cause)


def row_progress(plan_id: str, row: PlanRow, nodes: list[Node]) -> PlanProgress:
    """How far a row of the plan is, of which `nodes` are the tasks."""
    progress = roll_up(nodes)
    return PlanProgress(
        plan_id=plan_id,
        row=row.row,
        measure=row.measure,
        mechanism=row.mechanism,
        lead_units=row.lead_units,
        tasks=len(nodes),
        done=sum(node.status in DONE for node in nodes),
        progress=mean((progress[node.id], node.weight) for node in nodes if node.parent_id is None),
    )
