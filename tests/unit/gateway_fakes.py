"""The four services as the gateway's tests need them: they answer from memory and count who was asked what."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.settings import GatewaySettings
from gateway.token import issue
from infra.organisation import unit_path
from infra.organisation.officer import Officer, Role
from infra.problem import InvalidInput, NotFound, Refused, Stale, Unavailable
from services.complaints.contracts import (
    CasePage,
    CaseReport,
    CaseReportPage,
    CaseStatus,
    CaseView,
    Channel,
    Reason,
    RequestKind,
    Urgency,
)
from services.notify.contracts import BulletinKind, BulletinView, DeliveryStatus
from services.tasks.contracts import PlanProgress, Step, TaskPage, TaskSource, TaskState, TaskStatus, TaskView
from tests.unit.gateway_fake_desk import FakeDesk
from tests.unit.gateway_fake_duties import FakeDuties
from tests.unit.gateway_fake_misfits import FakeMisfits

SECRET = "a secret of the tests that is long enough for every algorithm, " * 2
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HUASHAN = "5301/530102/530102001"
WUHUA, PANLONG, POLICE = "5301/530102", "5301/530103", "5301/~psb"


def case(case_id: str = "c1", place: str = HUASHAN, status: CaseStatus = CaseStatus.HANDLING, **more: Any) -> CaseView:
    """A case of a blocked street, task `t1` by default."""
    given: dict[str, Any] = {
        "version": 4,
        "number": "5301-2026-000001",
        "title": "占道经营",
        "text": "华山街道路口有人占道经营",
        "category": "street_vending",
        "category_name": "占道经营",
        "urgency": Urgency.NORMAL,
        "request_kind": RequestKind.COMPLAINT,
        "channels": [Channel.HOTLINE_12345],
        "receipts": ["R-1"],
        "received_at": MORNING,
        "filed_at": MORNING,
        "responsible_unit": place,
        "task_id": "t1",
        "reworks": 0,
        "reply": None,
        "closed_at": None,
        "reasons": {"category": Reason(text_zh="词语“占道”", evidence=["占道"])},
    }
    return CaseView(case_id=case_id, place_path=place, status=status, **(given | more))


def task(task_id: str = "t1", unit: str = HUASHAN, status: TaskStatus = TaskStatus.ISSUED, **more: Any) -> TaskView:
    """A task for a case, its deadline a day after `MORNING`."""
    given: dict[str, Any] = {
        "source": TaskSource.CASE,
        "title": "占道经营 · 华山街道",
        "place_path": unit if not unit_path.is_department(unit) else HUASHAN,
        "issued_at": MORNING,
        "deadline": MORNING + timedelta(days=1),
        "deadline_provisional": False,
        "overdue": False,
        "case_id": "c1",
        "case_number": "5301-2026-000001",
    }
    state = TaskState(task_id=task_id, responsible_unit=unit, status=status, **(given | more))
    return TaskView(task_id=task_id, version=1, state=state, progress=0.0, children=0, history=[])


def bulletin(units: list[str], kind: BulletinKind = BulletinKind.RANKING, bulletin_id: str = "b1") -> BulletinView:
    """A ranking bulletin for `units`."""
    return BulletinView(
        bulletin_id=bulletin_id,
        number="昆创文办〔2026〕1号",
        kind=kind,
        title="2026年第一季度测评通报",
        issued_at=MORNING,
        units=units,
        text="通报正文",
        html="<h1>通报</h1>",
        deliveries={DeliveryStatus.DELIVERED: 18},
    )


class FakeServices(FakeDesk, FakeDuties, FakeMisfits):
    """Answers like the services. Every unit has 3 handling and 2 closed cases, 4 issued tasks of which 1 is overdue."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.down: set[str] = set()
        self.silent: set[str] = set()
        self.turns: dict[str, int] = {}  # how many turns of the event loop a method takes
        self.cases = {"c1": case()}
        self.tasks = {"t1": task()}
        self.bulletins = {"b1": bulletin([WUHUA, HUASHAN])}
        self.plan = [
            PlanProgress(
                plan_id="p",
                row="1",
                measure="整治占道经营",
                mechanism="问题整改",
                lead_units=[POLICE],
                tasks=18,
                done=9,
                progress=0.5,
            ),
            PlanProgress(
                plan_id="p",
                row="2",
                measure="志愿服务",
                mechanism="全民参与",
                lead_units=["5301/~office"],
                tasks=2,
                done=2,
                progress=1.0,
            ),
        ]

    async def call(self, service: str, method: str, *args: Any, timeout: float, **kwargs: Any) -> Any:
        """See gateway.rpc.Caller; arguments and answer pass through JSON as they do over the broker."""
        self.calls[f"{service}.{method}"] += 1
        args, kwargs = tuple(json.loads(json.dumps(args))), json.loads(json.dumps(kwargs))
        self.asked.append((f"{service}.{method}", args, kwargs))
        if service in self.down:
            raise Unavailable(f"no service {service} is running", "所需服务未运行")
        if service in self.silent:
            await asyncio.sleep(timeout)
            raise Unavailable(f"no answer from {service}", "服务未及时响应")
        for _ in range(self.turns.get(f"{service}.{method}", 1)):
            await asyncio.sleep(0)
        answer = getattr(self, f"{service}_{method}")(*args, **kwargs)
        return json.loads(json.dumps(msgspec.to_builtins(answer)))

    def complaints_case_counts(self, places: list[str]) -> Any:
        return {place: {"handling": 3, "closed": 2} for place in places}

    def complaints_cases(self, scope: dict[str, Any], first: int, after: str | None) -> CasePage:
        inside = [one for one in self.cases.values() if self._case_fits(one, scope)]
        return CasePage(**_page(inside, first, after, lambda one: one.case_id))

    def complaints_case_pages(self, requests: list[dict[str, Any]]) -> list[CasePage]:
        return [self.complaints_cases(**request) for request in requests]

    def complaints_cases_by_id(self, case_ids: list[str]) -> list[CaseView]:
        return [self.cases[one] for one in case_ids if one in self.cases]

    def complaints_case_reports(self, requests: list[dict[str, Any]]) -> list[CaseReportPage]:
        return [self._reports(**request) for request in requests]

    def _reports(self, case_id: str, first: int, after: str | None) -> CaseReportPage:
        found = [
            CaseReport(
                receipt=receipt,
                channel=Channel.HOTLINE_12345,
                received_at=MORNING,
                revision=0,
                revised_at=None,
                title=f"{receipt}的标题",
                text=f"{receipt}的内容",
                address="翠湖南路",
            )
            for receipt in self.cases[case_id].receipts
        ]
        return CaseReportPage(**_page(found, first, after, lambda one: one.receipt))

    def complaints_close_case(
        self, case_id: str, seen: int, by: Any, condition: str, reply: str, cause: str, why: str = ""
    ) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.CLOSED, reply=reply)

    def complaints_request_rework(self, case_id: str, seen: int, by: Any, reason: str, cause: str) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.HANDLING, reworks=1)

    def complaints_answer_case(
        self, case_id: str, seen: int, by: Any, reply: str, cause: str, answered_as: str | None = None
    ) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.ANSWERED, reply=reply)

    def complaints_void_case(
        self, case_id: str, seen: int, by: Any, reason: str, cause: str, code: str = "other"
    ) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.VOIDED)

    def complaints_file_case(
        self,
        case_id: str,
        seen: int,
        by: Any,
        cause: str,
        category: str | None = None,
        place_path: str | None = None,
        standard_row: str | None = None,
        urgency: str | None = None,
        request_kind: str | None = None,
    ) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.FILED)

    def complaints_correct_case(
        self,
        case_id: str,
        seen: int,
        by: Any,
        cause: str,
        category: str | None = None,
        place_path: str | None = None,
        urgency: str | None = None,
        standard_row: str | None = None,
        request_kind: str | None = None,
    ) -> CaseView:
        return self._change_case(case_id, seen, **({"urgency": Urgency(urgency)} if urgency else {}))

    def tasks_task_counts(self, units: list[str], coordinate: str) -> Any:
        return {unit: {"issued": 4, "closed": 1, "overdue": 1} for unit in units}

    def tasks_tasks(self, scope: dict[str, Any], first: int, after: str | None, brief: bool = False) -> TaskPage:
        inside = [one for one in self.tasks.values() if self._task_fits(one, scope)]
        return TaskPage(**_page(inside, first, after, lambda one: one.task_id))

    def tasks_task_pages(self, requests: list[dict[str, Any]]) -> list[TaskPage]:
        return [self.tasks_tasks(**request) for request in requests]

    def tasks_tasks_by_id(self, task_ids: list[str]) -> list[TaskView]:
        return [self.tasks[one] for one in task_ids if one in self.tasks]

    def tasks_parts_of_tasks(self, task_ids: list[str]) -> dict[str, list[TaskView]]:
        parts = [one for one in self.tasks.values() if _whole(one) in task_ids]
        return {whole: [one for one in parts if _whole(one) == whole] for whole in map(_whole, parts)}

    def tasks_accept_task(self, task_id: str, seen: int, by: Any, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "accepted", TaskStatus.ACCEPTED, by)

    def tasks_return_task(self, task_id: str, seen: int, by: Any, reason: str, cause: str) -> TaskView:
        if not reason.strip():
            raise Refused("a reason is needed", "请填写退回理由", field="reason")
        return self._change_task(task_id, seen, "returned", TaskStatus.RETURNED, by)

    def tasks_submit_task(
        self, task_id: str, seen: int, by: Any, result: str, cause: str, materials: list[str] | None = None
    ) -> TaskView:
        return self._change_task(task_id, seen, "submitted", TaskStatus.SUBMITTED, by)

    def tasks_verify_task(self, task_id: str, seen: int, by: Any, passed: bool, note: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "verified", TaskStatus.VERIFIED, by)

    def tasks_plan_progress(self, plan_id: str) -> list[PlanProgress]:
        if plan_id != "p":
            raise NotFound(f"no plan {plan_id!r}", "没有这个计划", field="plan_id")
        return self.plan

    def assessment_latest_standings(self, units: list[str]) -> Any:
        return {unit: _standing(unit) for unit in units}

    def assessment_indicators(self, units: list[str], period: str) -> Any:
        if period != "2026-Q1":
            raise InvalidInput(f"{period!r} is no period", "时段应写作“2026-Q1”", field="period")
        given = {"indicator": "closing_rate", "period": period, "numerator": 3, "denominator": 4, "rate": 0.75}
        return [{"unit": unit} | given for unit in units]

    def notify_recent_bulletins(self, units: list[str], first: int) -> Any:
        listed = [msgspec.structs.replace(one, text="", html="") for one in self.bulletins.values()]
        return {unit: [one for one in listed if unit in one.units][:first] for unit in units}

    def notify_bulletin(self, bulletin_id: str) -> BulletinView:
        if bulletin_id not in self.bulletins:
            raise NotFound(f"no bulletin {bulletin_id!r}", "没有这份通报", field="bulletin_id")
        return self.bulletins[bulletin_id]

    def _case_fits(self, one: CaseView, scope: dict[str, Any]) -> bool:
        where = one.place_path if scope["place"] else one.responsible_unit or ""
        inside = unit_path.contains(scope["place"] or scope["unit"], where)
        return inside and (scope["statuses"] is None or one.status in scope["statuses"])

    def _task_fits(self, one: TaskView, scope: dict[str, Any]) -> bool:
        where = one.state.place_path if scope["place"] else one.state.responsible_unit
        inside = unit_path.contains(scope["place"] or scope["unit"], where)
        return inside and (scope["statuses"] is None or one.state.status in scope["statuses"])

    def _change_case(self, case_id: str, seen: int, **changes: Any) -> CaseView:
        before = self.cases[case_id]
        _refuse_stale(before.version, seen)
        self.cases[case_id] = msgspec.structs.replace(before, version=before.version + 1, **changes)
        return self.cases[case_id]

    def _change_task(self, task_id: str, seen: int, what: str, status: TaskStatus | None, by: Any) -> TaskView:
        before = self.tasks[task_id]
        _refuse_stale(before.version, seen)
        version = before.version + 1
        step = Step(version=version, what=what, by=by["name"], at=MORNING)
        state = msgspec.structs.replace(before.state, status=status or before.state.status)
        self.tasks[task_id] = msgspec.structs.replace(
            before, version=version, state=state, history=[*before.history, step]
        )
        return self.tasks[task_id]


