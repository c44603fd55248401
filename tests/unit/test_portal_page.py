"""The portal page: it fetches nothing from elsewhere, asks what can be asked, and offers what the schema has."""

import re

import pytest

from gateway.cursor import START, encode
from gateway.portal import FILES, HERE, SCRIPTS
from gateway.schema import SCHEMA
from gateway.schema.enums import WorkGroupName
from services.complaints.contracts import Channel, DeskKind, MisfitState, RatingSource, RequestKind, Urgency
from services.tasks.contracts import SupervisionStatus, SupervisionTrigger, TaskRole, TaskSource, TaskStatus
from services.tasks.supervision import Push
from services.tasks.task_states import Step
from tests.unit.gateway_fakes import HUASHAN, OF_HUASHAN, Town, task


def test_the_portal_page_is_self_contained_and_has_a_policy() -> None:
    answer = Town().request("GET", "/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "connect-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert re.findall(r'(?:src|href)="([^"#]+)"', answer.text) == ["data:,", "/portal/portal.css", "/portal/portal.js"]


def test_the_page_may_reach_the_place_of_the_materials_and_no_other() -> None:
    town = Town(materials_address="https://materials.example.cn:8443/of/tasks")
    policy = town.request("GET", "/").headers["content-security-policy"]
    assert "img-src 'self' data: https://materials.example.cn:8443; " in policy
    assert "connect-src 'self' https://materials.example.cn:8443; " in policy


@pytest.mark.parametrize(("name", "media"), FILES.items())
def test_the_files_of_the_portal_are_served_and_fetch_nothing_from_elsewhere(name: str, media: str) -> None:
    answer = Town().request("GET", f"/portal/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{media}; charset=utf-8")
    assert re.findall(r"https?://", answer.text) == []


OF_CASES = (DeskKind, Channel, MisfitState, RatingSource, RequestKind, Urgency)
OF_TASKS = (SupervisionStatus, SupervisionTrigger, TaskRole, TaskSource, TaskStatus, WorkGroupName)
ASK = (HERE / "ask.js").read_text("utf-8")
ACT_FILES = ("case_acts.js", "task_acts.js", "order_acts.js", "misfit_acts.js")
PARTS = {
    name: text for name, _, text in re.findall(r"""^const ([A-Z_]+) = ([`"])(.*?)\2;""", ASK, re.DOTALL | re.MULTILINE)
}
QUERIES = {name: text for name, text in PARTS.items() if text.startswith("query ")}
BLOCKS = [
    block for name in ACT_FILES for block in re.split(r"\n  (?=\w+: act\()", (HERE / name).read_text("utf-8"))[1:]
]
ACTS = {block.split(":")[0]: block for block in BLOCKS}


NAMED = {"BULLETIN": "b1", "TASK_WHOLE": "t1", "TICKET": "m1"}


def whole(query: str) -> str:
    """The query with its parts put in."""
    while found := re.search(r"\$\{(\w+)\}", query):
        query = query.replace(found[0], PARTS[found[1]])
    return query


@pytest.mark.parametrize("name", QUERIES)
def test_what_the_portal_asks_can_be_asked_and_stays_far_below_the_limit_of_cost(name: str) -> None:
    query = whole(QUERIES[name])
    variables = {"path": HUASHAN, "after": encode(START), "work": True, "kinds": None, "directs": True}
    variables |= {"id": NAMED.get(name, "c1"), "template": "enquiry", "unit": None, "statuses": None}
    Town(cost_limit=4000).data(query, **{name: value for name, value in variables.items() if f"${name}:" in query})


def test_a_street_is_told_of_nothing_wrong_where_it_has_a_part_of_what_it_may_not_see() -> None:
    town = Town()
    town.services.tasks = {"t1": task(parent_id="t0"), "t0": task("t0", unit="5301/530103/530103001")}
    found = town.data(whole(QUERIES["DUTIES"]), OF_HUASHAN, unit=None, group=None, after=None)
    assert [edge["node"]["task"]["title"] for edge in found["workList"]["edges"]] == ["占道经营 · 华山街道"]


# What is no act of a form: done in another way, or no work of the page.
ELSEWHERE = {
    "openMisfit": "misfits.js",
    "uploadTicket": "ask.js",
    "joinReport": "a report is moved by splitting it off and merging",
    "issueTask": "issued with a document of the office, over the API",
    "editRouting": "a table",
    "editStandard": "a table",
    "unmaskReport": "with a purpose that stands in the record, over the API",
}


def test_the_portal_offers_every_command_of_the_schema() -> None:
    mutations = SCHEMA.graphql_schema.mutation_type
    assert mutations is not None
    assert {text.split('"')[3] for text in ACTS.values()} | ELSEWHERE.keys() == mutations.fields.keys()


def test_the_portal_has_words_for_everything_that_it_names() -> None:
    words = (HERE / "words.js").read_text("utf-8")
    assert [one for kind in (*OF_CASES, *OF_TASKS) for one in kind if not re.search(rf"\b{one.name}:", words)] == []
    assert [step for steps in (Step, Push) for step in steps if not re.search(rf"\b{step}:", words)] == []


def test_the_portal_offers_what_the_unit_said_it_did_as_the_reply() -> None:
    assert re.search(r"\bproposedReply\b", whole(QUERIES["DESK"]))
    assert '{ ...reply, given: "proposedReply" }' in ACTS["close"]


def test_the_portal_never_writes_markup_from_data() -> None:
    script = "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script) == []
