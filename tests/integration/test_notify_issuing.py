"""Issuing on a real database: every assignment in exactly one notice, every number exactly once and none left out."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pymongo.database import Database

from infra.clock import FixedClock
from infra.messaging.event import Received
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.registry import Registry
from services.assessment.contracts import Grade, RoundPublished, Standing
from services.notify import hotspot_notice, reading, supervision_notice
from services.notify.bulletin import Bulletin
from services.notify.contacts import Contact
from services.notify.contracts import DeliveryStatus
from services.notify.delivery import Delivery
from services.notify.issuing import IssuingOffice
from services.notify.notice import Notice
from services.notify.task_notice import assigned, due_soon
from services.tasks.contracts import (
    AccountabilityProposed,
    SupervisionAnswered,
    SupervisionOpened,
    TaskAssigned,
    TaskSource,
    TaskState,
    TaskStatus,
)
from tests.integration.one_service import connected, own_settings, received
from tests.unit.test_hotspot_notice import GROWN
from tests.unit.test_supervision_notice import ORDER

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
WUHUA, HUASHAN = "5301/530102", "5301/530102/530102001"


@pytest.fixture
def database() -> Iterator[Database[dict[str, Any]]]:
    with connected(own_settings(), "notify", [Contact]) as database:
        yield database


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MORNING)


@pytest.fixture
def office(database: Database[dict[str, Any]], clock: FixedClock) -> IssuingOffice:
    return IssuingOffice(Store(service="notify"), Numbering(database), Registry.load("5301"), clock)


def order(n: int, unit: str = HUASHAN) -> Received[Any]:
    """The assignment of task `n`, as it is told."""
    task = TaskState(
        task_id=f"t{n}",
        source=TaskSource.CASE,
        status=TaskStatus.ISSUED,
        title=f"事项{n}",
        responsible_unit=unit,
        place_path=unit,
        issued_at=MORNING,
        deadline=MORNING + timedelta(days=7),
        deadline_provisional=False,
        overdue=False,
    )
    return received(TaskAssigned(task=task), f"task/t{n}", 1, MORNING)


def published(round_id: str = "2026-Q1") -> RoundPublished:
    standings = [
        Standing(unit=WUHUA, tier=2, score=88.0, rank=1, grade=Grade.B, change=None, sites=3, deductions=2),
        Standing(unit=HUASHAN, tier=3, score=88.0, rank=1, grade=Grade.B, change=None, sites=3, deductions=2),
    ]
    return RoundPublished(
        round_id=round_id,
        title="2026年第一季度测评",
        framework="kunming-sites",
        framework_version=1,
        period="2026-Q1",
        published_at=MORNING,
        standings=standings,
    )


def serials(series: str) -> list[int]:
    numbers = [notice["number"] for notice in Notice._get_collection().find({}, {"number": 1})]
    return sorted(int(n.removeprefix(f"{series}〔2026〕").removesuffix("号")) for n in numbers)


def test_an_assignment_that_is_told_twice_stands_in_one_notice(office: IssuingOffice) -> None:
    assert office.issue_notices(assigned, [order(1), order(2), order(1)]) == 2
    assert office.issue_notices(assigned, [order(2), order(3)]) == 1

    assert reading.totals() == {
        "notices": 3,
        "reminders": 0,
        "bulletins": 0,
        "by_status": {"pending": 3, "sent": 0, "delivered": 0, "failed": 0, "acknowledged": 0},
    }
    assert serials("昆创文交") == [1, 2, 3]


def test_numbers_have_no_gap_when_many_write_the_same_and_different_notices_at_once(office: IssuingOffice) -> None:
    orders = [order(n) for n in range(60)]
    batches = [random.Random(n).sample(orders, 20) for n in range(24)]

    with ThreadPoolExecutor(8) as threads:
        new = sum(threads.map(lambda batch: office.issue_notices(assigned, batch), batches))

    written = {one.event.task.task_id for batch in batches for one in batch}
    assert new == len(written) == Notice._get_collection().count_documents({})
    assert serials("昆创文交") == list(range(1, new + 1))
    assert Delivery._get_collection().count_documents({}) == new


def test_a_write_that_fails_uses_up_no_number(office: IssuingOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(office, "_dispatch", lambda *_: (_ for _ in ()).throw(ConnectionError("gone")))
        with pytest.raises(ConnectionError):
            office.issue_notices(assigned, [order(1)])

    assert Notice._get_collection().count_documents({}) == 0
    office.issue_notices(assigned, [order(2)])
    assert serials("昆创文交") == [1]


def test_each_series_and_each_year_of_the_city_begins_with_1(office: IssuingOffice, clock: FixedClock) -> None:
    office.issue_notices(assigned, [order(1)])
    office.issue_notices(due_soon, [order(1)])
    clock.advance(datetime(2026, 12, 31, 16, tzinfo=UTC) - MORNING)  # midnight in Kunming
    office.issue_notices(assigned, [order(2)])

    numbers = {one["_id"]: one["number"] for one in Notice._get_collection().find()}
    assert numbers == {
        "assignment-t1": "昆创文交〔2026〕1号",
        "reminder-soon-t1-202603090900": "昆创文催〔2026〕1号",
        "assignment-t2": "昆创文交〔2027〕1号",
    }


def test_an_order_and_all_that_follows_is_told_once_to_each_in_the_series_of_its_kind(office: IssuingOffice) -> None:
    told = [
        (
            supervision_notice.opened,
            received(SupervisionOpened(supervision=ORDER, by="系统"), "supervision/s1", 1, MORNING),
        ),
        (
            supervision_notice.moved,
            received(SupervisionAnswered(supervision=ORDER, by="张三", answer="已办"), "supervision/s1", 2, MORNING),
        ),
        (
            supervision_notice.clue,
            received(AccountabilityProposed(supervision=ORDER, because="逾期"), "supervision/s1", 3, MORNING),
        ),
        (hotspot_notice.grown, received(GROWN, "hotspot/garbage", 1, MORNING)),
    ]

    assert [office.issue_notices(tell, [one, one]) for tell, one in told * 2] == [2, 2, 1, 2, 0, 0, 0, 0]

    written = Notice._get_collection().find().sort("number", 1)
    assert [(one["number"], one["unit"]) for one in written] == [
        ("昆创文查〔2026〕1号", "5301/~office"),
        ("昆创文热〔2026〕1号", WUHUA),
        ("昆创文热〔2026〕2号", "5301/~office"),
        ("昆创文督〔2026〕1号", HUASHAN),
        ("昆创文督情〔2026〕1号", WUHUA),
        ("昆创文督情〔2026〕2号", HUASHAN),
        ("昆创文督情〔2026〕3号", WUHUA),
    ]
    deliveries = Delivery._get_collection()
    assert deliveries.count_documents({}) == 7
    assert [one["unit"] for one in deliveries.find({"kind": "clue"})] == ["5301/~office"]


def test_a_round_that_is_published_twice_has_one_bulletin(office: IssuingOffice) -> None:
    first, second = (received(published(name), f"round/{name}", 2, MORNING) for name in ("2026-Q1", "2026-Q2"))

    with ThreadPoolExecutor(4) as threads:
        ids = list(threads.map(office.issue_ranking, [first, second, first, second]))

    assert ids == ["ranking-2026-Q1", "ranking-2026-Q2"] * 2
    numbers = sorted(one["number"] for one in Bulletin._get_collection().find())
    assert numbers == ["昆创文办〔2026〕1号", "昆创文办〔2026〕2号"]
    assert all(len(one["outbox"]) == 1 for one in Bulletin._get_collection().find())


def test_a_bulletin_is_read_by_city_district_and_street_and_mailed_to_all_but_the_city(office: IssuingOffice) -> None:
    id = office.issue_ranking(received(published(), "round/2026-Q1", 2, MORNING))

    found = reading.recent_bulletins(["5301", WUHUA, HUASHAN, "5301/530103"], 5)
    assert {unit: [one.bulletin_id for one in bulletins] for unit, bulletins in found.items()} == {
        "5301": [id],
        WUHUA: [id],
        HUASHAN: [id],
        "5301/530103": [],
    }
    header = found["5301"][0]
    assert (header.number, header.text, header.html) == ("昆创文办〔2026〕1号", "", "")
    assert header.deliveries == {DeliveryStatus.PENDING: 3}
    assert {one["unit"] for one in Delivery._get_collection().find()} == {"5301/~office", WUHUA, HUASHAN}

    whole = reading.bulletin(id)
    assert whole.text.startswith("昆明市创建全国文明城市工作总指挥部办公室\n昆创文办〔2026〕1号\n")
    assert '<td class="unit">华山街道</td>' in whole.html
    assert msgspec.structs.replace(whole, text="", html="") == header


def test_notices_of_a_district_are_those_of_its_streets_too_newest_first(
    office: IssuingOffice, clock: FixedClock
) -> None:
    for n, unit in enumerate((HUASHAN, WUHUA, "5301/530103")):
        office.issue_notices(assigned, [order(n, unit)])
        clock.advance(timedelta(hours=1))

    assert [(one.unit, one.task_id, one.status) for one in reading.notices(WUHUA, 10)] == [
        (WUHUA, "t1", DeliveryStatus.PENDING),
        (HUASHAN, "t0", DeliveryStatus.PENDING),
    ]
    assert [one.task_id for one in reading.notices(WUHUA, 1)] == ["t1"]
