"""What can be asked and what comes back: the printed schema, pictures, lists, commands, ids."""

from pathlib import Path

import pytest

from gateway.print_schema import printed
from infra.organisation.officer import Role
from services.complaints.contracts import CaseStatus, CaseStep
from services.tasks.contracts import TaskStatus
from tests.unit.gateway_fakes import (
    CITY,
    HUASHAN,
    MORNING,
    OF_HUASHAN,
    OF_POLICE,
    OF_WUHUA,
    POLICE,
    WUHUA,
    Town,
    case,
    officer,
    task,
)


def test_the_schema_in_the_repository_is_the_one_that_is_served() -> None:
    assert Path("gateway/schema.graphql").read_text("utf-8") == printed()


def test_the_picture_of_a_street() -> None:
    query = """{ street(name: "华山街道") {
      path code name shortName kind tier
      caseCounts { total open handling closed merged } taskCounts { total open issued closed overdue } overdue
      score rank grade change standing { roundId title sites deductions publishedAt }
      bulletins {
        edges { node { number title kind text units { path name } deliveries { status number } } }
        pageInfo { hasNextPage }
      }
    } }"""
    assert Town().data(query, OF_HUASHAN)["street"] == {
        "path": HUASHAN,
        "code": "530102001",
        "name": "华山街道",
        "shortName": "华山街道",
        "kind": "STREET",
        "tier": 3,
        "caseCounts": {"total": 5, "open": 3, "handling": 3, "closed": 2, "merged": 0},
        "taskCounts": {"total": 5, "open": 4, "issued": 4, "closed": 1, "overdue": 1},
        "overdue": 1,
        "score": 86.25,
        "rank": 3,
        "grade": "B",
        "change": 2,
        "standing": {
            "roundId": "r1",
            "title": "2026年第一季度测评",
            "sites": 12,
            "deductions": 5,
            "publishedAt": "2026-03-02T01:00:00+00:00",
        },
        "bulletins": {
            "edges": [
                {
                    "node": {
                        "number": "昆创文办〔2026〕1号",
                        "title": "2026年第一季度测评通报",
                        "kind": "RANKING",
                        "text": None,
                        "units": [{"path": WUHUA, "name": "五华区"}, {"path": HUASHAN, "name": "华山街道"}],
                        "deliveries": [{"status": "DELIVERED", "number": 18}],
                    }
                }
            ],
            "pageInfo": {"hasNextPage": False},
        },
    }


def test_a_unit_that_was_in_no_round_has_no_score_and_no_error() -> None:
    query = "{ city { standing { title } score rank grade change } }"
    assert Town().data(query) == {
        "city": {"standing": None, "score": None, "rank": None, "grade": None, "change": None}
    }


def test_children_are_territories_and_departments_stand_beside_them() -> None:
    city = Town().data("{ city { children { kind } departments { path kind } } }")["city"]
    assert {child["kind"] for child in city["children"]} == {"DISTRICT", "DEV_ZONE"}
    assert {"path": POLICE, "kind": "DEPARTMENT"} in city["departments"]


def test_the_work_of_a_department_is_counted_and_listed_by_responsibility() -> None:
    town = Town()
    town.services.tasks["t2"] = task("t2", unit=POLICE)
    query = (
        "{ me { unit { caseCounts { total } taskCounts { issued } tasks { totalCount edges { node { taskId } } } } } }"
    )
    unit = town.data(query, OF_POLICE)["me"]["unit"]
    listed = {"totalCount": 1, "edges": [{"node": {"taskId": "t2"}}]}
    assert unit == {"caseCounts": None, "taskCounts": {"issued": 4}, "tasks": listed}
    assert ("tasks.task_counts", ([POLICE], "responsible"), {}) in town.services.asked


def test_the_work_of_a_territory_is_counted_by_place_unless_responsibility_is_asked_for() -> None:
    town = Town()
    town.data("{ city { overdue own: overdue(coordinate: RESPONSIBLE) } }")
    assert sorted(town.services.asked) == [
        ("tasks.task_counts", (["5301"], "place"), {}),
        ("tasks.task_counts", (["5301"], "responsible"), {}),
    ]


