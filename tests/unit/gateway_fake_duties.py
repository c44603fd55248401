"""The work list and the commands of tasks as the gateway's tests need them."""

from datetime import UTC, date, datetime
from typing import Any

from infra.problem import Refused
from services.tasks.contracts import (
    GROUPS,
    DownloadTicket,
    Explanation,
    MaterialView,
    RoutingPage,
    RoutingRow,
    RoutingRowView,
    RowTried,
    SupervisionPage,
    SupervisionState,
    SupervisionStatus,
    SupervisionTrigger,
    SupervisionView,
    TaskRequest,
    TaskStatus,
    TaskView,
    UploadTicket,
    WorkItem,
    WorkPage,
)

ROUTE = RoutingRowView(
    number=3,
    row=RoutingRow(
        category="street_vending",
        goes_to="territory",
        lead="~psb",
        assists=["district/~psb"],
        effective_from=date(2026, 1, 1),
    ),
)

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

MATERIAL = MaterialView(
    material_id="m1",
    task_id="t1",
    name="现场.jpg",
    kind="photo",
    media_type="image/jpeg",
    size=20480,
    uploaded_at=AT,
    by="张三",
    by_unit="5301/530102/530102001",
    attached=True,
    has_thumbnail=True,
    width=800,
    height=600,
)
ORDER = SupervisionView(
    supervision_id="s1",
    version=2,
    state=SupervisionState(
        supervision_id="s1",
        number="昆创文督〔2026〕1号",
        status=SupervisionStatus.OPENED,
        trigger=SupervisionTrigger.OVERDUE,
        task_id="t1",
        case_id="c1",
        title="占道经营 · 华山街道",
        unit="5301/530102/530102001",
        place_path="5301/530102/530102001",
        by_unit="5301/530102",
        because="逾期3日",
        opened_at=AT,
        answer_by=AT,
        overdue=False,
        returns=0,
        acknowledged_at=None,
        answered_at=None,
        closed_at=None,
    ),
    history=[],
)


