"""Rounds on a real database: results once each, ranking published once, nothing slips in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.clock import FixedClock
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput, NotFound, Refused, Stale
from services.assessment import reading
from services.assessment.assessor import Assessor
from services.assessment.contracts import RoundStatus, RoundView
from services.assessment.framework import Framework, load_framework
from services.assessment.framework_version import FrameworkVersion
from services.assessment.recording import Refusal, SiteResult
from services.assessment.round import Round
from tests.integration.one_service import connected, own_settings

MARCH_31 = datetime(2026, 3, 31, 1, tzinfo=UTC)
OFFICE = Officer(Role.CITY_OFFICE, "5301", "李四")
CITY, WUHUA, HUASHAN, HUGUO = "5301", "5301/530102", "5301/530102/530102001", "5301/530102/530102002"
SAMPLE = Path(__file__).parents[2] / "cli" / "feeds" / "site_results.csv"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MARCH_31)


@pytest.fixture
def assessor(clock: FixedClock) -> Iterator[Assessor]:
    with connected(own_settings(), "assessment", [SiteResult, FrameworkVersion]):
        yield Assessor(Store(service="assessment"), Registry.load("5301"), clock)


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework("kunming-sites", 1)


def opened(assessor: Assessor, framework: Framework, round_id: str = "2026-Q1") -> None:
    assessor.open_round(round_id, "2026年第一季度测评", "2026-Q1", framework, by=OFFICE, cause="test")


def row(site: str = "C1", street: str = "华山街道", deduction: object = 3, **other: object) -> dict[str, Any]:
    base = {"site_id": site, "site_type": "公厕", "street": street, "item": "洗手设施可用", "deduction": deduction}
    return base | {"note": "", "case_number": None} | other


def test_a_round_is_opened_once(assessor: Assessor, framework: Framework) -> None:
    first = assessor.open_round("r", "一", "2026-Q1", framework, by=OFFICE, cause="test")
    again = assessor.open_round("r", "二", "2026-Q2", framework, by=OFFICE, cause="test")

    assert first == again
    assert (first.version, first.title, first.status, first.sites) == (1, "一", RoundStatus.OPEN, 0)


def test_a_version_that_a_round_uses_cannot_be_changed(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    changed = msgspec.structs.replace(framework, title="另一个")

    with pytest.raises(Refused, match="kunming-sites@1 is in use with another content") as refused:
        opened(assessor, changed, "2026-Q2")
    assert refused.value.field == "framework_version"
    opened(assessor, msgspec.structs.replace(changed, version=2), "2026-Q2")


def test_the_same_result_again_is_there_already(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    rows = [row("C1"), row("C2"), row("C1")]

    first, again = (assessor.record_results("2026-Q1", rows, by=OFFICE, cause="test") for _ in range(2))

    assert (first.recorded, first.already, first.refused) == (2, 1, [])
    assert (again.recorded, again.already, again.refused) == (0, 3, [])
    assert reading.round_view("2026-Q1").sites == 2


def test_good_rows_are_taken_beside_bad_ones(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")

    done = assessor.record_results(
        "2026-Q1",
        [row("C2", deduction=99), row("C1", deduction=4), row("C3"), row("C1", street="护国街道"), row("C4", item="x")],
        by=OFFICE,
        cause="test",
    )

    assert (done.recorded, done.already) == (1, 0)
    assert [(one.index, one.field) for one in done.refused] == [
        (0, "deduction"),
        (1, "deduction"),
        (3, "street"),
        (4, "item"),
    ]
    assert done.refused[1] == Refusal(
        1, "deduction", "洗手设施可用 on site C1 is recorded already with 3.0", "点位C1“洗手设施可用”已有不同记录：3.0"
    )


def test_a_table_names_the_line_and_the_column_of_what_it_refuses(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    table = (
        "点位编号,点位类型,所属街道,测评项目,扣分\nC1,公厕,华山街道,洗手设施可用,3\nC2,公厕,华山街道,洗手设施可用,三\n"
    )

    done = assessor.record_table("2026-Q1", table.encode("gbk"), by=OFFICE, cause="test")

    assert done.recorded == 1
    assert done.refused == [
        Refusal(1, "扣分", "line 3, 扣分: '三' is not a number", "第3行“扣分”：“扣分”不是数字：三", 3)
    ]


def test_a_published_round_ranks_every_unit_and_tells_it(
    assessor: Assessor, framework: Framework, clock: FixedClock
) -> None:
    opened(assessor, framework)
    rows = [row("C1", deduction=20), row("C2", "护国街道", 0), row("C3", "鼓楼街道", 5)]
    assessor.record_results("2026-Q1", rows, by=OFFICE, cause="test")

    view = assessor.publish_round("2026-Q1", 2, by=OFFICE, cause="request-1")

    assert (view.status, view.version, view.sites, view.published_at) == (RoundStatus.PUBLISHED, 3, 3, MARCH_31)
    assert len(view.standings) == 18 + 146
    ranked = [(one.unit, one.score, one.rank) for one in view.standings if one.rank is not None]
    assert ranked == [
        ("5301/530103", 95.0, 1),
        (WUHUA, 90.0, 2),
        (HUGUO, 100.0, 1),
        ("5301/530103/530103002", 95.0, 2),
        (HUASHAN, 80.0, 3),
    ]
    envelope = Round._get_collection().find_one()["outbox"][2]
    assert (envelope["type"], envelope["cause"], envelope["sequence"]) == ("round_published", "request-1", 3)


def test_who_publishes_must_have_seen_what_a_colleague_recorded(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")
    seen = reading.round_view("2026-Q1").version
    colleague = Officer(Role.CITY_OFFICE, CITY, "钱七")
    assessor.record_results("2026-Q1", [row("C2"), row("C3")], by=colleague, cause="request-2")

    with pytest.raises(Stale) as stale:
        assessor.publish_round("2026-Q1", seen, by=OFFICE, cause="test")

    assert (stale.value.extra["current_version"], stale.value.extra["changed_by"]) == (3, "钱七")
    envelope = Round._get_collection().find_one()["outbox"][2]
    assert (envelope["type"], envelope["cause"], envelope["mandatory"]) == ("results_recorded", "request-2", False)
    assert msgspec.json.decode(envelope["data"]) == {
        "round_id": "2026-Q1",
        "recorded": 2,
        "results": 3,
        "case_numbers": [],
    }


def test_results_that_are_there_already_make_nobody_stale(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    for _ in range(2):
        assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")
    assert reading.round_view("2026-Q1").version == 2


@pytest.mark.parametrize("seen", [None, "2", True])
def test_nothing_is_published_unseen(assessor: Assessor, framework: Framework, seen: Any) -> None:
    opened(assessor, framework)
    assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")
    with pytest.raises(InvalidInput) as refused:
        assessor.publish_round("2026-Q1", seen, by=OFFICE, cause="test")
    assert refused.value.field == "seen"
    assert reading.round_view("2026-Q1").status == RoundStatus.OPEN


def test_change_is_counted_from_the_round_published_before(
    assessor: Assessor, framework: Framework, clock: FixedClock
) -> None:
    for round_id, huashan, huguo in (("r1", 0, 5), ("r2", 5, 0), ("r3", 0, 0)):
        opened(assessor, framework, round_id)
        assessor.record_results(
            round_id, [row("C1", deduction=huashan), row("C2", "护国街道", huguo)], by=OFFICE, cause="test"
        )
        assessor.publish_round(round_id, 2, by=OFFICE, cause="test")
        clock.advance(timedelta(days=30))

    changes = {
        view.round_id: {one.unit: (one.rank, one.change) for one in view.standings} for view in reading.rounds(3)
    }
    assert [view.round_id for view in reading.rounds(3)] == ["r3", "r2", "r1"]
    assert (changes["r1"][HUASHAN], changes["r1"][HUGUO]) == ((1, None), (2, None))
    assert (changes["r2"][HUASHAN], changes["r2"][HUGUO]) == ((2, -1), (1, 1))
    assert (changes["r3"][HUASHAN], changes["r3"][HUGUO]) == ((1, 1), (1, 0))


def test_the_latest_standing_of_a_unit_names_its_round(assessor: Assessor, framework: Framework) -> None:
    assert reading.latest_standings([HUASHAN]) == {HUASHAN: None}
    opened(assessor, framework)
    assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")
    assessor.publish_round("2026-Q1", 2, by=OFFICE, cause="test")

    found = reading.latest_standings([HUASHAN, HUGUO, CITY])

    assert found[HUASHAN] == {
        "unit": HUASHAN,
        "tier": 3,
        "score": 97.0,
        "rank": 1,
        "grade": "A",
        "change": None,
        "sites": 1,
        "deductions": 1,
        "round_id": "2026-Q1",
        "title": "2026年第一季度测评",
        "published_at": "2026-03-31T01:00:00+00:00",
    }
    assert found[HUGUO] is not None
    assert (found[HUGUO]["score"], found[HUGUO]["rank"], found[HUGUO]["grade"]) == (None, None, None)
    assert found[CITY] is None


def test_after_the_publication_nothing_can_be_added_or_published_again(
    assessor: Assessor, framework: Framework
) -> None:
    opened(assessor, framework)
    with pytest.raises(Refused, match="no results yet"):
        assessor.publish_round("2026-Q1", 1, by=OFFICE, cause="test")
    assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")
    assessor.publish_round("2026-Q1", 2, by=OFFICE, cause="test")

    with pytest.raises(Refused, match="is published"):
        assessor.record_results("2026-Q1", [row("C9")], by=OFFICE, cause="test")
    with pytest.raises(Refused, match="is published"):
        assessor.publish_round("2026-Q1", 3, by=OFFICE, cause="test")
    with pytest.raises(Stale) as stale:
        assessor.publish_round("2026-Q1", 1, by=OFFICE, cause="test")
    assert stale.value.extra == {
        "current_version": 3,
        "changed_by": "李四",
        "changed_at": "2026-03-31T01:00:00+00:00",
        "changed_what": "publish_round",
    }


def test_no_result_slips_in_between_ranking_and_publication(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)
    assessor.record_results("2026-Q1", [row("C0")], by=OFFICE, cause="test")

    def record(n: int) -> int:
        try:
            return assessor.record_results("2026-Q1", [row(f"C{n}")], by=OFFICE, cause="test").recorded
        except Refused:
            return 0

    stale_because: list[str] = []

    def publish() -> RoundView:
        while True:
            try:
                version = reading.round_view("2026-Q1").version
                return assessor.publish_round("2026-Q1", version, by=OFFICE, cause="test")
            except Stale as stale:
                stale_because.append(stale.extra["changed_what"])

    with ThreadPoolExecutor(6) as threads:
        recorded = [threads.submit(record, n) for n in range(1, 40)]
        published = threads.submit(publish)
        taken = 1 + sum(one.result() for one in recorded)

    assert set(stale_because) <= {"record_results"}
    assert published.result().sites == taken == SiteResult._get_collection().count_documents({})
    (wuhua,) = [one for one in published.result().standings if one.unit == WUHUA]
    assert wuhua.sites == taken


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.STREET, Role.DEPARTMENT, Role.HOTLINE_DESK])
def test_only_the_citys_office_assesses(assessor: Assessor, framework: Framework, role: Role) -> None:
    other = Officer(role, WUHUA, "王五")
    with pytest.raises(Forbidden):
        assessor.open_round("r", "一", "2026-Q1", framework, by=other, cause="test")
    opened(assessor, framework)
    with pytest.raises(Forbidden):
        assessor.record_results("2026-Q1", [row("C1")], by=other, cause="test")
    assessor.record_results("2026-Q1", [row("C1")], by=OFFICE, cause="test")
    with pytest.raises(Forbidden):
        assessor.publish_round("2026-Q1", 2, by=other, cause="test")


def test_bad_input_is_named(assessor: Assessor, framework: Framework) -> None:
    with pytest.raises(InvalidInput) as refused:
        assessor.open_round("a/b", "一", "2026-Q1", framework, by=OFFICE, cause="test")
    assert refused.value.field == "round_id"
    with pytest.raises(InvalidInput) as refused:
        assessor.open_round("r", "一", "2026-Q9", framework, by=OFFICE, cause="test")
    assert refused.value.field == "period"
    with pytest.raises(NotFound):
        assessor.record_results("r", [row()], by=OFFICE, cause="test")
    with pytest.raises(NotFound):
        assessor.publish_round("r", 1, by=OFFICE, cause="test")


def test_the_sample_table_ranks_all_districts_and_zones(assessor: Assessor, framework: Framework) -> None:
    opened(assessor, framework)

    done = assessor.record_table("2026-Q1", SAMPLE.read_bytes(), by=OFFICE, cause="test")
    view = assessor.publish_round("2026-Q1", 2, by=OFFICE, cause="test")

    assert (done.recorded, done.already, done.refused) == (1443, 0, [])
    second = [one for one in view.standings if one.tier == 2]
    assert [one.rank for one in second] == list(range(1, 19))
    assert (second[0].unit, second[0].score, second[0].grade) == ("5301/530112403", 92.56, "A")
    assert sum(one.rank is not None for one in view.standings if one.tier == 3) == 102
    stored = Round._get_collection().find_one()["outbox"][2]
    assert len(stored["data"]) < 100_000
