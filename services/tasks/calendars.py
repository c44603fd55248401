"""The calendars that a city imports year by year: days off and weekends that are worked, as the State Council publishes
them. Every import is kept, the youngest of a year holds; running services take it up with their next scan."""

from datetime import date, datetime
from typing import Any

import msgspec
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from infra import mongo
from infra.calendar import SATURDAY, WorkingCalendar
from infra.clock import Clock
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, Refused
from infra.statutory_holidays import statutory_holidays
from services.tasks import rights

COLLECTION = "calendars"
FIRST_YEAR, LAST_YEAR = 2020, 2100


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is not as its weekday says: `worked`, or off; `name` is that of the holiday."""

    day: date
    worked: bool
    name: str = ""


class CalendarShelf:
    """The imported calendars in the service's database, and the `calendar` that counts with them."""

    def __init__(self, db: Database[dict[str, Any]], calendar: WorkingCalendar, clock: Clock) -> None:
        self._rows = db.get_collection(COLLECTION, write_concern=mongo.DURABLE)
        self._calendar, self._clock = calendar, clock

    def refresh(self) -> bool:
        """Take up what was imported since the last look; whether there was anything. One small read."""
        newest = self._rows.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        if newest is None or newest["_id"] == self._calendar.version:
            return False
        years = {row["year"]: _days_of(row) for row in self._rows.find().sort("_id", 1)}
        self._calendar.take_up(years, newest["_id"])
        return True

    def put(self, year: int, days: list[dict[str, Any]], by: dict[str, Any], cause: str) -> dict[str, Any]:
        """Import the calendar of a year, by the office; it holds at once. Raises Forbidden, InvalidInput (days[n]) or
        Refused."""
        officer = Officer.from_json(by)
        rights.require_office(officer)
        read = read_days(year, days)
        newest = self._rows.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        stored = [{"day": one.day.isoformat(), "worked": one.worked, "name": one.name} for one in read]
        facts = {"year": year, "days": stored, "by": officer.name, "at": self._clock.now(), "cause": cause}
        version = (newest["_id"] if newest else 0) + 1
        try:
            self._rows.insert_one({"_id": version} | facts)
        except DuplicateKeyError as error:
            raise Refused("another calendar was imported meanwhile", "有人同时导入了节假日安排，请重试") from error
        self.refresh()
        return {"year": year, "version": version, "days": len(read)}

    def show(self, year: int) -> dict[str, Any]:
        """The calendar of a year as it was imported last; version 0 without days where it never was."""
        row = self._rows.find_one({"year": year}, sort=[("_id", -1)])
        return _shown(row) | {"days": row["days"]} if row else {"year": year, "version": 0, "days": []}

    def status(self) -> dict[str, Any]:
        """Until when the calendar is certain, and every import, the youngest first."""
        self.refresh()
        imports = [_shown(row) for row in self._rows.find({}, {"days": 0}).sort("_id", -1)]
        until = self._calendar.published_until.isoformat()
        return {"published_until": until, "version": self._calendar.version, "imports": imports}


def read_days(year: object, days: object) -> list[CalendarDay]:
    """The days of an import. Raises InvalidInput naming the field."""
    if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput(f"not a year: {year!r}", "年份有误", field="year")
    if not isinstance(days, list) or not days:
        raise InvalidInput("a calendar has days", "节假日安排没有内容", field="days")
    read: list[CalendarDay] = []
    for n, one in enumerate(days):
        read.append(_read_day(year, n, one, {known.day for known in read}))
    off = {one.day for one in read if not one.worked}
    missing = [day for day in sorted(statutory_holidays(year)) if day.weekday() < SATURDAY and day not in off]
    if missing:
        raise InvalidInput(
            f"statutory holidays are not off: {', '.join(map(str, missing))}",
            f"缺少法定节假日：{'、'.join(map(str, missing))}",
            field="days",
        )
    return read


def _read_day(year: int, n: int, body: object, known: set[date]) -> CalendarDay:
    field = f"days[{n}]"
    try:
        one = msgspec.convert(body, CalendarDay)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a day: {error}", f"第{n + 1}行有误：{error}", field=field) from error
    if one.day.year != year or one.day in known:
        raise InvalidInput(f"{one.day} is not of {year}, or twice", f"{one.day}不属于{year}年或重复", field=field)
    if one.worked and one.day.weekday() < SATURDAY:
        raise InvalidInput(f"{one.day} is no weekend", f"{one.day}不是周末，不需调休上班", field=field)
    return one


def _days_of(row: dict[str, Any]) -> dict[date, bool]:
    return {date.fromisoformat(one["day"]): one["worked"] for one in row["days"]}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["at"]
    return {"year": row["year"], "version": row["_id"], "by": row["by"], "at": at.isoformat()}
