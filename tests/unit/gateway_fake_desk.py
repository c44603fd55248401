"""The desk, the standard and the reports of complaints as the gateway's tests need them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from infra.problem import Forbidden, Refused
from services.complaints.contracts import (
    CaseStatus,
    CaseView,
    CategoryView,
    Channel,
    CitizenAnswerView,
    DeskItem,
    DeskKind,
    DeskPage,
    DraftReply,
    EditionView,
    HotMatter,
    HotspotView,
    LimitGiven,
    LimitRow,
    LimitTable,
    ReplyTemplate,
    RowDifference,
    RowView,
    Satisfaction,
    StandardPage,
    UnmaskedRead,
    UnmaskedReport,
    UnmaskedVersion,
)

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROW = LimitRow(
    code="事件03-05-1",
    table=LimitTable.STANDARD,
    kind="事件",
    major="街面秩序",
    minor="占道经营",
    filing_condition="占道经营",
    closing_condition="已劝离；已恢复通行",
    limit="2紧急工作时",
    amount=2.0,
    clock="urgent_hour",
)
LIMIT = LimitGiven(
    row_ref="案件标准1:事件03-05-1",
    row=ROW,
    effective_from=date(2026, 1, 1),
    factor=0.5,
    amount=1.0,
    clock="urgent_hour",
    default_unit="5301/530102/530102001",
    why="词语“占道经营”",
    closing_conditions=["已劝离", "已恢复通行"],
)


class FakeDesk:
    """Inherited by the fake services: `cases` and `_change_case` are theirs."""

    cases: dict[str, CaseView]

    def _change_case(self, case_id: str, seen: int, **changes: Any) -> CaseView:
        raise NotImplementedError

    def complaints_desk_queue(self, scope: dict[str, Any], first: int, after: str | None = None) -> DeskPage:
        kinds = [DeskKind.CHECK, DeskKind.REVISED_LATE]
        due = AT + timedelta(hours=4)
        items = [DeskItem(case=one, kind=kinds[0], kinds=kinds, since=AT, due_at=due) for one in self.cases.values()]
        start = int(after or 0)
        shown = items[start : start + first]
        return DeskPage(items=shown, end_cursor=str(start + len(shown)), has_next=start + first < len(items))

    def complaints_categories(self) -> list[CategoryView]:
        return [CategoryView(code="street.vending", subject="街面秩序", name="占道经营")]

    def complaints_reply_templates(self) -> list[ReplyTemplate]:
        return [ReplyTemplate(code="enquiry", zh="咨询答复", text="您好", placeholders=["policy"])]

    def complaints_draft_reply(self, case_id: str, template: str, fields: dict[str, str], by: Any) -> DraftReply:
        return DraftReply(template=template, text=f"{case_id}：{fields.get('policy')}", missing=["phone"])

    def complaints_void_reasons(self) -> dict[str, str]:
        return {"other": "其他"}

    def complaints_citizen_answers(self, case_id: str, by: Any) -> list[CitizenAnswerView]:
        said = Satisfaction(contacted=None, solved=True, satisfied=False)
        return [CitizenAnswerView(receipt="R-1", ending=1, said=said, words="太慢", at=AT)]

    def complaints_case_counts_by_channel(self, places: list[str]) -> Any:
        return {place: {"hotline_12345": 4, "patrol": 1} for place in places}

    def complaints_hot_matters(self, place: str, since: str, until: str, first: int = 20) -> list[HotMatter]:
        one = self.cases["c1"]
        names = ("case_id", "number", "status", "title", "category", "category_name", "place_path")
        facts = {name: getattr(one, name) for name in names}
        return [HotMatter(**facts, heat=9.0, reports=4, people=3, likes=7, first_at=AT, last_at=AT)]

    def complaints_hotspots(self, place: str, since: str, first: int = 20) -> list[HotspotView]:
        facts = {"category": "noise", "category_name": "社会生活噪声", "place_path": place}
        return [HotspotView(**facts, reports=9, usual=1.5, since=AT, until=AT, episodes=2)]

    def complaints_verify_case(
        self,
        case_id: str,
        seen: int,
        by: Any,
        found: bool,
        note: str,
        cause: str,
        reply: str | None = None,
        category: str | None = None,
        place_path: str | None = None,
        standard_row: str | None = None,
        urgency: str | None = None,
        request_kind: str | None = None,
    ) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.FILED if found else CaseStatus.VOIDED)

    def complaints_return_for_facts(self, case_id: str, seen: int, by: Any, missing: list[str], cause: str) -> CaseView:
        return self._change_case(case_id, seen)

    def complaints_take_note(self, case_id: str, seen: int, by: Any, cause: str) -> CaseView:
        return self._change_case(case_id, seen)

    def complaints_dismiss_duplicates(
        self, case_id: str, seen: int, by: Any, cause: str, reason: str, others: list[str] | None = None
    ) -> CaseView:
        return self._change_case(case_id, seen)

    def complaints_confirm_case(self, case_id: str, seen: int, by: Any, cause: str) -> CaseView:
        return self._change_case(case_id, seen)

    def complaints_follow_up(
        self,
        case_id: str,
        seen: int,
        by: Any,
        contacted: bool,
        cause: str,
        solved: bool | None = None,
        satisfied: bool | None = None,
    ) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.REOPENED if solved is False else CaseStatus.CLOSED)

    def complaints_reopen_case(self, case_id: str, seen: int, by: Any, reason: str, cause: str) -> CaseView:
        return self._change_case(case_id, seen, status=CaseStatus.REOPENED)

    def complaints_appeal_timeout(self, case_id: str, seen: int, by: Any, reason: str, cause: str) -> CaseView:
        if not reason.strip():
            raise Refused("a reason is needed", "请填写申诉理由", field="reason")
        return self._change_case(case_id, seen)

    def complaints_decide_appeal(
        self, case_id: str, seen: int, by: Any, granted: bool, decision: str, cause: str
    ) -> CaseView:
        return self._change_case(case_id, seen)

    def complaints_merge_cases(
        self, case_id: str, seen: int, by: Any, others: list[dict[str, Any]], reason: str, cause: str
    ) -> list[CaseView]:
        parts = [self._change_case(one["case_id"], one["seen"], status=CaseStatus.MERGED) for one in others]
        return [self._change_case(case_id, seen), *parts]

    def complaints_split_case(
        self, case_id: str, seen: int, by: Any, part: str, reason: str, cause: str
    ) -> list[CaseView]:
        return [self._change_case(case_id, seen), self.cases[part]]

    def complaints_split_report(self, case_id: str, seen: int, by: Any, receipt: str, cause: str) -> list[CaseView]:
        return [self._change_case(case_id, seen), self.cases["c2"]]

    def complaints_join_report(
        self, case_id: str, seen: int, by: Any, receipt: str, from_seen: int, cause: str
    ) -> list[CaseView]:
        return [self._change_case(case_id, seen), self._change_case("c2", from_seen)]

    def complaints_case_standard(
        self,
        table: str = "standard",
        day: str | None = None,
        search: str | None = None,
        code: str | None = None,
        first: int = 100,
        skip: int = 0,
    ) -> StandardPage:
        edition = EditionView(
            edition="案件标准1",
            table=LimitTable(table),
            number=1,
            name="案件标准",
            effective_from=date(2026, 1, 1),
            rows=519,
            by="张三",
            at=AT,
            why="首次导入",
        )
        row = RowView(row=ROW, edition="案件标准1", effective_from=date(2026, 1, 1))
        return StandardPage(version=3, day=date(2026, 3, 2), editions=[edition], rows=[row], total=1)

    def complaints_edit_standard(
        self,
        code: str,
        changes: dict[str, str],
        effective_from: str,
        by: Any,
        why: str,
        seen: int,
        cause: str,
        table: str = "standard",
    ) -> StandardPage:
        return self.complaints_case_standard(table, code=code)

    def complaints_standard_diff(self, before: str, after: str, table: str = "standard") -> list[RowDifference]:
        changed = {"limit": ("2紧急工作时", "5天")}
        return [RowDifference(code=ROW.code, title=ROW.title, filing_condition="", change="changed", fields=changed)]

    def complaints_unmask_report(self, receipt: str, by: Any, purpose: str, cause: str) -> UnmaskedReport:
        if by["role"] not in {"hotline_desk", "city_office"}:
            raise Forbidden("this role may not read reports in clear", "您的角色无权查看个人信息")
        version = UnmaskedVersion(received_at=AT, personal={"来电人": "王某"}, raw=None)
        return UnmaskedReport(
            receipt=receipt, channel=Channel.HOTLINE_12345, external_id="X1", versions=[version], access_id="a1"
        )

    def complaints_unmasked_reads(self, receipt: str, by: Any) -> list[UnmaskedRead]:
        who = {"role": "street", "unit": "5301/530102/530102001", "name": "张三"}
        return [UnmaskedRead(access_id="a1", at=AT, purpose="回访", outcome="refused", **who)]
