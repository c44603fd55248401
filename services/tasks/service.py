"""tasks: the duty. The table of contents: what it hears, what it does by itself, what it answers."""

import os
from typing import Any

from nameko.timer import timer

from infra.messaging.event import Received
from infra.messaging.handler import handles
from infra.messaging.rpc import rpc
from infra.problem import Problem
from infra.reconciliation.provider import BooksProvider, KeepsBooks
from services.complaints.contracts import (
    CaseAnswered,
    CaseClosed,
    CaseFiled,
    CaseMerged,
    CaseReopened,
    CaseRevised,
    CaseReworkRequested,
    CaseSplit,
    CaseVoided,
)
from services.tasks.books import BOOKS
from services.tasks.command_entrypoints import CommandEntrypoints
from services.tasks.contracts import SERVICE, TASK_EVENTS, PlanProgress, TaskPage, TaskView, WorkPage
from services.tasks.counters import REBUILD
from services.tasks.desk import Desk, DeskProvider
from services.tasks.material_entrypoints import MaterialEntrypoints
from services.tasks.routing_table.entrypoints import RoutingEntrypoints
from services.tasks.supervision_entrypoints import SupervisionEntrypoints
from services.tasks.work_list import Request, read_request, read_scope

SCAN_EVERY = float(os.environ.get("WENMING_SCAN_SECONDS", "1"))  # wall time between two looks at the deadlines
CASE_NEWS = (
    CaseRevised,
    CaseReworkRequested,
    CaseClosed,
    CaseVoided,
    CaseAnswered,
    CaseMerged,
    CaseSplit,
    CaseReopened,
)


class TasksService(CommandEntrypoints, MaterialEntrypoints, RoutingEntrypoints, SupervisionEntrypoints, KeepsBooks):
    """See README.md of this package."""

    name = SERVICE
    desk: Desk = DeskProvider()
    keeper = BooksProvider(BOOKS)

    @handles(CaseFiled, batch=100, prefetch=200)
    def on_case_filed(self, batch: list[Received[CaseFiled]]) -> None:
        """派遣: every filed case becomes one task of the responsible unit."""
        self.desk.cases.follow(batch)

    @handles(*CASE_NEWS, queue="case_news", batch=100, prefetch=200, pace=0.1)
    def on_case_news(self, batch: list[Received[Any]]) -> None:
        """The task follows its case: rework, closing, falling away, coming back."""
        self.desk.cases.follow(batch)

    @handles(*TASK_EVENTS, queue="task_tally", batch=200, prefetch=400, pace=0.5, rebuild=REBUILD)
    def on_task_event(self, batch: list[Received[Any]]) -> None:
        """The counters per place and per unit."""
        self.desk.counters.count(batch)

    @timer(interval=SCAN_EVERY)
    def scan_deadlines(self) -> None:
        """What the clock has brought is said, once: due soon, overdue, resumed, supervised."""
        self.desk.scanner.scan()

    @rpc(expected_exceptions=Problem)
    def tasks(self, scope: dict[str, Any], first: int = 50, after: str | None = None, brief: bool = False) -> TaskPage:
        """See contracts."""
        return self.desk.work_list.page(Request(read_scope(scope), first, after, brief))

    @rpc(expected_exceptions=Problem)
    def task_pages(self, requests: list[dict[str, Any]]) -> list[TaskPage]:
        """See contracts."""
        return self.desk.work_list.pages([read_request(one) for one in requests])

    @rpc(expected_exceptions=Problem)
    def tasks_by_id(self, task_ids: list[str]) -> list[TaskView]:
        """See contracts."""
        return self.desk.work_list.by_id(task_ids)

    @rpc(expected_exceptions=Problem)
    def parts_of_tasks(self, task_ids: list[str]) -> dict[str, list[TaskView]]:
        """See contracts."""
        return self.desk.work_list.parts(task_ids)

    @rpc(expected_exceptions=Problem)
    def task_counts(self, units: list[str], coordinate: str) -> dict[str, dict[str, int]]:
        """See contracts."""
        return self.desk.counters.counts(units, coordinate)

    @rpc(expected_exceptions=Problem)
    def task_counts_by(
        self, units: list[str], coordinate: str, by: str, state: str | None = None
    ) -> dict[str, dict[str, int]]:
        """See contracts."""
        return self.desk.counters.counts_by(units, coordinate, by, state)

    @rpc(expected_exceptions=Problem)
    def totals(self) -> dict[str, int]:
        """See contracts."""
        return self.desk.counters.totals()

    @rpc(expected_exceptions=Problem)
    def work_list(self, unit: str, first: int = 50, after: str | None = None, group: str | None = None) -> WorkPage:
        """See contracts."""
        return self.desk.desks.page(unit, first, after, group)

    @rpc(expected_exceptions=Problem)
    def issue_task(self, task: dict[str, Any], by: dict[str, Any], cause: str) -> TaskView:
        """See contracts."""
        return self.desk.instructions.issue(task, by, cause)

    @rpc(expected_exceptions=Problem)
    def issue_plan(self, plan: dict[str, Any], by: dict[str, Any], cause: str) -> dict[str, Any]:
        """See contracts."""
        return self.desk.plans.issue(plan, by, cause)

    @rpc(expected_exceptions=Problem)
    def plan_progress(self, plan_id: str) -> list[PlanProgress]:
        """See contracts."""
        return self.desk.plans.progress(plan_id)
