"""A case follows its task, is checked, sent back and closed."""

import random

from services.tasks.contracts import (
    TaskAccepted,
    TaskAssigned,
    TaskClosed,
    TaskOverdue,
    TaskRectifying,
    TaskReturned,
    TaskStatus,
    TaskSubmitted,
)
from tests.integration.complaints_running import (
    DESK,
    Complaints,
    order,
)
from tests.integration.complaints_working import Told, in_checking, of_case
from tests.integration.one_service import wait_until
from tests.unit.case_samples import STREET


def test_a_closed_case_hands_its_reply_to_the_hotline(complaints: Complaints) -> None:
    case = in_checking(complaints, "B1")

    view = complaints.call("close_case", case["_id"], case["sequence"], DESK, "问题已解决", "井盖已更换，谢谢。", "r/9")

    assert (view["status"], view["proposed_reply"], view["reply"]) == ("closed", "已更换井盖", "井盖已更换，谢谢。")
    progress = complaints.ask("B1").json()
    assert (progress["status"], progress["reply"], progress["case_number"]) == (
        "closed",
        "井盖已更换，谢谢。",
        case["number"],
    )
    assert progress["replied_at"] is not None


def test_rework_goes_back_and_the_next_submission_is_checked_again(complaints: Complaints) -> None:
    case = in_checking(complaints, "B2")
    name = f"{case['_id']}-1"

    view = complaints.call("request_rework", case["_id"], case["sequence"], DESK, "路面未修复", "r/1")
    complaints.tell(
        (TaskRectifying(task=of_case(case, TaskStatus.RECTIFYING, reworks=1), reason="路面未修复"), name, 4),
        (TaskSubmitted(task=of_case(case, TaskStatus.SUBMITTED, reworks=1), by="张三", result="已补路面"), name, 5),
    )

    assert (view["status"], view["reworks"], view["responsible_unit"]) == ("handling", 1, STREET)
    assert complaints.case_in("B2", "checking")["proposed_reply"] == "已补路面"


def test_shuffled_and_repeated_news_of_tasks_end_where_ordered_ones_do(complaints: Complaints) -> None:
    chance = random.Random(7)
    numbers = [f"C{n}" for n in range(6)]
    complaints.push([order(number) for number in numbers])
    cases = [complaints.case_in(number, "filed") for number in numbers]
    told: list[Told] = []
    for case in cases:
        first, second = f"{case['_id']}-1", f"{case['_id']}-2"
        new = {"round": 2, "responsible_unit": "5301/530102"}
        returned = of_case(case, TaskStatus.RETURNED)
        told += [
            (TaskAssigned(task=of_case(case, TaskStatus.ISSUED)), first, 1),
            (TaskReturned(task=returned, by="张三", reason="非本辖区", next_unit="5301/530102"), first, 2),
            (TaskAssigned(task=of_case(case, TaskStatus.ISSUED, **new)), second, 1),
            (TaskOverdue(task=of_case(case, TaskStatus.ISSUED, overdue=True, **new)), second, 2),
            (TaskAccepted(task=of_case(case, TaskStatus.ACCEPTED, **new), by="李四"), second, 3),
            (TaskSubmitted(task=of_case(case, TaskStatus.SUBMITTED, **new), by="李四", result="已办"), second, 4),
        ]
    mixed = told + told
    chance.shuffle(mixed)
    complaints.tell(*mixed)

    wait_until(
        lambda: (
            all(len(complaints.case_of(n).get("tasks", {})) == 2 for n in numbers)
            and all(
                complaints.case_of(n)["tasks"][f"{complaints.case_of(n)['_id']}-2"]["sequence"] == 4 for n in numbers
            )
            and all(
                complaints.case_of(n)["tasks"][f"{complaints.case_of(n)['_id']}-1"]["sequence"] == 2 for n in numbers
            )
        ),
        "every case has heard the newest of both its tasks",
    )
    fields = ("status", "responsible_unit", "dispatches", "returns", "proposed_reply")
    ends = {tuple(complaints.case_of(number)[field] for field in fields) for number in numbers}
    assert ends == {("checking", "5301/530102", 2, 1, "已办")}


def test_the_books_count_what_tasks_must_know_not_what_it_told_itself_nor_what_citizens_say(
    complaints: Complaints,
) -> None:
    case = in_checking(complaints, "B4")
    span = {"as_of": "2100-01-01T00:00:00+00:00", "keys": [case["_id"]]}
    filed = complaints.call("book_entries", "for_tasks", span, 1)
    closed = complaints.call("close_case", case["_id"], case["sequence"], DESK, "问题已解决", "好了。", "r/1")
    complaints.call("follow_up", case["_id"], closed["version"], DESK, True, "r/2", solved=True, satisfied=True)

    assert filed == [[case["_id"], "1"]]
    assert complaints.case_of("B4")["sequence"] == case["sequence"] + 2
    assert complaints.call("book_entries", "for_tasks", span, 1) == [[case["_id"], str(closed["version"])]]


def test_late_news_for_a_closed_case_change_nothing_but_the_mark(complaints: Complaints) -> None:
    case = in_checking(complaints, "B3")
    complaints.call("close_case", case["_id"], case["sequence"], DESK, "问题已解决", "好了。", "r/1")
    closed = complaints.case_in("B3", "closed")
    name = f"{case['_id']}-1"

    complaints.tell((TaskClosed(task=of_case(case, TaskStatus.CLOSED)), name, 4))

    wait_until(lambda: complaints.case_of("B3")["tasks"][name]["sequence"] == 4, "the mark has moved")
    after = complaints.case_of("B3")
    changing = ("tasks", "version")
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in closed.items() if k not in changing
    }
