"""One matter through GraphQL: from the desk to the unit, and back again; and what intake refused, corrected."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from infra.organisation.officer import Officer, Role
from tests.integration.complaints_running import Complaints, complaints_running, order
from tests.integration.gateway_served import PATIENT, SECRET, ask, served
from tests.integration.one_service import running, wait_until

TASKS = "services.tasks.service:TasksService"
DISTRICT, STREET = "5301/530102", "5301/530102/530102001"
DESK = Officer(Role.HOTLINE_DESK, "5301", "钱七")
UNIT = Officer(Role.STREET, STREET, "张三")
ABOVE = Officer(Role.DISTRICT, DISTRICT, "李四")
NEIGHBOUR = Officer(Role.DISTRICT, "5301/530103", "周九")
CASE = "id caseId version status limit { closingConditions } factsAsked { missing } reopenings task { taskId round }"
TASK = "id version status deadline extensions requests { kind granted decidedBy }"


class House(NamedTuple):
    """A gateway before complaints and tasks."""

    url: str
    complaints: Complaints

    def ask(self, who: Officer, query: str) -> Any:
        """The only field of an answer without errors."""
        body = ask(self.url, query, who)
        assert "errors" not in body, body["errors"]
        [answer] = body["data"].values()
        return answer

    def order(self, who: Officer, name: str, thing: dict[str, Any], words: str = "") -> Any:
        """A command to the case or task; the thing afterwards."""
        noun, fields = ("case", CASE) if "caseId" in thing else ("task", TASK)
        given = f'id: "{thing["id"]}", seenVersion: {thing["version"]}, {words}'
        return self.ask(who, f"mutation {{ {name}(input: {{{given}}}) {{ {noun} {{ {fields} }} }} }}")[noun]

    def queue(self, who: Officer, kind: str) -> list[dict[str, Any]]:
        """The cases on the desk for that reason."""
        page = self.ask(who, f"{{ deskQueue(kinds: [{kind}]) {{ edges {{ node {{ kind case {{ {CASE} }} }} }} }} }}")
        return [edge["node"]["case"] for edge in page["edges"]]

    def duties(self, who: Officer) -> list[dict[str, Any]]:
        """The tasks on the officer's own work list."""
        page = self.ask(who, f"{{ workList {{ edges {{ node {{ kind group task {{ {TASK} }} }} }} }} }}")
        return [{"kind": edge["node"]["kind"]} | edge["node"]["task"] for edge in page["edges"]]

    def waits(self, who: Officer, kind: str) -> dict[str, Any]:
        """The first line of that kind on the officer's work list, once there is one."""
        wait_until(lambda: any(one["kind"] == kind for one in self.duties(who)), f"a line {kind} for {who.unit}")
        return next(one for one in self.duties(who) if one["kind"] == kind)


@pytest.fixture(scope="module")
def house(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("house")
    with complaints_running(home) as complaints, running(TASKS, complaints.settings, home):
        app = create_app(GatewaySettings(token_secret=SECRET, amqp_url=complaints.settings.amqp_url, **PATIENT))
        with served(app) as url:
            yield House(url, complaints)


def test_a_matter_is_filed_by_the_desk_done_by_its_unit_closed_not_solved_and_reopened(house: House) -> None:
    house.complaints.push(order("G1", 标题="路灯咨询", 诉求类型="咨询"))
    wait_until(lambda: house.queue(DESK, "ENQUIRY"), "the enquiry is on the desk")
    [case] = house.queue(DESK, "ENQUIRY")
    assert house.queue(NEIGHBOUR, "ENQUIRY") == []

    case = house.order(DESK, "returnForFacts", case, 'missing: ["路灯编号"]')
    assert case["factsAsked"] == {"missing": ["路灯编号"]}
    [twice] = ask(house.url, FACTS_AGAIN % (case["id"], case["version"]), DESK)["errors"]
    assert (twice["extensions"]["code"], twice["extensions"]["status"]) == ("refused", 409)
    filed = f'placePath: "{STREET}"'
    assert house.order(DESK, "fileCase", case, filed)["status"] == "FILED"

    duty = house.waits(UNIT, "duty")
    duty = house.order(UNIT, "acceptTask", duty)
    until = datetime.fromisoformat(duty["deadline"]) + timedelta(hours=1)
    duty = house.order(UNIT, "askExtension", duty, f'until: "{until.isoformat()}", reason: "配件未到"')
    decision = house.waits(ABOVE, "extension")
    granted = house.order(ABOVE, "answerRequest", decision, "granted: true")
    assert (granted["extensions"], granted["requests"][0]["decidedBy"]) == (1, "李四")
    assert house.order(UNIT, "submitTask", granted, 'result: "已更换灯头"')["status"] == "SUBMITTED"

    wait_until(lambda: house.queue(DESK, "CHECK"), "the case is to be checked")
    [case] = house.queue(DESK, "CHECK")
    condition = case["limit"]["closingConditions"][0]
    case = house.order(DESK, "closeCase", case, f'condition: "{condition}", reply: "路灯已修复。"')
    assert case["status"] == "CLOSED"
    case = house.order(DESK, "followUp", case, "contacted: true, solved: false, satisfied: false")
    assert (case["status"], case["reopenings"]) == ("REOPENED", 1)
    again = house.waits(UNIT, "duty")
    assert (again["status"], again["id"] != duty["id"]) == ("ISSUED", True)


def test_the_desk_files_by_a_category_of_the_list(house: House) -> None:
    [wanted] = [one for one in house.ask(DESK, "{ categories { code subject name } }") if one["name"] == "路灯"]
    house.complaints.push(order("G3", 标题="夜里太黑怎么办", 诉求类型="咨询"))
    wait_until(lambda: house.queue(DESK, "ENQUIRY"), "the enquiry is on the desk")
    [case] = house.queue(DESK, "ENQUIRY")
    assert house.order(DESK, "fileCase", case, f'category: "{wanted["code"]}"')["limit"]["closingConditions"]


def test_what_intake_refused_is_opened_on_the_record_and_corrected_once_by_the_desk(house: House) -> None:
    house.complaints.push(order("G2", 标题="路灯不亮", 诉求内容=""))
    page = house.ask(DESK, "{ misfits(state: WAITING) { edges { node { misfitId version reason } } } }")
    [kept] = [edge["node"] for edge in page["edges"]]
    assert (kept["version"], kept["reason"]) == (0, "字段“诉求内容”缺失或为空")
    opened = house.ask(
        DESK, f'mutation {{ openMisfit(input: {{id: "{kept["misfitId"]}"}}) {{ raw reads {{ name }} }} }}'
    )
    assert ("路灯不亮" in opened["raw"], opened["reads"]) == (True, [{"name": "钱七"}])

    right = RESUBMIT % (kept["misfitId"], "五华区华山街道翠湖南路路灯不亮")
    ended = house.ask(DESK, right)["misfit"]
    assert (ended["state"], ended["version"], ended["endedBy"]) == ("RESUBMITTED", 1, "钱七")
    assert house.complaints.ask("G2").json()["receipt"] == ended["receipt"]
    [twice] = ask(house.url, right, DESK)["errors"]
    told = twice["extensions"]
    assert (told["code"], told["state"], told["receipt"]) == ("refused", "resubmitted", ended["receipt"])


RESUBMIT = """mutation { resubmitMisfit(input: {id: "%s", seenVersion: 0, fields: [{name: "诉求内容", value: "%s"}]}) {
  misfit { state version endedBy receipt } } }"""
FACTS_AGAIN = 'mutation { returnForFacts(input: {id: "%s", seenVersion: %d, missing: ["照片"]}) { case { version } } }'
