"""From a hotline's push to a numbered bulletin, seen by city, district and street: the processes as people run them."""

import email
import email.policy
import json
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from click.testing import CliRunner
from rich.console import Console

from cli import feed, hotline
from cli import round as cli_round
from cli.demonstration import picture
from cli.demonstration.portal import Portal
from cli.demonstration.story import Story
from cli.event_log import trace
from cli.main import Town
from cli.rpc import call, office
from infra.local.waiting import holds_within
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, Problem, Stale
from infra.signature import signed_headers
from tests.messaging.conftest import DEADLINE

STREET = "5301/530102/530102001"  # 华山街道
DISTRICT, OTHER_DISTRICT = "5301/530102", "5301/530103"
FIGURES = "caseCounts { total open closed } taskCounts(coordinate: PLACE) { total open overdue closed }"
TREE = f"{{ city {{ {FIGURES} children {{ name {FIGURES} children {{ {FIGURES} }} }} }} }}"
ORDER = {
    "工单编号": "E2E-0001",
    "标题": "华山街道路灯不亮",
    "诉求内容": "五华区华山街道翠湖南路的路灯整排不亮，夜间出行很不安全，请尽快修复。",
    "诉求类型": "投诉",
    "紧急程度": "一般",
    "事发地址": "昆明市五华区华山街道翠湖南路",
}
TASK_OF_CASE = """query($unit: String!) { unit(path: $unit) { tasks(source: CASE, statuses: [ISSUED, ACCEPTED]) {
  edges { node { taskId version caseNumber case { caseId version status receipts } } } } } }"""


def portal(town: Town, role: Role, unit: str) -> Portal:
    return Portal(town.instance, Officer(role, unit, "值班员"))


def hotline_url(town: Town) -> str:
    return town.instance.addresses()["hotline 12345"]


def push(town: Town, order: dict[str, Any]) -> httpx.Response:
    body = json.dumps(order, ensure_ascii=False).encode()
    headers = signed_headers(town.instance.secrets["hotline_12345"].encode(), int(time.time()), body)
    headers |= {"Content-Type": "application/json"}
    return httpx.post(hotline_url(town), content=body, headers=headers, timeout=DEADLINE, trust_env=False)


def fetch(town: Town, number: str) -> dict[str, Any]:
    path = f"/intake/hotline_12345/{number}"
    headers = signed_headers(town.instance.secrets["hotline_12345"].encode(), int(time.time()), path.encode())
    answer = httpx.get(hotline_url(town) + "/" + quote(number), headers=headers, timeout=DEADLINE, trust_env=False)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def until(condition: Any, what: str, seconds: float = 60.0) -> None:
    assert holds_within(seconds, condition), f"not within {seconds} s: {what}"


def test_a_complaint_becomes_a_case_a_task_a_notice_and_at_last_a_reply_to_the_citizen(told: Story) -> None:
    town, street = told.town, portal(told.town, Role.STREET, STREET)
    desk = portal(town, Role.HOTLINE_DESK, "5301")
    answer = push(town, ORDER)
    assert answer.status_code == 202
    receipt = answer.json()["receipt"]

    def mine() -> list[dict[str, Any]]:
        tasks = street.ask(TASK_OF_CASE, unit=STREET)["unit"]["tasks"]["edges"]
        return [edge["node"] for edge in tasks if edge["node"]["case"] and receipt in edge["node"]["case"]["receipts"]]

    def work(mutation: str, **words: str) -> dict[str, Any]:
        """Give the command until it is taken: in a second of ours an hour ends, and with it perhaps a deadline."""
        done: list[dict[str, Any]] = []

        def taken() -> bool:
            (task,) = mine()
            refused = street.act(mutation, [{"id": task["taskId"], "seenVersion": task["version"]} | words])
            assert all(isinstance(one, Stale) for one in refused), refused
            done.append(task)
            return refused == []

        until(taken, mutation)
        return done[-1]

    until(mine, "the street has the task")
    work("acceptTask")
    task = work("submitTask", result="已更换灯具，恢复照明")
    of_case = "query($id: ID!) { case(id: $id) { version status } }"

    def case() -> dict[str, Any]:
        found: dict[str, Any] = desk.ask(of_case, id=task["case"]["caseId"])["case"]
        return found

    until(lambda: case()["status"] == "CHECKING", "the case follows its task")
    closing = {"id": task["case"]["caseId"], "condition": "问题已解决", "reply": "您反映的路灯已修复。"}
    until(lambda: desk.act("closeCase", [closing | {"seenVersion": case()["version"]}]) == [], "the case is closed")

    found = fetch(town, "E2E-0001")
    assert (found["receipt"], found["status"], found["reply"]) == (receipt, "closed", "您反映的路灯已修复。")
    until(
        lambda: any(one["task_id"] == task["taskId"] for one in call(town, "notify", "notices", STREET, 200)),
        "the street has its notice",
    )


