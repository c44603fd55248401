"""Duplicates on a real database: found by indexes whatever triage said, one case each whoever files them, and heat."""

import random
import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra.messaging.event import Received, seal
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.registry import Registry
from infra.problem import InvalidInput
from infra.turns import KEPT, Overtaken, Turns
from services.complaints import filing as filing_module
from services.complaints.case import Case
from services.complaints.case_counts import intake_tally
from services.complaints.contracts import SERVICE, Channel, HotspotDetected, ReportReceived
from services.complaints.duplicates import EARTH, Point
from services.complaints.erasure import Erasure
from services.complaints.filing import Filing, Held, Unplaced, where_held
from services.complaints.hot_matters import HotMatters
from services.complaints.hotspots import COUNTERS, Hotspot
from services.complaints.numbers import CaseNumbers
from services.complaints.report import Report
from services.complaints.standard.limiting import Limits
from services.complaints.standard.tables import Tables
from services.complaints.triage.category import Lexicon
from tests.integration.one_service import connected, own_settings
from tests.unit.case_samples import AT, ORDER, VAULT, limit_of, raw

HERE = "昆明市五华区华山街道翠湖南路"
LONG = (
    "我们小区北门外的临街餐馆每天从下午五点营业到凌晨三点，油烟直接排到楼道里，炒菜和划拳的声音让楼上的老人和孩子整夜"
    "睡不着，多次找物业和社区都没有人管，请有关部门尽快上门检查处理，还居民一个安静的夜晚。"
)
OTHER_LONG = (
    "公交首末站的候车亭去年冬天被货车撞坏以后一直没有修，玻璃碎片还留在草丛里，下雨天等车的学生只能站在马路中间，"
    "希望公交公司把候车亭修好，顺便把站牌上已经取消的两条线路改过来。"
)
DELIVERIES = 5


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
    numbers = CaseNumbers(Numbering(db), StillClock(), registry.city.name)
    lexicon, tables = Lexicon.load(), Tables(0, [], [])
    limits, store = Limits(registry, lexicon, lambda: tables), Store(service=SERVICE)
    erasure = Erasure(store, VAULT, StillClock())
    return Filing(store, registry, lexicon, limits, numbers, intake_tally(db), StillClock(), erasure)


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


def delivered(own: Filing, batch: list[Received[ReportReceived]]) -> None:
    """As the consumer does it: a batch that others were always faster than is delivered again."""
    for _ in range(DELIVERIES - 1):
        try:
            return own.take(batch)
        except Unplaced:
            continue
    own.take(batch)


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
                delivered(own, mine[start : start + 6])
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


def test_a_near_identical_report_is_found_whatever_triage_said_and_a_less_alike_one_is_suggested(
    db: Database[dict[str, Any]],
) -> None:
    desk = filing(db)
    desk.take([received("N1", LONG + OTHER_LONG, phone="13800000001")])
    desk.take([received("N2", f"领导好，{LONG}{OTHER_LONG}", address="", phone="13800000002", minutes=5)])
    desk.take([received("N3", LONG, minutes=9)])

    case, suggested = holding("N1"), holding("N3")
    assert [one.receipt for one in case.joined] == ["HZ-N1", "HZ-N2"]
    assert case.heat == 4.0
    assert [one.case_id for one in suggested.suggestions] == [case.id]
    assert suggested.suggestions[0].score == pytest.approx(0.5, abs=0.1)
    assert "duplicate" in suggested.desk
    assert suggested.sequence == 1


