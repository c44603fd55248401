"""A callback meets a hotline that takes it, asks to wait, fails, hangs, redirects, or answers without end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from infra.clock import FixedClock
from infra.messaging.event import Received, unseal
from infra.messaging.store import Store
from infra.problem import Forbidden
from services.complaints import contracts
from services.complaints.callbacks.address import addresses
from services.complaints.callbacks.body import Wording
from services.complaints.callbacks.lanes import SILENT, Lane
from services.complaints.callbacks.line import CallbackLine
from services.complaints.callbacks.register import Register
from services.complaints.callbacks.retry import GIVE_UP_AFTER, LONGEST
from services.complaints.callbacks.sending import LEASE, Sender, Tried
from services.complaints.callbacks.telling import Telling
from services.complaints.callbacks.wire import LARGEST_ANSWER, Wire
from services.complaints.case import Case
from services.complaints.query_code import code_of
from services.complaints.report import Report
from tests.integration.complaints_running import OFFICE, STREET_OFFICER
from tests.integration.hotline_receiver import HotlineReceiver
from tests.integration.one_service import DEADLINE, connected, own_settings, wait_until
from tests.unit.case_samples import AT, DESK, VAULT, brought_to_checking, joins, report

SECRET = "of the callbacks"
HOTLINE = "hotline_12345"


@pytest.fixture(scope="module")
def one_database() -> Iterator[Database[dict[str, Any]]]:
    with connected(own_settings(), "complaints", []) as database:
        yield database


@pytest.fixture
def database(one_database: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    for name in ("callback_lines", "cases", "reports"):
        one_database[name].delete_many({})
    return one_database


@pytest.fixture
def hotline() -> Iterator[HotlineReceiver]:
    with HotlineReceiver() as receiver:
        yield receiver


@pytest.fixture
def wall() -> FixedClock:
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def store() -> Store:
    return Store(service="complaints")


def sender(url: str, store: Store, wall: FixedClock, chance: float = 0.0, wire: Wire | None = None) -> Sender:
    (address,) = addresses({HOTLINE: url}, {f"{HOTLINE}_callback": SECRET}.get)
    wire = wire or Wire(connect=DEADLINE, read=DEADLINE)
    return Sender(store, address, wire, Wording(VAULT), wall=wall, chance=lambda: chance)


def closed_case(store: Store) -> tuple[Case, list[Received[Any]]]:
    """A stored case from filing to closing, with its report, and its events."""
    own = report()
    case = brought_to_checking()
    case.close(DESK, "井盖完好", "井盖已更换，谢谢。", at=AT + timedelta(hours=1), cause="c/1")
    kinds = {kind.type(): kind for kind in contracts.CASE_EVENTS}
    events = [unseal(one, kinds) for one in case.outbox]
    store.insert(own)
    store.insert(case)
    return case, events


def stored() -> list[tuple[str, str, int, str]]:
    """What became of the callbacks of the only report."""
    (line,) = CallbackLine.objects()
    return [(one.news.value, one.status.value, one.attempts, one.reason) for one in line.callbacks]


@pytest.fixture
def told(database: Database[dict[str, Any]], store: Store, wall: FixedClock) -> Case:
    """A closed case whose callbacks wait: accepted, dispatched, closed."""
    case, events = closed_case(store)
    Telling(store, {HOTLINE}, wall).hear(events)
    return case


def test_every_piece_of_news_is_a_callback_once_however_often_and_in_whatever_order_it_is_heard(
    database: Database[dict[str, Any]], store: Store, wall: FixedClock
) -> None:
    _, events = closed_case(store)
    telling = Telling(store, {HOTLINE}, wall)

    for heard in (events[::-1], events, [events[0]], events + events):
        telling.hear(heard)

    assert stored() == [("accepted", "pending", 0, ""), ("dispatched", "pending", 0, ""), ("closed", "pending", 0, "")]


def test_what_happened_before_a_report_joined_its_hotline_is_not_told(
    database: Database[dict[str, Any]], store: Store, wall: FixedClock
) -> None:
    case, later = brought_to_checking(), report("GD2")
    later.received_at = AT + timedelta(minutes=30)
    joins(case, later, why="同一地点", at=AT + timedelta(minutes=31))
    case.close(DESK, "井盖完好", "井盖已更换，谢谢。", at=AT + timedelta(hours=1), cause="c/1")
    store.insert(case)
    kinds = {kind.type(): kind for kind in contracts.CASE_EVENTS}

    Telling(store, {HOTLINE}, wall).hear([unseal(one, kinds) for one in case.outbox])

    told = {line.external_id: [one.news.value for one in line.callbacks] for line in CallbackLine.objects()}
    assert told == {"GD1": ["accepted", "dispatched", "closed"], "GD2": ["accepted", "closed"]}


def test_a_channel_without_an_address_gets_none(
    database: Database[dict[str, Any]], store: Store, wall: FixedClock
) -> None:
    _, events = closed_case(store)

    Telling(store, {"hotline_12319"}, wall).hear(events)

    assert CallbackLine.objects().count() == 0


def test_they_arrive_in_order_signed_and_with_no_more_than_they_may_carry(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock
) -> None:
    sending = sender(hotline.url, store, wall)

    assert [sending.send_one() for _ in range(4)] == [Tried(answered=True)] * 3 + [None]

    for call in hotline.calls:
        call.check(SECRET)
        assert call.headers["Content-Type"] == "application/json"
        assert call.headers["Idempotency-Key"] == call.said["id"]
    own = Report.objects(id="hotline_12345:GD1").first()
    receipt = {"receipt": "HZ-GD1", "query_code": code_of(own, VAULT), "external_id": "GD1", "channel": HOTLINE}
    nothing = {"reply": None, "reason": None, "missing": [], "missing_by": None}
    assert [{**call.said, "id": "", "at": ""} for call in hotline.calls] == [
        {"id": "", "at": "", "case_number": told.number, **receipt, **nothing, **what}
        for what in (
            {"news": "accepted", "news_zh": "已受理"},
            {"news": "dispatched", "news_zh": "已派遣"},
            {"news": "closed", "news_zh": "已结案", "reply": "井盖已更换，谢谢。"},
        )
    ]
    assert [status for _, status, _, _ in stored()] == ["sent"] * 3


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_who_asks_to_wait_is_not_tried_before_by_anybody(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock, form: str
) -> None:
    wall.advance(timedelta(microseconds=1_000_000 - wall.now().microsecond))  # a date has whole seconds
    later = wall.now() + timedelta(minutes=10)
    asked = "600" if form == "seconds" else f"{later:%a, %d %b %Y %H:%M:%S GMT}"
    hotline.answers = [(503, {"Retry-After": asked}, b"")]
    lanes = [Lane(sender(hotline.url, store, wall), wall) for _ in range(2)]

    assert lanes[0].turn()
    wall.advance(timedelta(minutes=10) - timedelta(milliseconds=1))
    assert [lane.turn() for lane in lanes] == [False, False]
    wall.advance(timedelta(milliseconds=1))

    assert lanes[0].turn()
    assert len(hotline.calls) == 2
    assert hotline.calls[0].headers["Idempotency-Key"] == hotline.calls[1].headers["Idempotency-Key"]
    assert stored()[0] == ("accepted", "sent", 2, "")


def test_a_failing_hotline_is_tried_later_and_later_then_given_up_visibly_and_again_when_asked(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock
) -> None:
    hotline.answers = [(500, {}, b"")] * 1000
    began, sending, register = wall.now(), sender(hotline.url, store, wall), Register(store, wall)

    def waited_after_a_try() -> float:
        tried_at = wall.now()
        assert sending.send_one() == Tried(answered=True)
        due_at = CallbackLine.objects().first().callbacks[0].due_at
        wall.advance(due_at - tried_at)
        return float((due_at - tried_at).total_seconds())

    assert [waited_after_a_try() for _ in range(11)] == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    wall.advance(began + GIVE_UP_AFTER - LONGEST - wall.now())
    assert waited_after_a_try() == 3600
    assert stored()[0] == ("accepted", "pending", 12, "HTTP 500")
    sending.send_one()
    (failed,) = register.page("failed", 10).items
    assert (failed.news, failed.attempts, failed.reason) == ("accepted", 13, "HTTP 500（已重试13次）")

    hotline.answers = []
    with pytest.raises(Forbidden):
        register.resend([failed.callback_id], STREET_OFFICER)
    assert register.resend([failed.callback_id], OFFICE) == 1
    assert sending.send_one() == Tried(answered=True)
    assert stored()[0][1] == "sent"
    assert register.page("failed", 10).items == []


@pytest.mark.parametrize("status", [400, 410, 422])
def test_what_the_hotline_never_will_take_is_given_up_at_once_and_holds_up_nothing(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock, status: int
) -> None:
    hotline.answers = [(status, {}, b"")]
    sending = sender(hotline.url, store, wall)

    while sending.send_one():
        continue

    assert stored() == [
        ("accepted", "failed", 1, f"HTTP {status}"),
        ("dispatched", "sent", 1, ""),
        ("closed", "sent", 1, ""),
    ]


def test_a_redirect_is_not_followed(told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock) -> None:
    with HotlineReceiver() as elsewhere:
        hotline.answers = [(307, {"Location": elsewhere.url}, b"")]

        sender(hotline.url, store, wall).send_one()

        assert (len(hotline.calls), elsewhere.calls) == (1, [])
    assert stored()[0] == ("accepted", "pending", 1, "HTTP 307")


def test_who_hangs_or_is_away_is_left_alone_after_three_times(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock
) -> None:
    hotline.answers = [None] * SILENT
    wire = Wire(connect=DEADLINE, read=0.1)
    lane = Lane(sender(hotline.url, store, wall, wire=wire), wall)

    for _ in range(SILENT):
        wall.advance(timedelta(minutes=2))
        assert lane.turn()
    wait_until(lambda: hotline.answers == [], "all three have come")
    wire._client.timeout = DEADLINE

    assert stored()[0] == ("accepted", "pending", SILENT, "ReadTimeout")
    wall.advance(timedelta(seconds=29))
    assert not lane.turn()
    wall.advance(timedelta(minutes=2))
    assert lane.turn()
    assert stored()[0][1] == "sent"


def test_an_answer_without_end_counts_by_its_status(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock
) -> None:
    hotline.answers = [(200, {"Content-Length": str(10 * LARGEST_ANSWER)}, b"x" * (2 * LARGEST_ANSWER))]

    assert sender(hotline.url, store, wall).send_one() == Tried(answered=True)

    assert stored()[0] == ("accepted", "sent", 1, "")


def test_two_never_send_the_same_and_a_crash_is_repeated_with_the_same_key(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock
) -> None:
    one, other = sender(hotline.url, store, wall), sender(hotline.url, store, wall)
    meanwhile: list[Tried | None] = []
    hotline.on_call = lambda call: meanwhile.append(other.send_one()) if not meanwhile else None

    one.send_one()
    assert (meanwhile, len(hotline.calls)) == ([None], 1)

    assert one._claim() is not None  # and then it crashes
    assert other.send_one() is None
    wall.advance(LEASE)
    assert other.send_one() == Tried(answered=True)
    assert [call.said["news"] for call in hotline.calls] == ["accepted", "dispatched"]


def test_a_success_is_written_down_also_after_the_lease_was_over(
    told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock
) -> None:
    one, other = sender(hotline.url, store, wall), sender(hotline.url, store, wall)

    def outlast(_: object) -> None:
        hotline.on_call = lambda call: None
        wall.advance(LEASE)
        other.send_one()

    hotline.on_call = outlast
    one.send_one()

    assert stored()[0] == ("accepted", "sent", 1, "")
    assert len({call.headers["Idempotency-Key"] for call in hotline.calls}) == 1


def test_without_a_secret_nothing_leaves(told: Case, hotline: HotlineReceiver, store: Store, wall: FixedClock) -> None:
    secrets = {f"{HOTLINE}_callback": SECRET}
    (address,) = addresses({HOTLINE: hotline.url}, secrets.get)
    secrets.clear()

    Sender(store, address, Wire(), Wording(VAULT), wall=wall, chance=lambda: 0.0).send_one()

    assert hotline.calls == []
    assert stored()[0] == ("accepted", "pending", 1, "未配置回调密钥")
