"""What is refused changes nothing, and says why."""

import random
from typing import Any

import pytest

from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused, Stale
from tests.integration.complaints_running import (
    DESK,
    OFFICE,
    STREET_OFFICER,
    Complaints,
    order,
)
from tests.integration.complaints_working import in_checking


@pytest.mark.parametrize(
    ("method", "arguments", "kind"),
    [
        ("close_case", (1, STREET_OFFICER, "问题已解决", "好了。", "r"), Forbidden),
        ("close_case", (7, DESK, "问题已解决", "好了。", "r"), Stale),
        ("close_case", (1, DESK, "问题已解决", "好了。", "r"), Refused),
        ("close_case", (None, DESK, "问题已解决", "好了。", "r"), InvalidInput),
        ("close_case", (1, {"role": "king"}, "问题已解决", "好了。", "r"), InvalidInput),
        ("request_rework", (1, DESK, "未修复", "r"), Refused),
        ("answer_case", (1, DESK, "答复", "r"), Refused),
        ("void_case", (1, DESK, "  ", "r"), InvalidInput),
        ("void_case", (1, {"role": "hotline_desk", "unit": "5301/530103", "name": "周九"}, "无效", "r"), Forbidden),
        ("void_case", (7, {"role": "hotline_desk", "unit": "5301/530103", "name": "周九"}, "无效", "r"), Forbidden),
        ("file_case", (1, DESK, "r"), Refused),
        ("correct_case", (1, DESK, "r"), InvalidInput),
        ("correct_case", (1, DESK, "r", "no.such"), InvalidInput),
        ("correct_case", (1, DESK, "r", None, "5301/~psb"), InvalidInput),
        ("correct_case", (1, DESK, "r", None, None, "soon"), InvalidInput),
        ("correct_case", (7, STREET_OFFICER, "r", None, None, "critical"), Forbidden),
        ("correct_case", (7, DESK, "r", None, None, "critical"), Stale),
        ("file_case", (1, DESK, "r", "no.such"), InvalidInput),
        ("file_case", (1, DESK, "r", None, "5301/~psb"), InvalidInput),
    ],
)
def test_what_is_refused_changes_nothing_and_leaves_no_event(
    complaints: Complaints, method: str, arguments: tuple[Any, ...], kind: type[Problem]
) -> None:
    number = f"H-{method}-{random.getrandbits(40)}"
    complaints.push(order(number))
    before = complaints.case_in(number, "filed")

    with pytest.raises(kind):
        complaints.call(method, before["_id"], *arguments)

    assert complaints.case_of(number) == before
    assert len(complaints.said(f"case/{before['_id']}")) == 1


def test_a_stale_command_is_told_who_changed_what(complaints: Complaints) -> None:
    case = in_checking(complaints, "I1")
    complaints.call("request_rework", case["_id"], case["sequence"], DESK, "路面未修复", "r/1")

    with pytest.raises(Stale) as refusal:
        complaints.call("close_case", case["_id"], case["sequence"], OFFICE, "问题已解决", "好了。", "r/2")

    assert (refusal.value.extra["changed_by"], refusal.value.extra["changed_what"]) == ("钱七（昆明市）", "返工")
    assert refusal.value.extra["current_version"] == case["sequence"] + 1


def test_a_case_that_does_not_exist_is_not_found(complaints: Complaints) -> None:
    with pytest.raises(NotFound):
        complaints.call("void_case", "0" * 24, 1, DESK, "无效", "r")
