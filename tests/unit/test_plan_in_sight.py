"""The fifty measures as the gateway shows them: the paths that tasks answers are those that permissions ask for."""

from datetime import UTC, datetime

from services.tasks.breakdown import break_down, resolved
from services.tasks.contracts import TaskStatus
from services.tasks.issuing import row_progress
from services.tasks.progress import Node
from tests.unit.gateway_fakes import CITY, OF_HUASHAN, OF_POLICE, OF_WUHUA, Town
from tests.unit.measures_plan import plan_from_measures
from tests.unit.tasks_made import KUNMING

ISSUED, DUE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC)
QUERY = '{ plan(id: "p") { rows { row leadUnits { name } } tasks done progress } }'


def town() -> Town:
    """A town whose tasks answer with the measures, nothing of them done."""
    plan = resolved(plan_from_measures(DUE), KUNMING)
    nodes: dict[str, list[Node]] = {row.row: [] for row in plan.rows}
    for spec in break_down(plan, KUNMING, ISSUED):
        parent = spec.lineage[-1] if spec.lineage else None
        nodes[spec.row.row].append(Node(spec.id, parent, TaskStatus.ISSUED))
    found = Town()
    found.services.plan = [row_progress(plan.plan_id, row, nodes[row.row]) for row in plan.rows]
    return found


def test_the_citys_office_sees_all_fifty_measures_and_1555_tasks() -> None:
    plan = town().data(QUERY, CITY)["plan"]
    assert (len(plan["rows"]), plan["tasks"], plan["done"], plan["progress"]) == (50, 1555, 0, 0.0)
    assert plan["rows"][0] == {"row": "1.1", "leadUnits": [{"name": "昆明市城市管理综合执法局"}]}


def test_a_lead_department_sees_its_four_measures() -> None:
    plan = town().data(QUERY, OF_POLICE)["plan"]
    assert len(plan["rows"]) == 4
    assert all({"name": "昆明市公安局"} in row["leadUnits"] for row in plan["rows"])


def test_a_district_sees_the_nine_measures_that_address_all_districts() -> None:
    plan = town().data(QUERY, OF_WUHUA)["plan"]
    assert len(plan["rows"]) == 9
    assert all({"name": "五华区"} in row["leadUnits"] for row in plan["rows"])


def test_a_street_leads_no_measure_itself() -> None:
    assert town().data(QUERY, OF_HUASHAN)["plan"]["rows"] == []