def test_a_list_is_filtered_by_state() -> None:
    town = Town()
    town.services.cases["c2"] = case("c2", status=CaseStatus.CHECKING)
    query = "{ city { cases(statuses: [CHECKING, CLOSED]) { edges { node { caseId status } } } } }"
    assert town.data(query)["city"]["cases"]["edges"] == [{"node": {"caseId": "c2", "status": "CHECKING"}}]


def test_a_list_is_read_to_its_end_page_by_page_each_item_once() -> None:
    town = Town()
    town.services.tasks = {f"t{n:02}": task(f"t{n:02}") for n in range(25)}
    seen, after = [], None
    query = (
        "query($after: String) { city { tasks(first: 10, after: $after) "
        "{ totalCount edges { node { taskId } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"
    )
    lengths = []
    while True:
        page = town.data(query, after=after)["city"]["tasks"]
        seen += [edge["node"]["taskId"] for edge in page["edges"]]
        lengths.append((len(page["edges"]), page["totalCount"], page["pageInfo"]["hasPreviousPage"]))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert lengths == [(10, 25, False), (10, 25, True), (5, 25, True)]
    assert seen == [f"t{n:02}" for n in range(25)]


@pytest.mark.parametrize("place", range(10))
def test_a_list_goes_on_behind_any_of_its_items(place: int) -> None:
    town = Town()
    town.services.tasks = {f"t{n:02}": task(f"t{n:02}") for n in range(25)}
    query = "query($after: String) { city { tasks(first: 10, after: $after) { edges { cursor node { taskId } } } } }"
    edges = town.data(query)["city"]["tasks"]["edges"]
    further = town.data(query, after=edges[place]["cursor"])["city"]["tasks"]["edges"]
    assert [edge["node"]["taskId"] for edge in further] == [f"t{n:02}" for n in range(place + 1, place + 11)]


def test_an_object_is_found_again_by_its_global_id() -> None:
    town = Town()
    case_id = town.data('{ case(id: "c1") { id } }')["case"]["id"]
    bulletin_id = town.data('{ bulletin(id: "b1") { id } }')["bulletin"]["id"]
    unit_id = town.data("{ city { id } }")["city"]["id"]
    found = """query($id: ID!) {
      node(id: $id) { __typename ... on Case { number } ... on Bulletin { html } ... on Unit { path } }
    }"""
    assert [town.data(found, id=one)["node"] for one in (case_id, bulletin_id, unit_id)] == [
        {"__typename": "Case", "number": "5301-2026-000001"},
        {"__typename": "Bulletin", "html": "<h1>通报</h1>"},
        {"__typename": "Unit", "path": "5301"},
    ]


def test_a_case_says_why_it_was_decided_and_what_became_of_it() -> None:
    query = """{ case(id: "c1") {
      number version status urgency requestKind channels categoryName place { name } responsibleUnit { path } receivedAt
      reasons { decision text evidence } task { taskId deadline } } }"""
    assert Town().data(query, OF_WUHUA)["case"] == {
        "number": "5301-2026-000001",
        "version": 4,
        "status": "HANDLING",
        "urgency": "NORMAL",
        "requestKind": "COMPLAINT",
        "channels": ["HOTLINE_12345"],
        "categoryName": "占道经营",
        "place": {"name": "华山街道"},
        "responsibleUnit": {"path": HUASHAN},
        "receivedAt": "2026-03-02T01:00:00+00:00",
        "reasons": [{"decision": "category", "text": "词语“占道”", "evidence": ["占道"]}],
        "task": {"taskId": "t1", "deadline": "2026-03-03T01:00:00+00:00"},
    }


def test_a_case_tells_its_steps_where_it_is_said_to_be_and_what_the_unit_did() -> None:
    town = Town()
    town.services.cases["c1"] = case(
        address="翠湖南路",
        proposed_reply="已劝离",
        history=[
            CaseStep(version=1, what="立案", by="系统", at=MORNING, why="热线来件直接立案"),
            CaseStep(version=2, what="派遣", by="系统", at=MORNING),
        ],
    )
    answer = town.data('{ case(id: "c1") { address proposedReply history { version what by at why } } }', OF_WUHUA)
    at = "2026-03-02T01:00:00+00:00"
    assert answer["case"] == {
        "address": "翠湖南路",
        "proposedReply": "已劝离",
        "history": [
            {"version": 1, "what": "立案", "by": "系统", "at": at, "why": "热线来件直接立案"},
            {"version": 2, "what": "派遣", "by": "系统", "at": at, "why": None},
        ],
    }


