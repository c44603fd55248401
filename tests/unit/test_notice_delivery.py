"""On the way to the recipient: who it is, what the mail server's answers mean, and when to try again."""

import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import msgspec
import pytest

from infra.messaging.event import unseal
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput
from services.notify.channels.email import Letter, MailServer, as_failure
from services.notify.channels.failures import Final, Retryable
from services.notify.contacts import Recipient, choose, import_contacts
from services.notify.contracts import BulletinKind, DeliveryStatus, NoticeDelivered, NoticeFailed
from services.notify.delivery import RETRY_AFTER, Delivery, delivery_of

CITY, WUHUA, HUASHAN = "5301", "5301/530102", "5301/530102/530102001"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
LETTER = Letter(
    key="assignment-1@5301",
    to_name="张三",
    to_address="zhang@example.org",
    from_name="市总指挥部办公室",
    subject="【昆创文交〔2026〕3号】创建工作交办单：道路破损",
    text="正文\n",
    html="<p>正文</p>\n",
)


def person(unit: str, role: str = "liaison", name: str = "张三") -> Recipient:
    return Recipient(unit=unit, role=role, name=name, email="zhang@example.org")


def pending(kind: BulletinKind = BulletinKind.ASSIGNMENT) -> Delivery:
    return delivery_of("assignment-1", kind, HUASHAN, cause="tasks/task/1#1", wall=NOON)


def test_the_liaison_comes_before_other_roles() -> None:
    book = {HUASHAN: [person(HUASHAN, "leader"), person(HUASHAN, "liaison"), person(HUASHAN, "duty_desk")]}

    assert choose(HUASHAN, book) == person(HUASHAN, "liaison")


def test_a_unit_without_contact_is_reached_through_the_unit_above_it() -> None:
    stand_in = choose(HUASHAN, {WUHUA: [person(WUHUA, "leader")], CITY: [person(CITY)]})

    assert stand_in == person(WUHUA, "leader")
    assert stand_in is not None
    assert stand_in.stands_in_for(HUASHAN)
    assert not stand_in.stands_in_for(WUHUA)


def test_in_the_end_the_citys_office_is_asked_and_then_nobody() -> None:
    office = person("5301/~office")

    assert choose("5301/~psb", {"5301/~office": [office]}) == office
    assert choose("5301/~psb", {WUHUA: [person(WUHUA)]}) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit", "5301/530999"),
        ("role", "联络员"),
        ("name", ""),
        ("name", "张\n三"),
        ("email", "zhang"),
        ("email", "zhang@a b"),
        ("email", "a@example.org\r\nBcc: b@example.org"),
    ],
)
def test_a_bad_line_of_the_contact_book_is_named(field: str, value: str) -> None:
    good = {"unit": HUASHAN, "role": "liaison", "name": "张三", "email": "zhang@example.org"}
    office = Officer(Role.CITY_OFFICE, CITY, "李四")

    with pytest.raises(InvalidInput) as refused:
        import_contacts([good, good | {field: value}], office, Registry.load("5301"))
    assert refused.value.field == f"rows[1].{field}"
    assert refused.value.detail_zh.startswith("第2行：")


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.STREET, Role.DEPARTMENT])
def test_only_the_office_keeps_the_contact_book(role: Role) -> None:
    with pytest.raises(Forbidden):
        import_contacts([], Officer(role, WUHUA, "王五"), Registry.load("5301"))


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no such user")}), Final, "550 no such user"),
        (smtplib.SMTPRecipientsRefused({"a@b": (451, b"try later")}), Retryable, "451 try later"),
        (smtplib.SMTPDataError(554, b"spam"), Final, "554 spam"),
        (smtplib.SMTPSenderRefused(421, b"closing", "a@b"), Retryable, "421 closing"),
        (smtplib.SMTPSenderRefused(553, b"not owned by user", "a@b"), Retryable, "553 not owned by user"),
        (smtplib.SMTPSenderRefused(530, b"5.7.0 login first", "a@b"), Retryable, "530 5.7.0 login first"),
        (smtplib.SMTPSenderRefused(552, b"message too large", "a@b"), Final, "552 message too large"),
        (smtplib.SMTPRecipientsRefused({"a@b": (554, b"Relay access denied")}), Retryable, "554 Relay access denied"),
        (
            smtplib.SMTPRecipientsRefused({"a@b": (554, b"5.1.8 <o@x>: Sender address rejected")}),
            Retryable,
            "554 5.1.8 <o@x>: Sender address rejected",
        ),
        (smtplib.SMTPServerDisconnected("gone"), Retryable, "SMTPServerDisconnected: gone"),
        (ConnectionRefusedError(111, "refused"), Retryable, "ConnectionRefusedError: [Errno 111] refused"),
        (TimeoutError("slow"), Retryable, "TimeoutError: slow"),
    ],
)
def test_the_servers_answer_means_later_or_never(error: Exception, kind: type, reason: str) -> None:
    failure = as_failure(error)

    assert type(failure) is kind
    assert str(failure) == reason


