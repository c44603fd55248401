"""What an edit may change in a row of the tables of limits, and how the row then reads."""

from collections.abc import Callable
from typing import Any

import msgspec

from infra.problem import InvalidInput
from services.complaints.contracts import LimitRow
from services.complaints.standard.limit_words import read_limit
from services.complaints.standard.outside import unit_pattern

EDITABLE = ("limit", "filing_condition", "closing_condition", "handling_units", "default_unit", "because")
LONGEST_TEXT = 1000


def changed(row: LimitRow, changes: dict[str, str], is_unit: Callable[[str | None], bool]) -> LimitRow:
    """`row` with the changes; `is_unit` knows the city's departments. Raises InvalidInput naming the field."""
    given: dict[str, Any] = {}
    for field, text in changes.items():
        if field not in EDITABLE or not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise InvalidInput(f"{field!r} cannot be edited like that", f"不能这样修改{field}", field=str(field))
        given[field] = text.strip()
    if "limit" in given:
        limit = read_limit(given["limit"])
        given |= {"amount": limit.amount, "clock": limit.clock.value, "qualifier": limit.qualifier}
    if "default_unit" in given:
        given["default_unit"] = unit_pattern(given["default_unit"])
        if not is_unit(given["default_unit"]):
            raise InvalidInput("no such department", f"没有单位{given['default_unit']}", field="default_unit")
    if (given.get("filing_condition") == "" and row.filing_condition) or given.get("closing_condition") == "":
        raise InvalidInput("a condition must not be empty", "立案条件、结案条件不能为空", field="closing_condition")
    new = msgspec.structs.replace(row, **given)
    if new == row:
        raise InvalidInput("it reads like that already", "与现行内容相同，无需修订", field="changes")
    return new
