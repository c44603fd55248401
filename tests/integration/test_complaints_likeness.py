"""Duplicates on a real database: found by indexes whatever triage said, one case each whoever files them, and heat."""

import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from pymongo.database import Database

from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.registry import Registry
from services.complaints.case import Case
from services.complaints.case_counts import intake_tally
from services.complaints.contracts import SERVICE, Channel, ReportReceived
from services.complaints.duplicates import Point
from services.complaints.filing import Filing
from services.complaints.hotspots import COUNTERS
from services.complaints.numbers import case_numbers
from services.complaints.report import Report
from services.complaints.standard.limiting import Limits
from services.complaints.standard.tables import Tables
from services.complaints.triage.category import Lexicon
from tests.integration.one_service import connected, own_settings
from tests.unit.case_samples import AT, ORDER, VAULT, raw

HERE = "昆明市五华区华山街道翠湖南路"
LONG = (
    "我们小区北门外的临街餐馆每天从下午五点营业到凌晨三点，油烟直接排到楼道里，炒菜和划拳的声音让楼上的老人和孩子整夜"
    "睡不着，多次找物业和社区都没有人管，请有关部门尽快上门检查处理，还居民一个安静的夜晚。"
)
OTHER_LONG = (
    "公交首末站的候车亭去年冬天被货车撞坏以后一直没有修，玻璃碎片还留在草丛里，下雨天等车的学生只能站在马路中间，"
    "希望公交公司把候车亭修好，顺便把站牌上已经取消的两条线路改过来。"
)


class StillClock:
    """Always the same moment."""

    def now(self) -> Any:
        """An hour after the first report."""
        return AT + timedelta(hours=1)


@pytest.fixture
def db(servers: None) -> Iterator[Database[dict[str, Any]]]:
    """A database of complaints of this test's own."""
    with connected(own_settings(), SERVICE, []) as database:
        yield database


def filing(db: Database[dict[str, Any]]) -> Filing:
    """One process's filing: its own store and numbers on the same database."""
    registry = Registry.load("5301")
    numbers = case_numbers(Numbering(db), StillClock(), registry.city.name)
    lexicon, tables = Lexicon.load(), Tables(0, [], [])
    limits = Limits(registry, lexicon, lambda: tables)
    return Filing(Store(service=SERVICE), registry, lexicon, limits, numbers, intake_tally(db), StillClock())


def received(
    number: str, text: str, *, address: str = HERE, phone: str = "", point: Point | None = None, minutes: float = 0
) -> Received[ReportReceived]:
    """A report that is stored, as complaints hears of it."""
    content = msgspec.structs.replace(
        ORDER.content, title="来件", text=text, place_fields={"事发地址": address} if address else {}, point=point
    )
    order = msgspec.structs.replace(ORDER, external_id=number, content=content, personal={"号码": phone})
    at = AT + timedelta(minutes=minutes)
    report = Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=at, cause="intake/1"
    )
    Store(service=SERVICE).insert(report)
    event = ReportReceived(
        report_id=report.id, receipt=report.receipt, channel=Channel.HOTLINE_12345, received_at=at, revision=0
    )
    return Received(event, seal(event, subject=report.subject, sequence=1, at=at, cause="intake/1"))


def holding(number: str) -> Case:
    """The case that holds the report."""
    found = Case.objects(__raw__={"joined.report_id": f"hotline_12345:{number}"}).first()
    assert isinstance(found, Case)
    return found


def test_simultaneous_duplicates_open_one_case_each_whoever_files_them(db: Database[dict[str, Any]]) -> None:
    matters, copies, processes = 12, 5, 4
    texts = [f"{chr(0x4E00 + 37 * n) * 3}{n}{LONG if n % 2 else OTHER_LONG}" * (1 + n // 6) for n in range(matters)]
    streets = Registry.load("5301").all()
    addresses = [f"昆明市{one.name}{one.path[-3:]}号" for one in list(streets)[:matters]]
    news = [received(f"R{n}-{copy}", texts[n], address=addresses[n]) for copy in range(copies) for n in range(matters)]
    random.Random(7).shuffle(news)
    failures: list[BaseException] = []
    ready = threading.Barrier(processes)

    def run(mine: list[Received[ReportReceived]]) -> None:
        own = filing(db)
        ready.wait()
        try:
            for start in range(0, len(mine), 6):
                own.take(mine[start : start + 6])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(news[n::processes],)) for n in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    cases = list(Case.objects.all())
    assert sorted(len(case.joined) for case in cases) == [copies] * matters
    assert {one.report_id for case in cases for one in case.joined} == {one.event.report_id for one in news}
    assert all(len({one.report_id.split("-")[0] for one in case.joined}) == 1 for case in cases)
    counted = sum(sum(counter["days"].values()) for counter in db[COUNTERS].find())
    assert counted == sum(len(case.joined) for case in cases if case.category != "other.other")
