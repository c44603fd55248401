"""The desk through GraphQL: its queue, what a case tells, every command, and what passes them to the service."""

from typing import Any

import msgspec
import pytest

from infra.organisation.officer import Officer, Role
from services.complaints.contracts import (
    Absorbed,
    Appeal,
    CaseLife,
    Closing,
    DeskKind,
    Dismissal,
    FactsAsked,
    Rating,
    RatingSource,
    Suggestion,
    Verification,
)
from tests.unit.gateway_fake_desk import LIMIT
from tests.unit.gateway_fakes import (
    CITY,
    HUASHAN,
    MORNING,
    OF_HUASHAN,
    OF_WUHUA,
    PANLONG,
    WUHUA,
    Town,
    bearer,
    case,
    officer,
)

DESK = officer(Role.HOTLINE_DESK, "5301")
AT = "2026-03-02T01:00:00+00:00"
BY = {"by": "李四", "at": MORNING}
LIFE = CaseLife(
    desk=[DeskKind.FOLLOW_UP],
    verification=Verification(found=True, note="属实", **BY),
    facts_asked=FactsAsked(missing=["门牌号"], due=MORNING, **BY),
    closings=[Closing(condition="已劝离", reply="已处理", **BY)],
    reopenings=1,
    appeal=Appeal(reason="雨季", **BY),
    ratings=[Rating(closing=1, rated_by=RatingSource.FOLLOW_UP, contacted=True, solved=False, satisfied=None, **BY)],
    merged_into="c3",
    absorbed=[Absorbed(case_id="c2", number="5301-2026-000002", receipts=["R-2"])],
    suggestions=[Suggestion(case_id="c4", number="5301-2026-000004", score=0.8, why="词语相同")],
    dismissed=[Dismissal(case_id="c5", number="5301-2026-000005", why="另一处", **BY)],
    confirmed=True,
)


def test_the_queue_says_why_a_case_needs_a_person_and_by_when() -> None:
    town = Town()
    query = (
        "{ deskQueue(kinds: [CHECK]) { edges { node { kind kinds since dueAt case { number task { taskId } } } } } }"
    )
    [edge] = town.data(query, OF_WUHUA)["deskQueue"]["edges"]
    assert edge["node"] == {
        "kind": "CHECK",
        "kinds": ["CHECK", "REVISED_LATE"],
        "since": AT,
        "dueAt": "2026-03-02T05:00:00+00:00",
        "case": {"number": "5301-2026-000001", "task": {"taskId": "t1"}},
    }
    scope = {"place": WUHUA, "kinds": ["check"]}
    assert town.services.asked[0] == ("complaints.desk_queue", (scope, 20, None), {})
    assert town.services.calls == {"complaints.desk_queue": 1, "tasks.tasks_by_id": 1}


def test_the_queue_keeps_its_order_and_goes_on_behind_any_item() -> None:
    town = Town()
    town.services.cases = {f"c{n}": case(f"c{n}") for n in (4, 2, 9, 1)}
    query = """query($after: String) { deskQueue(unit: "5301", first: 3, after: $after) {
      edges { cursor node { case { caseId } } } pageInfo { hasNextPage } } }"""
    first = town.data(query, DESK)["deskQueue"]
    assert [edge["node"]["case"]["caseId"] for edge in first["edges"]] == ["c4", "c2", "c9"]
    assert first["pageInfo"]["hasNextPage"] is True
    further = town.data(query, DESK, after=first["edges"][1]["cursor"])["deskQueue"]
    assert [edge["node"]["case"]["caseId"] for edge in further["edges"]] == ["c9", "c1"]


def test_a_case_tells_its_limit_in_words_and_which_conditions_close_it() -> None:
    town = Town()
    town.services.cases["c1"] = case(limit=LIMIT, difficult=True, heat=7.5)
    query = """{ case(id: "c1") { difficult heat limit {
      words why table code amount clock factor effectiveFrom closingConditions defaultUnit { name } } } }"""
    assert town.data(query, OF_WUHUA)["case"] == {
        "difficult": True,
        "heat": 7.5,
        "limit": {
            "words": "案件标准事件03-05-1（事件/街面秩序/占道经营）限2紧急工作时，按紧急程度计50%",
            "why": "词语“占道经营”",
            "table": "STANDARD",
            "code": "事件03-05-1",
            "amount": 1.0,
            "clock": "urgent_hour",
            "factor": 0.5,
            "effectiveFrom": "2026-01-01",
            "closingConditions": ["已劝离", "已恢复通行"],
            "defaultUnit": {"name": "华山街道"},
        },
    }


