"""The portal page: it fetches nothing from elsewhere, asks what can be asked, and offers what the schema has."""

import re

import pytest
from graphql import is_required_input_field

from gateway.cursor import START, encode
from gateway.portal import FILES, HERE, SCRIPTS
from gateway.schema import SCHEMA
from services.complaints.contracts import Channel, DeskKind, RequestKind, Urgency
from services.tasks.contracts import SupervisionStatus, SupervisionTrigger, TaskSource, TaskStatus
from tests.unit.gateway_fakes import HUASHAN, Town


def test_the_portal_page_is_self_contained_and_has_a_policy() -> None:
    answer = Town().request("GET", "/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert re.findall(r'(?:src|href)="([^"#]+)"', answer.text) == ["data:,", "/portal/portal.css", "/portal/portal.js"]


@pytest.mark.parametrize(("name", "media"), FILES.items())
def test_the_files_of_the_portal_are_served_and_fetch_nothing_from_elsewhere(name: str, media: str) -> None:
    answer = Town().request("GET", f"/portal/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{media}; charset=utf-8")
    assert re.findall(r"https?://", answer.text) == []


SCHEMA_WORDS = (DeskKind, Channel, RequestKind, Urgency, SupervisionStatus, SupervisionTrigger, TaskStatus, TaskSource)
ASK, ACTS = ((HERE / name).read_text("utf-8") for name in ("ask.js", "acts.js"))
PARTS = {
    name: text for name, _, text in re.findall(r"""^const ([A-Z_]+) = ([`"])(.*?)\2;""", ASK, re.DOTALL | re.MULTILINE)
}
QUERIES = {name: text for name, text in PARTS.items() if text.startswith("query ")}
BEFORE, *BLOCKS = re.split(r"\n  \w+: act\(", ACTS)


def whole(query: str) -> str:
    """The query with its parts put in."""
    while found := re.search(r"\$\{(\w+)\}", query):
        query = query.replace(found[0], PARTS[found[1]])
    return query


@pytest.mark.parametrize("name", QUERIES)
def test_what_the_portal_asks_can_be_asked_and_stays_far_below_the_limit_of_cost(name: str) -> None:
    query = whole(QUERIES[name])
    variables = {"path": HUASHAN, "id": "b1", "after": encode(START), "work": True, "kinds": None, "directs": True}
    Town(cost_limit=4000).data(query, **{name: value for name, value in variables.items() if f"${name}:" in query})


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split('"')[3])
def test_what_the_portal_offers_is_a_command_and_is_sent_what_it_needs(block: str) -> None:
    mutations = SCHEMA.graphql_schema.mutation_type
    assert mutations is not None
    command = mutations.fields[block.split('"')[3]]
    wanted = command.args["input"].type.of_type.fields
    needed = {name for name, field in wanted.items() if is_required_input_field(field)} - {"id", "seenVersion"}
    assert needed <= set(re.findall(r"\w+", BEFORE + block))


def test_the_portal_has_words_for_everything_that_it_names() -> None:
    words = (HERE / "words.js").read_text("utf-8")
    assert [one for kind in SCHEMA_WORDS for one in kind if not re.search(rf"\b{one.name}:", words)] == []


def test_the_portal_offers_what_the_unit_said_it_did_as_the_reply() -> None:
    assert re.search(r"\bproposedReply\b", whole(QUERIES["DESK"]))
    assert '"写给来电人的答复", { given: "proposedReply" })' in ACTS


def test_the_portal_never_writes_markup_from_data() -> None:
    script = "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script) == []