def _whole(part: TaskView) -> str:
    return part.state.lead_task_id or part.state.parent_id or ""


def _standing(unit: str) -> Any:
    if unit_path.tier(unit) not in {2, 3}:
        return None
    return {
        "unit": unit,
        "tier": unit_path.tier(unit),
        "score": 86.25,
        "rank": 3,
        "grade": "B",
        "change": 2,
        "sites": 12,
        "deductions": 5,
        "round_id": "r1",
        "title": "2026年第一季度测评",
        "published_at": MORNING.isoformat(),
    }


def _page(items: list[Any], first: int, after: str | None, name: Any) -> dict[str, Any]:
    start = next((place for place, one in enumerate(items, start=1) if name(one) == after), 0)
    shown = items[start : start + first]
    end = name(shown[-1]) if shown else None
    return {"items": shown, "end_cursor": end, "has_next": start + first < len(items), "total": len(items)}


def _refuse_stale(version: int, seen: int) -> None:
    if seen != version:
        raise Stale(
            f"version {seen} was seen, it is {version} now",
            f"已被他人更新，当前版本{version}",
            field="seen",
            current_version=version,
            changed_by="李四",
            changed_what="accepted",
        )


def officer(role: Role = Role.CITY_OFFICE, unit: str = "5301", name: str = "张三") -> Officer:
    """An officer, of the city's office by default."""
    return Officer(role, unit, name)