def test_a_case_tells_what_happened_to_it_beside_its_states() -> None:
    town = Town()
    town.services.cases["c1"] = case(life=LIFE)
    query = """{ case(id: "c1") {
      limit { code } heat desk verification { found note } factsAsked { missing due arrivedAt expired settled }
      closings { condition reply why } reopenings excused appeal { reason granted decidedAt }
      ratings { closing ratedBy contacted solved satisfied } confirmed dismissed { caseId number by at why } } }"""
    assert town.data(query, OF_WUHUA)["case"] == {
        "limit": None,
        "heat": None,
        "desk": ["FOLLOW_UP"],
        "verification": {"found": True, "note": "属实"},
        "factsAsked": {"missing": ["门牌号"], "due": AT, "arrivedAt": None, "expired": False, "settled": False},
        "closings": [{"condition": "已劝离", "reply": "已处理", "why": None}],
        "reopenings": 1,
        "excused": False,
        "appeal": {"reason": "雨季", "granted": None, "decidedAt": None},
        "ratings": [{"closing": 1, "ratedBy": "FOLLOW_UP", "contacted": True, "solved": False, "satisfied": None}],
        "confirmed": True,
        "dismissed": [{"caseId": "c5", "number": "5301-2026-000005", "by": "李四", "at": AT, "why": "另一处"}],
    }


def test_the_cases_that_a_case_names_are_asked_for_in_one_more_rpc_and_opened_where_they_are_in_sight() -> None:
    town = Town()
    elsewhere = case("c4", place=f"{PANLONG}/530103001")
    town.services.cases |= {"c1": case(life=LIFE), "c2": case("c2"), "c3": case("c3"), "c4": elsewhere}
    answer = town.ask(
        """{ case(id: "c1") { mergedInto { caseId } absorbed { number case { version } }
        suggestions { number score why case { version } } } }""",
        OF_WUHUA,
    )
    assert answer["data"]["case"] == {
        "mergedInto": {"caseId": "c3"},
        "absorbed": [{"number": "5301-2026-000002", "case": {"version": 4}}],
        "suggestions": [{"number": "5301-2026-000004", "score": 0.8, "why": "词语相同", "case": None}],
    }
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["forbidden"]
    assert town.services.calls == {"complaints.cases_by_id": 2}


# GraphQL name, the words of its input, who gives it, the method, what reaches it beside id, version, officer and cause
COMMANDS: list[tuple[str, str, Officer, str, dict[str, Any]]] = [
    ("verifyCase", 'found: false, note: "无此事"', OF_HUASHAN, "verify_case", {"found": False, "note": "无此事"}),
    ("fileCase", 'standardRow: ""', DESK, "file_case", {"standard_row": ""}),
    ("correctCase", "urgency: URGENT", DESK, "correct_case", {"urgency": "urgent"}),
    (
        "answerCase",
        'reply: "谢谢", answeredAs: "praise"',
        DESK,
        "answer_case",
        {"reply": "谢谢", "answered_as": "praise"},
    ),
    ("voidCase", 'reason: "不属实", code: "untrue"', DESK, "void_case", {"reason": "不属实", "code": "untrue"}),
    ("returnForFacts", 'missing: ["门牌号", "时间"]', DESK, "return_for_facts", {"missing": ["门牌号", "时间"]}),
    ("confirmCase", "", DESK, "confirm_case", {}),
    ("takeNote", "", DESK, "take_note", {}),
    (
        "closeCase",
        'condition: "其他", reply: "好", why: "现场已变"',
        DESK,
        "close_case",
        {"condition": "其他", "reply": "好", "why": "现场已变"},
    ),
    ("requestRework", 'reason: "未清理"', CITY, "request_rework", {"reason": "未清理"}),
    (
        "followUp",
        "contacted: true, solved: false, satisfied: false",
        DESK,
        "follow_up",
        {"contacted": True, "solved": False, "satisfied": False},
    ),
    ("reopenCase", 'reason: "又出现"', DESK, "reopen_case", {"reason": "又出现"}),
    ("appealTimeout", 'reason: "雨季"', OF_HUASHAN, "appeal_timeout", {"reason": "雨季"}),
    (
        "decideAppeal",
        'granted: true, decision: "同意"',
        CITY,
        "decide_appeal",
        {"granted": True, "decision": "同意"},
    ),
    ("dismissDuplicates", 'reason: "另一处"', DESK, "dismiss_duplicates", {"reason": "另一处"}),
    (
        "mergeCases",
        'others: [{id: "c2", seenVersion: 4}], reason: "同一事"',
        DESK,
        "merge_cases",
        {"others": [{"case_id": "c2", "seen": 4}], "reason": "同一事"},
    ),
    ("splitCase", 'part: "c2", reason: "两件事"', DESK, "split_case", {"part": "c2", "reason": "两件事"}),
    ("splitReport", 'receipt: "R-1"', DESK, "split_report", {"receipt": "R-1"}),
    ("joinReport", 'receipt: "R-2", fromSeenVersion: 4', DESK, "join_report", {"receipt": "R-2", "from_seen": 4}),
]


