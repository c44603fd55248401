"""Permissions are data beside the field: every field declares one, and one function enforces them."""

import graphene
import msgspec
import pytest
from graphene.relay.node import GlobalID
from graphql import GraphQLObjectType

from gateway import permissions
from gateway.guarded import Guarded
from gateway.permissions import (
    APPEAL,
    CHECK_CASE,
    DECIDE_APPEAL,
    DECIDE_REQUEST,
    DIRECT_CASE,
    DIRECT_TASK,
    DO_TASK,
    OPEN_WORK,
    VERIFY_CASE,
    VERIFY_TASK,
    WITHDRAW_TASK,
    Permission,
    Thing,
    enforce,
)
from gateway.schema import SCHEMA
from infra.organisation.officer import ROLE_ZH, Officer, Role
from infra.problem import Forbidden
from services.complaints.contracts import CaseStatus
from services.notify.contracts import BulletinKind
from services.tasks.contracts import TaskView
from tests.unit.gateway_fakes import (
    CITY,
    HUASHAN,
    OF_HUASHAN,
    OF_POLICE,
    OF_WUHUA,
    PANLONG,
    POLICE,
    WUHUA,
    Town,
    bulletin,
    case,
    officer,
    task,
)

OF_PANLONG = officer(Role.DISTRICT, PANLONG)
DESK = officer(Role.HOTLINE_DESK, "5301")
DESK_OF_WUHUA = officer(Role.HOTLINE_DESK, WUHUA)
OPERATOR = officer(Role.OPERATOR, "5301")
OTHER_STREET = f"{PANLONG}/530103001"

OBJECT_TYPES = {
    name: kind.graphene_type
    for name, kind in SCHEMA.graphql_schema.type_map.items()
    if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
}
RELAY = {
    "PageInfo",
    "BulletinEdge",
    "CaseEdge",
    "CaseReportEdge",
    "TaskEdge",
    "DeskItemEdge",
    "WorkItemEdge",
    "SupervisionEdge",
    "MisfitEdge",
}  # parts of a connection, as visible as it is


LINES = [
    "DeskItem",
    "WorkItem",
    "HotMatter",
    "AbsorbedCase",
    "SuggestedDuplicate",
    "Supervision",
    "TaskPart",
]  # lead to work


def answering(above: str, **facts: str) -> TaskView:
    """A task that answers to `above`."""
    return msgspec.structs.replace(task(**facts), answers_to=above)


def undeclared(kind: type[graphene.ObjectType]) -> set[str]:
    """Fields without a permission of their own; the id of a node needs none beyond its object's."""
    fields = kind._meta.fields.items()
    return {name for name, field in fields if not isinstance(field, Guarded | GlobalID)}


def test_every_field_declares_its_permission_or_is_part_of_a_value_that_does() -> None:
    values = {name for name, kind in OBJECT_TYPES.items() if isinstance(getattr(kind, "permission", None), Permission)}
    assert {name: undeclared(kind) for name, kind in OBJECT_TYPES.items() if undeclared(kind)}.keys() == values | RELAY


def test_every_field_of_an_entrance_a_command_or_a_thing_with_an_id_declares_its_own() -> None:
    for name in ("Query", "Mutation", "Unit", "Case", "Task", "Bulletin", "Plan", "Me", *LINES):
        assert undeclared(OBJECT_TYPES[name]) == set()


RULES_AND_COMMANDS = {
    "duty": "accept_task return_task submit_task report_progress self_check_task delegate_task ask_assist "
    "ask_extension ask_suspension raise_task upload_ticket resume_task assign_task reroute_task appeal_timeout",
    "order": "acknowledge_supervision answer_supervision close_supervision return_supervision",
    "above": "verify_task answer_request",
    "superior": "open_supervision",
    "issuer": "withdraw_task",
    "check": "close_case request_rework",
    "place": "answer_case void_case file_case correct_case verify_case return_for_facts take_note confirm_case "
    "dismiss_duplicates accept_suggestion merge_cases split_case split_report join_report follow_up "
    "reopen_case decide_appeal issue_task edit_standard edit_routing "
    "open_misfit resubmit_misfit discard_misfit",
    "service": "unmask_report",
}
RULES = {name: rule for rule, names in RULES_AND_COMMANDS.items() for name in names.split()}


def test_every_mutation_has_a_rule_about_the_unit() -> None:
    rules = {name: field.permission.rule for name, field in OBJECT_TYPES["Mutation"]._meta.fields.items()}
    assert rules == RULES