def test_what_a_unit_sees_is_the_sum_of_what_the_units_below_it_see(told: Story) -> None:
    def looked() -> dict[str, Any]:
        found: dict[str, Any] = portal(told.town, Role.CITY_OFFICE, "5301").ask(TREE)["city"]
        return found

    until(lambda: less_than_below(looked()) == [], "nothing was counted between two looks")
    city = looked()
    assert city["caseCounts"]["total"] > 100
    assert len(city["children"]) == 18
    assert sum(len(district["children"]) for district in city["children"]) >= 146


def less_than_below(city: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The figures of districts that are smaller than those of their streets together."""
    return [
        (district["name"], counts, name)
        for district in city["children"]
        for counts in ("caseCounts", "taskCounts")
        for name, figure in district[counts].items()
        if figure < sum(street[counts][name] for street in district["children"])
    ]


def test_a_district_sees_its_own_picture_and_not_anothers(told: Story) -> None:
    district = portal(told.town, Role.DISTRICT, DISTRICT)
    assert district.ask('{ district(code: "530102") { name } }')["district"]["name"] == "五华区"
    with pytest.raises(Forbidden):
        district.ask("query($u: String!) { unit(path: $u) { caseCounts { total } } }", u=OTHER_DISTRICT)
    with pytest.raises(Problem):
        portal(told.town, Role.STREET, STREET).ask("{ city { caseCounts { total } } }")


def test_the_plan_shows_its_fifty_rows_to_the_city_office(told: Story) -> None:
    asked = '{ city { planProgress(planId: "kbf-2017-30") { tasks rows { row measure leadUnits { name } } } } }'
    plan = portal(told.town, Role.CITY_OFFICE, "5301").ask(asked)["city"]["planProgress"]
    assert (len(plan["rows"]), plan["tasks"]) == (50, 1555)
    assert {"row": "10.3", "measure": "深入开展军地共建活动", "leadUnits": [{"name": "昆明警备区"}]} in plan["rows"]


def test_the_ranking_bulletin_is_numbered_and_mailed_to_the_units_ranked(told: Story) -> None:
    assert told.bulletin_number() == "昆创文办〔2026〕1号"
    mail = told.bulletin_mail()
    assert mail is not None
    with mail.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    html = message.get_body(("html",))
    assert html is not None
    assert "昆创文办〔2026〕1号" in html.get_content()
    assert "五华区" in html.get_content()


def test_telling_the_story_again_changes_no_report_and_no_plan(told: Story) -> None:
    before = call(told.town, "complaints", "intake_totals")["reports"]
    counts = hotline.push(told.town.instance, list(feed.items(feed.DEFAULT, told.registry)), lambda done: None)
    assert counts.get("受理", 0) == 0
    assert call(told.town, "complaints", "intake_totals")["reports"] == before
    assert told.plan(lambda done: None) == "目标任务分解表 50 项措施，分解为 1555 项任务"


def test_the_pictures_of_city_district_and_street_are_printed(told: Story) -> None:
    console = Console(record=True, width=120)
    for role, unit in ((Role.CITY_OFFICE, "5301"), (Role.DISTRICT, DISTRICT), (Role.STREET, STREET)):
        picture.show(console, portal(told.town, role, unit), unit)
    printed = console.export_text()
    for words in ("昆明市 · 值班员所见", "五华区 · 值班员所见", "华山街道 · 值班员所见", "2026年第一季度文明城市测评"):
        assert words in printed


def test_an_auditor_follows_a_case_from_the_receipt_to_the_bulletin(told: Story) -> None:
    town, desk = told.town, portal(told.town, Role.CITY_OFFICE, "5301")
    asked = "query($u: String!) { unit(path: $u) { cases(statuses: [CLOSED], first: 1) { edges { node {"
    case = desk.ask(f"{asked} number receipts }} }} }} }} }}", u="5301")["unit"]["cases"]["edges"][0]["node"]
    opened = cli_round.open_round(town, "2026-03", "2026年3月模拟测评", "2026-03")
    finding = {"site_id": "E2E1", "site_type": "窗口单位", "street": STREET, "item": "服务用语文明", "deduction": "5"}
    rows = [finding | {"note": "群众反映的问题", "case_number": case["number"]}]
    recorded = call(town, "assessment", "record_results", opened["round_id"], rows, office(), "e2e")
    assert recorded == {"recorded": 1, "already": 0, "refused": []}
    seen = cli_round.open_round(town, "2026-03", "2026年3月模拟测评", "2026-03")["version"]
    cli_round.publish_round(town, "2026-03", seen)

    def trail() -> str:
        return CliRunner().invoke(trace, [case["receipts"][0]], obj=town).output

    until(lambda: "bulletin_issued" in trail(), "the bulletin is in the log")
    kinds = trail()
    for kind in ("report_received", "case_filed", "task_assigned", "task_submitted", "case_closed", "round_published"):
        assert kind in kinds, kind
