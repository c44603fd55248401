"""assessment as a process of its own: a round by RPC, indicators from events, errors that name the field."""

import base64
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.messaging.rpc_client import call_once
from infra.problem import Forbidden, InvalidInput, NotFound, Refused, Stale
from infra.settings import Settings
from services.assessment.framework_version import FrameworkVersion
from services.assessment.recording import SiteResult
from tests.integration.one_service import DEADLINE, connected, own_host, publish, running, wait_until
from tests.integration.test_assessment_indicators import HUASHAN, STORY
from tests.integration.test_assessment_rounds import SAMPLE, row

SERVICE = "services.assessment.service:AssessmentService"
OFFICE = {"role": "city_office", "unit": "5301", "name": "李四"}
Call = Callable[..., Any]


@pytest.fixture
def settings() -> Iterator[Settings]:
    with own_host() as settings, connected(settings, "assessment", [SiteResult, FrameworkVersion]):
        yield settings


@pytest.fixture
def call(settings: Settings, tmp_path: Path) -> Iterator[Call]:
    clock = "simulated:2026-04-20T09:00:00+08:00,1,0"
    with running(SERVICE, settings, tmp_path, WENMING_CLOCK=clock):
        yield partial(call_once, settings.amqp_url, "assessment", timeout=DEADLINE)


def open_round(call: Call, round_id: str = "2026-Q1", framework_version: int = 1) -> Any:
    return call(
        "open_round", round_id, "2026年第一季度测评", "2026-Q1", "kunming-sites", framework_version, OFFICE, "test"
    )


def test_a_round_from_opening_to_standings(call: Call) -> None:
    opened = open_round(call)
    content = base64.b64encode(SAMPLE.read_bytes()).decode()
    recorded = call("record_results_file", "2026-Q1", content, OFFICE, "test")
    more = call("record_results", "2026-Q1", [row("Z1"), row("Z2", deduction="x")], OFFICE, "test")
    with pytest.raises(Stale):
        call("publish_round", "2026-Q1", opened["version"], OFFICE, "test")
    with pytest.raises(InvalidInput):
        call("publish_round", "2026-Q1", None, OFFICE, "test")
    published = call("publish_round", "2026-Q1", open_round(call)["version"], OFFICE, "test")

    assert recorded == {"recorded": 1443, "already": 0, "refused": []}
    assert more["recorded"] == 1
    assert more["refused"] == [
        {"index": 1, "field": "deduction", "detail": "'x' is not a number", "detail_zh": "“扣分”不是数字：x"}
    ]
    assert (published["status"], published["version"], published["sites"]) == ("published", 4, 335)
    assert call("rounds", 1) == [published]
    standing = call("latest_standings", [HUASHAN, "5301"])
    assert standing["5301"] is None
    assert (standing[HUASHAN]["round_id"], standing[HUASHAN]["tier"]) == ("2026-Q1", 3)


def test_indicators_follow_the_events(call: Call, settings: Settings) -> None:
    events = STORY * 2
    random.Random(3).shuffle(events)

    publish(settings, events)

    def closing_rate() -> Any:
        return next(one for one in call("indicators", ["5301"], "2026-03") if one["indicator"] == "closing_rate")

    expected = {"unit": "5301", "indicator": "closing_rate", "period": "2026-03"}
    wait_until(
        lambda: closing_rate() == expected | {"numerator": 2, "denominator": 3, "rate": 0.6667}, "all is counted"
    )


def test_bad_calls_get_clear_errors(call: Call) -> None:
    open_round(call)
    with pytest.raises(NotFound, match="no framework kunming-sites version 9"):
        open_round(call, "r", 9)
    with pytest.raises(Forbidden):
        call("publish_round", "2026-Q1", 1, {"role": "district", "unit": "5301/530102", "name": "王五"}, "test")
    with pytest.raises(Refused, match="no results yet"):
        call("publish_round", "2026-Q1", 1, OFFICE, "test")
    with pytest.raises(Stale) as stale:
        call("publish_round", "2026-Q1", 7, OFFICE, "test")
    assert (stale.value.extra["current_version"], stale.value.extra["changed_by"]) == (1, "李四")
    with pytest.raises(InvalidInput) as refused:
        call("record_results_file", "2026-Q1", "*", OFFICE, "test")
    assert refused.value.field == "content"
    with pytest.raises(InvalidInput) as refused:
        call("indicators", ["5301"], "March")
    assert refused.value.field == "period"
