"""What stands in a cell, as text for the channel's parser.

Excel keeps a number where people typed a telephone number, a day's count where they typed a date, and fifteen digits of
what has eighteen. What can be told from the cell is put right; what Excel has lost already is refused, with a reason.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from infra.problem import InvalidInput

EXACT = 10**15  # Excel keeps 15 digits of a number
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # 1954 to 2119: what may be a day's count in a column of dates
_ZEROS = re.compile(r"0+")
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,3}")
_QUOTED = re.compile(r'="(.*)"', re.DOTALL)  # how people force Excel to show text: ="0087"
FORMULA = ("=", "+", "-", "@")  # what Excel would compute; the report of refused rows writes an apostrophe before it


def cell_text(value: Any, field: str, *, moment: bool, form: str = "", epoch: datetime = WINDOWS_EPOCH) -> str:
    """The text of `value` in the column `field`, "" for an empty cell.

    `moment` says that the column holds date and time, `form` is the cell's number format, `epoch` the day from which
    the workbook counts. Raises InvalidInput where the cell no longer holds what was typed.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _of_number(value, field, moment, form, epoch)
    if isinstance(value, datetime | date | time):
        return _of_moment(value)
    if isinstance(value, timedelta):
        return str(value)
    return plain_text(str(value), field, moment=moment)


def plain_text(written: str, field: str, *, moment: bool) -> str:
    """The text of a cell that is text, without what people add to have it stay text (an apostrophe, ="…")."""
    found = written.strip()
    if quoted := _QUOTED.fullmatch(found):
        found = quoted[1].replace('""', '"').strip()
    if found.startswith("'") and (found[1:2] in FORMULA or found[1:2].isdigit()):
        found = found[1:]
    if moment and _SERIAL.fullmatch(found):
        return _of_serial(float(found), field, WINDOWS_EPOCH)
    if _SCIENTIFIC.fullmatch(found):
        _lost(field, f"{found}（科学计数法）")
    return found


def _of_number(value: float, field: str, moment: bool, form: str, epoch: datetime) -> str:
    if moment and FIRST_SERIAL <= value <= LAST_SERIAL:
        return _of_serial(value, field, epoch)
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    whole = int(value)
    if abs(whole) >= EXACT:
        _lost(field, f"{whole}（数值）")
    return str(whole).zfill(len(form)) if _ZEROS.fullmatch(form) else str(whole)


def _of_serial(value: float, field: str, epoch: datetime) -> str:
    try:
        return _of_moment(from_excel(value, epoch))
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{value} in {field} is no date", f"“{value}”不是日期", field=field) from error


def _of_moment(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        nearest = value + timedelta(microseconds=500_000)  # fractions of a day do not hit whole seconds
        return nearest.strftime("%Y-%m-%d %H:%M:%S")
    return value.strftime("%Y-%m-%d" if isinstance(value, date) else "%H:%M:%S")


def _lost(field: str, what: str) -> None:
    detail = f"{field} was kept as a number and has lost digits"
    raise InvalidInput(detail, f"{what}已丢失位数，请把该列设为“文本”后重新填写", field=field)
