"""The second table: kind of request × first-level subject → limit and default unit, for matters outside the standard.

A row may be for one category alone (井盖 within 城乡建设); it then outranks its subject's row. The table that came with
the system is data/outside_limits.csv; a city imports its own, or edits rows, as it does with the case standard.
"""

import csv
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from infra.problem import InvalidInput
from services.complaints.contracts import LimitRow, LimitTable, RefusedRow, RequestKind
from services.complaints.standard.limit_words import read_limit
from services.complaints.standard.reading import Reading
from services.complaints.standard.sheet import Flat, FlatRow, flat_of
from services.complaints.triage.request_kind import ZH as KIND_ZH

OUTSIDE_LIMITS = Path(__file__).parents[1] / "data" / "outside_limits.csv"
NEEDED = ("request_kinds", "subject", "limit", "default_unit")
LAST_RESORT = "其他"
TERRITORY = "territory"
_UNIT = re.compile(r"~[a-z][a-z0-9_]*")
_KINDS = frozenset(KIND_ZH.values())


@cache
def shipped_table(path: Path = OUTSIDE_LIMITS) -> tuple[LimitRow, ...]:
    """The rows that came with the system; read once per process."""
    reading = read_outside(path.name, path.read_bytes())
    assert not reading.refused, reading.refused
    return tuple(reading.rows)


@cache
def shipped_from(path: Path = OUTSIDE_LIMITS) -> date:
    """The day from which the table that came with the system holds."""
    with path.open(encoding="utf-8", newline="") as file:
        return max(date.fromisoformat(row["effective_from"]) for row in csv.DictReader(file))


def read_outside(name: str, content: bytes) -> Reading:
    """The second table in the file `name`. Raises InvalidInput, TooLarge where the file is none."""
    return reading_of(flat_of(name, content, NEEDED))


def reading_of(flat: Flat) -> Reading:
    """The rows of `flat` as rows of the second table; a code that stands twice is refused."""
    reading = Reading([], list(flat.refused), list(flat.notes))
    known: set[str] = set()
    for one in flat.rows:
        try:
            row = _row(one)
            if row.code in known:
                raise InvalidInput(f"{row.code} stands twice", f"行号{row.code}重复", field="行号")
        except InvalidInput as error:
            reading.refused.append(
                RefusedRow(sheet=one.sheet, row=one.number, reason=str(error), reason_zh=error.detail_zh)
            )
            continue
        known.add(row.code)
        reading.rows.append(row)
    return reading


def _row(one: FlatRow) -> LimitRow:
    cells = one.cells
    for field, zh in (("request_kinds", "诉求类型"), ("subject", "一级分类"), ("limit", "处置时限")):
        if not cells.get(field):
            raise InvalidInput(f"{zh} is empty", f"{zh}为空", field=zh)
    kinds = cells["request_kinds"].split("、")
    if unknown := set(kinds) - _KINDS:
        raise InvalidInput(f"no kind of request: {unknown}", f"诉求类型{'、'.join(unknown)}无法识别", field="诉求类型")
    limit = read_limit(cells["limit"])
    given = ("request_kinds", "subject", "category", "closing_condition", "limit", "because")
    return LimitRow(
        code=cells.get("code") or "-".join((*kinds, cells["subject"], *filter(None, [cells.get("category")]))),
        table=LimitTable.OUTSIDE,
        **{name: cells.get(name, "") for name in given},
        amount=limit.amount,
        clock=limit.clock.value,
        qualifier=limit.qualifier,
        default_unit=unit_pattern(cells.get("default_unit", "")),
        source=f"{one.sheet} 第{one.number}行",
    )


def unit_pattern(text: str) -> str | None:
    """`territory` or a department below the city (`~housing`); None for "". Raises InvalidInput."""
    if text and text != TERRITORY and not _UNIT.fullmatch(text):
        raise InvalidInput(f"{text!r} is no default unit", f"默认承办单位“{text}”无法识别", field="default_unit")
    return text or None


def row_outside(rows: Iterable[LimitRow], kind: RequestKind, subject: str, category: str) -> LimitRow:
    """The row for a matter that the standard does not have: the category's own, else its subject's, else 其他's.

    Raises LookupError where the table has not even that.
    """
    word = KIND_ZH[kind]
    fit = [row for row in rows if word in row.request_kinds.split("、") and row.category in ("", category)]
    for wanted in (subject, LAST_RESORT):
        of_subject = [row for row in fit if row.subject == wanted]
        if of_subject:
            return max(of_subject, key=lambda row: bool(row.category))
    raise LookupError(f"the second table has no row for {word} and {subject}")