def test_a_revision_is_not_lost_to_a_merge_between_looking_and_noting(
    db: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, store, told = filing(db), Store(service=SERVICE), received("X2", OTHER_LONG)
    desk.take([received("X1", LONG), told])
    whole, part = holding("X1"), holding("X2")
    order = msgspec.structs.replace(ORDER, external_id="X2", content=msgspec.structs.replace(ORDER.content, text="改"))
    store.change(
        Report, told.event.report_id, lambda one: one.revise(order, raw(order), vault=VAULT, at=AT, cause="intake/2")
    )

    def merge(session: ClientSession) -> None:
        def absorb(case: Case) -> None:
            store.change(
                Case,
                part.id,
                lambda one: one.merge_into(case, "钱七", "", limit_of=limit_of, at=AT, cause="r"),
                session=session,
            )

        store.change(Case, whole.id, absorb, session=session)

    def looked(report_ids: Iterable[str]) -> dict[str, Held]:
        found = where_held(report_ids)
        store.in_transaction(merge)  # the desk was faster
        return found

    with monkeypatch.context() as patched:
        patched.setattr(filing_module, "where_held", looked)
        with pytest.raises(Unplaced):
            desk.take([told])
    desk.take([told])

    assert [(one.receipt, one.revision) for one in holding("X2").joined] == [("HZ-X1", 0), ("HZ-X2", 1)]


def test_a_place_and_matter_that_grow_are_told_once(db: Database[dict[str, Any]]) -> None:
    desk = filing(db)
    for n in range(7):
        desk.take([received(f"H{n}", f"{chr(0x4E00 + 99 * n) * 40}，路灯不亮。", minutes=n)])

    (spot,) = Hotspot.objects.all()
    assert (spot.reports, spot.episodes, len(spot.outbox)) == (7, 1, 1)
    told = msgspec.json.decode(spot.outbox[0].data, type=HotspotDetected)
    assert (spot.outbox[0].type, told.category, told.category_name) == (
        "hotspot_detected",
        "utilities.street_light",
        "路灯",
    )
    (shown,) = HotMatters(Registry.load("5301"), Lexicon.load()).hotspots("5301", AT.isoformat())
    assert (shown.category_name, shown.reports) == ("路灯", 7)


def test_hot_matters_are_ranked_within_their_time_and_place(db: Database[dict[str, Any]]) -> None:
    desk, hot = filing(db), HotMatters(Registry.load("5301"), Lexicon.load())
    desk.take([received(f"T{n}", LONG, phone=f"1380000000{n}") for n in range(3)])
    desk.take([received(f"U{n}", OTHER_LONG, phone="13900000000", minutes=n) for n in range(2)])
    desk.take([received("V", "翠湖公园东门的石狮子旁边长椅断了一条腿。")])

    ranked = hot.rank("5301", AT.isoformat(), (AT + timedelta(days=1)).isoformat())

    assert [(one.reports, one.people, one.heat) for one in ranked] == [(3, 3, 6.0), (2, 1, 3.0)]
    assert hot.rank("5301", (AT + timedelta(days=1)).isoformat(), (AT + timedelta(days=2)).isoformat()) == []
    with pytest.raises(InvalidInput):
        hot.rank("5301", AT.isoformat(), AT.isoformat())


def test_what_finds_duplicates_and_hot_matters_reads_indexes_only(db: Database[dict[str, Any]]) -> None:
    filing(db).take([received("I1", LONG, point=(102.7, 25.05))])
    case = holding("I1")
    recent = {"is_open": True, "received_at": {"$gte": AT - timedelta(days=30)}}
    circle = {"$centerSphere": [[102.7, 25.05], 50 / EARTH]}
    newest = [("received_at", -1)]
    asked: list[tuple[dict[str, Any], list[tuple[str, int]] | None]] = [
        (recent | {"bands": {"$in": case.bands}}, newest),
        (recent | {"words_key": {"$in": [case.words_key]}}, newest),
        (recent | {"category": case.category, "place_path": case.place_path}, newest),
        ({"is_open": True, "$or": [{"category": case.category, "point": {"$geoWithin": circle}}]}, None),
        (HotMatters.query("5301", AT, AT + timedelta(days=90)), [("heat", -1), ("_id", -1)]),
    ]

    for query, order in asked:
        found = db.cases.find(query, hint="hot_matters" if "heat" in query else None)
        plan = str((found.sort(order) if order else found).explain()["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
        assert "'SORT'" not in plan, plan


def test_who_missed_more_turns_than_are_remembered_looks_again(db: Database[dict[str, Any]]) -> None:
    turns, store = Turns(db, "cases"), Store(service=SERVICE)
    seen = turns.last()
    for n in range(3):
        store.in_transaction(lambda session, n=n: turns.take(n, [f"c{n}"], session))  # type: ignore[misc]

    assert store.in_transaction(lambda session: turns.take(seen, ["mine"], session)) == ["c0", "c1", "c2"]
    for n in range(KEPT):
        store.in_transaction(lambda session, n=n: turns.take(4 + n, [f"d{n}"], session))  # type: ignore[misc]
    with pytest.raises(Overtaken):
        store.in_transaction(lambda session: turns.take(seen, ["late"], session))
    assert turns.last() == 4 + KEPT