CITY = officer()
OF_WUHUA = officer(Role.DISTRICT, WUHUA)
OF_HUASHAN = officer(Role.STREET, HUASHAN)
OF_POLICE = officer(Role.DEPARTMENT, POLICE)


def bearer(who: Officer = CITY) -> dict[str, str]:
    """The header that vouches for `who`."""
    return {"Authorization": "Bearer " + issue(SECRET, who, now=datetime.now(UTC), lifetime=timedelta(hours=1))}


class Town:
    """A gateway over fake services, asked as over HTTP."""

    def __init__(self, **settings: Any) -> None:
        self.services = FakeServices()
        patient: dict[str, Any] = {"deadline": 60.0, "rpc_timeout": 30.0}  # seconds
        self.app: Starlette = create_app(GatewaySettings(token_secret=SECRET, **patient | settings), self.services)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One HTTP request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def ask(self, query: str, who: Officer = CITY, **variables: Any) -> dict[str, Any]:
        """The body of the answer to a query or mutation."""
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = self.request("POST", "/graphql", json=body, headers=bearer(who)).json()
        return answer

    def data(self, query: str, who: Officer = CITY, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.ask(query, who, **variables)
        assert answer.get("errors") is None
        return answer["data"]

    def refusal(self, query: str, who: Officer = CITY, **variables: Any) -> dict[str, Any]:
        """The extensions of the only error."""
        [error] = self.ask(query, who, **variables)["errors"]
        extensions: dict[str, Any] = error["extensions"]
        return extensions
