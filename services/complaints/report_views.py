"""The reports of cases as people see them: what each says in its newest version, masked as a case is.

Read a page of one case at a time, without the sealed data and without the older versions. A report from before it was
kept where its texts or facts hold what was sealed is shown without these words: only `unmask_report` shows them, on
record.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from infra.problem import InvalidInput, NotFound
from services.complaints.case import Case
from services.complaints.case_lists import MOST_LISTS
from services.complaints.contracts import CaseReport, CaseReportPage, Channel
from services.complaints.hiding import hide
from services.complaints.newest_first import page_length
from services.complaints.report import Content, Report

NOT_MASKED = "（早期来件，内容须经授权查看）"
_SHOWN = {"receipt": 1, "channel": 1, "received_at": 1, "revision": 1, "newest.content": 1, "newest.received_at": 1}


class ReportsAsked(msgspec.Struct, frozen=True):
    """The `first` reports of the case behind the one with the receipt `after` (None: from the first that it has)."""

    case_id: str
    first: int = 20
    after: str | None = None


class _Page(msgspec.Struct, frozen=True):
    """The ids of the reports of one page."""

    ids: list[str]
    has_next: bool
    total: int


def pages_of_reports(requests: Sequence[dict[str, Any]]) -> list[CaseReportPage]:
    """One page for each request (see ReportsAsked), in their order; the reports stand as they joined. A merged case
    shows those that it brought. Raises InvalidInput, NotFound."""
    asked = [_asked(one) for one in _listed(requests)]
    held = _held({one.case_id for one in asked})
    pages = [_page(one, held) for one in asked]
    said = _said({report_id for page in pages for report_id in page.ids})
    return [_view(page, said) for page in pages]


def _listed(requests: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    if not isinstance(requests, list) or len(requests) > MOST_LISTS:
        raise InvalidInput(f"more than {MOST_LISTS} lists", f"一次最多查询{MOST_LISTS}个列表", field="requests")
    return requests


def _asked(request: dict[str, Any]) -> ReportsAsked:
    try:
        return msgspec.convert(request, ReportsAsked)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a request: {error}", f"查询有误：{error}", field="requests") from error


def _held(case_ids: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """By case, its reports: id and receipt."""
    fields = {f"{where}.{name}": 1 for where in ("joined", "moved") for name in ("report_id", "receipt")}
    found = Case._get_collection().find({"_id": {"$in": list(case_ids)}}, fields)
    return {case["_id"]: case.get("joined") or case.get("moved") or [] for case in found}


def _page(asked: ReportsAsked, held: dict[str, list[dict[str, str]]]) -> _Page:
    length = page_length(asked.first)
    if asked.case_id not in held:
        raise NotFound(f"there is no Case {asked.case_id}", f"没有编号为 {asked.case_id} 的记录")
    reports = held[asked.case_id]
    receipts = [one["receipt"] for one in reports]
    if asked.after is not None and asked.after not in receipts:
        raise InvalidInput("not a cursor of this list", "分页游标无效", field="after")
    start = 0 if asked.after is None else receipts.index(asked.after) + 1
    ids = [one["report_id"] for one in reports[start : start + length]]
    return _Page(ids, start + length < len(reports), len(reports))


def _said(report_ids: Iterable[str]) -> dict[str, CaseReport]:
    """What these reports say now, by id."""
    pipeline = [
        {"$match": {"_id": {"$in": list(report_ids)}}},
        {"$set": {"newest": {"$last": "$versions"}, "revision": {"$subtract": [{"$size": "$versions"}, 1]}}},
        {"$project": _SHOWN},
    ]
    return {one["_id"]: _report(one) for one in Report._get_collection().aggregate(pipeline)}


def _report(stored: dict[str, Any]) -> CaseReport:
    newest, revision = stored["newest"], stored["revision"]
    shown = _shown(newest["content"])
    return CaseReport(
        receipt=stored["receipt"],
        channel=Channel(stored["channel"]),
        received_at=stored["received_at"],
        revision=revision,
        revised_at=newest["received_at"] if revision else None,
        **shown,
    )


def _shown(stored: dict[str, Any]) -> dict[str, Any]:
    content = msgspec.convert(stored, Content)
    texts = {"title": NOT_MASKED, "text": NOT_MASKED, "address": ""}
    if "hidden" in stored:
        said = {"title": content.title, "text": content.text, "address": content.address}
        texts = {name: hide(text, content.hidden.get(name, ())) for name, text in said.items()}
    demands = {"handed_over_at": content.handed_over_at, "deadlines": content.deadlines}
    return texts | demands | {"facts": _facts(content)}


def _facts(content: Content) -> dict[str, str]:
    found = content.hidden_facts
    if found is None:
        return dict.fromkeys(content.facts, NOT_MASKED)
    return {name: hide(fact, found.get(name, ())) for name, fact in content.facts.items()}


def _view(page: _Page, said: dict[str, CaseReport]) -> CaseReportPage:
    items = [said[report_id] for report_id in page.ids if report_id in said]
    end = items[-1].receipt if items else None
    return CaseReportPage(items=items, end_cursor=end, has_next=page.has_next, total=page.total)
