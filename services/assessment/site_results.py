"""Results of site visits as they come in: from a table (CSV) or as rows of an RPC, checked one by one.

A row that cannot be taken is refused with the field and the reason; the others are taken. A file as a whole is refused
only where it cannot be read at all: not text, or a column missing.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from infra.organisation import unit_path
from infra.organisation.registry import Registry, UnitKind
from infra.problem import InvalidInput, Problem
from services.assessment.framework import Framework, Item, SiteType
from services.assessment.scoring import TWO_PLACES

COLUMNS = {
    "site_id": "点位编号",
    "site_type": "点位类型",
    "street": "所属街道",
    "item": "测评项目",
    "deduction": "扣分",
    "note": "情况说明",
    "case_number": "案件编号",
}
OPTIONAL = frozenset({"note", "case_number"})
SITES_LIE_IN = frozenset({UnitKind.DISTRICT, UnitKind.DEV_ZONE, UnitKind.STREET})
LONGEST_NOTE = 500
LONGEST_ID = 64


class CheckedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A row that fits the framework and the registry. `place` is the path of a street, or of a zone without streets."""

    site_id: str
    site_type: str
    place: str
    item: str
    deduction: Decimal
    note: str
    case_number: str | None


def read_table(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers, under the names that the RPC uses; UTF-8 or GBK.

    Raises InvalidInput naming the column that is missing, or the file where it is not text, or no CSV from a line on.
    """
    reader = csv.DictReader(io.StringIO(_decode(content), newline=""), strict=True)
    begins = 1  # the line on which the row begins that is being read: an open quotation mark runs on to the end
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        reader.fieldnames = _header(reader.fieldnames or [])
        begins = reader.line_num + 1
        for row in reader:
            rows.append((reader.line_num, {name: row.get(column) or "" for name, column in COLUMNS.items()}))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(
            f"line {begins}: the file is no CSV: {error}",
            f"第{begins}行：文件不是有效的CSV表格",
            field="file",
            line=begins,
        ) from error
    return rows


def _header(names: Sequence[str]) -> list[str]:
    header = [name.strip() for name in names]
    for name, column in COLUMNS.items():
        if name not in OPTIONAL and column not in header:
            detail = f"the table has no column {column!r}; it has {header}"
            raise InvalidInput(detail, f"表中缺少“{column}”一列", field=column)
    return header


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("the file is neither UTF-8 nor GBK text", "文件不是UTF-8或GBK编码的文本", field="file")


def check_row(row: Mapping[str, Any], framework: Framework, registry: Registry) -> CheckedResult:
    """The result that `row` tells. Raises InvalidInput with the row's field (an RPC name: `deduction`)."""
    site_type = _site_type(row, framework)
    item = _item(row, site_type)
    return CheckedResult(
        site_id=_text(row, "site_id", longest=LONGEST_ID),
        site_type=site_type.name,
        place=_place(row, registry),
        item=item.name,
        deduction=_deduction(row, item),
        note=_text(row, "note", longest=LONGEST_NOTE),
        case_number=_text(row, "case_number", longest=LONGEST_ID) or None,
    )


def _text(row: Mapping[str, Any], field: str, *, longest: int) -> str:
    value = row.get(field)
    text = "" if value is None else unicodedata.normalize("NFC", str(value)).strip()
    if not text and field not in OPTIONAL:
        raise InvalidInput(f"{field} is empty", f"“{COLUMNS[field]}”为空", field=field)
    if len(text) > longest:
        raise InvalidInput(f"{field} is over {longest} characters", f"“{COLUMNS[field]}”超过{longest}字", field=field)
    return text


def _site_type(row: Mapping[str, Any], framework: Framework) -> SiteType:
    name = _text(row, "site_type", longest=LONGEST_ID)
    if name not in framework.site_types:
        known = "、".join(framework.site_types)
        detail = f"{name!r} is no site type of {framework.name} version {framework.version}"
        raise InvalidInput(detail, f"测评框架中没有点位类型“{name}”，应为：{known}", field="site_type")
    return framework.site_types[name]


def _item(row: Mapping[str, Any], site_type: SiteType) -> Item:
    name = _text(row, "item", longest=LONGEST_ID)
    item = site_type.item(name)
    if item is None:
        known = "、".join(one.name for one in site_type.items)
        raise InvalidInput(
            f"{name!r} is not checked on {site_type.name}",
            f"“{site_type.name}”没有测评项目“{name}”，应为：{known}",
            field="item",
        )
    return item


def _place(row: Mapping[str, Any], registry: Registry) -> str:
    text = _text(row, "street", longest=LONGEST_ID)
    try:
        unit = registry.unit(text) if unit_path.is_path(text) else registry.by_name(text)
    except Problem as problem:
        raise InvalidInput(problem.detail, problem.detail_zh, field="street", **problem.extra) from problem
    if unit.kind not in SITES_LIE_IN:
        raise InvalidInput(f"{text!r} is no street, district or zone", f"“{text}”不是街道、县区或园区", field="street")
    return unit.path


def _deduction(row: Mapping[str, Any], item: Item) -> Decimal:
    text = unicodedata.normalize("NFKC", _text(row, "deduction", longest=LONGEST_ID))
    try:
        points = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(f"{text!r} is not a number", f"“扣分”不是数字：{text}", field="deduction") from error
    if points.is_nan() or not 0 <= points <= item.points:
        detail = f"{text} is outside 0..{item.points}, the points of {item.name!r}"
        raise InvalidInput(detail, f"“扣分”应在0至{item.points}之间（“{item.name}”的分值）：{text}", field="deduction")
    if points != points.quantize(TWO_PLACES):
        raise InvalidInput(f"{text} has more than two decimals", f"“扣分”最多两位小数：{text}", field="deduction")
    return points.quantize(TWO_PLACES)
