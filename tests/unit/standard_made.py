"""A small case standard as an official would send it, and the tables that it makes. No database."""

import io
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from openpyxl import Workbook

from services.complaints.contracts import LimitRow, LimitTable, RequestKind, Urgency
from services.complaints.standard.choosing import Declared
from services.complaints.standard.giving import Matter
from services.complaints.standard.reading import read_standard
from services.complaints.standard.tables import Edit, Edition
from services.complaints.triage.category import Lexicon

HEADER = ["大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限"]
FACILITIES: list[list[Any]] = [
    ["某市部件事件立案、处置和结案标准(部件类)", *[None] * 8],
    HEADER,
    [1, "公用设施", 1, "雨水井盖", "排水中心", "城管局", "缺失、移位，存在安全隐患的", "恢复", "2紧急工作时"],
    [None, None, None, None, None, None, "破损超过25c㎡", "更换或修复", "４小时"],
    [None, None, None, None, None, None, "弹跳产生声响", "更换或修复", "2 天\n"],
    [None, None, "02", "庭院灯", "照明所", "城管局", "不亮", "修复", "1天"],
]
EVENTS: list[list[Any]] = [
    ["**市标准(事件类)", *[None] * 8],
    HEADER,
    ["01", "市容环境", "22", "非法伐树", "园林中心", "城管局", "未经审批砍伐", "制止", "1紧急工作时制止"],
    [None, "市容环境", "23", "施工扰民", "所属街办", "城管局", "未经许可\n夜间施工", "制止、整改", "2紧急工作日"],
    ["01", None, "98", "违法自建房", "所属街办", "区政府", "正在建设", "制止、移交", "15天"],
    [None] * 9,
]
MERGED = {
    "部件": ["A1:I1", "A3:A6", "B3:B6", "C3:C5", "D3:D5", "E3:E5", "F3:F5"],
    "事件": ["A1:I1", "B3:B6", "G5:G6", "H5:H6", "I5:I6", "C5:C6", "D5:D6", "E5:E6", "F5:F6", "A5:A6"],
}
AT = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
DAY = date(2026, 12, 1)
CITY, STREET = "5301", "5301/530102/530102001"


def xlsx(facilities: list[list[Any]] = FACILITIES, events: list[list[Any]] = EVENTS, merge: bool = True) -> bytes:
    """The file: two sheets with title rows and merged cells."""
    book = Workbook()
    for name, rows in (("部件", facilities), ("事件", events)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for span in MERGED[name] if merge else ():
            sheet.merge_cells(span)
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def _rows() -> tuple[LimitRow, ...]:
    return tuple(read_standard("standard.xlsx", xlsx()).rows)


def rows() -> list[LimitRow]:
    """What the file says."""
    return list(_rows())


def edition(number: int = 1, since: date = DAY, content: list[LimitRow] | None = None) -> Edition:
    """An edition of the standard."""
    return Edition(
        edition=f"standard-{since.isoformat()}-{number}",
        table=LimitTable.STANDARD,
        number=number,
        name="standard.xlsx",
        effective_from=since,
        by="赵六",
        at=AT,
        why="首次导入",
        rows=tuple(rows() if content is None else content),
    )


def edit(row: LimitRow, since: date, number: int = 1, of: str = "standard-2026-12-01-1") -> Edit:
    """An edit of a row of that edition."""
    return Edit(number=number, edition=of, row=row, effective_from=since, by="赵六", at=AT, why="试行")


def matter(title: str = "庭院灯不亮", category: str = "utilities.street_light", **changes: Any) -> Matter:
    """A complaint about a matter of that category in a street."""
    found: dict[str, Any] = {
        "category": Lexicon.load().categories[category],
        "request_kind": RequestKind.COMPLAINT,
        "urgency": Urgency.NORMAL,
        "title": title,
        "text": "",
        "declared": Declared(),
        "city": CITY,
        "street": STREET,
    }
    return Matter(**found | changes)
