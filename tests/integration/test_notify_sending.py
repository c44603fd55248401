"""The post room against a mail server that takes, refuses for now, refuses for good, or is away."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope
from pymongo.database import Database

from infra.clock import FixedClock
from infra.local.ports import free_ports
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from services.notify import reading, supervision_notice
from services.notify.channels.email import MailServer
from services.notify.contacts import Contact, import_contacts
from services.notify.delivery import Delivery
from services.notify.issuing import IssuingOffice
from services.notify.outgoing import LEASE, NOBODY, PostRoom
from services.notify.task_notice import assigned
from services.tasks.contracts import AccountabilityProposed
from tests.integration.one_service import MailPeer, connected, own_settings, received
from tests.integration.test_notify_issuing import HUASHAN, MORNING, ORDER, WUHUA, order

OFFICE = Officer(Role.CITY_OFFICE, "5301", "李四")
REGISTRY = Registry.load("5301")


@pytest.fixture
def database() -> Iterator[Database[dict[str, Any]]]:
    with connected(own_settings(), "notify", [Contact]) as database:
        yield database


@pytest.fixture
def peer() -> Iterator[MailPeer]:
    with MailPeer() as peer:
        yield peer


@pytest.fixture
def wall() -> FixedClock:
    """Later than anything of this test becomes due."""
    return FixedClock(datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture
def office(database: Database[dict[str, Any]]) -> IssuingOffice:
    return IssuingOffice(Store(service="notify"), Numbering(database), REGISTRY, FixedClock(MORNING))


def room(url: str, wall: FixedClock) -> PostRoom:
    server = MailServer.from_url(url)
    return PostRoom(Store(service="notify"), server, REGISTRY, "总指挥部办公室", FixedClock(MORNING), wall=wall)


def contact(unit: str, email: str) -> None:
    import_contacts([{"unit": unit, "role": "liaison", "name": "张三", "email": email}], OFFICE, REGISTRY)


def only_delivery() -> dict[str, Any]:
    (delivery,) = Delivery._get_collection().find()
    return delivery


def read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    return message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[return-value]


def test_a_notice_reaches_the_liaison_and_says_so(office: IssuingOffice, peer: MailPeer, wall: FixedClock) -> None:
    contact(HUASHAN, "huashan@example.org")
    office.issue_notices(assigned, [order(1)])

    assert room(peer.url, wall).send_due() == 1

    (envelope,) = peer.taken
    mail = read(envelope)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("office@example.org", ["huashan@example.org"])
    assert mail["Subject"] == "【昆创文交〔2026〕1号】创建工作交办单：事项1"
    assert "事项：事项1\n" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert '<dd class="deadline">2026年3月9日 09:00（北京时间）</dd>' in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (notice,) = reading.notices(HUASHAN, 10)
    assert (notice.status, notice.recipient, notice.attempts) == ("sent", "张三 <huashan@example.org>", 1)
    assert [one["id"] for one in only_delivery()["outbox"]] == [f"notify/delivery/assignment-t1@{HUASHAN}#1"]
    assert room(peer.url, wall).send_due() == 0


def test_one_refusal_for_good_stops_none_of_the_others(office: IssuingOffice, peer: MailPeer, wall: FixedClock) -> None:
    contact(HUASHAN, "gone@example.org")
    contact(WUHUA, "wuhua@example.org")
    peer.answers["gone@example.org"] = "550 no such user"
    office.issue_notices(assigned, [order(1), order(2, WUHUA), order(3), order(4, WUHUA)])

    room(peer.url, wall).send_all_due()

    assert reading.totals()["by_status"] == {"pending": 0, "sent": 2, "delivered": 0, "failed": 2, "acknowledged": 0}
    failed = Delivery._get_collection().find_one({"status": "failed"})
    assert failed is not None
    assert (failed["reason"], failed["attempts"]) == ("550 no such user", 1)
    assert [one["type"] for one in failed["outbox"]] == ["notice_failed"]


def test_a_refusal_for_now_is_tried_again_after_its_delay(
    office: IssuingOffice, peer: MailPeer, wall: FixedClock
) -> None:
    contact(HUASHAN, "busy@example.org")
    peer.answers["busy@example.org"] = "451 try again later"
    office.issue_notices(assigned, [order(1)])
    post = room(peer.url, wall)

    assert (post.send_due(), post.send_due()) == (1, 0)
    assert only_delivery()["reason"] == "451 try again later"
    peer.answers.clear()
    wall.advance(timedelta(seconds=10))
    assert post.send_due() == 1

    assert (only_delivery()["status"], only_delivery()["attempts"]) == ("sent", 2)
    assert len(peer.taken) == 1


def test_all_tries_used_up_is_a_visible_failure(office: IssuingOffice, peer: MailPeer, wall: FixedClock) -> None:
    contact(HUASHAN, "busy@example.org")
    peer.answers["busy@example.org"] = "451 try again later"
    office.issue_notices(assigned, [order(1)])
    post = room(peer.url, wall)

    while only_delivery()["status"] == "pending":
        post.send_due()
        wall.advance(timedelta(hours=6))

    (notice,) = reading.notices(HUASHAN, 1)
    assert (notice.status, notice.attempts) == ("failed", 7)
    assert only_delivery()["reason"] == "451 try again later（已重试6次）"


def test_a_mail_server_that_is_away_loses_nothing(office: IssuingOffice, wall: FixedClock) -> None:
    contact(HUASHAN, "huashan@example.org")
    office.issue_notices(assigned, [order(n) for n in range(3)])

    room(f"smtp://127.0.0.1:{free_ports(1)[0]}", wall).send_due()

    assert {(one["status"], one["attempts"]) for one in Delivery._get_collection().find()} == {("pending", 1)}
    assert "Connection refused" in (Delivery._get_collection().find_one() or {})["reason"]
    wall.advance(timedelta(seconds=10))
    with MailPeer() as peer:
        room(peer.url, wall).send_due()
        assert len(peer.taken) == 3


def test_two_post_rooms_never_send_the_same(office: IssuingOffice, peer: MailPeer, wall: FixedClock) -> None:
    contact(HUASHAN, "huashan@example.org")
    office.issue_notices(assigned, [order(n) for n in range(200)])
    start = threading.Barrier(4)

    def work() -> None:
        post = room(peer.url, wall)
        start.wait()
        while post.send_due(7):
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent = Counter(read(envelope)["Message-ID"] for envelope in peer.taken)
    assert (len(sent), set(sent.values())) == (200, {1})
    assert reading.totals()["by_status"]["sent"] == 200


def test_what_a_crash_left_claimed_is_sent_when_the_lease_is_over(
    office: IssuingOffice, peer: MailPeer, wall: FixedClock
) -> None:
    contact(HUASHAN, "huashan@example.org")
    office.issue_notices(assigned, [order(1)])
    crashed = room(peer.url, wall)
    claimed = crashed._claim("a claim", 10)
    assert len(claimed) == 1

    post = room(peer.url, wall)
    assert post.send_due() == 0
    wall.advance(LEASE)
    assert post.send_due() == 1

    assert len(peer.taken) == 1
    assert only_delivery()["status"] == "sent"


def test_who_comes_back_after_the_lease_writes_nothing_over_the_other(
    office: IssuingOffice, peer: MailPeer, wall: FixedClock
) -> None:
    contact(HUASHAN, "huashan@example.org")
    office.issue_notices(assigned, [order(1)])
    slow = room(peer.url, wall)
    (claimed,) = slow._claim("slow", 10)
    wall.advance(LEASE)
    room(peer.url, wall).send_due()
    slow._send("slow", [claimed])

    first, second = (read(envelope)["Message-ID"] for envelope in peer.taken)
    assert first == second
    assert (only_delivery()["attempts"], len(only_delivery()["outbox"])) == (1, 1)


def test_a_unit_without_contact_is_reached_through_its_district_which_is_told(
    office: IssuingOffice, peer: MailPeer, wall: FixedClock
) -> None:
    contact(WUHUA, "wuhua@example.org")
    office.issue_notices(assigned, [order(1)])

    room(peer.url, wall).send_due()

    remark = "（华山街道未登记联系人，本件发至五华区张三，请转送华山街道。）"
    mail = read(peer.taken[0])
    assert peer.taken[0].rcpt_tos == ["wuhua@example.org"]
    assert mail.get_body(("plain",)).get_content().startswith(remark)  # type: ignore[union-attr]
    assert f'<p class="forward">{remark}</p>' in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_a_clue_is_read_by_the_office_itself_and_by_nobody_who_stands_in(
    office: IssuingOffice, peer: MailPeer, wall: FixedClock
) -> None:
    contact("5301", "city@example.org")
    clue = received(AccountabilityProposed(supervision=ORDER, because="逾期"), "supervision/s1", 3, MORNING)
    office.issue_notices(supervision_notice.clue, [clue])

    room(peer.url, wall).send_due()

    waiting = only_delivery()
    assert (peer.taken, waiting["status"], waiting["recipient"]) == ([], "pending", "")
    assert waiting["reason"] == "本件保密，只送该单位本身，通讯录中没有其联系人"

    contact("5301/~office", "office@example.net")
    wall.advance(timedelta(seconds=10))
    room(peer.url, wall).send_due()

    (envelope,) = peer.taken
    assert envelope.rcpt_tos == ["office@example.net"]
    assert "请转送" not in read(envelope).get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_notice_to_a_unit_nobody_reads_for_waits_for_the_contact_book(
    office: IssuingOffice, peer: MailPeer, wall: FixedClock
) -> None:
    office.issue_notices(assigned, [order(1)])
    post = room(peer.url, wall)

    post.send_due()
    assert (only_delivery()["status"], only_delivery()["reason"]) == ("pending", NOBODY)
    contact("5301/~office", "office@example.org")
    wall.advance(timedelta(seconds=10))
    post.send_due()

    assert peer.taken[0].rcpt_tos == ["office@example.org"]


def test_the_contact_book_can_be_imported_again_and_a_successor_replaces_the_predecessor(
    database: Database[dict[str, Any]],
) -> None:
    for email in ("old@example.org", "old@example.org", "new@example.org"):
        contact(HUASHAN, email)

    assert [one["email"] for one in Contact._get_collection().find()] == ["new@example.org"]