SIGHT = [
    (CITY, OTHER_STREET, True),
    (DESK, OTHER_STREET, True),
    (OF_WUHUA, WUHUA, True),
    (OF_WUHUA, HUASHAN, True),
    (OF_WUHUA, f"{WUHUA}/~psb", True),
    (OF_WUHUA, PANLONG, False),
    (OF_WUHUA, OTHER_STREET, False),
    (OF_WUHUA, "5301", False),
    (OF_HUASHAN, HUASHAN, True),
    (OF_HUASHAN, "5301/530102/530102002", False),
    (OF_HUASHAN, WUHUA, False),
    (OF_POLICE, POLICE, True),
    (OF_POLICE, WUHUA, False),
]


@pytest.mark.parametrize(("who", "unit", "sees"), SIGHT)
def test_a_token_sees_its_unit_and_what_lies_inside_it(who: Officer, unit: str, sees: bool) -> None:
    town = Town()
    answer = town.ask("query($path: String!) { unit(path: $path) { path score } }", who, path=unit)
    if sees:
        assert answer["data"]["unit"]["path"] == unit
    else:
        assert answer["data"]["unit"] is None
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["forbidden"]
        assert not town.services.calls


ENTRANCES = [
    "{ city { caseCounts { total } } }",
    '{ district(code: "530103") { caseCounts { total } } }',
    '{ district(name: "盘龙区") { caseCounts { total } } }',
    f'{{ street(path: "{OTHER_STREET}") {{ caseCounts {{ total }} }} }}',
    '{ node(id: "VW5pdDo1MzAxLzUzMDEwMw==") { ... on Unit { caseCounts { total } } } }',
]


@pytest.mark.parametrize("query", ENTRANCES)
def test_another_unit_is_forbidden_by_whatever_entrance_and_no_service_is_asked(query: str) -> None:
    town = Town()
    answer = town.ask(query, OF_WUHUA)
    assert list(answer["data"].values()) == [None]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["forbidden"]
    assert not town.services.calls


def test_a_case_of_another_district_is_forbidden_also_by_its_id_and_through_a_task() -> None:
    town = Town()
    town.services.cases["c1"] = case(place=OTHER_STREET)
    town.services.tasks["t1"] = task(unit=HUASHAN)
    assert town.refusal('{ case(id: "c1") { text } }', OF_WUHUA)["code"] == "forbidden"
    answer = town.ask('{ task(id: "t1") { title case { text } } }', OF_WUHUA)
    assert answer["data"] == {"task": {"title": "占道经营 · 华山街道", "case": None}}
    assert answer["errors"][0]["extensions"]["code"] == "forbidden"


def test_a_case_in_its_street_that_a_department_handles_is_seen_by_both() -> None:
    handled_by_police = case(place=HUASHAN, responsible_unit=POLICE)
    for who in (OF_HUASHAN, OF_WUHUA, OF_POLICE, CITY):
        enforce(OPEN_WORK, who, handled_by_police)
    with pytest.raises(Forbidden):
        enforce(OPEN_WORK, OF_PANLONG, handled_by_police)


def test_the_operator_sees_figures_but_neither_cases_nor_tasks() -> None:
    town = Town()
    assert town.data("{ city { caseCounts { total } } }", OPERATOR) == {"city": {"caseCounts": {"total": 5}}}
    assert town.refusal("{ city { cases { totalCount } } }", OPERATOR)["code"] == "forbidden"
    assert town.refusal('{ task(id: "t1") { title } }', OPERATOR)["code"] == "forbidden"


def test_a_bulletin_is_open_to_those_it_is_addressed_to_and_those_above_them() -> None:
    enforce(permissions.OPEN_BULLETIN, OF_WUHUA, bulletin([HUASHAN]))
    enforce(permissions.OPEN_BULLETIN, OF_PANLONG, bulletin([WUHUA], BulletinKind.PUBLIC))
    with pytest.raises(Forbidden):
        enforce(permissions.OPEN_BULLETIN, OF_PANLONG, bulletin([WUHUA]))


def test_a_lead_unit_sees_its_rows_of_the_plan_and_the_city_all() -> None:
    query = '{ plan(id: "p") { rows { row } tasks done progress } }'
    town = Town()
    assert town.data(query) == {
        "plan": {"rows": [{"row": "1"}, {"row": "2"}], "tasks": 20, "done": 11, "progress": 0.55}
    }
    assert town.data(query, OF_POLICE) == {"plan": {"rows": [{"row": "1"}], "tasks": 18, "done": 9, "progress": 0.5}}
    assert town.data(query, OF_WUHUA) == {"plan": {"rows": [], "tasks": 0, "done": 0, "progress": None}}


