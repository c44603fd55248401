"""The rows of a file become rows of the case standard, or are refused with their number and the reason."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from infra.problem import InvalidInput
from services.complaints.contracts import LimitRow, LimitTable, RefusedRow
from services.complaints.standard.limit_words import read_limit
from services.complaints.standard.sheet import KINDS, Flat, FlatRow, flat_of

NEEDED = ("major", "minor", "filing_condition", "limit")
REQUIRED = {
    "major_code": "大类代码",
    "major": "大类名称",
    "minor_code": "小类代码",
    "minor": "小类名称",
    "filing_condition": "立案条件",
    "closing_condition": "结案条件",
    "limit": "处置时限",
}
TEXTS = (*REQUIRED, "handling_units", "supervising")
LONGEST_TEXT = 1000


class Reading(NamedTuple):
    """What was understood of a file, what was refused, and what is worth knowing."""

    rows: list[LimitRow]
    refused: list[RefusedRow]
    notes: list[RefusedRow]

    @property
    def classes(self) -> int:
        """How many minor classes the rows have."""
        return len({(row.kind, row.major, row.minor) for row in self.rows})


def read_standard(name: str, content: bytes) -> Reading:
    """The case standard in the file `name`. Raises InvalidInput, TooLarge where the file is none."""
    return reading_of(flat_of(name, content, NEEDED))


def reading_of(flat: Flat) -> Reading:
    """The rows of `flat` as rows of the standard; a row's code counts the rows of its minor class."""
    reading = Reading([], list(flat.refused), list(flat.notes))
    codes = _major_codes(flat.rows)
    known: set[tuple[str, ...]] = set()
    counted: Counter[str] = Counter()
    for one in flat.rows:
        try:
            row = _row(one, _filled(one, codes, reading), known)
        except InvalidInput as error:
            reading.refused.append(_about(one, str(error), error.detail_zh))
            continue
        counted[row.code] += 1
        reading.rows.append(msgspec.structs.replace(row, code=f"{row.code}-{counted[row.code]}"))
    return reading


def _row(one: FlatRow, cells: Mapping[str, str], known: set[tuple[str, ...]]) -> LimitRow:
    if cells.get("kind") not in KINDS:
        raise InvalidInput("neither 部件 nor 事件", "未注明部件或事件", field="问题类型")
    for field, zh in REQUIRED.items():
        if not cells.get(field):
            raise InvalidInput(f"{zh} is empty", f"{zh}为空", field=zh)
        if len(cells[field]) > LONGEST_TEXT:
            raise InvalidInput(f"{zh} is too long", f"{zh}超过{LONGEST_TEXT}字", field=zh)
    limit = read_limit(cells["limit"])
    key = tuple(cells[name] for name in ("kind", "major", "minor", "filing_condition"))
    if key in known:
        raise InvalidInput("stands twice", "与前面某行重复（同一小类、同一立案条件）", field="立案条件")
    known.add(key)
    return LimitRow(
        code=f"{cells['kind']}{cells['major_code']:0>2}-{cells['minor_code']:0>2}",
        table=LimitTable.STANDARD,
        kind=cells["kind"],
        **{name: cells.get(name, "") for name in TEXTS},
        amount=limit.amount,
        clock=limit.clock.value,
        qualifier=limit.qualifier,
        default_unit=cells.get("default_unit"),
        source=f"{one.sheet} 第{one.number}行",
    )


def _major_codes(rows: list[FlatRow]) -> dict[tuple[str, str], str]:
    """The code of every major class by kind and name, from the first row that says it."""
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if code := row.cells.get("major_code"):
            found.setdefault((row.cells["kind"], row.cells.get("major", "")), code)
    return found


def _filled(one: FlatRow, codes: Mapping[tuple[str, str], str], reading: Reading) -> dict[str, str]:
    """The cells, a missing code of the major class taken from the class's other rows."""
    code = codes.get((one.cells["kind"], one.cells.get("major", "")))
    if one.cells.get("major_code") or code is None:
        return one.cells
    reading.notes.append(
        _about(one, f"the code {code} of the major class is another row's", f"大类代码空缺，按{code}补")
    )
    return one.cells | {"major_code": code}


def _about(one: FlatRow, reason: str, reason_zh: str) -> RefusedRow:
    return RefusedRow(sheet=one.sheet, row=one.number, reason=reason, reason_zh=reason_zh)
