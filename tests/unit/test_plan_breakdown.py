"""The plan: which tasks its rows become, and how progress is summed."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.organisation.registry import Registry, UnitKind
from infra.problem import InvalidInput, Refused
from services.tasks.breakdown import PlanDraft, break_down, resolved
from services.tasks.contracts import TaskStatus
from services.tasks.plan import Plan, check_time, read_draft
from services.tasks.progress import Node, roll_up
from tests.unit.measures_plan import plan_from_measures

KUNMING = Registry.load("5301")
ISSUED = datetime(2026, 3, 1, tzinfo=UTC)
DUE = datetime(2026, 12, 26, tzinfo=UTC)
MEASURES = plan_from_measures(DUE, ISSUED)
CLOSED, ISSUED_STATUS = TaskStatus.CLOSED, TaskStatus.ISSUED


def draft(*lead_units: str, **facts: Any) -> PlanDraft:
    row = {"row": "1.1", "mechanism": "健全社区治理机制", "measure": "整治社区生活环境", "lead_units": list(lead_units)}
    body = {"plan_id": "p", "title": "分解表", "version": 1, "deadline": DUE.isoformat(), "rows": [row]}
    return read_draft(body | facts)


def test_the_document_has_fifty_measures_under_ten_mechanisms() -> None:
    assert len(MEASURES.rows) == 50
    assert len({row.mechanism for row in MEASURES.rows}) == 10
    assert MEASURES.rows[10].lead_units == ["市交通运输局", "各县(市)区", "开发(度假)园区"]


def test_the_fifty_measures_become_1555_tasks_in_kunming() -> None:
    specs = break_down(MEASURES, KUNMING, ISSUED)
    kinds = Counter(KUNMING.unit(spec.unit).kind for spec in specs)
    # nine rows go to 14 districts, 4 zones and the 146 streets; departments are named 79 times
    assert kinds == {UnitKind.DEPARTMENT: 79, UnitKind.DISTRICT: 126, UnitKind.DEV_ZONE: 36, UnitKind.STREET: 1314}
    assert len({spec.id for spec in specs}) == len(specs) == 1555


def test_a_row_for_departments_alone_becomes_one_task_each_in_the_whole_city() -> None:
    specs = break_down(draft("市公安局", "5301/~ucb"), KUNMING, ISSUED)
    assert [(spec.unit, spec.place, spec.lineage) for spec in specs] == [
        ("5301/~psb", "5301", ()),
        ("5301/~ucb", "5301", ()),
    ]


def test_a_district_promotes_its_task_to_its_streets_and_a_zone_carries_it_out_itself() -> None:
    specs = break_down(draft("五华区", "开发(度假)园区"), KUNMING, ISSUED)
    below = [spec for spec in specs if spec.lineage]
    assert {spec.lineage for spec in below} == {("p-v1-1.1-5301.530102",)}
    assert [spec.unit for spec in below] == [
        unit.path for unit in KUNMING.children("5301/530102", kind=UnitKind.STREET)
    ]
    assert [spec.unit for spec in specs if not spec.lineage] == [
        "5301/530102",
        "5301/530102401",
        "5301/530111402",
        "5301/530112403",
        "5301/530125404",
    ]


def test_tasks_below_are_due_earlier_by_a_tenth_of_the_time() -> None:
    specs = break_down(draft("五华区"), KUNMING, ISSUED)
    assert specs[0].deadline == DUE
    assert {spec.deadline for spec in specs[1:]} == {datetime(2026, 11, 26, tzinfo=UTC)}


@given(st.datetimes(datetime(2026, 3, 2), datetime(2036, 1, 1), timezones=st.just(UTC)), st.floats(0.01, 1.0))
def test_a_parents_deadline_bounds_its_childrens(deadline: datetime, share: float) -> None:
    specs = break_down(draft("盘龙区", deadline=deadline.isoformat(), time_below=share), KUNMING, ISSUED)
    assert all(ISSUED <= spec.deadline <= deadline for spec in specs)


def test_a_unit_named_twice_gets_one_task() -> None:
    assert len(break_down(draft("市公安局", "5301/~psb", "昆明市公安局"), KUNMING, ISSUED)) == 1


def test_the_lead_units_of_a_plan_are_kept_as_paths_each_once() -> None:
    [row] = resolved(draft("市公安局", "开发(度假)园区", "5301/~psb"), KUNMING).rows
    assert row.lead_units == [
        "5301/~psb",
        "5301/530102401",
        "5301/530111402",
        "5301/530112403",
        "5301/530125404",
    ]


def test_the_fifty_measures_become_the_same_tasks_by_names_and_by_paths() -> None:
    by_path = resolved(MEASURES, KUNMING)
    assert all(path.startswith("5301/") for row in by_path.rows for path in row.lead_units)
    assert sum(len(row.lead_units) for row in by_path.rows) == 241  # 79 departments, 126 districts, 36 zones
    ids = [spec.id for spec in break_down(MEASURES, KUNMING, ISSUED)]
    assert [spec.id for spec in break_down(by_path, KUNMING, ISSUED)] == ids


def test_an_unknown_lead_unit_is_named_with_its_row_and_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        break_down(draft("市公安局", "市太空局"), KUNMING, ISSUED)
    assert refused.value.field == "rows[0].lead_units[1]"
    assert refused.value.extra == {"row": "1.1", "value": "市太空局"}
    assert refused.value.detail_zh == "第1.1行：没有名为“市太空局”的单位"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"plan_id": "a b"}, "plan_id"),
        ({"title": ""}, "title"),
        ({"version": 0}, "version"),
        ({"deadline": "2026-12-31T00:00:00"}, "deadline"),
        ({"rows": []}, "rows"),
        ({"rows": [{"row": "1", "mechanism": "m", "measure": "x"}]}, "rows[0]"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused_naming_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        draft("市公安局", **change)
    assert refused.value.field == field


def test_a_row_number_may_stand_only_once() -> None:
    row = {"row": "1.1", "mechanism": "m", "measure": "x", "lead_units": ["市公安局"]}
    with pytest.raises(InvalidInput) as refused:
        draft(rows=[row, row])
    assert refused.value.field == "rows[1].row"


def test_a_deadline_before_the_issue_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_time(draft("市公安局"), DUE)
    assert refused.value.field == "deadline"


def test_a_plan_in_force_is_neither_replaced_nor_rewritten_in_silence() -> None:
    plan = Plan.drafted(draft("市公安局"), 1, ISSUED, "市创文办")
    plan.check_same(draft("市公安局"))
    with pytest.raises(Refused) as refused:
        plan.check_same(draft("市公安局", version=2))
    assert refused.value.field == "version"
    with pytest.raises(Refused) as refused:
        plan.check_same(draft("市民政局"))
    assert refused.value.field == "rows"
    with pytest.raises(Refused) as refused:
        plan.check_same(draft("市公安局", time_below=0.5))
    assert refused.value.field == "rows"


def test_a_moment_finer_than_what_is_stored_is_cut_on_reading() -> None:
    given = draft("市公安局", deadline="2026-12-31T18:00:00.123456+08:00", issued_at="2026-03-01T08:00:00.999999+08:00")
    assert given.deadline == datetime(2026, 12, 31, 10, 0, 0, 123000, tzinfo=UTC)
    assert given.issued_at == datetime(2026, 3, 1, 0, 0, 0, 999000, tzinfo=UTC)


def test_a_deadline_before_all_calendars_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        draft("市公安局", deadline="0001-01-01T00:00:00+08:00")
    assert refused.value.field == "deadline"


def test_a_plan_says_once_that_it_is_issued() -> None:
    plan = Plan.drafted(draft("市公安局"), 1, ISSUED, "市创文办")
    plan.finish(ISSUED, "request/1")
    plan.finish(ISSUED, "request/2")
    [envelope] = plan.outbox
    assert (envelope.type, envelope.mandatory) == ("plan_issued", False)
    assert msgspec.json.decode(envelope.data) == {
        "plan_id": "p",
        "title": "分解表",
        "plan_version": 1,
        "rows": 1,
        "tasks": 1,
    }


def test_progress_of_a_parent_is_the_mean_of_its_children() -> None:
    nodes = [
        Node("top", None, ISSUED_STATUS),
        Node("a", "top", CLOSED),
        Node("b", "top", ISSUED_STATUS),
        Node("b1", "b", CLOSED),
        Node("b2", "b", TaskStatus.SUBMITTED),
    ]
    assert roll_up(nodes) == {"top": 0.75, "a": 1.0, "b": 0.5, "b1": 1.0, "b2": 0.0}


def test_weights_count_and_what_fell_away_does_not() -> None:
    nodes = [
        Node("top", None, ISSUED_STATUS),
        Node("a", "top", CLOSED, weight=3.0),
        Node("b", "top", ISSUED_STATUS),
        Node("c", "top", TaskStatus.RETURNED),
        Node("d", "top", TaskStatus.WITHDRAWN),
    ]
    assert roll_up(nodes)["top"] == 0.75


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    """Trees of any shape in any order."""
    size = draw(st.integers(1, 25))
    parents = [None, *(draw(st.one_of(st.none(), st.integers(0, n - 1))) for n in range(1, size))]
    statuses = draw(st.lists(st.sampled_from(TaskStatus), min_size=size, max_size=size))
    nodes = [Node(str(n), None if p is None else str(p), statuses[n]) for n, p in enumerate(parents)]
    return draw(st.permutations(nodes))


def slowly(node: Node, nodes: list[Node]) -> float:
    """The same, written as the sentence that it is."""
    below = [one for one in nodes if one.parent_id == node.id and one.status not in {"returned", "withdrawn"}]
    if not below:
        return float(node.status in {"verified", "closed"})
    return sum(slowly(one, nodes) for one in below) / len(below)


@given(trees())
def test_progress_is_the_same_in_any_order_and_lies_between_nothing_and_all(nodes: list[Node]) -> None:
    progress = roll_up(nodes)
    assert progress == pytest.approx({node.id: slowly(node, nodes) for node in nodes})
    assert all(0.0 <= value <= 1.0 for value in progress.values())
