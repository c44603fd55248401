"""The gateway before real services on a real broker: pictures, a task worked on, services that are absent or silent."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psutil
import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from infra.organisation.officer import Officer, Role
from infra.settings import Settings
from services.complaints.contracts import CaseFiled
from tests.integration.gateway_served import PATIENT, SECRET, ask, served
from tests.integration.one_service import own_host, publish, received, running, wait_until
from tests.unit.tasks_made import STREET, case

TASKS, ASSESSMENT = "services.tasks.service:TasksService", "services.assessment.service:AssessmentService"
DISTRICT = "5301/530102"
CITY = Officer(Role.CITY_OFFICE, "5301", "王五")
STREET_OFFICER = Officer(Role.STREET, STREET, "张三")
DISTRICT_OFFICER = Officer(Role.DISTRICT, DISTRICT, "李四")
HASTY = {"deadline": 6.0, "rpc_timeout": 3.0, "breaker_rest": 0.2}  # of a gateway that does not wait long


class House(NamedTuple):
    """A gateway before the services of tasks and assessment; complaints and notify do not run."""

    url: str
    settings: Settings

    def ask(self, query: str, who: Officer = CITY, **variables: Any) -> dict[str, Any]:
        """The body of an answer."""
        return ask(self.url, query, who, **variables)

    def file(self, case_id: str) -> dict[str, Any]:
        """The task that the street gets for a case."""
        now = datetime.now(UTC)
        filed = CaseFiled(case=case(case_id=case_id, filed_at=now))
        publish(self.settings, [received(filed, f"case/{case_id}", 1, now)])
        wait_until(lambda: self._task_of(case_id), f"a task for {case_id}")
        return self._task_of(case_id)

    def _task_of(self, case_id: str) -> Any:
        page = self.ask(f'{{ unit(path: "{STREET}") {{ tasks(first: 50) {{ edges {{ node {{ {TASK} }} }} }} }} }}')
        nodes = [edge["node"] for edge in page["data"]["unit"]["tasks"]["edges"]]
        return next((node for node in nodes if case_id in node["taskId"]), None)


TASK = "id taskId version status overdue place { name } responsibleUnit { path } history { what by }"


@pytest.fixture(scope="module")
def house(amqp_url: str, mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("house")
    with own_host() as settings, running(TASKS, settings, home), running(ASSESSMENT, settings, home):
        app = create_app(GatewaySettings(token_secret=SECRET, amqp_url=settings.amqp_url, breaker_rest=0.2, **PATIENT))
        with served(app) as url:
            yield House(url, settings)


@pytest.fixture
def hasty(house: House) -> Iterator[House]:
    """Another gateway before the same services."""
    app = create_app(GatewaySettings(token_secret=SECRET, amqp_url=house.settings.amqp_url, **HASTY))
    with served(app) as url:
        yield House(url, house.settings)


def test_services_that_do_not_run_make_their_part_null_and_the_rest_arrives_at_once(house: House) -> None:
    house.ask("{ city { overdue } }")  # the connection is there
    began = time.monotonic()
    answer = house.ask("{ city { name overdue rank caseCounts { total } bulletins { edges { cursor } } } }")
    assert time.monotonic() - began < PATIENT["rpc_timeout"]
    assert answer["data"]["city"] == {
        "name": "昆明市",
        "overdue": answer["data"]["city"]["overdue"],
        "rank": None,
        "caseCounts": None,
        "bulletins": None,
    }
    assert isinstance(answer["data"]["city"]["overdue"], int)
    absent = [(error["path"], error["extensions"]["service"]) for error in answer["errors"]]
    assert sorted(absent) == [(["city", "bulletins"], "notify"), (["city", "caseCounts"], "complaints")]


def test_a_street_accepts_and_submits_its_task_and_a_stale_command_says_who_was_first(house: House) -> None:
    task = house.file("case-1")
    assert (task["status"], task["place"], task["responsibleUnit"]) == (
        "ISSUED",
        {"name": "华山街道"},
        {"path": STREET},
    )
    accept = (
        "mutation($id: ID!, $seen: Int!) "
        "{ acceptTask(input: {id: $id, seenVersion: $seen}) { task { status version history { by } } } }"
    )
    accepted = house.ask(accept, STREET_OFFICER, id=task["id"], seen=task["version"])["data"]["acceptTask"]["task"]
    assert (accepted["status"], accepted["version"]) == ("ACCEPTED", task["version"] + 1)
    assert "张三" in accepted["history"][-1]["by"]

    [stale] = house.ask(accept, DISTRICT_OFFICER, id=task["id"], seen=task["version"])["errors"]
    assert (stale["extensions"]["code"], stale["extensions"]["current_version"]) == ("stale", accepted["version"])
    assert "张三" in stale["extensions"]["changed_by"]

    submit = (
        "mutation($id: ID!, $seen: Int!, $result: String!) "
        "{ submitTask(input: {id: $id, seenVersion: $seen, result: $result}) { task { status } } }"
    )
    told = {"id": task["id"], "seen": accepted["version"]}
    [refused] = house.ask(submit, STREET_OFFICER, **told, result=" ")["errors"]
    assert (refused["extensions"]["status"] // 100, refused["extensions"]["field"]) == (4, "result")
    done = house.ask(submit, STREET_OFFICER, **told, result="垃圾已清运")
    assert done["data"] == {"submitTask": {"task": {"status": "SUBMITTED"}}}


def test_the_counts_follow_and_the_city_its_district_and_its_street_see_the_same_task(house: House) -> None:
    listed = f'{{ unit(path: "{STREET}") {{ tasks(first: 50) {{ edges {{ cursor }} }} }} }}'
    before = len(house.ask(listed)["data"]["unit"]["tasks"]["edges"])
    house.file("case-2")
    three = (
        "{ city { taskCounts { total issued } } "
        'district(code: "530102") { taskCounts { total issued } } '
        'street(code: "530102001") { taskCounts { total issued } } }'
    )

    def counted() -> bool:
        units = house.ask(three)["data"].values()
        return [unit["taskCounts"]["total"] for unit in units] == [before + 1] * 3

    wait_until(counted, "the new task counts for all three")


ORDER = "supervision { supervisionId version status number unit { path } byUnit { path } task { supervisions } }"


def test_a_district_supervises_its_street_which_answers_from_its_work_list_and_the_district_closes(
    house: House,
) -> None:
    task = house.file("case-4")
    push = """mutation($id: ID!, $seen: Int!) {
      openSupervision(input: {id: $id, seenVersion: $seen, reason: "久拖不办"}) { %s } }"""
    [refused] = house.ask(push % ORDER, STREET_OFFICER, id=task["id"], seen=task["version"])["errors"]
    assert refused["extensions"]["code"] == "forbidden"
    order = house.ask(push % ORDER, DISTRICT_OFFICER, id=task["id"], seen=task["version"])["data"]["openSupervision"]
    opened = order["supervision"]
    assert (opened["unit"], opened["byUnit"], opened["status"]) == ({"path": STREET}, {"path": DISTRICT}, "OPENED")
    assert opened["task"] == {"supervisions": 1}

    lines = "{ workList { edges { node { kind version supervision { supervisionId } } } } }"
    nodes = [edge["node"] for edge in house.ask(lines, STREET_OFFICER)["data"]["workList"]["edges"]]
    line = {"kind": "supervision", "version": 1, "supervision": {"supervisionId": opened["supervisionId"]}}
    assert line in nodes

    steps = [
        ("acknowledgeSupervision", "", STREET_OFFICER, "ACKNOWLEDGED"),
        ("answerSupervision", 'answer: "三日内办结"', STREET_OFFICER, "ANSWERED"),
        ("closeSupervision", 'note: "已办结"', DISTRICT_OFFICER, "CLOSED"),
    ]
    for seen, (name, words, who, status) in enumerate(steps, start=1):
        given = f'id: "{opened["supervisionId"]}", seenVersion: {seen}, {words}'
        answer = house.ask(f"mutation {{ {name}(input: {{{given}}}) {{ {ORDER} }} }}", who)
        assert answer["data"][name]["supervision"]["status"] == status
    listed = house.ask("{ supervisions(issued: true) { edges { node { status } } } }", DISTRICT_OFFICER)
    assert listed["data"]["supervisions"]["edges"] == [{"node": {"status": "CLOSED"}}]


def test_another_street_is_forbidden_and_its_task_cannot_be_accepted(house: House) -> None:
    task = house.file("case-3")
    neighbour = Officer(Role.STREET, "5301/530102/530102002", "赵六")
    accept = f'mutation {{ acceptTask(input: {{id: "{task["id"]}", seenVersion: 1}}) {{ task {{ status }} }} }}'
    for query in (accept, f'{{ task(id: "{task["id"]}") {{ title }} }}', f'{{ unit(path: "{STREET}") {{ overdue }} }}'):
        [error] = house.ask(query, neighbour)["errors"]
        assert error["extensions"]["code"] == "forbidden"


def is_assessment_of(house: House, process: psutil.Process) -> bool:
    return ASSESSMENT in process.cmdline() and process.environ()["AMQP_URL"] == house.settings.amqp_url


def left_out(house: House) -> list[str]:
    """The services of whose parts an answer says that they are missing; the rest must be there."""
    answer = house.ask("{ city { name score overdue } }")
    missing = [error["extensions"]["service"] for error in answer.get("errors", [])]
    city = answer["data"]["city"]
    assert city["name"] == "昆明市"
    assert (city["score"] is None, city["overdue"] is None) == ("assessment" in missing, "tasks" in missing)
    return missing


def test_a_service_that_hangs_is_left_out_within_the_deadline_and_comes_back(hasty: House) -> None:
    [hanging] = [one for one in psutil.Process().children(recursive=True) if is_assessment_of(hasty, one)]
    hanging.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: left_out(hasty) == ["assessment"], "all but what hangs is answered")
    finally:
        hanging.send_signal(signal.SIGCONT)
    wait_until(lambda: "errors" not in hasty.ask("{ city { score } }"), "assessment answers again")
