"""Routing on a real database: edits under their version, seen by every process; duties raised, rerouted, assisted, each
in one transaction; events stay in the outboxes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from click.testing import CliRunner

from cli.routing import routing
from infra import mongo
from infra.calendar import WorkingCalendar
from infra.clock import FixedClock
from infra.held_copy import LOOK_EVERY
from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused, Stale
from infra.settings import Settings
from services.complaints.contracts import CaseFiled, CaseRevised, CaseStatus
from services.tasks.contracts import TaskStatus
from services.tasks.desk import Desk, open_desk
from services.tasks.plan import Plan
from services.tasks.routing_table.entrypoints import RoutingEntrypoints
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.routing_table.shelf import RoutingRegister, Shelf, StoredRoutingRow
from services.tasks.task import Task
from tests.unit.tasks_made import HOUR, KUNMING, MONDAY_NINE, STREET, case

WUHUA, POLICE, TRAFFIC, UCB = "5301/530102", "5301/~psb", "5301/~transport", "5301/~ucb"
OTHER = "5301/530102/530102002"
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DISTRICT = {"role": "district", "unit": WUHUA, "name": "李四"}
TRAFFIC_OFFICER = {"role": "department", "unit": TRAFFIC, "name": "周九"}
OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
TODAY, TOMORROW, YESTERDAY = "2026-03-02", "2026-03-03", "2026-03-01"
TO_POLICE = {"category": "sanitation.garbage", "goes_to": "~psb", "because": "试点"}
SHIPPED = len(shipped_table().entries)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_NINE)


@pytest.fixture
def desk(mongodb_url: str, clock: FixedClock) -> Iterator[Desk]:
    settings = Settings(amqp_url="", mongodb_url=mongodb_url, db_prefix=f"test_{uuid4().hex[:10]}_")
    database = mongo.connect(settings, "tasks")
    mongo.ensure_indexes([Task, Plan])
    yield open_desk(Store(None, service="tasks"), KUNMING, clock, WorkingCalendar())
    database.client.drop_database(database.name)
    mongo.disconnect("tasks")


def hear(desk: Desk, sequence: int = 1, kind: Any = CaseFiled, **facts: Any) -> None:
    more = {"what": "更正"} if kind is CaseRevised else {}
    event = kind(case=case(**facts), **more)
    desk.cases.follow(
        [Received(event, seal(event, subject="case/c1", sequence=sequence, at=MONDAY_NINE, cause="test"))]
    )


def stored() -> list[dict[str, Any]]:
    return list(Task._get_collection().find().sort("_id", 1))


def stands() -> dict[str, tuple[str, str]]:
    return {one["_id"]: (one["responsible_unit"], one["status"]) for one in stored()}


def do(desk: Desk, command: str, task_id: str, by: dict[str, Any], *args: Any, **more: Any) -> Any:
    seen = next(one["sequence"] for one in stored() if one["_id"] == task_id)
    return getattr(desk.commands, command)(task_id, seen, by, *args, "request/2", **more)


def edit(desk: Desk, *rows: dict[str, Any], seen: int = 0, day: str = TODAY, by: Any = OFFICE, **more: Any) -> Any:
    return desk.routing.edit(list(rows), day, by, "试点", seen, "request/1", **more)


def test_the_table_is_seeded_once_and_an_edit_is_seen_by_every_process_and_kept(desk: Desk) -> None:
    now = [0.0]
    other = Shelf("5301", wall=lambda: now[0])
    assert (other.table().version, len(other.table().entries)) == (0, SHIPPED)
    open_desk(Store(None, service="tasks"), KUNMING, desk.clock, WorkingCalendar())
    page = edit(desk, TO_POLICE)
    assert (page.version, [row.name for row in page.changed]) == (1, ["垃圾清运"])
    assert other.table().version == 0
    now[0] += LOOK_EVERY
    assert other.table().version == 1
    newest = other.table().entries[-1]
    assert (newest.number, newest.by, newest.at, newest.why) == (SHIPPED + 1, "赵六", MONDAY_NINE, "试点")
    [register] = RoutingRegister._get_collection().find()
    assert [one["type"] for one in register["outbox"]] == ["routing_changed"]
    versions = [one.row.goes_to for one in other.table().entries if one.row.category == "sanitation.garbage"]
    assert versions == ["territory", "~psb"]


def test_a_refused_edit_changes_nothing_and_sends_nothing(desk: Desk) -> None:
    for wrong, kind in (
        ({"by": DISTRICT}, Forbidden),
        ({"seen": 7}, Stale),
        ({"seen": True}, InvalidInput),
        ({"day": YESTERDAY}, Refused),
        ({"day": "soon"}, InvalidInput),
    ):
        with pytest.raises(kind):
            edit(desk, TO_POLICE, **wrong)
    with pytest.raises(InvalidInput):
        edit(desk, TO_POLICE, TO_POLICE | {"kind": "wish"})
    assert edit(desk, TO_POLICE, trial=True).changed[0].goes_to == "~psb"
    assert StoredRoutingRow._get_collection().count_documents({}) == SHIPPED
    assert RoutingRegister._get_collection().find_one({})["sequence"] == 0


def test_the_day_of_assignment_decides_and_an_edit_moves_no_duty(desk: Desk, clock: FixedClock) -> None:
    hear(desk, case_id="c1")
    edit(desk, TO_POLICE, day=TOMORROW)
    hear(desk, case_id="c2")
    clock.advance(timedelta(days=1))
    hear(desk, case_id="c3", filed_at=clock.now())
    hear(desk, sequence=2, kind=CaseRevised, case_id="c1", urgency="urgent")
    assert stands() == {"c1-1": (STREET, "issued"), "c2-1": (STREET, "issued"), "c3-1": (POLICE, "issued")}


def test_the_office_reroutes_a_task_once_and_after_acceptance_only_with_a_reason(desk: Desk) -> None:
    hear(desk)
    with pytest.raises(Refused) as same:
        do(desk, "reroute", "c1-1", OFFICE, "")
    assert same.value.detail_zh == "按现行路由表仍由本单位承办，无需改派"
    edit(desk, TO_POLICE)
    do(desk, "accept", "c1-1", OFFICER)
    before = stored()
    with pytest.raises(Forbidden):
        do(desk, "reroute", "c1-1", DISTRICT, "路由有误")
    with pytest.raises(Refused):
        do(desk, "reroute", "c1-1", OFFICE, "")
    assert stored() == before
    view = do(desk, "reroute", "c1-1", OFFICE, "路由有误")
    assert (view.task_id, view.state.responsible_unit, view.state.place_path) == ("c1-2", POLICE, STREET)
    for _ in range(2):
        with pytest.raises(Refused):
            do(desk, "reroute", "c1-1", OFFICE, "路由有误")
        hear(desk)
        hear(desk, sequence=2, kind=CaseRevised)
    assert stands() == {"c1-1": (STREET, "withdrawn"), "c1-2": (POLICE, "issued")}


def test_a_unit_that_gave_a_duty_back_does_not_get_it_again_by_the_table(desk: Desk) -> None:
    hear(desk)
    do(desk, "give_back", "c1-1", OFFICER, "不在辖区")
    with pytest.raises(Refused) as refused:
        do(desk, "reroute", "c1-2", OFFICE, "")
    assert refused.value.detail_zh == "华山街道此前已退回，不再改派给该单位"
    do(desk, "give_back", "c1-2", DISTRICT, "不在辖区")
    with pytest.raises(Refused):
        do(desk, "reroute", "c1-3", OFFICE, "")
    assert do(desk, "assign", "c1-3", OFFICE, STREET).state.responsible_unit == STREET
    do(desk, "accept", "c1-4", OFFICER)
    for command, args in (("give_back", ("不归我",)), ("raise_task", ("不归我",))):
        with pytest.raises(Refused):
            do(desk, command, "c1-4", OFFICER, *args)
    hear(desk, sequence=9, kind=CaseRevised, difficult=True)
    assert stands()["c1-4"] == (STREET, "accepted")
    assert len(stored()) == 4


def test_a_street_raises_its_duty_and_the_district_lets_the_lead_department_have_it(desk: Desk) -> None:
    hear(desk)
    with pytest.raises(Refused):  # not accepted yet
        do(desk, "raise_task", "c1-1", OFFICER, "涉及多部门")
    do(desk, "accept", "c1-1", OFFICER)
    with pytest.raises(InvalidInput):
        do(desk, "raise_task", "c1-1", OFFICER, " ")
    do(desk, "raise_task", "c1-1", OFFICER, "涉及多部门，街道无法解决")
    [line] = desk.desks.page(WUHUA).items
    assert (line.kind, line.group, line.request.reason) == ("raise", "decision", "涉及多部门，街道无法解决")
    before = stored()
    for unit, by, kind in ((POLICE, DISTRICT, Forbidden), (OTHER, DISTRICT, Forbidden), (None, OFFICER, Forbidden)):
        with pytest.raises(kind):
            do(desk, "answer_request", "c1-1", by, True, "同意", unit=unit)
    assert stored() == before
    view = do(desk, "answer_request", "c1-1", DISTRICT, True, "同意")
    state = view.state
    assert (view.task_id, state.responsible_unit, state.place_path, state.round) == ("c1-2", UCB, STREET, 2)
    assert (state.difficult, state.issued_at, view.lead_department) == (True, MONDAY_NINE, UCB)
    said = "华山街道上报提级，由牵头部门市城管综合执法局协调解决，地点不变（涉及多部门，街道无法解决）"
    assert state.routed_because == said
    assert desk.desks.page(WUHUA).items == []
    hear(desk, sequence=2, kind=CaseRevised)
    assert stands() == {"c1-1": (STREET, "withdrawn"), "c1-2": (UCB, "issued")}


def test_a_raise_that_is_refused_counts_nothing_and_what_the_office_grants_stays(desk: Desk) -> None:
    hear(desk)
    do(desk, "accept", "c1-1", OFFICER)
    do(desk, "raise_task", "c1-1", OFFICER, "难")
    with pytest.raises(InvalidInput):
        do(desk, "answer_request", "c1-1", DISTRICT, False, "")
    refused = do(desk, "answer_request", "c1-1", DISTRICT, False, "街道可以办")
    assert (refused.state.status, refused.state.returns, refused.requests[0].granted) == ("accepted", 0, False)
    do(desk, "raise_task", "c1-1", OFFICER, "确实难")
    granted = do(desk, "answer_request", "c1-1", OFFICE, True, "同意", unit=POLICE)
    assert granted.state.responsible_unit == POLICE
    policeman = {"role": "department", "unit": POLICE, "name": "钱一"}
    with pytest.raises(Refused):
        do(desk, "give_back", "c1-2", policeman, "不归我")
    do(desk, "accept", "c1-2", policeman)
    with pytest.raises(Refused):
        do(desk, "raise_task", "c1-2", policeman, "难")


def test_what_turns_out_difficult_moves_to_the_lead_department_while_the_place_stays(desk: Desk) -> None:
    hear(desk)
    do(desk, "accept", "c1-1", OFFICER)
    hear(desk, sequence=2, kind=CaseRevised, status=CaseStatus.HANDLING, difficult=True)
    hear(desk, sequence=2, kind=CaseRevised, status=CaseStatus.HANDLING, difficult=True)
    hear(desk, sequence=1)
    assert stands() == {"c1-1": (STREET, "withdrawn"), "c1-2": (UCB, "issued")}
    assert stored()[1]["place_path"] == STREET


def test_assisting_units_of_the_table_get_their_part_with_the_assignment_and_lose_it_with_it(desk: Desk) -> None:
    hear(desk, category="transport.illegal")
    hear(desk, category="transport.illegal")
    assert stands() == {"c1-1": (TRAFFIC, "issued"), "c1-1.1": (WUHUA, "issued")}
    part = stored()[1]
    assert (part["lead_task_id"], part["answers_to"], part["role"]) == ("c1-1", TRAFFIC, "assist")
    assert MONDAY_NINE < part["deadline"] < stored()[0]["deadline"]
    do(desk, "give_back", "c1-1.1", DISTRICT, "不需要")
    assert len(stored()) == 2  # a part falls back to who gave it, and never counts for the whole
    do(desk, "give_back", "c1-1", TRAFFIC_OFFICER, "不归我")
    assert stands()["c1-2"] == ("5301/~office", "issued")
    do(desk, "assign", "c1-2", OFFICE, POLICE)
    assert stands()["c1-3.1"] == (WUHUA, "issued")
    hear(desk, sequence=5, kind=CaseRevised, status=CaseStatus.VOIDED, category="transport.illegal")
    assert {status for _, status in stands().values()} == {"returned", "withdrawn"}


def test_a_correction_before_acceptance_adds_and_releases_who_assists(desk: Desk) -> None:
    edit(desk, TO_POLICE | {"goes_to": "territory", "assists": ["~psb", "~ucb"]})
    hear(desk)
    edit(desk, TO_POLICE | {"category": "sanitation.toilet", "goes_to": "territory", "assists": ["~health"]}, seen=1)
    hear(desk, sequence=2, kind=CaseRevised, category="sanitation.toilet")
    assert stands() == {
        "c1-1": (STREET, "issued"),
        "c1-1.1": (POLICE, "withdrawn"),
        "c1-1.2": (UCB, "withdrawn"),
        "c1-1.3": ("5301/~health", "issued"),
    }


def test_a_correction_to_a_shorter_limit_is_one_for_who_assists(desk: Desk) -> None:
    hear(desk, category="transport.illegal")
    hear(desk, sequence=2, kind=CaseRevised, category="transport.illegal", limit_amount=2.0)
    assert [one["deadline"] - MONDAY_NINE for one in stored()] == [2 * HOUR, 2 * HOUR]
    assert [one["type"] for one in stored()[1]["outbox"]] == ["task_assigned", "task_recalculated"]


def test_routing_explains_itself_and_tells_what_became_of_the_case(desk: Desk) -> None:
    edit(desk, TO_POLICE | {"kind": "help"})
    hear(desk)
    do(desk, "give_back", "c1-1", OFFICER, "不在辖区")
    found = desk.explainer.explain({"case": "昆创案〔2026〕1号"})
    assert found == desk.explainer.explain({"case": "c1"})
    tried = [(one.row.row.category, one.fits, one.why) for one in found.tried]
    garbage = "sanitation.garbage"
    assert tried == [(garbage, False, "诉求类型不是help"), (garbage, True, "适用"), ("", True, "适用")]
    assert (found.number, found.unit_name, found.lead) == (found.tried[1].row.number, "华山街道", UCB)
    assert [(one.task_id, one.state.status) for one in found.tasks] == [
        ("c1-1", TaskStatus.RETURNED),
        ("c1-2", TaskStatus.ISSUED),
    ]
    assert [step.note for step in found.tasks[0].history][-1] == "不在辖区"
    asked = {"category": garbage, "place": STREET, "kind": "help"}
    assert desk.explainer.explain(asked).unit == POLICE
    assert desk.explainer.explain(asked, YESTERDAY).unit == STREET
    with pytest.raises(NotFound):
        desk.explainer.explain({"case": "c9"})


class AtTheDesk(RoutingEntrypoints):
    """The RPC methods without a broker."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def call(self, town: object, service: str, method: str, *args: Any, **more: Any) -> Any:
        """As cli.rpc.call; what goes over the wire is JSON."""
        sent = msgspec.json.decode(msgspec.json.encode([args, more]))
        return msgspec.json.decode(msgspec.json.encode(getattr(self, method)(*sent[0], **sent[1])))


