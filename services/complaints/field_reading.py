"""Reading the fields of a pushed work order: each function takes the item and a field's Chinese name.

A field that is missing, empty or of the wrong kind raises InvalidInput naming the field in the sender's own words.
`null` and text of blanks count as missing, and so does a field without a name: one that the channel does not have.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

from infra.clock import CITY_ZONE, in_milliseconds
from infra.problem import InvalidInput

C = TypeVar("C")
Item = Mapping[str, Any]
ID_LIMIT = 64
LINE_LIMIT = 500
TEXT_LIMIT = 20_000
EARLIEST_YEAR = 2000
LATEST_YEAR = 10_000 - 1
LARGEST_NUMBER = 10**ID_LIMIT
YES_OR_NO = dict.fromkeys(("是", "y", "yes", "true", "1"), "是") | dict.fromkeys(("否", "n", "no", "false", "0"), "否")
# What a hotline may say about its caller, the exact home address among it; 事发地址 is where the matter is and is not.
ABOUT_THE_CALLER = (
    *("来电人", "号码", "性别", "联系电话", "手机号", "邮箱", "微信", "身份证号", "身份证号码", "证件号码"),
    *("来电人地址", "来电人住址", "家庭住址", "住址", "联系地址"),
)
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


def text(item: Item, field: str, limit: int = LINE_LIMIT) -> str | None:
    """The field as text without surrounding blanks (a whole number becomes its digits), None where it is missing."""
    value = item.get(field) if field else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < LARGEST_NUMBER else refuse(field, "is too large a number", "数值过大")
    if value is None:
        return None
    if not isinstance(value, str):
        refuse(field, "must be text", "须为文本")
    value = value.strip()
    if len(value) > limit:
        refuse(field, f"is longer than {limit} characters", f"超过{limit}字")
    if "\0" in value:
        refuse(field, "contains a NUL character", "含有空字符")
    return value or None


def required_text(item: Item, field: str, limit: int = LINE_LIMIT) -> str:
    """Like `text`, for a field that must be there."""
    value = text(item, field, limit)
    if value is None:
        refuse(field, "is missing or empty", "缺失或为空")
    return value


def identifier(item: Item, field: str) -> str:
    """The sender's own number of the thing: printable, without blanks, at most 64 characters."""
    value = required_text(item, field, ID_LIMIT)
    if not value.isprintable() or any(character.isspace() for character in value):
        refuse(field, "may hold neither blanks nor control characters", "不得含空格或控制字符")
    return value


def choice(item: Item, field: str, choices: Mapping[str, C]) -> C | None:
    """The value that the field's word stands for, None where the field is missing or its word is unknown: a citizen's
    matter is not turned away because of a word (see `unlisted`)."""
    return choices.get(text(item, field) or "")


def unlisted(item: Item, choices: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """By field, the words that are none of its `choices`: they count as not declared and are kept as they came."""
    return {field: word for field, known in choices.items() if (word := text(item, field)) and word not in known}


def moment(item: Item, field: str) -> datetime | None:
    """A moment in UTC: ISO 8601, or 2026-03-02 09:15:00 and 2026/3/2 9:15 in the city's time; None where missing."""
    written = text(item, field)
    if written is None:
        return None
    found = _parse_moment(written)
    if found is None:
        refuse(field, "is not a date and time such as 2026-03-02 09:15:00", "不是日期时间，应如 2026-03-02 09:15:00")
    if not EARLIEST_YEAR <= found.year < LATEST_YEAR:
        refuse(field, "lies outside the years 2000 to 9998", "年份超出范围")
    return in_milliseconds(found)


def flag(item: Item, field: str) -> str | None:
    """是 or 否, as text (also Y, N, yes, no, true, false, 1, 0) or as a truth value; None where the field is missing or
    says something else (see `choice`)."""
    value = item.get(field) if field else None
    if isinstance(value, bool):
        return "是" if value else "否"
    return YES_OR_NO.get((text(item, field) or "").lower())


def deadlines(item: Item, fields: Iterable[str]) -> tuple[dict[str, datetime], dict[str, str]]:
    """What the fields say about until when: moments in UTC, and as they came those that are none (三个工作日内). A day
    without a time is meant to its end."""
    moments: dict[str, datetime] = {}
    spoken: dict[str, str] = {}
    for field in fields:
        written = text(item, field)
        found = _parse_moment(written) if written else None
        if written and found and EARLIEST_YEAR <= found.year < LATEST_YEAR:
            last = found + timedelta(days=1, milliseconds=-1) if _is_day(written) else found
            moments[field] = in_milliseconds(last)
        elif written:
            spoken[field] = written
    return moments, spoken


def point(item: Item, field: str) -> tuple[float, float] | None:
    """Longitude, latitude in degrees: "102.71,25.04", [102.71, 25.04] or {"lng":…, "lat":…}; None where missing."""
    value = item.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = value.replace("，", ",").split(",")
    elif isinstance(value, Mapping):
        value = [value.get("lng", value.get("经度")), value.get("lat", value.get("纬度"))]
    try:
        longitude, latitude = (float(part) for part in value)
    except (TypeError, ValueError, OverflowError):
        longitude = latitude = float("nan")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        refuse(field, "is not longitude,latitude in degrees", "不是“经度,纬度”")
    return longitude, latitude


def words(item: Item, field: str, limit: int = 50) -> list[str]:
    """A list of texts (references to attachments): an array, or one text with ';' or ',' between; [] where missing."""
    value = item.get(field)
    if isinstance(value, str):
        value = value.replace("；", ";").replace(",", ";").split(";")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= LINE_LIMIT for one in value):
        refuse(field, "must be a list of texts", "须为文本列表")
    if len(value) > limit:
        refuse(field, f"has more than {limit} entries", f"超过{limit}项")
    return [one.strip() for one in value if one.strip()]


def _parse_moment(written: str) -> datetime | None:
    found = None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        for form in _FORMATS:
            found = found or _strptime(written, form)
    if found is not None and found.tzinfo is None:
        found = found.replace(tzinfo=CITY_ZONE)
    return found


def _is_day(written: str) -> bool:
    return not any(mark in written for mark in (":", "T", "t", " "))


def _strptime(written: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(written, form)
    except ValueError:
        return None


def refuse(field: str, detail: str, detail_zh: str) -> NoReturn:
    """Raises InvalidInput for the field."""
    raise InvalidInput(f"the field {field} {detail}", f"字段“{field}”{detail_zh}", field=field)
