"""What a task counts for: its state, its source, its category, and whether it is a duty or a part of one."""

import msgspec

from services.tasks.contracts import TaskRole, TaskState, TaskStatus
from services.tasks.count_labels import Counted, by_category, labels, read_category
from services.tasks.counters import counted
from tests.unit.tasks_made import STREET, case_task, plan_task

PATHS = {"place": STREET}


def changed(**facts: object) -> TaskState:
    return msgspec.structs.replace(case_task().state(), **facts)


def test_a_duty_counts_by_source_and_state_and_by_its_category() -> None:
    state = counted(case_task().state(), 1)
    assert state.buckets() == [
        ("place", STREET, "case:duty:issued"),
        ("place:category", STREET, "sanitation%2Egarbage:issued"),
        ("responsible", STREET, "case:duty:issued"),
        ("responsible:category", STREET, "sanitation%2Egarbage:issued"),
    ]


def test_overdue_and_due_soon_are_facts_of_open_duties_only() -> None:
    soon, late = {"due_soon": True}, {"due_soon": True, "overdue": True}
    assert labels(changed(**soon)) == ["case:duty:issued", "case:duty:due_soon"]
    assert labels(changed(**late)) == ["case:duty:issued", "case:duty:overdue"]
    assert labels(changed(status=TaskStatus.CLOSED, **late)) == ["case:duty:closed"]
    assert labels(changed(status=TaskStatus.SUSPENDED, **soon)) == ["case:duty:suspended", "case:duty:due_soon"]


def test_parts_are_told_from_duties_and_have_no_category() -> None:
    assist = changed(role=TaskRole.ASSIST, lead_task_id="c1-1")
    part = changed(parent_id="c1-1")
    assert (labels(assist), labels(part)) == (["case:assist:issued"], ["case:part:issued"])
    assert (by_category(assist, PATHS), by_category(part, PATHS)) == ([], [])


def test_what_a_plan_names_is_a_duty_at_every_level() -> None:
    assert labels(plan_task(parent_id="p1-v1-1.1-5301").state()) == ["plan:duty:issued"]


def test_labels_are_read_as_they_were_written() -> None:
    assert Counted.read("case:assist:overdue") == ("case", "assist", "overdue", "")
    odd = changed(category="a.b/c:d%")
    [(where, path, label)] = by_category(odd, PATHS)
    assert (where, path, "." in label) == ("place:category", STREET, False)
    assert read_category(label) == ("", "duty", "issued", "a.b/c:d%")


def test_a_label_of_an_earlier_version_says_no_state() -> None:
    assert (Counted.read("issued").state, Counted.read("source:case").state) == ("", "")
