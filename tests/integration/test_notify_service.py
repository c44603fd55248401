"""notify as a process of its own: events in, mail out, questions answered; and killed in the middle of it."""

import random
from collections.abc import Callable, Iterator
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.messaging.event import Received
from infra.messaging.rpc_client import call_once
from infra.problem import Forbidden, InvalidInput, NotFound
from infra.settings import Settings
from services.notify.contacts import Contact
from services.notify.delivery import Delivery
from services.notify.outgoing import LANES
from services.tasks.contracts import (
    AccountabilityProposed,
    SupervisionAcknowledged,
    SupervisionAnswered,
    SupervisionClosed,
    SupervisionOpened,
    SupervisionReturned,
    TaskOverdue,
)
from tests.integration.one_service import (
    DEADLINE,
    MailPeer,
    connected,
    own_host,
    publish,
    received,
    running,
    wait_until,
)
from tests.integration.test_notify_issuing import HUASHAN, MORNING, WUHUA, order, published
from tests.unit.test_hotspot_notice import GROWN
from tests.unit.test_supervision_notice import ORDER

SERVICE = "services.notify.service:NotifyService"
OFFICE = {"role": "city_office", "unit": "5301", "name": "李四"}
CONTACTS = [
    {"unit": "5301/~office", "role": "liaison", "name": "李四", "email": "office@example.org"},
    {"unit": WUHUA, "role": "liaison", "name": "王五", "email": "wuhua@example.org"},
    {"unit": HUASHAN, "role": "liaison", "name": "张三", "email": "huashan@example.org"},
]
Call = Callable[..., Any]


@pytest.fixture
def settings() -> Iterator[Settings]:
    with own_host() as settings, connected(settings, "notify", [Contact]):
        yield settings


@pytest.fixture
def peer() -> Iterator[MailPeer]:
    with MailPeer() as peer:
        yield peer


@pytest.fixture
def call(settings: Settings) -> Call:
    return partial(call_once, settings.amqp_url, "notify", timeout=DEADLINE)


def assigned(n: int) -> Received[Any]:
    return order(n)


def overdue(n: int) -> Received[Any]:
    return received(TaskOverdue(task=order(n).event.task), f"task/t{n}", 2, MORNING)


def of_an_order() -> list[Received[Any]]:
    """The life of a supervision order, with every step that it can take."""
    told = [
        SupervisionOpened(supervision=ORDER, by="系统"),
        SupervisionAcknowledged(supervision=ORDER, by="张三"),
        SupervisionAnswered(supervision=ORDER, by="张三", answer="已办"),
        SupervisionReturned(supervision=ORDER, by="李四", reason="未附照片"),
        SupervisionClosed(supervision=ORDER, by="李四", note="已整改到位"),
        AccountabilityProposed(supervision=ORDER, because="督办单逾期未答复"),
    ]
    return [received(event, "supervision/s1", n, MORNING) for n, event in enumerate(told, 1)]


def message_ids(peer: MailPeer) -> set[str]:
    return {str(message_from_bytes(envelope.content)["Message-ID"]) for envelope in peer.taken}  # type: ignore[arg-type]


def test_events_become_documents_and_mail_and_can_be_asked_for(
    settings: Settings, peer: MailPeer, call: Call, tmp_path: Path
) -> None:
    with running(SERVICE, settings, tmp_path, WENMING_SMTP_URL=peer.url) as service:
        assert call("import_contacts", CONTACTS, OFFICE, "test") == {"imported": 3}
        events = [assigned(n) for n in range(20)] * 2 + [received(published(), "round/2026-Q1", 2, MORNING)] * 2
        random.Random(7).shuffle(events)
        publish(settings, [*events, overdue(3)])
        wait_until(
            lambda: call("totals")["by_status"]["sent"] == 24, "21 notices and 3 copies of the bulletin are sent"
        )

        assert call("totals") == {
            "notices": 20,
            "reminders": 1,
            "bulletins": 1,
            "by_status": {"pending": 0, "sent": 24, "delivered": 0, "failed": 0, "acknowledged": 0},
        }
        assert (len(peer.taken), len(message_ids(peer))) == (24, 24)
        (header,) = call("recent_bulletins", ["5301", HUASHAN], 5)[HUASHAN]
        assert header["number"].endswith("〕1号")
        assert (header["deliveries"], header["html"]) == ({"sent": 3}, "")
        assert call("bulletin", header["bulletin_id"])["text"].count("华山街道（五华区）") == 1
        assert len(call("notices", WUHUA, 100)) == 21
        assert call("notices", HUASHAN, 1)[0]["recipient"] == "张三 <huashan@example.org>"
        assert service.stop() == 0


def test_bad_questions_get_clear_errors(settings: Settings, peer: MailPeer, call: Call, tmp_path: Path) -> None:
    with running(SERVICE, settings, tmp_path, WENMING_SMTP_URL=peer.url):
        with pytest.raises(NotFound, match="no bulletin 'x'"):
            call("bulletin", "x")
        with pytest.raises(InvalidInput, match=r"first is outside 1\.\.200"):
            call("notices", WUHUA, 0)
        with pytest.raises(InvalidInput) as refused:
            call("import_contacts", [CONTACTS[0] | {"email": "x"}], OFFICE, "test")
        assert refused.value.field == "rows[0].email"
        with pytest.raises(Forbidden):
            call("import_contacts", CONTACTS, {"role": "district", "unit": WUHUA, "name": "王五"}, "test")
        with pytest.raises(Forbidden):
            call("retry_mail", True, {"role": "district", "unit": WUHUA, "name": "王五"}, "test")
        assert call("retry_mail", True, OFFICE, "test") == {"due": 0}


def test_a_service_that_is_killed_while_it_sends_goes_on_where_it_was(
    settings: Settings, peer: MailPeer, call: Call, tmp_path: Path
) -> None:
    deliveries = Delivery._get_collection()
    with running(SERVICE, settings, tmp_path, WENMING_SMTP_URL=peer.url) as service:
        call("import_contacts", CONTACTS, OFFICE, "test")
        publish(settings, [assigned(n) for n in range(150)])
        wait_until(lambda: call("totals")["notices"] == 150, "all notices are written")
        for already in (10, 80):
            wait_until(lambda already=already: len(peer.taken) >= already, f"{already} letters are out")
            service.kill()
            deliveries.update_many({"status": "pending"}, {"$set": {"due_at": MORNING}})  # as when its leases are over
            service.start()
        wait_until(lambda: call("totals")["by_status"]["sent"] == 150, "all letters are sent")

        assert call("totals")["notices"] == 150
        assert len(message_ids(peer)) == 150
        most = 150 + 2 * LANES
        assert len(peer.taken) <= most, "at most one letter of every connection is sent again after each kill"


def test_without_a_mail_server_documents_are_written_and_wait(settings: Settings, call: Call, tmp_path: Path) -> None:
    with running(SERVICE, settings, tmp_path, WENMING_SMTP_URL=""):
        publish(settings, [assigned(1), *of_an_order(), received(GROWN, "hotspot/garbage", 1, MORNING)])
        wait_until(lambda: call("totals")["by_status"]["pending"] == 13, "all notices are written")
        assert call("totals")["notices"] == 1
        assert len(call("notices", HUASHAN, 100)) == 5, "the assignment, the order and three of its steps"
