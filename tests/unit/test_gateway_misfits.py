"""What intake refused, through GraphQL: listed without content, opened on the record, corrected or discarded."""

from typing import Any

import pytest

from infra.organisation.officer import Role
from tests.unit.gateway_fakes import CITY, OF_WUHUA, WUHUA, Town, officer

DESK = officer(Role.HOTLINE_DESK, "5301")
ENDED = "misfit { misfitId version state endedBy why receipt }"


def test_what_was_refused_is_listed_with_its_reason_and_without_its_content() -> None:
    town = Town()
    query = """{ misfitCounts { channel waiting resubmitted discarded }
      misfits(channel: HOTLINE_12345, state: WAITING, first: 5) { edges { node {
        misfitId version channel state reason field endedBy } } } }"""
    data = town.data(query, DESK)
    [edge] = data["misfits"]["edges"]
    assert edge["node"] == {
        "misfitId": "M-1",
        "version": 0,
        "channel": "HOTLINE_12345",
        "state": "WAITING",
        "reason": "缺少来电时间",
        "field": "来电时间",
        "endedBy": None,
    }
    assert data["misfitCounts"] == [{"channel": "HOTLINE_12345", "waiting": 3, "resubmitted": 0, "discarded": 1}]
    assert ("complaints.misfits", (5, None, "hotline_12345", "waiting"), {}) in town.services.asked


def test_who_opens_what_was_refused_is_told_to_the_service_which_keeps_it() -> None:
    town = Town()
    opened = 'mutation { openMisfit(input: {id: "M-1"}) { misfit { misfitId } raw reads { name role } } }'
    assert town.data(opened, DESK)["openMisfit"] == {
        "misfit": {"misfitId": "M-1"},
        "raw": '{"标题": "路灯"}',
        "reads": [{"name": "张三", "role": "hotline_desk"}],
    }
    by = {"role": "hotline_desk", "unit": "5301", "name": "张三"}
    assert town.services.asked == [("complaints.misfit", ("M-1", by), {})]


ENDS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "resubmitMisfit",
        'fields: [{name: "来电时间", value: "2026-03-02 09:00"}, {name: "备注"}]',
        {"fields": {"来电时间": "2026-03-02 09:00", "备注": None}},
        {"state": "RESUBMITTED", "why": None, "receipt": "R-9"},
    ),
    (
        "resubmitMisfit",
        r'raw: "{\"标题\": \"路灯\"}"',
        {"raw": '{"标题": "路灯"}'},
        {"state": "RESUBMITTED", "why": None, "receipt": "R-9"},
    ),
    (
        "discardMisfit",
        'reason: "测试数据"',
        {"reason": "测试数据"},
        {"state": "DISCARDED", "why": "测试数据", "receipt": None},
    ),
]


@pytest.mark.parametrize(("name", "words", "reaches", "comes"), ENDS, ids=["fields", "raw", "discard"])
def test_what_was_refused_is_corrected_or_discarded_with_the_version_seen(
    name: str, words: str, reaches: dict[str, Any], comes: dict[str, Any]
) -> None:
    town = Town()
    answer = town.data(f'mutation {{ {name}(input: {{id: "M-1", seenVersion: 0, {words}}}) {{ {ENDED} }} }}', CITY)
    assert answer == {name: {"misfit": {"misfitId": "M-1", "version": 1, "endedBy": "张三"} | comes}}
    [(_, _, sent)] = town.services.asked
    assert {key: sent[key] for key in sent if key not in ("by", "cause")} == {"id": "M-1", "seen": 0} | reaches


MISFITS = [
    "{ misfits { edges { cursor } } }",
    "{ misfitCounts { waiting } }",
    'mutation { openMisfit(input: {id: "M-1"}) { raw } }',
    'mutation { resubmitMisfit(input: {id: "M-1", seenVersion: 0, raw: "{}"}) { misfit { state } } }',
    'mutation { discardMisfit(input: {id: "M-1", seenVersion: 0, reason: "测试"}) { misfit { state } } }',
]


@pytest.mark.parametrize("query", MISFITS)
def test_what_could_not_be_read_lies_nowhere_and_is_for_the_desk_and_the_office_of_the_whole_city(query: str) -> None:
    town = Town()
    for who in (OF_WUHUA, officer(Role.OPERATOR), officer(Role.HOTLINE_DESK, WUHUA)):
        assert town.refusal(query, who)["code"] == "forbidden"
    assert not town.services.calls
