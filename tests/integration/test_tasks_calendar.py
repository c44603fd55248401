"""A calendar that comes later: imported by the office, taken up by running desks, provisional deadlines counted
again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from infra import mongo
from infra.calendar import WorkingCalendar
from infra.clock import FixedClock
from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.problem import Forbidden, InvalidInput
from infra.settings import Settings
from infra.statutory_holidays import statutory_holidays
from services.complaints.contracts import CaseFiled
from services.tasks.desk import Desk, open_desk
from services.tasks.plan import Plan
from services.tasks.supervision import Supervision
from services.tasks.task import Task
from tests.unit.tasks_made import KUNMING, STREET, case

OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DISTRICT = {"role": "district", "unit": "5301/530102", "name": "李四"}
POLICEMAN = {"role": "department", "unit": "5301/~psb", "name": "周九"}
OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
FRIDAY = datetime(2027, 2, 26, 1, 0, tzinfo=UTC)  # 09:00 in the city
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(FRIDAY)


@pytest.fixture
def desk(mongodb_url: str, clock: FixedClock) -> Iterator[Desk]:
    settings = Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"test_{uuid4().hex[:10]}_")
    database = mongo.connect(settings, "tasks")
    mongo.ensure_indexes([Task, Plan, Supervision])
    yield new_desk(clock)
    database.client.drop_database(database.name)
    mongo.disconnect("tasks")


def new_desk(clock: FixedClock) -> Desk:
    calendar = WorkingCalendar(published_until=date(2026, 12, 31))
    return open_desk(Store(None, service="tasks"), KUNMING, clock, calendar)


def days(more: dict[str, bool] | None = None) -> list[dict[str, Any]]:
    """The statutory holidays of 2027 off; Monday 2027-03-01 off, the Saturday before worked."""
    off = {str(day): False for day in statutory_holidays(2027)}
    special = {"2027-03-01": False, "2027-02-27": True} | (more or {})
    return [{"day": day, "worked": worked} for day, worked in (off | special).items()]


def file_case(desk: Desk, id: str, amount: float, clock_unit: str = "work_day") -> None:
    event = CaseFiled(case=case(case_id=id, filed_at=FRIDAY, limit_amount=amount, limit_clock=clock_unit))
    desk.cases.follow([Received(event, seal(event, subject=f"case/{id}", sequence=1, at=FRIDAY, cause="test"))])


def task(id: str) -> dict[str, Any]:
    return Task._get_collection().find_one({"_id": id}) or {}


def in_city(moment: datetime) -> str:
    return f"{moment + 8 * HOUR:%m-%d %H:%M}"


def test_when_the_calendar_comes_provisional_deadlines_move_and_their_warnings_with_them(
    desk: Desk, clock: FixedClock
) -> None:
    running = new_desk(clock)  # another process
    running.scanner.lease.hold()
    for id, amount, unit in (("c1", 2, "work_day"), ("c2", 1, "work_day"), ("c3", 3, "natural_day")):
        file_case(desk, id, amount, unit)
    before = task("c1-1")
    assert (before["deadline_provisional"], before["provisional_under"]) == (True, 0)
    assert (in_city(before["deadline"]), in_city(before["due_soon_at"])) == ("03-02 09:00", "03-01 15:00")
    found = desk.calendars.put(2027, days(), OFFICE, "request/1")
    assert found == {"year": 2027, "version": 1, "days": len(days())}
    running.scanner.scan()
    after = task("c1-1")
    assert (in_city(after["deadline"]), in_city(after["due_soon_at"])) == ("03-02 09:00", "02-27 15:00")
    assert (after["deadline_provisional"], "provisional_under" in after) == (False, False)
    assert (in_city(before["answer_by"]), in_city(after["answer_by"])) == ("03-01 09:00", "02-27 09:00")
    assert in_city(task("c2-1")["deadline"]) == "02-27 09:00"
    assert [one["type"] for one in after["outbox"]] == ["task_assigned", "task_recalculated"]
    certain = task("c3-1")  # in natural time; until when it may be returned depends on the calendar all the same
    assert (len(certain["outbox"]), in_city(certain["deadline"])) == (1, "03-01 09:00")
    assert (in_city(certain["answer_by"]), "provisional_under" in certain) == ("02-27 09:00", False)
    stored = list(Task._get_collection().find())
    running.scanner.scan()
    assert list(Task._get_collection().find()) == stored
    file_case(desk, "c4", 1)
    assert (in_city(task("c4-1")["deadline"]), task("c4-1")["deadline_provisional"]) == ("02-27 09:00", False)
    assert desk.calendars.status()["published_until"] == "2027-12-31"
    assert desk.calendars.show(2027)["days"][0]["worked"] is False


def test_a_process_that_starts_counts_by_what_was_imported_before_it_scans(desk: Desk, clock: FixedClock) -> None:
    desk.calendars.put(2027, days(), OFFICE, "r")
    file_case(new_desk(clock), "c1", 1)
    assert (in_city(task("c1-1")["deadline"]), task("c1-1")["deadline_provisional"]) == ("02-27 09:00", False)


def test_what_was_warned_of_stays_said_and_is_not_said_again(desk: Desk, clock: FixedClock) -> None:
    file_case(desk, "c1", 2)
    clock.advance(3 * DAY + 7 * HOUR)  # Monday 16:00
    assert dict(desk.scanner.scan()) == {"due_soon": 1}
    desk.calendars.put(2027, days({"2027-03-02": False}), OFFICE, "request/1")
    assert dict(desk.scanner.scan()) == {}
    assert (in_city(task("c1-1")["deadline"]), task("c1-1")["due_soon"]) == ("03-03 09:00", True)
    assert [step["what"] for step in task("c1-1")["history"]] == ["assigned", "due_soon", "recalculated"]


def test_no_part_of_a_part_is_due_after_its_whole_when_a_calendar_makes_that_earlier(desk: Desk) -> None:
    about = {"id": "z1", "source": "meeting", "title": "整治", "unit": "5301/530102", "because": "会议议定"}
    desk.instructions.issue(about | {"limit": {"amount": 1, "clock": "work_day"}}, OFFICE, "r")
    for id, by, command, to in (
        ("z1-1", DISTRICT, desk.commands.delegate, [STREET]),
        ("z1-1.1", OFFICER, desk.commands.ask_assist, "5301/530102/530102002"),
    ):
        seen = desk.commands.accept(id, task(id)["sequence"], by, "r").version
        command(id, seen, by, to, None, "整治", "r")
    ids = ("z1-1", "z1-1.1", "z1-1.1.1")
    assert [in_city(task(id)["deadline"]) for id in ids] == ["03-01 09:00", "03-01 01:48", "02-28 19:19"]
    desk.calendars.put(2027, days(), OFFICE, "r")
    desk.scanner.scan()
    assert [in_city(task(id)["deadline"]) for id in ids] == ["02-27 09:00"] * 3


def test_a_part_is_certain_once_its_whole_is(desk: Desk) -> None:
    file_case(desk, "c1", 1)
    seen = desk.commands.accept("c1-1", task("c1-1")["sequence"], OFFICER, "r").version
    desk.commands.ask_assist("c1-1", seen, OFFICER, "5301/~psb", None, "清理", "r")
    assert [task(id)["deadline_provisional"] for id in ("c1-1", "c1-1.1")] == [True, True]
    before = task("c1-1.1")["deadline"]
    desk.calendars.put(2027, days({"2027-02-27": False}), OFFICE, "r")  # a day longer: the part keeps its deadline
    desk.scanner.scan()
    assert [task(id).get("deadline_provisional", False) for id in ("c1-1", "c1-1.1")] == [False, False]
    assert task("c1-1.1")["deadline"] == before < task("c1-1")["deadline"]


def test_a_part_that_was_certain_is_due_no_later_than_its_whole_when_a_calendar_makes_that_earlier(
    desk: Desk, clock: FixedClock
) -> None:
    file_case(desk, "c1", 2)  # due on Tuesday 03-02 at 9:00
    desk.commands.accept("c1-1", 1, OFFICER, "r")
    clock.advance(DAY + HOUR)  # Saturday 10:00; due on Sunday: in natural time
    desk.commands.ask_assist("c1-1", 2, OFFICER, "5301/~psb", "2027-02-28T18:00:00+08:00", "清理", "r")
    desk.commands.accept("c1-1.1", 1, POLICEMAN, "r")
    desk.commands.ask_extension("c1-1.1", 2, POLICEMAN, "2027-03-02T02:00:00+08:00", "忙", "r")
    desk.commands.answer_request("c1-1.1", 3, OFFICER, True, "同意", "r")
    assert [task(id)["deadline_provisional"] for id in ("c1-1", "c1-1.1")] == [True, False]
    holidays = [{"day": str(day), "worked": False} for day in statutory_holidays(2027)]
    desk.calendars.put(2027, [*holidays, {"day": "2027-02-27", "worked": True}], OFFICE, "r")
    desk.scanner.scan()
    assert [in_city(task(id)["deadline"]) for id in ("c1-1", "c1-1.1")] == ["03-01 09:00", "03-01 09:00"]
    assert [one["type"] for one in task("c1-1.1")["outbox"]][-2:] == ["task_extended", "task_recalculated"]
    stored = list(Task._get_collection().find())
    desk.scanner.scan()
    assert list(Task._get_collection().find()) == stored


def test_a_calendar_that_is_wrong_is_refused_and_a_later_one_of_the_year_takes_its_place(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.calendars.put(2027, days(), OFFICER, "r")
    for year, wrong in (
        (2027, []),
        (2027, [{"day": "2027-05-01", "worked": False}]),
        (2027, [*days(), {"day": "2028-05-01", "worked": False}]),
        (2027, [*days(), {"day": "2027-03-01", "worked": False}]),
        (2027, days({"2027-03-03": True})),
        (2027, [*days(), {"day": "someday", "worked": False}]),
        (1999, days()),
    ):
        with pytest.raises(InvalidInput):
            desk.calendars.put(year, wrong, OFFICE, "r")
    assert desk.calendars.status() == {"published_until": "2026-12-31", "version": 0, "imports": []}
    desk.calendars.put(2027, days(), OFFICE, "r")
    assert desk.calendars.put(2027, days({"2027-03-03": False}), OFFICE, "r")["version"] == 2
    file_case(desk, "c1", 3)
    assert in_city(task("c1-1")["deadline"]) == "03-04 09:00"