def test_the_command_lists_sets_removes_exports_imports_and_explains(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cli.routing.call", AtTheDesk(desk).call)

    def wenming(words: str, *more: str) -> str:
        result = CliRunner().invoke(routing, [*words.split(), *more])
        problem = result.exception
        assert problem is None or isinstance(problem, Problem), (problem, result.output)
        return result.output + (problem.detail_zh if problem else "")

    hear(desk)
    assert f"{SHIPPED} rows on 2026-03-02, version 0" in wenming("list")
    dated = f"--from {TODAY} --why 试点"
    said = wenming(f"set --category sanitation.garbage --goes-to ~psb --because 试点 {dated} --seen 0")
    assert "1 rows changed from 2026-03-02; version 1" in said
    assert "现行路由表中没有该行" in wenming(f"remove --category sanitation.toilet --kind help {dated} --seen 1")
    assert "1 rows changed" in wenming(f"remove --category sanitation.garbage {dated} --seen 1")
    assert "removed" in wenming("history sanitation.garbage").splitlines()[0]
    file = str(tmp_path / "routing.csv")
    assert f"{SHIPPED - 1} rows in" in wenming("export", file)
    assert "与现行路由表相同" in wenming(f"import {file} {dated} --seen 2 --whole")
    lines = (
        Path(file).read_text("utf-8-sig").replace("sanitation.toilet,公共厕所,,,,,,territory", "nothing,x,,,,,,~nobody")
    )
    Path(file).write_text(lines, "utf-8")
    assert "类别“nothing”不存在" in wenming(f"import {file} {dated} --seen 2")
    Path(file).write_text(lines.replace("nothing,x", "sanitation.toilet,x").replace("~nobody", "~ucb"), "utf-8")
    assert "1 rows would change from 2026-03-02; version 2" in wenming(f"import {file} {dated} --seen 2 --trial")
    explained = wenming("explain c1")
    assert "✓ #1  （其他） → proposed  适用" in explained
    assert f"c1-1  round 1  主办  {STREET}  issued" in explained
    assert "市公安局" in wenming(f"explain --category transport.order --place {STREET}")


def test_of_two_who_move_a_duty_at_once_one_does(desk: Desk) -> None:
    hear(desk)
    edit(desk, TO_POLICE)
    seen = stored()[0]["sequence"]

    def move(_: int) -> object:
        try:
            return desk.commands.reroute("c1-1", seen, OFFICE, "", "request/2").task_id
        except (Stale, Refused) as refused:
            return type(refused)

    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(move, range(4)))
    assert moved.count("c1-2") == 1
    assert stands() == {"c1-1": (STREET, "withdrawn"), "c1-2": (POLICE, "issued")}