def test_a_letter_carries_text_and_page_and_always_the_same_id() -> None:
    message = message_from_bytes(LETTER.as_bytes("office@example.org"), policy=policy.default)

    assert message["Message-ID"] == LETTER.message_id() == "<cd080d25968d1d30677bf4454604a3c5@wenming>"
    assert message["Subject"] == LETTER.subject
    assert message["To"].addresses[0].display_name == "张三"
    assert message.get_body(("plain",)).get_content() == "正文\n"
    assert message.get_body(("html",)).get_content() == "<p>正文</p>\n"


def test_no_line_break_in_a_title_or_name_adds_a_header() -> None:
    sly = msgspec.structs.replace(LETTER, subject="a\r\nBcc: x@example.org", to_name='"z" <x@example.org>,\nCc: y')

    message = message_from_bytes(sly.as_bytes("office@example.org"), policy=policy.default)

    assert (message["Bcc"], message["Cc"]) == (None, None)
    assert [one.addr_spec for one in message["To"].addresses] == ["zhang@example.org"]


def test_a_mail_server_is_named_by_a_url() -> None:
    server = MailServer.from_url("smtps://office:s%40crt@mail.example.org?from=cwb@km.example.org")

    assert (server.host, server.port, server.user, server.password) == ("mail.example.org", 465, "office", "s@crt")
    assert server.sender == "cwb@km.example.org"
    assert MailServer.from_url("smtp://127.0.0.1:8602").port == 8602


def test_a_mail_servers_certificate_and_name_are_checked() -> None:
    trust = MailServer.from_url("smtps://mail.example.org").trust()

    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert MailServer.from_url("smtps://mail.example.org?from=a@b.c&ca=/etc/ssl/city.pem").ca == "/etc/ssl/city.pem"


def test_a_delivery_that_failed_is_due_again_with_all_its_tries() -> None:
    delivery, later = pending(), NOON + timedelta(days=1)
    delivery.refused("张三", "553 not owned by user", NOON)

    assert delivery.retry(later)

    assert (delivery.status, delivery.attempts, delivery.due_at) == (DeliveryStatus.PENDING, 0, later)
    delivery.taken("张三", later)
    assert not delivery.retry(later)
    assert [envelope.type for envelope in delivery.outbox] == ["notice_failed", "notice_delivered"]


def test_what_is_just_being_sent_is_left_alone() -> None:
    delivery = pending()
    delivery.claim = "a post room"

    assert not delivery.retry(NOON + timedelta(days=1))
    assert delivery.due_at == NOON


def test_a_wrong_mail_url_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(ValueError, match="begins with one of") as refused:
        MailServer.from_url("http://office:secret@mail.example.org")
    assert "secret" not in str(refused.value)


def test_a_delivery_that_was_taken_tells_it() -> None:
    delivery = pending()

    delivery.taken("张三 <zhang@example.org>", NOON)

    (envelope,) = delivery.outbox
    assert (delivery.status, delivery.attempts, delivery.reason) == (DeliveryStatus.SENT, 1, None)
    assert unseal(envelope, {"notice_delivered": NoticeDelivered}).event == NoticeDelivered(
        notice_id="assignment-1", unit=HUASHAN, delivered_at=NOON
    )
    assert envelope.cause == "tasks/task/1#1"


def test_a_delivery_waits_longer_each_time_and_fails_visibly_in_the_end() -> None:
    delivery, waits = pending(), []

    for _ in range(len(RETRY_AFTER)):
        delivery.put_off("张三", "451 later", wall=NOON, at=NOON)
        assert delivery.status == DeliveryStatus.PENDING
        waits.append(delivery.due_at - NOON)
    delivery.put_off("张三", "451 later", wall=NOON, at=NOON)

    assert waits == list(RETRY_AFTER)
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, 7)
    (envelope,) = delivery.outbox
    failed = unseal(envelope, {"notice_failed": NoticeFailed}).event
    assert failed == NoticeFailed(notice_id="assignment-1", unit=HUASHAN, reason="451 later（已重试6次）")


def test_a_final_refusal_is_not_tried_again() -> None:
    delivery = pending()

    delivery.refused("张三", "550 no such user", NOON)

    assert (delivery.status, delivery.attempts, delivery.reason) == (DeliveryStatus.FAILED, 1, "550 no such user")


def test_the_delivery_of_a_bulletin_tells_nothing_of_notices() -> None:
    delivery = pending(BulletinKind.RANKING)

    delivery.taken("张三", NOON)

    assert delivery.outbox == []
    assert delivery.status == DeliveryStatus.SENT
