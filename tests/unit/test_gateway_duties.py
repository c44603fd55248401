"""Duties through GraphQL: the work list, what a task tells, every command, and what passes them to the service."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra.organisation.officer import Officer
from services.tasks.contracts import Step, TaskRequest, TaskRole
from tests.unit.gateway_fakes import (
    CITY,
    HUASHAN,
    MORNING,
    OF_HUASHAN,
    OF_WUHUA,
    POLICE,
    WUHUA,
    Town,
    bearer,
    case,
    task,
)

UNTIL = "2026-03-05T01:00:00Z"


def test_the_work_list_is_the_officers_own_and_says_what_is_to_be_done() -> None:
    town = Town()
    query = """{ workList(group: RUNNING) { counts { overdue decision dueSoon running waiting } edges { node {
      kind group version taskId title source status deadline overdue dueSoon
      responsibleUnit { name } place { name } request { kind reason until granted } } } } }"""
    answer = town.data(query, OF_HUASHAN)["workList"]
    assert answer["counts"] == {"overdue": 0, "decision": 0, "dueSoon": 0, "running": 1, "waiting": 0}
    [edge] = answer["edges"]
    assert edge["node"] == {
        "kind": "duty",
        "group": "RUNNING",
        "version": 1,
        "taskId": "t1",
        "title": "占道经营 · 华山街道",
        "source": "CASE",
        "status": "ISSUED",
        "deadline": "2026-03-03T01:00:00+00:00",
        "overdue": False,
        "dueSoon": False,
        "responsibleUnit": {"name": "华山街道"},
        "place": {"name": "华山街道"},
        "request": {"kind": "extension", "reason": "下雨", "until": "2026-03-03T01:00:00+00:00", "granted": None},
    }
    assert town.services.asked == [("tasks.work_list", (HUASHAN, 20, None, "running"), {})]


def test_the_tasks_and_cases_of_a_whole_work_list_cost_one_rpc_each() -> None:
    town = Town()
    town.services.tasks = {f"t{n}": task(f"t{n}") for n in range(40)}
    query = "{ workList(first: 40) { edges { node { task { deadlineBecause case { number } } } } } }"
    assert len(town.data(query, OF_HUASHAN)["workList"]["edges"]) == 40
    assert town.services.calls == {"tasks.work_list": 1, "tasks.tasks_by_id": 1, "complaints.cases_by_id": 1}


def test_the_work_list_goes_on_behind_any_line() -> None:
    town = Town()
    town.services.tasks = {f"t{n}": task(f"t{n}") for n in range(5)}
    query = "query($after: String) { workList(first: 3, after: $after) { edges { cursor node { taskId } } } }"
    edges = town.data(query, OF_HUASHAN)["workList"]["edges"]
    further = town.data(query, OF_HUASHAN, after=edges[1]["cursor"])["workList"]["edges"]
    assert [edge["node"]["taskId"] for edge in further] == ["t2", "t3", "t4"]


def test_the_own_work_list_of_the_citys_office_is_that_of_its_office() -> None:
    town = Town()
    town.data("{ workList { edges { cursor } } }", CITY)
    assert town.services.asked == [("tasks.work_list", ("5301/~office", 20, None, None), {})]


def test_a_task_tells_what_its_clock_did_what_was_asked_and_of_what_it_is_a_part() -> None:
    town = Town()
    asked = TaskRequest(
        kind="extension", by="张三", by_unit=HUASHAN, at=MORNING, reason="雨", until=MORNING, granted=True
    )
    part = task(parent_id="t0", lead_task_id="t2", role=TaskRole.ASSIST, extensions=1, progress_percent=60)
    town.services.tasks = {
        "t0": task("t0", unit=POLICE),
        "t2": task("t2", unit=POLICE, title="主办"),
        "t1": msgspec.structs.replace(
            part,
            requests=[asked],
            answers_to=POLICE,
            deadline_because="延期1日",
            self_checks=2,
            self_check_by=MORNING + timedelta(days=3),
            history=[Step(version=1, what="assigned", by="系统", at=MORNING, by_unit=POLICE)],
        ),
    }
    query = """{ task(id: "t1") {
      role extensions returns dueSoon difficult suspendedUntil category progressPercent deadlineBecause
      answersTo { name } selfChecks selfCheckBy requests { kind byUnit { name } granted decidedByUnit { name } }
      history { what byUnit { name } } parent { taskId } lead { title } } }"""
    assert town.data(query)["task"] == {
        "role": "ASSIST",
        "extensions": 1,
        "returns": 0,
        "dueSoon": False,
        "difficult": False,
        "suspendedUntil": None,
        "category": None,
        "progressPercent": 60,
        "deadlineBecause": "延期1日",
        "answersTo": {"name": "昆明市公安局"},
        "selfChecks": 2,
        "selfCheckBy": "2026-03-05T01:00:00+00:00",
        "requests": [{"kind": "extension", "byUnit": {"name": "华山街道"}, "granted": True, "decidedByUnit": None}],
        "history": [{"what": "assigned", "byUnit": {"name": "昆明市公安局"}}],
        "parent": {"taskId": "t0"},
        "lead": {"title": "主办"},
    }
    assert town.services.calls == {"tasks.tasks_by_id": 2}


def test_the_task_above_is_shown_to_those_who_see_it() -> None:
    town = Town()
    town.services.tasks |= {"t0": task("t0", unit="5301/530103/530103001"), "t1": task(parent_id="t0")}
    answer = town.ask('{ task(id: "t1") { title parent { title } } }', OF_WUHUA)
    assert answer["data"]["task"] == {"title": "占道经营 · 华山街道", "parent": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["forbidden"]


PARTS = """{ role status unit { name } words deadline overdue dueSoon progressPercent version task { title } }"""


def test_a_task_tells_who_has_which_part_of_it_until_when_and_opens_those_in_sight() -> None:
    town = Town()
    below = task("t2", unit="5301/530102/530102001", parent_id="t1", routed_because="清理路面", progress_percent=40)
    help_ = task("t3", POLICE, place_path="5301/530103", lead_task_id="t1", role=TaskRole.ASSIST, overdue=True)
    town.services.tasks = {"t1": task(unit=WUHUA), "t2": below, "t3": help_}
    answer = town.ask(f'{{ task(id: "t1") {{ parts {PARTS} }} }}', OF_WUHUA)
    part = {"status": "ISSUED", "deadline": "2026-03-03T01:00:00+00:00", "dueSoon": False, "version": 1}
    assert answer["data"]["task"]["parts"] == [
        part
        | {"role": "LEAD", "unit": {"name": "华山街道"}, "words": "清理路面", "overdue": False}
        | {"progressPercent": 40, "task": {"title": "占道经营 · 华山街道"}},
        part
        | {"role": "ASSIST", "unit": {"name": "昆明市公安局"}, "words": "", "overdue": True}
        | {"progressPercent": None, "task": None},
    ]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["forbidden"]


def test_the_parts_of_many_tasks_are_asked_for_together_and_those_of_parts_not() -> None:
    town = Town()
    wholes = {f"t{n}": task(f"t{n}") for n in range(20)}
    town.services.tasks = wholes | {f"{one}.1": task(f"{one}.1", POLICE, parent_id=one) for one in wholes}
    query = "{ workList(first: 50) { edges { node { task { parts { unit { name } task { parts { status } } } } } } } }"
    answer = town.ask(query, OF_HUASHAN)
    assert town.services.calls == {"tasks.work_list": 1, "tasks.tasks_by_id": 1, "tasks.parts_of_tasks": 1}
    assert answer["data"]["workList"]["edges"][0]["node"]["task"]["parts"] == [
        {"unit": {"name": "昆明市公安局"}, "task": {"parts": None}}
    ]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"refused"}


# GraphQL name, the words of its input, who gives it, the method, what reaches it beside id, version, officer and cause
COMMANDS: list[tuple[str, str, Officer, str, dict[str, Any]]] = [
    (
        "reportProgress",
        'percent: 40, words: "已清理一半"',
        OF_HUASHAN,
        "report_progress",
        {"percent": 40, "words": "已清理一半", "materials": []},
    ),
    (
        "selfCheckTask",
        'passed: true, result: "合格"',
        OF_HUASHAN,
        "self_check_task",
        {"passed": True, "result": "合格", "problems": ""},
    ),
    (
        "delegateTask",
        'units: ["5301/530102/530102001/001"], words: "清理"',
        OF_HUASHAN,
        "delegate_task",
        {"units": ["5301/530102/530102001/001"], "deadline": None, "words": "清理"},
    ),
    (
        "askAssist",
        f'unit: "5301/~psb", deadline: "{UNTIL}", words: "维持秩序"',
        OF_HUASHAN,
        "ask_assist",
        {"unit": "5301/~psb", "deadline": UNTIL, "words": "维持秩序"},
    ),
    ("askExtension", f'until: "{UNTIL}", reason: "雨"', OF_WUHUA, "ask_extension", {"until": UNTIL, "reason": "雨"}),
    ("askSuspension", f'until: "{UNTIL}", reason: "雨"', OF_WUHUA, "ask_suspension", {"until": UNTIL, "reason": "雨"}),
    ("answerRequest", "granted: true", OF_WUHUA, "answer_request", {"granted": True, "why": ""}),
    ("raiseTask", 'reason: "涉及多部门"', OF_HUASHAN, "raise_task", {"reason": "涉及多部门"}),
    ("rerouteTask", 'reason: "路由已改"', CITY, "reroute_task", {"reason": "路由已改"}),
    ("resumeTask", 'reason: "天晴"', OF_HUASHAN, "resume_task", {"reason": "天晴"}),
    ("withdrawTask", 'reason: "已另行安排"', CITY, "withdraw_task", {"reason": "已另行安排"}),
    ("assignTask", 'unit: "5301/~psb"', CITY, "assign_task", {"unit": "5301/~psb"}),
]


@pytest.mark.parametrize(("name", "words", "who", "method", "arguments"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_what_the_officer_says_reaches_the_service_with_the_version_seen_and_the_request(
    name: str, words: str, who: Officer, method: str, arguments: dict[str, Any]
) -> None:
    town = Town()
    query = f'mutation {{ {name}(input: {{id: "t1", seenVersion: 1, {words}}}) {{ task {{ version }} }} }}'
    headers = bearer(who) | {"X-Request-Id": "r-9"}
    body = town.request("POST", "/graphql", json={"query": query}, headers=headers).json()
    assert body == {"data": {name: {"task": {"version": 2}}}}
    sent = {"task_id": "t1", "seen": 1, "by": msgspec.to_builtins(who), "cause": "r-9"} | arguments
    assert town.services.asked[-1] == (f"tasks.{method}", (), sent)


@pytest.mark.parametrize(("name", "words", "who", "method", "arguments"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_stale_command_is_refused_with_who_changed_what(
    name: str, words: str, who: Officer, method: str, arguments: dict[str, Any]
) -> None:
    query = f'mutation {{ {name}(input: {{id: "t1", seenVersion: 7, {words}}}) {{ task {{ version }} }} }}'
    refusal = Town().refusal(query, who)
    assert (refusal["code"], refusal["field"], refusal["current_version"]) == ("stale", "seenVersion", 1)


def test_a_refusal_names_the_field_in_both_languages() -> None:
    query = """mutation { reportProgress(input: {id: "t1", seenVersion: 1, percent: 140, words: "x"})
      { task { version } } }"""
    refusal = Town().refusal(query, OF_HUASHAN)
    assert (refusal["field"], refusal["detail_zh"]) == ("percent", "进度应为0至100")


def test_the_office_issues_a_duty_that_comes_from_no_case_and_no_plan() -> None:
    town = Town()
    query = f"""mutation {{ issueTask(input: {{id: "m-3", source: MEETING, title: "整治夜市", unit: "{HUASHAN}",
      because: "第三次调度会决议", limit: {{amount: 5, clock: "work_day"}}}}) {{ task {{ taskId }} }} }}"""
    assert town.data(query) == {"issueTask": {"task": {"taskId": "t1"}}}
    _, _, sent = town.services.asked[-1]
    assert sent["task"] == {
        "id": "m-3",
        "source": "meeting",
        "title": "整治夜市",
        "unit": HUASHAN,
        "because": "第三次调度会决议",
        "limit": {"amount": 5.0, "clock": "work_day"},
    }


def test_a_route_is_explained_by_the_rows_that_were_tried() -> None:
    town = Town()
    query = """{ explainRouting(category: "street_vending", place: "%s", difficult: false) {
      version number because unit { name } lead { name } assisting { path }
      tried { fits why row { number category kind goesTo assists effectiveFrom } } }
      routingTable(search: "占道") { version routes { number goesTo } } }"""
    answer = town.data(query % HUASHAN, OF_WUHUA)
    assert answer["explainRouting"] == {
        "version": 7,
        "number": 3,
        "because": "日常管理属地负责",
        "unit": {"name": "华山街道"},
        "lead": {"name": "昆明市公安局"},
        "assisting": [{"path": "5301/530102/~psb"}],
        "tried": [
            {
                "fits": True,
                "why": "类别相符",
                "row": {
                    "number": 3,
                    "category": "street_vending",
                    "kind": None,
                    "goesTo": "territory",
                    "assists": ["district/~psb"],
                    "effectiveFrom": "2026-01-01",
                },
            }
        ],
    }
    assert answer["routingTable"] == {"version": 7, "routes": [{"number": 3, "goesTo": "territory"}]}
    asked = {"category": "street_vending", "place": HUASHAN, "difficult": False}
    assert ("tasks.explain_routing", (asked, None), {}) in town.services.asked
    assert ("tasks.routing_table", (None, "占道"), {}) in town.services.asked


def test_every_version_of_the_rows_of_a_category_is_told() -> None:
    town = Town()
    rows = town.data('{ routingHistory(category: "street_vending") { number goesTo removed why } }', OF_WUHUA)
    assert rows["routingHistory"] == [{"number": 3, "goesTo": "territory", "removed": False, "why": ""}]
    assert town.services.asked == [("tasks.routing_history", ("street_vending",), {})]


def test_the_route_of_a_case_is_explained_where_the_case_is_in_sight() -> None:
    town = Town()
    town.services.cases["c2"] = case("c2", place="5301/530103/530103001")
    query = '{ explainRouting(case: "%s") { because } }'
    assert town.data(query % "c1", OF_WUHUA)["explainRouting"] == {"because": "日常管理属地负责"}
    assert town.refusal(query % "c2", OF_WUHUA)["code"] == "forbidden"
    assert town.services.calls == {"complaints.cases_by_id": 2, "tasks.explain_routing": 1}


def test_the_office_edits_the_routing_table_from_a_day_on() -> None:
    town = Town()
    edit = """mutation { editRouting(input: {rows: [{category: "street_vending", goesTo: "~psb"}], seenVersion: 7,
      effectiveFrom: "2026-05-01", why: "试行", trial: true}) { changed table { version } } }"""
    assert town.data(edit) == {"editRouting": {"changed": 1, "table": {"version": 7}}}
    _, _, sent = town.services.asked[-1]
    assert {name: sent[name] for name in sent if name not in ("by", "cause")} == {
        "rows": [{"category": "street_vending", "goes_to": "~psb"}],
        "effective_from": "2026-05-01",
        "why": "试行",
        "seen": 7,
        "trial": True,
    }


def test_the_materials_of_a_task_in_sight_are_listed_and_got_by_ticket() -> None:
    town = Town()
    query = """{ materials(task: "t1") { materialId name mediaType size byUnit { name } attached width }
      downloadTicket(material: "m1") { url thumbnailUrl material { name } } }"""
    assert town.data(query, OF_WUHUA) == {
        "materials": [
            {
                "materialId": "m1",
                "name": "现场.jpg",
                "mediaType": "image/jpeg",
                "size": 20480,
                "byUnit": {"name": "华山街道"},
                "attached": True,
                "width": 800,
            }
        ],
        "downloadTicket": {
            "url": "http://tasks/materials/m1?ticket=y",
            "thumbnailUrl": None,
            "material": {"name": "现场.jpg"},
        },
    }
    town.services.tasks["t1"] = task(unit="5301/530103/530103001")
    assert town.refusal('{ materials(task: "t1") { name } }', OF_WUHUA)["code"] == "forbidden"


def test_a_ticket_to_upload_is_given_to_those_whose_duty_it_is() -> None:
    town = Town()
    query = 'mutation { uploadTicket(input: {id: "t1", name: "现场.jpg", size: 20480}) { ticket { url } } }'
    assert town.data(query, OF_HUASHAN) == {"uploadTicket": {"ticket": {"url": "http://tasks/materials?ticket=x"}}}
    _, _, sent = town.services.asked[-1]
    assert {name: sent[name] for name in ("task_id", "name", "size", "attach")} == {
        "task_id": "t1",
        "name": "现场.jpg",
        "size": 20480,
        "attach": False,
    }
    town.services.tasks["t1"] = task(unit=POLICE)
    assert town.refusal(query, OF_HUASHAN)["code"] == "forbidden"


def test_to_whom_a_duty_can_be_given_is_known_to_all_and_asks_no_service() -> None:
    town = Town()
    units = {one["path"]: one["shortName"] for one in town.data("{ dutyUnits { path shortName } }")["dutyUnits"]}
    assert (units[HUASHAN], units[POLICE]) == ("华山街道", "市公安局")
    assert not {"5301", "5301/~office"} & units.keys()
    assert town.services.calls == {}