ACTS = [
    (DO_TASK, OF_HUASHAN, task(unit=HUASHAN), True),
    (DO_TASK, OF_WUHUA, task(unit=HUASHAN), True),
    (DO_TASK, CITY, task(unit=POLICE), True),
    (DO_TASK, OF_POLICE, task(unit=POLICE), True),
    (DO_TASK, OF_HUASHAN, task(unit=POLICE), False),  # in its street, but not its duty
    (DO_TASK, OF_PANLONG, task(unit=HUASHAN), False),
    (DO_TASK, DESK, task(unit=HUASHAN), False),
    (CHECK_CASE, DESK, case(), True),
    (CHECK_CASE, CITY, case(), True),
    (CHECK_CASE, DESK_OF_WUHUA, case(), True),
    (CHECK_CASE, DESK_OF_WUHUA, case(place=OTHER_STREET, responsible_unit=PANLONG), False),
    (CHECK_CASE, OF_WUHUA, case(), False),
    (CHECK_CASE, OF_HUASHAN, case(), False),
    (CHECK_CASE, OF_PANLONG, case(), False),
    (DIRECT_CASE, DESK, case(status=CaseStatus.RECEIVED), True),
    (DIRECT_CASE, DESK_OF_WUHUA, case(), True),
    (DIRECT_CASE, DESK_OF_WUHUA, case(place=OTHER_STREET, responsible_unit=WUHUA), False),
    (DIRECT_CASE, OF_WUHUA, case(), False),
    (VERIFY_TASK, CITY, task(unit=WUHUA), True),
    (VERIFY_TASK, OF_WUHUA, task(unit=HUASHAN), True),
    (VERIFY_TASK, OF_WUHUA, task(unit=WUHUA), False),  # nobody checks his own work
    (VERIFY_TASK, OF_HUASHAN, task(unit=HUASHAN), False),
    (VERIFY_TASK, OF_POLICE, task(unit=POLICE), False),
    (DIRECT_CASE, OF_POLICE, case(responsible_unit=POLICE), False),
    (DECIDE_REQUEST, OF_WUHUA, task(unit=HUASHAN), True),
    (DECIDE_REQUEST, CITY, task(unit=POLICE), True),
    (DECIDE_REQUEST, OF_HUASHAN, task(unit=HUASHAN), False),
    (DECIDE_REQUEST, OF_PANLONG, task(unit=HUASHAN), False),
    (DECIDE_REQUEST, OF_POLICE, answering(POLICE, unit=HUASHAN), True),  # who gave the part
    (DECIDE_REQUEST, OF_WUHUA, answering(POLICE, unit=HUASHAN), False),
    (WITHDRAW_TASK, CITY, task(unit=HUASHAN), True),
    (WITHDRAW_TASK, OF_WUHUA, task(unit=HUASHAN), False),  # above it, but did not give it
    (WITHDRAW_TASK, OF_POLICE, answering(POLICE, unit=HUASHAN, lead_task_id="t0"), True),
    (DIRECT_TASK, CITY, task(unit="5301/~office"), True),
    (DIRECT_TASK, OF_WUHUA, task(unit=HUASHAN), False),
    (VERIFY_CASE, OF_HUASHAN, case(status=CaseStatus.VERIFYING), True),
    (VERIFY_CASE, OF_WUHUA, case(status=CaseStatus.VERIFYING), True),
    (VERIFY_CASE, DESK, case(status=CaseStatus.VERIFYING), True),
    (VERIFY_CASE, OF_PANLONG, case(status=CaseStatus.VERIFYING), False),
    (VERIFY_CASE, OF_POLICE, case(responsible_unit=POLICE), False),
    (APPEAL, OF_POLICE, case(responsible_unit=POLICE), True),
    (APPEAL, OF_HUASHAN, case(responsible_unit=POLICE), False),
    (APPEAL, OF_WUHUA, case(), True),
    (APPEAL, CITY, case(), False),
    (DECIDE_APPEAL, CITY, case(), True),
    (DECIDE_APPEAL, DESK, case(), False),
]


@pytest.mark.parametrize(("permission", "who", "thing", "may"), ACTS)
def test_who_may_act(permission: Permission, who: Officer, thing: Thing, may: bool) -> None:
    def allowed() -> bool:
        try:
            enforce(permission, who, thing)
        except Forbidden:
            return False
        return True

    assert allowed() is may