def test_a_unit_that_the_registry_no_longer_knows_keeps_its_path_as_name() -> None:
    town = Town()
    town.services.tasks["t1"] = task(unit="5301/530102/530102099")
    answer = town.data('{ task(id: "t1") { responsibleUnit { path name kind } } }')
    path = "5301/530102/530102099"
    assert answer["task"]["responsibleUnit"] == {"path": path, "name": path, "kind": None}


def test_a_plan_as_its_lead_unit_and_as_the_city_sees_it() -> None:
    query = """{
      city { planProgress(planId: "p") { done tasks } }
      unit(path: "5301/~psb") { planProgress(planId: "p") { progress rows { leadUnits { name } } } }
    }"""
    town = Town()
    assert town.data(query) == {
        "city": {"planProgress": {"done": 11, "tasks": 20}},
        "unit": {"planProgress": {"progress": 0.5, "rows": [{"leadUnits": [{"name": "昆明市公安局"}]}]}},
    }
    assert town.services.calls == {"tasks.plan_progress": 1}


COMMANDS = [
    ("acceptTask", "", OF_HUASHAN, "task { status version }", {"status": "ACCEPTED", "version": 2}),
    ("returnTask", 'reason: "不属本街道"', OF_HUASHAN, "task { status }", {"status": "RETURNED"}),
    ("submitTask", 'result: "已清理"', OF_WUHUA, "task { status }", {"status": "SUBMITTED"}),
    ("verifyTask", 'passed: true, note: "属实"', OF_WUHUA, "task { status }", {"status": "VERIFIED"}),
    (
        "closeCase",
        'condition: "已恢复原状", reply: "已处理"',
        CITY,
        "case { status reply }",
        {"status": "CLOSED", "reply": "已处理"},
    ),
    (
        "requestRework",
        'reason: "未清理干净"',
        CITY,
        "case { status reworks }",
        {"status": "HANDLING", "reworks": 1},
    ),
    ("answerCase", 'reply: "谢谢建议"', officer(Role.HOTLINE_DESK), "case { status }", {"status": "ANSWERED"}),
    ("voidCase", 'reason: "重复"', CITY, "case { status }", {"status": "VOIDED"}),
    ("fileCase", 'category: "x", placePath: "5301"', CITY, "case { status }", {"status": "FILED"}),
    ("correctCase", "urgency: CRITICAL", officer(Role.HOTLINE_DESK), "case { urgency }", {"urgency": "CRITICAL"}),
]


@pytest.mark.parametrize(("name", "words", "who", "selection", "result"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_command_returns_the_changed_thing(
    name: str, words: str, who: object, selection: str, result: dict[str, object]
) -> None:
    noun = selection.partition(" ")[0]
    thing, seen = ("t1", 1) if noun == "task" else ("c1", 4)
    given = f'id: "{thing}", seenVersion: {seen}, clientMutationId: "m-1", {words}'
    answer = Town().data(f"mutation {{ {name}(input: {{ {given} }}) {{ clientMutationId {selection} }} }}", who)  # type: ignore[arg-type]
    assert answer == {name: {"clientMutationId": "m-1", noun: result}}


def test_two_commands_in_one_request_are_done_one_after_the_other_and_each_shows_what_it_made() -> None:
    town = Town()
    both = """mutation {
      a: acceptTask(input: {id: "t1", seenVersion: 1}) { task { version status case { number } } }
      b: submitTask(input: {id: "t1", seenVersion: 2, result: "已清理"}) { task { version status case { number } } }
    }"""
    known = {"number": "5301-2026-000001"}
    assert town.data(both, OF_HUASHAN) == {
        "a": {"task": {"version": 2, "status": "ACCEPTED", "case": known}},
        "b": {"task": {"version": 3, "status": "SUBMITTED", "case": known}},
    }
    assert town.services.tasks["t1"].state.status is TaskStatus.SUBMITTED


@pytest.mark.parametrize("block", Path("gateway/README.md").read_text("utf-8").split("```graphql\n")[1:])
def test_what_the_readme_asks_can_be_asked(block: str) -> None:
    body = Town().ask(block.partition("```")[0].replace('id: "…"', 'id: "t1"'))
    assert body.get("errors") is None, body["errors"]
