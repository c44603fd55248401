"""Lists and counts of cases: page by page, along an index, and the same figures as the documents."""

from typing import Any

import pytest

from infra.organisation.registry import Registry
from infra.problem import InvalidInput
from services.tasks.contracts import (
    TaskAssigned,
    TaskStatus,
)
from tests.integration.complaints_running import (
    OFFICE,
    Complaints,
    order,
)
from tests.integration.complaints_working import of_case
from tests.integration.one_service import wait_until
from tests.unit.case_samples import STREET


def test_lists_are_turned_page_by_page_newest_first_within_the_scope(complaints: Complaints) -> None:
    place = next(unit.path for unit in Registry.load("5301").children("5301/530127"))
    complaints.push([order(f"L{n}", 诉求类型="咨询", 事发地址="嵩明县") for n in range(5)])
    for n in range(5):
        case = complaints.case_in(f"L{n}", "received")
        complaints.call("file_case", case["_id"], 1, OFFICE, "r", place_path=place)
    scope = {"place": "5301/530127", "unit": None, "statuses": ["filed"]}

    first = complaints.call("cases", scope, 2, None)
    second = complaints.call("cases", scope, 2, first["end_cursor"])
    third = complaints.call("cases", scope, 2, second["end_cursor"])

    pages = (first, second, third)
    ids = [view["case_id"] for page in pages for view in page["items"]]
    stored = complaints.db.cases.find({"place_path": place}).sort([("received_at", -1), ("_id", -1)])
    assert ids == [case["_id"] for case in stored]
    assert [page["has_next"] for page in pages] == [True, True, False]
    asked = [{"scope": scope, "first": 2, "after": after} for after in (None, first["end_cursor"])]
    assert [page["items"] for page in complaints.call("case_pages", asked)] == [first["items"], second["items"]]
    wait_until(lambda: complaints.call("cases", scope, 2, None)["total"] == 5, "the counters have caught up")
    assert complaints.call("cases", {**scope, "statuses": ["closed"]}, 2, None)["items"] == []


def test_a_units_list_holds_what_it_is_responsible_for(complaints: Complaints) -> None:
    complaints.push(order("M1"))
    case = complaints.case_in("M1", "filed")
    unit = "5301/~water"
    complaints.tell((TaskAssigned(task=of_case(case, TaskStatus.ISSUED, responsible_unit=unit)), f"{case['_id']}-1", 1))
    complaints.case_in("M1", "dispatched")

    page = complaints.call("cases", {"place": None, "unit": unit, "statuses": None}, 10, None)
    both = complaints.call("cases", {"place": STREET, "unit": unit, "statuses": None}, 10, None)
    elsewhere = complaints.call("cases", {"place": "5301/530103", "unit": unit, "statuses": None}, 10, None)

    assert [view["case_id"] for view in page["items"]] == [case["_id"]]
    assert ([view["case_id"] for view in both["items"]], both["total"]) == ([case["_id"]], 1)
    assert (elsewhere["items"], elsewhere["total"], elsewhere["end_cursor"]) == ([], 0, None)


@pytest.mark.parametrize(
    ("scope", "first", "after", "field"),
    [
        ({}, 0, None, "first"),
        ({}, 1000, None, "first"),
        ({}, 10, "!", "after"),
        ({}, 10, "bm90IGEgY3Vyc29y", "after"),
        ({"statuses": ["lost"]}, 10, None, "scope"),
        ({"place": 5}, 10, None, "scope"),
    ],
)
def test_a_list_that_cannot_be_asked_for_is_refused_by_name(
    complaints: Complaints, scope: dict[str, Any], first: int, after: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        complaints.call("cases", scope, first, after)

    assert refusal.value.field == field


def test_a_list_reads_no_more_than_its_page_along_an_index(complaints: Complaints) -> None:
    query = {
        "status": {"$in": ["received", "filed", "dispatched", "handling", "checking", "closed"]},
        "inside_places": "5301",
    }
    plan = complaints.db.command(
        "explain",
        {"find": "cases", "filter": query, "sort": {"received_at": -1, "_id": -1}, "limit": 3},
        verbosity="executionStats",
    )

    assert "SORT'" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] <= 3 + 6


def test_counts_are_summed_upward_and_totals_add_up(complaints: Complaints) -> None:
    def actual(status: str) -> int:
        return complaints.db.cases.count_documents({"status": status})

    def agree() -> bool:
        counts = complaints.call("case_counts", ["5301"])["5301"]
        return all(counts.get(status, 0) == actual(status) for status in ("received", "filed", "closed", "checking"))

    wait_until(agree, "the counters agree with the documents")
    totals = complaints.call("intake_totals")
    in_cases = sum(len(case["joined"]) for case in complaints.db.cases.find())
    assert totals["reports"] == complaints.db.reports.count_documents({}) == in_cases
    assert totals["cases"] == complaints.db.cases.count_documents({})
    assert totals["joined"] == in_cases - totals["cases"]
    revisions = sum(len(report["versions"]) - 1 for report in complaints.db.reports.find())
    assert (totals["refused"], totals["revisions"], totals["waiting"]) == (0, revisions, actual("received"))
    assert complaints.call("case_counts", ["5301/530199"]) == {"5301/530199": {}}
