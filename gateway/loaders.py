"""The loaders of one request: each kind of data in one RPC, however many units the request names."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from gateway.page_request import PageRequest, ReportsRequest
from gateway.rpc import Desk
from gateway.waves import WaveLoader, Waves
from infra.problem import NotFound, Problem
from services.assessment.contracts import SERVICE as ASSESSMENT
from services.assessment.contracts import IndicatorValue, Standing
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import CasePage, CaseReportPage, CaseView
from services.notify.contracts import SERVICE as NOTIFY
from services.notify.contracts import BulletinView
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import PlanProgress, TaskPage, TaskView

T = TypeVar("T")
RELATED = "related"  # what a case or task names of its own noun is asked for once more, and not further


class LatestStanding(Standing, frozen=True, kw_only=True):
    """A unit's place in the latest published round, and which round that is."""

    round_id: str
    title: str
    published_at: datetime


class Loaders:
    """What one request can load. Every method returns at once with something to await; keys are asked for together."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waves = Waves()
        self._case_counts = self._loader(self._load_case_counts)
        self._task_counts = {
            coordinate: self._loader(self._count_tasks_by(coordinate)) for coordinate in ("place", "responsible")
        }
        self._task_counts_by = self._loader(self._load_task_counts_by)
        self._standings = self._loader(self._load_standings)
        self._indicators = self._loader(self._load_indicators)
        self._recent = self._loader(self._load_recent)
        self._by_channel = self._loader(self._load_by_channel)
        self._cases = self._loader(self._cases_named(""))
        self._tasks = self._loader(self._tasks_named(""))
        self._related_cases = self._loader(self._cases_named(RELATED))
        self._related_tasks = self._loader(self._tasks_named(RELATED))
        self._case_pages = self._loader(self._load_case_pages)
        self._case_reports = self._loader(self._load_case_reports)
        self._task_pages = self._loader(self._load_task_pages)
        self._bulletins = self._loader(self._load_bulletins)
        self._plans = self._loader(self._load_plans)
        self._parts = self._loader(self._load_parts)

    def stop(self) -> None:
        """Ask nothing more: the request is over."""
        self._waves.stop()

    def case_counts(self, place: str) -> Awaitable[dict[str, int]]:
        """Cases inside `place` by status."""
        return self._case_counts.load(place)

    def case_counts_by_channel(self, place: str) -> Awaitable[dict[str, int]]:
        """Cases inside `place` by the channel of their first report."""
        return self._by_channel.load(place)

    def task_counts(self, unit: str, coordinate: str) -> Awaitable[dict[str, int]]:
        """Tasks by status, and `overdue`: placed inside `unit` ("place") or the duty of it and of those inside it."""
        return self._task_counts[coordinate].load(unit)

    def task_counts_by(self, unit: str, coordinate: str, by: str, state: str | None) -> Awaitable[dict[str, int]]:
        """Tasks by source, role or category (`by`), of all states or of one."""
        return self._task_counts_by.load((unit, coordinate, by, state))

    def standing(self, unit: str) -> Awaitable[LatestStanding | None]:
        """The unit's place in the latest round, None where it was in none."""
        return self._standings.load(unit)

    def indicators(self, unit: str, period: str) -> Awaitable[list[IndicatorValue]]:
        """The unit's operational indicators in the period. Raises InvalidInput; Refused for a second period."""
        return self._indicators.load((unit, period))

    def recent_bulletins(self, unit: str, first: int) -> Awaitable[list[BulletinView]]:
        """The newest bulletins addressed to `unit`, without their text."""
        return self._recent.load((unit, first))

    def case(self, case_id: str) -> Awaitable[CaseView]:
        """A case. Raises NotFound."""
        return self._cases.load(case_id)

    def task(self, task_id: str) -> Awaitable[TaskView]:
        """A task. Raises NotFound."""
        return self._tasks.load(task_id)

    def related_case(self, case_id: str) -> Awaitable[CaseView]:
        """A case that another one names. Raises NotFound; Refused for one that only a related case names."""
        return self._related_cases.load(case_id)

    def related_task(self, task_id: str) -> Awaitable[TaskView]:
        """A task that another one names. Raises NotFound; Refused for one that only a related task names."""
        return self._related_tasks.load(task_id)

    def parts(self, task_id: str) -> Awaitable[list[TaskView]]:
        """The parts of a task. Raises Refused for the parts of a part."""
        return self._parts.load(task_id)

    def case_page(self, request: PageRequest) -> Awaitable[CasePage]:
        """One page of cases."""
        return self._case_pages.load(request)

    def case_reports(self, request: ReportsRequest) -> Awaitable[CaseReportPage]:
        """One page of the reports of a case."""
        return self._case_reports.load(request)

    def task_page(self, request: PageRequest) -> Awaitable[TaskPage]:
        """One page of tasks."""
        return self._task_pages.load(request)

    def bulletin(self, bulletin_id: str) -> Awaitable[BulletinView]:
        """A bulletin with its text. Raises NotFound."""
        return self._bulletins.load(bulletin_id)

    def plan(self, plan_id: str) -> Awaitable[list[PlanProgress]]:
        """The rows of a plan. Raises NotFound."""
        return self._plans.load(plan_id)

    def keep_case(self, case: CaseView) -> None:
        """Remember a case that came with another answer."""
        self._cases.clear(case.case_id).prime(case.case_id, case)

    def keep_task(self, task: TaskView) -> None:
        """Remember a task that came with another answer."""
        self._tasks.clear(task.task_id).prime(task.task_id, task)

    def _loader(self, load: Any) -> WaveLoader:
        return WaveLoader(self._waves, load)

    async def _load_case_counts(self, places: list[str]) -> list[dict[str, int]]:
        counts = await self._desk.ask(COMPLAINTS, "case_counts", places)
        return [counts.get(place, {}) for place in places]

    def _count_tasks_by(self, coordinate: str) -> Any:
        async def load(units: list[str]) -> list[dict[str, int]]:
            counts = await self._desk.ask(TASKS, "task_counts", units, coordinate, kind=coordinate)
            return [counts.get(unit, {}) for unit in units]

        return load

    async def _load_task_counts_by(self, keys: list[tuple[str, str, str, str | None]]) -> list[dict[str, int]]:
        """One RPC for each way of counting that the request names."""
        found: dict[tuple[str, str, str | None], dict[str, dict[str, int]]] = {}
        for way in dict.fromkeys(key[1:] for key in keys):
            units = [key[0] for key in keys if key[1:] == way]
            found[way] = await self._desk.ask(TASKS, "task_counts_by", units, *way, kind=":".join(map(str, way)))
        return [found[key[1:]].get(key[0], {}) for key in keys]

    async def _load_standings(self, units: list[str]) -> list[LatestStanding | None]:
        answer = await self._desk.ask(ASSESSMENT, "latest_standings", units)
        standings = msgspec.convert(answer, dict[str, LatestStanding | None])
        return [standings.get(unit) for unit in units]

    async def _load_indicators(self, keys: list[tuple[str, str]]) -> list[list[IndicatorValue] | Problem]:
        """One RPC for the first period; another period in the same request fails alone (see Desk.ask)."""
        by_period: dict[str, list[str]] = {}
        for unit, period in keys:
            by_period.setdefault(period, []).append(unit)
        found = {period: await self._only_indicators(units, period) for period, units in by_period.items()}
        return [of if isinstance(of := found[period], Problem) else of.get(unit, []) for unit, period in keys]

    async def _only_indicators(self, units: list[str], period: str) -> dict[str, list[IndicatorValue]] | Problem:
        try:
            answer = await self._desk.ask(ASSESSMENT, "indicators", units, period)
        except Problem as problem:
            return problem
        by_unit: dict[str, list[IndicatorValue]] = {}
        for value in msgspec.convert(answer, list[IndicatorValue]):
            by_unit.setdefault(value.unit, []).append(value)
        return by_unit

    async def _load_recent(self, keys: list[tuple[str, int]]) -> list[list[BulletinView]]:
        most = max(first for _, first in keys)
        units = list(dict.fromkeys(unit for unit, _ in keys))
        answer = await self._desk.ask(NOTIFY, "recent_bulletins", units, most)
        bulletins = msgspec.convert(answer, dict[str, list[BulletinView]])
        return [bulletins.get(unit, [])[:first] for unit, first in keys]

    async def _load_by_channel(self, places: list[str]) -> list[dict[str, int]]:
        counts = await self._desk.ask(COMPLAINTS, "case_counts_by_channel", places)
        return [counts.get(place, {}) for place in places]

    def _cases_named(self, kind: str) -> Any:
        async def load(ids: list[str]) -> list[CaseView | NotFound]:
            answer = await self._desk.ask(COMPLAINTS, "cases_by_id", ids, kind=kind)
            found = {view.case_id: view for view in msgspec.convert(answer, list[CaseView])}
            return [found.get(case_id) or missing("case", "案件", case_id) for case_id in ids]

        return load

    def _tasks_named(self, kind: str) -> Any:
        async def load(ids: list[str]) -> list[TaskView | NotFound]:
            answer = await self._desk.ask(TASKS, "tasks_by_id", ids, kind=kind)
            found = {view.task_id: view for view in msgspec.convert(answer, list[TaskView])}
            return [found.get(task_id) or missing("task", "任务", task_id) for task_id in ids]

        return load

    async def _load_parts(self, ids: list[str]) -> list[list[TaskView]]:
        answer = await self._desk.ask(TASKS, "parts_of_tasks", ids)
        parts = msgspec.convert(answer, dict[str, list[TaskView]])
        return [parts.get(task_id, []) for task_id in ids]

    async def _load_case_pages(self, requests: list[PageRequest]) -> list[CasePage]:
        pages = await self._pages(COMPLAINTS, ("cases", "case_pages"), requests, CasePage)
        for page in pages:
            for case in page.items:
                self.keep_case(case)
        return pages

    async def _load_case_reports(self, requests: list[ReportsRequest]) -> list[CaseReportPage]:
        answer = await self._desk.ask(COMPLAINTS, "case_reports", msgspec.to_builtins(requests))
        return msgspec.convert(answer, list[CaseReportPage])

    async def _load_task_pages(self, requests: list[PageRequest]) -> list[TaskPage]:
        pages = await self._pages(TASKS, ("tasks", "task_pages"), requests, TaskPage)
        for page in pages:
            for task in page.items:
                self.keep_task(task)
        return pages

    async def _pages(
        self, service: str, methods: tuple[str, str], requests: list[PageRequest], page: type[T]
    ) -> list[T]:
        """One page by the method for one, several by the method that takes a list of {scope, first, after}."""
        one, several = methods
        if len(requests) == 1:
            [wanted] = requests
            answer = [await self._desk.ask(service, one, msgspec.to_builtins(wanted.scope), wanted.first, wanted.after)]
        else:
            answer = await self._desk.ask(service, several, msgspec.to_builtins(requests))
        return msgspec.convert(answer, list[page])  # type: ignore[valid-type]

    async def _load_bulletins(self, ids: list[str]) -> list[BulletinView | Problem]:
        return [await self._only(NOTIFY, "bulletin", one, BulletinView) for one in ids]

    async def _load_plans(self, ids: list[str]) -> list[list[PlanProgress] | Problem]:
        return [await self._only(TASKS, "plan_progress", one, list[PlanProgress]) for one in ids]

    async def _only(self, service: str, method: str, wanted: str, kind: type[T]) -> T | Problem:
        """The answer of a method that knows no list: the first is asked, what follows fails alone (see Desk.ask)."""
        try:
            return msgspec.convert(await self._desk.ask(service, method, wanted), kind)
        except Problem as problem:
            return problem


def missing(noun: str, noun_zh: str, wanted: str) -> NotFound:
    """The error for an id that a service does not know."""
    return NotFound(f"no {noun} {wanted!r}", f"没有这个{noun_zh}：{wanted}", field="id")