@pytest.mark.parametrize(("name", "words", "who", "method", "arguments"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_what_the_officer_says_reaches_the_service_with_the_version_seen_and_the_request(
    name: str, words: str, who: Officer, method: str, arguments: dict[str, Any]
) -> None:
    town = Town()
    town.services.cases["c2"] = case("c2")
    query = f'mutation {{ {name}(input: {{id: "c1", seenVersion: 4, {words}}}) {{ case {{ version }} }} }}'
    body = town.request("POST", "/graphql", json={"query": query}, headers=headers(who, "r-7")).json()
    assert body == {"data": {name: {"case": {"version": 5}}}}
    sent = {"case_id": "c1", "seen": 4, "by": msgspec.to_builtins(who), "cause": "r-7"} | arguments
    assert town.services.asked[-1] == (f"complaints.{method}", (), sent)


@pytest.mark.parametrize(("name", "words", "who", "method", "arguments"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_stale_command_is_refused_with_who_changed_what(
    name: str, words: str, who: Officer, method: str, arguments: dict[str, Any]
) -> None:
    town = Town()
    town.services.cases["c2"] = case("c2")
    query = f'mutation {{ {name}(input: {{id: "c1", seenVersion: 3, {words}}}) {{ case {{ version }} }} }}'
    refusal = town.refusal(query, who)
    assert (refusal["code"], refusal["field"], refusal["current_version"]) == ("stale", "seenVersion", 4)
    assert (refusal["changed_by"], refusal["detail_zh"]) == ("李四", "已被他人更新，当前版本4")


def test_a_suggestion_that_is_accepted_merges_the_case_into_the_one_that_is_suggested() -> None:
    town = Town()
    town.services.cases["c2"] = case("c2", version=9)
    answer = town.data(
        """mutation { acceptSuggestion(input: {id: "c1", seenVersion: 4, suggested: "c2", suggestedSeenVersion: 9,
        reason: "同一事"}) { case { caseId version } others { caseId status } } }""",
        DESK,
    )
    assert answer["acceptSuggestion"] == {
        "case": {"caseId": "c2", "version": 10},
        "others": [{"caseId": "c1", "status": "MERGED"}],
    }
    _, _, sent = town.services.asked[-1]
    assert (sent["case_id"], sent["seen"], sent["others"]) == ("c2", 9, [{"case_id": "c1", "seen": 4}])


def test_a_refusal_names_the_field_in_the_callers_words_in_both_languages() -> None:
    query = 'mutation { appealTimeout(input: {id: "c1", seenVersion: 4, reason: " "}) { case { version } } }'
    refusal = Town().refusal(query, OF_HUASHAN)
    assert (refusal["field"], refusal["detail"], refusal["detail_zh"]) == (
        "reason",
        "a reason is needed",
        "请填写申诉理由",
    )


def test_the_desk_drafts_a_reply_by_a_template() -> None:
    town = Town()
    query = """{ replyTemplates { code name text placeholders } voidReasons { code name }
      draftReply(case: "c1", template: "enquiry", fields: [{placeholder: "policy", text: "第三条"}]) { text missing }
      citizenAnswers(case: "c1") { closing contacted solved satisfied words } }"""
    assert town.data(query, DESK) == {
        "replyTemplates": [{"code": "enquiry", "name": "咨询答复", "text": "您好", "placeholders": ["policy"]}],
        "voidReasons": [{"code": "other", "name": "其他"}],
        "draftReply": {"text": "c1：第三条", "missing": ["phone"]},
        "citizenAnswers": [{"closing": 1, "contacted": None, "solved": True, "satisfied": False, "words": "太慢"}],
    }
    assert town.refusal("{ replyTemplates { code } }", OF_WUHUA)["code"] == "forbidden"


def test_what_is_hot_at_a_place() -> None:
    town = Town()
    query = """{ hotMatters(place: "%s", since: "2026-03-01T00:00:00Z", until: "2026-03-03T00:00:00Z", first: 5) {
        number heat reports people likes place { name } case { version } }
      hotspots(place: "%s", since: "2026-03-01T00:00:00Z") { categoryName reports usual episodes place { name } } }"""
    assert town.data(query % (WUHUA, HUASHAN), OF_WUHUA) == {
        "hotMatters": [
            {
                "number": "5301-2026-000001",
                "heat": 9.0,
                "reports": 4,
                "people": 3,
                "likes": 7,
                "place": {"name": "华山街道"},
                "case": {"version": 4},
            }
        ],
        "hotspots": [
            {"categoryName": "社会生活噪声", "reports": 9, "usual": 1.5, "episodes": 2, "place": {"name": "华山街道"}}
        ],
    }
    asked = (WUHUA, "2026-03-01T00:00:00+00:00", "2026-03-03T00:00:00+00:00", 5)
    assert ("complaints.hot_matters", asked, {}) in town.services.asked


def test_every_category_that_a_case_can_be_corrected_to_is_known_to_all() -> None:
    assert Town().data("{ categories { code subject name } }", OF_HUASHAN) == {
        "categories": [{"code": "street.vending", "subject": "街面秩序", "name": "占道经营"}]
    }


def test_what_an_edition_changed_of_the_case_standard_is_told_row_by_row() -> None:
    town = Town()
    query = """{ standardDifferences(before: "2026-01-01", after: "2026-05-01") {
      code change changed { field before after } } }"""
    assert town.data(query, OF_HUASHAN)["standardDifferences"] == [
        {
            "code": "事件03-05-1",
            "change": "changed",
            "changed": [{"field": "limit", "before": "2紧急工作时", "after": "5天"}],
        }
    ]
    assert town.services.asked == [("complaints.standard_diff", ("2026-01-01", "2026-05-01", "standard"), {})]


def test_the_case_standard_is_searched_by_all_and_edited_by_the_office() -> None:
    town = Town()
    query = """{ caseStandard(search: "占道", first: 5) { version totalCount rows {
      code title limit closingCondition subject edition effectiveFrom } editions { number rows why } } }"""
    assert town.data(query, OF_HUASHAN)["caseStandard"] == {
        "version": 3,
        "totalCount": 1,
        "rows": [
            {
                "code": "事件03-05-1",
                "title": "事件/街面秩序/占道经营",
                "limit": "2紧急工作时",
                "closingCondition": "已劝离；已恢复通行",
                "subject": None,
                "edition": "案件标准1",
                "effectiveFrom": "2026-01-01",
            }
        ],
        "editions": [{"number": 1, "rows": 519, "why": "首次导入"}],
    }
    assert town.services.asked == [("complaints.case_standard", ("standard", None, "占道", None, 5, 0), {})]
    edit = """mutation { editStandard(input: {code: "事件03-05-1", changes: {limit: "4紧急工作时"},
      effectiveFrom: "2026-05-01", why: "试行", seenVersion: 3}) { version row { code } } }"""
    assert town.data(edit) == {"editStandard": {"version": 3, "row": {"code": "事件03-05-1"}}}
    _, _, sent = town.services.asked[-1]
    assert {name: sent[name] for name in sent if name not in ("by", "cause")} == {
        "code": "事件03-05-1",
        "changes": {"limit": "4紧急工作时"},
        "effective_from": "2026-05-01",
        "why": "试行",
        "seen": 3,
        "table": "standard",
    }


def test_a_report_in_clear_is_shown_to_the_desk_and_the_office_sees_who_read() -> None:
    town = Town()
    unmask = """mutation { unmaskReport(input: {receipt: "R-1", purpose: "回访"}) { report {
      receipt channel accessId versions { personal { name value } raw } } } }"""
    answer = town.request("POST", "/graphql", json={"query": unmask}, headers=headers(DESK, "r-8"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["data"]["unmaskReport"]["report"] == {
        "receipt": "R-1",
        "channel": "HOTLINE_12345",
        "accessId": "a1",
        "versions": [{"personal": [{"name": "来电人", "value": "王某"}], "raw": None}],
    }
    sent = {"receipt": "R-1", "purpose": "回访", "by": msgspec.to_builtins(DESK), "cause": "r-8"}
    assert town.services.asked == [("complaints.unmask_report", (), sent)]
    reads = town.data('{ unmaskedReads(receipt: "R-1") { role name purpose outcome } }')["unmaskedReads"]
    assert reads == [{"role": "street", "name": "张三", "purpose": "回访", "outcome": "refused"}]


def headers(who: Officer, cause: str) -> dict[str, str]:
    """Who asks, under which id."""
    return bearer(who) | {"X-Request-Id": cause}