class FakeDuties:
    """Inherited by the fake services: `tasks` and `_change_task` are theirs."""

    tasks: dict[str, TaskView]

    def _change_task(self, task_id: str, seen: int, what: str, status: TaskStatus | None, by: Any) -> TaskView:
        raise NotImplementedError

    def tasks_work_list(
        self, unit: str, first: int = 50, after: str | None = None, group: str | None = None
    ) -> WorkPage:
        own = [one for one in self.tasks.values() if one.state.responsible_unit == unit]
        start = int(after or 0)
        items = [self._line(one) for one in own[start : start + first]]
        counts = dict.fromkeys(GROUPS, 0) | {"running": len(own)}
        more = start + first < len(own)
        return WorkPage(items=items, end_cursor=str(start + len(items)), has_next=more, counts=counts)

    def _line(self, one: TaskView) -> WorkItem:
        asked = TaskRequest(
            kind="extension", by="张三", at=one.state.issued_at, reason="下雨", until=one.state.deadline
        )
        return WorkItem(kind="duty", group="running", version=one.version, task=one.state, request=asked)

    def tasks_task_counts_by(self, units: list[str], coordinate: str, by: str, state: str | None = None) -> Any:
        return {unit: {"case": 3, "plan": 5, "meeting": 0} for unit in units}

    def tasks_assign_task(self, task_id: str, seen: int, by: Any, unit: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "assigned", None, by)

    def tasks_withdraw_task(self, task_id: str, seen: int, by: Any, reason: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "withdrawn", TaskStatus.WITHDRAWN, by)

    def tasks_report_progress(
        self, task_id: str, seen: int, by: Any, percent: int, words: str, materials: list[str], cause: str
    ) -> TaskView:
        if not 0 <= percent <= 100:
            raise Refused("percent must be 0 to 100", "进度应为0至100", field="percent")
        return self._change_task(task_id, seen, "progressed", TaskStatus.IN_PROGRESS, by)

    def tasks_self_check_task(
        self, task_id: str, seen: int, by: Any, passed: bool, result: str, problems: str, cause: str
    ) -> TaskView:
        return self._change_task(task_id, seen, "self_checked", TaskStatus.SELF_CHECKED, by)

    def tasks_delegate_task(
        self, task_id: str, seen: int, by: Any, units: list[str], deadline: str | None, words: str, cause: str
    ) -> TaskView:
        return self._change_task(task_id, seen, "delegated", TaskStatus.IN_PROGRESS, by)

    def tasks_ask_assist(
        self, task_id: str, seen: int, by: Any, unit: str, deadline: str | None, words: str, cause: str
    ) -> TaskView:
        return self._change_task(task_id, seen, "assist_asked", TaskStatus.IN_PROGRESS, by)

    def tasks_ask_extension(self, task_id: str, seen: int, by: Any, until: str, reason: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "extension_asked", None, by)

    def tasks_ask_suspension(self, task_id: str, seen: int, by: Any, until: str, reason: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "suspension_asked", None, by)

    def tasks_answer_request(
        self, task_id: str, seen: int, by: Any, granted: bool, why: str, cause: str, unit: str | None = None
    ) -> TaskView:
        return self._change_task(task_id, seen, "granted" if granted else "refused", None, by)

    def tasks_raise_task(self, task_id: str, seen: int, by: Any, reason: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "raised", None, by)

    def tasks_reroute_task(self, task_id: str, seen: int, by: Any, reason: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "rerouted", None, by)

    def tasks_routing_table(self, day: str | None = None, search: str | None = None) -> RoutingPage:
        return RoutingPage(version=7, day=date(2026, 3, 2), rows=[ROUTE], changed=[ROUTE.row])

    def tasks_routing_history(self, category: str | None = None) -> list[RoutingRowView]:
        return [ROUTE]

    def tasks_explain_routing(self, asked: dict[str, Any], day: str | None = None) -> Explanation:
        return Explanation(
            day=date(2026, 3, 2),
            version=7,
            matter=asked,
            tried=[RowTried(row=ROUTE, fits=True, why="类别相符")],
            number=3,
            unit="5301/530102/530102001",
            unit_name="华山街道",
            because="日常管理属地负责",
            lead="5301/~psb",
            assists=["5301/530102/~psb"],
        )

    def tasks_edit_routing(
        self,
        rows: list[dict[str, Any]],
        effective_from: str,
        by: Any,
        why: str,
        seen: int,
        cause: str,
        trial: bool = False,
        whole: bool = False,
    ) -> RoutingPage:
        return self.tasks_routing_table()

    def tasks_materials_of_task(self, task_id: str, by: Any) -> list[MaterialView]:
        return [MATERIAL]

    def tasks_upload_ticket(
        self, task_id: str, name: str, size: int, by: Any, cause: str, attach: bool = False
    ) -> UploadTicket:
        return UploadTicket(url="http://tasks/materials?ticket=x", expires_at=AT)

    def tasks_download_ticket(self, material_id: str, by: Any) -> DownloadTicket:
        return DownloadTicket(
            url="http://tasks/materials/m1?ticket=y", thumbnail_url=None, expires_at=AT, material=MATERIAL
        )

    def tasks_supervisions(self, scope: dict[str, Any], first: int = 50, after: str | None = None) -> SupervisionPage:
        return SupervisionPage(items=[ORDER], end_cursor="1", has_next=False)

    def tasks_open_supervision(
        self,
        task_id: str | None,
        case_id: str | None,
        seen: int,
        by: Any,
        reason: str,
        answer_by: str | None,
        cause: str,
    ) -> SupervisionView:
        return ORDER

    def tasks_acknowledge_supervision(self, supervision_id: str, seen: int, by: Any, cause: str) -> SupervisionView:
        return ORDER

    def tasks_answer_supervision(
        self, supervision_id: str, seen: int, by: Any, answer: str, cause: str
    ) -> SupervisionView:
        return ORDER

    def tasks_close_supervision(
        self, supervision_id: str, seen: int, by: Any, note: str, cause: str
    ) -> SupervisionView:
        return ORDER

    def tasks_return_supervision(
        self, supervision_id: str, seen: int, by: Any, reason: str, cause: str
    ) -> SupervisionView:
        return ORDER

    def tasks_resume_task(self, task_id: str, seen: int, by: Any, reason: str, cause: str) -> TaskView:
        return self._change_task(task_id, seen, "resumed", TaskStatus.IN_PROGRESS, by)

    def tasks_issue_task(self, task: dict[str, Any], by: Any, cause: str) -> TaskView:
        return self.tasks["t1"]
