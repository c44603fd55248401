"""Until when senders want it: kept with their reports, shown with the case, and never taken for its own limit."""

from datetime import UTC, datetime, timedelta

import msgspec

from services.complaints.case import Case
from services.complaints.case_views import view_of
from services.complaints.channels import hotline_12345, leader_instruction
from services.complaints.contracts import Channel
from services.complaints.limits import Limit
from services.complaints.report import Report
from services.complaints.work_order import Content, WorkOrder
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import AT, DECISION, ORDER, VAULT, case, joins, raw, task

SOON, LATE = AT + timedelta(hours=2), AT + timedelta(days=3)


def demanding(number: str, **deadlines: datetime) -> Report:
    """A report whose sender wants it by these."""
    content = msgspec.structs.replace(ORDER.content, deadlines=deadlines)
    return received(msgspec.structs.replace(ORDER, external_id=number, content=content))


def received(order: WorkOrder) -> Report:
    """A report of that order."""
    return Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt="HZ-1", vault=VAULT, at=AT, cause="intake/1"
    )


def opened(came: Report) -> Case:
    """A case of `came` with a limit of four working hours."""
    limit = Limit(4.0, "work_hour")
    return Case.open_with(came, DECISION, number="昆创案〔2026〕000001", limit=limit, at=AT, cause="e/1")


def test_the_deadlines_of_city_and_district_are_two_and_the_case_carries_the_earliest_of_all_its_reports() -> None:
    found = opened(demanding("GD1", 市级办理期限=LATE + timedelta(days=1), 区级办理期限=LATE))
    first = view_of(found).demanded_by

    joins(found, demanding("GD2", 办理期限=SOON))

    assert (first, view_of(found).demanded_by, found.state().demanded_by) == (LATE, SOON, SOON)
    assert msgspec.json.decode(found.outbox[-1].data)["case"]["demanded_by"] == "2026-03-02T03:00:00Z"


def test_a_deadline_of_its_task_behind_what_the_sender_wants_is_marked_and_the_limit_stays_as_it_is() -> None:
    found = opened(demanding("GD1", 区级办理期限=SOON))
    before = view_of(found).ends_after_demand

    found.follow(task(TaskStatus.ISSUED, deadline=SOON + timedelta(hours=2)), 1, at=AT, cause="t/1")
    marked = view_of(found).ends_after_demand
    found.follow(task(TaskStatus.ISSUED, deadline=SOON), 2, at=AT, cause="t/2")

    assert (before, marked, view_of(found).ends_after_demand) == (False, True, False)
    assert (found.limit_amount, found.limit_clock) == (4.0, "work_hour")


def test_a_case_of_which_no_sender_says_until_when_demands_nothing() -> None:
    found = case()
    found.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")

    assert (view_of(found).demanded_by, view_of(found).ends_after_demand) == (None, False)


def test_what_hotlines_and_leaders_write_into_their_orders_bounds_the_case() -> None:
    hotline, leader = hotline_12345.parse(hotline_12345.SAMPLE), leader_instruction.parse(leader_instruction.SAMPLE)

    assert hotline.content.demanded_by == datetime(2026, 3, 5, 15, 59, 59, 999000, tzinfo=UTC)
    assert leader.content.demanded_by == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    assert Content(title="", text="").demanded_by is None


def test_what_a_report_seals_is_found_in_its_facts_too() -> None:
    told = msgspec.structs.replace(ORDER.content, facts={"批示内容": "请解决李女士的困难", "承办要求": "三日内办结"})

    content = received(msgspec.structs.replace(ORDER, content=told)).latest.content

    assert content.hidden_facts == {"批示内容": [(3, 6, "某某")]}
    assert content.hidden == {}