ABOUT_A_UNIT = [
    '{ deskQueue(unit: "%s") { edges { cursor } } }',
    '{ workList(unit: "%s") { edges { cursor } } }',
    '{ hotMatters(place: "%s", since: "2026-01-01T00:00:00Z", until: "2026-03-01T00:00:00Z") { number } }',
    '{ supervisions(unit: "%s") { edges { cursor } } }',
    '{ hotspots(place: "%s", since: "2026-01-01T00:00:00Z") { category } }',
]


@pytest.mark.parametrize("query", ABOUT_A_UNIT)
def test_what_is_asked_about_a_unit_is_asked_within_sight_only(query: str) -> None:
    town = Town()
    town.data(query % HUASHAN, OF_WUHUA)
    town.services.calls.clear()
    for other in (PANLONG, "5301", OTHER_STREET):
        assert town.refusal(query % other, OF_WUHUA)["code"] == "forbidden"
    assert town.refusal(query % "5301/530102/999", OF_WUHUA)["code"] == "not_found"
    assert town.refusal(query % WUHUA, OPERATOR)["code"] == "forbidden"
    assert not town.services.calls


OFFICE_ONLY = [
    '{ unmaskedReads(receipt: "R-1") { name } }',
    """mutation { editStandard(input: {code: "x", changes: {limit: "5天"}, effectiveFrom: "2026-05-01", why: "试",
       seenVersion: 3}) { version } }""",
    """mutation { editRouting(input: {rows: [{category: "x"}], effectiveFrom: "2026-05-01", why: "试",
       seenVersion: 7}) { changed } }""",
    """mutation { issueTask(input: {id: "m-1", source: MEETING, title: "x", unit: "5301/~psb", because: "x"})
       { task { title } } }""",
]


@pytest.mark.parametrize("query", OFFICE_ONLY)
def test_what_the_citys_office_alone_may_is_refused_to_others_before_a_service_is_asked(query: str) -> None:
    town = Town()
    for who in (DESK, OF_WUHUA, OF_POLICE, OPERATOR):
        assert town.refusal(query, who)["code"] == "forbidden"
    assert not town.services.calls
    town.data(query)


def test_a_refusal_names_the_role_in_the_words_of_the_reader() -> None:
    refusal = Town().refusal(OFFICE_ONLY[0], OF_WUHUA)
    assert refusal["detail_zh"] == "您的角色无权进行此操作（县（市）区、园区）"
    assert refusal["detail"].startswith("the role district may not ")
    assert set(ROLE_ZH) == set(Role)


def test_who_may_not_read_a_report_in_clear_is_refused_by_the_service_which_keeps_a_record_of_it() -> None:
    town = Town()
    unmask = 'mutation { unmaskReport(input: {receipt: "R-1", purpose: "好奇"}) { report { receipt } } }'
    for who in (OF_WUHUA, OPERATOR):
        assert town.refusal(unmask, who)["code"] == "forbidden"
    assert town.services.calls == {"complaints.unmask_report": 2}


def test_a_command_outside_ones_sphere_is_refused_before_the_service_is_told() -> None:
    town = Town()
    town.services.tasks["t1"] = task(unit=POLICE)
    command = 'mutation { acceptTask(input: {id: "t1", seenVersion: 1}) { task { status } } }'
    assert town.refusal(command, OF_HUASHAN) | {"cause": ""} == {
        "type": "urn:wenming:problem:forbidden",
        "code": "forbidden",
        "status": 403,
        "detail": f"{HUASHAN} may not do the work of a task outside its own sphere",
        "detail_zh": "不在本单位职责或管辖范围内",
        "permission": "do the work of a task",
        "unit": HUASHAN,
        "cause": "",
    }
    assert town.services.calls == {"tasks.tasks_by_id": 1}


def test_me_lists_the_commands_of_the_role() -> None:
    town = Town()
    of_a_desk = ["verifyCase", "fileCase", "closeCase", "mergeCases", "unmaskReport"]
    assert set(of_a_desk) <= set(town.data("{ me { may } }", DESK)["me"]["may"])
    may = town.data("{ me { may } }", OF_HUASHAN)["me"]["may"]
    assert {"acceptTask", "askExtension", "verifyCase", "appealTimeout"} <= set(may)
    assert not {"fileCase", "closeCase", "unmaskReport", "issueTask", "decideAppeal", "editStandard"} & set(may)
    assert town.data("{ me { may } }", OPERATOR)["me"]["may"] == []
