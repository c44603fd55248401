"""A mail server that proves who it is, or does not; one that takes nothing from us; trying again when it is mended."""

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.clock import FixedClock
from infra.local.ports import free_ports
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden
from services.notify import reading
from services.notify.channels.email import Letter, MailServer, MailSession
from services.notify.channels.failures import Retryable
from services.notify.contacts import Contact, import_contacts
from services.notify.delivery import Delivery
from services.notify.issuing import IssuingOffice
from services.notify.outgoing import PostRoom
from services.notify.resending import Resending
from services.notify.task_notice import assigned
from tests.integration.one_service import DEADLINE, MailPeer, connected, own_settings
from tests.integration.test_notify_issuing import HUASHAN, MORNING, order

OFFICE = Officer(Role.CITY_OFFICE, "5301", "李四")
REGISTRY = Registry.load("5301")
LETTER = Letter(
    key="1",
    to_name="张三",
    to_address="zhang@example.org",
    from_name="办公室",
    subject="件",
    text="文",
    html="<p>文</p>",
)


class StrictPeer(MailPeer):
    """A mail server with a certificate (`tls`: from the start, else STARTTLS) that may refuse the sender."""

    def __init__(self, context: ssl.SSLContext | None = None, *, tls: bool = False) -> None:
        super().__init__()
        self.port = free_ports(1)[0]
        self.said_to_sender: str | None = None
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if tls else None,
            tls_context=None if tls else context,
            ready_timeout=DEADLINE,
        )

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd asks whether a sender is good."""
        if self.said_to_sender is not None:
            return self.said_to_sender
        envelope.mail_from = address
        return "250 OK"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self.port}?from=office@example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key, which 127.0.0.1 has given to itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    found = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    found.load_cert_chain(certificate)
    return found


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_no_letter_goes_to_a_server_whose_certificate_nobody_vouches_for(scheme: str, context: ssl.SSLContext) -> None:
    with StrictPeer(context, tls=scheme == "smtps") as peer:
        server = MailServer.from_url(f"{scheme}://127.0.0.1:{peer.port}")
        with MailSession(server) as session, pytest.raises(Retryable, match="CERTIFICATE_VERIFY_FAILED"):
            session.send(LETTER)
        assert peer.taken == []


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_server_that_the_named_authority_vouches_for_gets_its_letters(
    scheme: str, context: ssl.SSLContext, certificate: Path
) -> None:
    with StrictPeer(context, tls=scheme == "smtps") as peer:
        with MailSession(MailServer.from_url(f"{scheme}://127.0.0.1:{peer.port}?ca={certificate}")) as session:
            session.send(LETTER)
        assert [envelope.rcpt_tos for envelope in peer.taken] == [["zhang@example.org"]]


def test_an_authority_that_is_no_file_is_a_failure_for_now() -> None:
    with StrictPeer() as peer:
        server = MailServer.from_url(f"smtp+starttls://127.0.0.1:{peer.port}?ca=nowhere.pem")
        with MailSession(server) as session, pytest.raises(Retryable):
            session.send(LETTER)


@pytest.fixture
def office() -> Iterator[IssuingOffice]:
    with connected(own_settings(), "notify", [Contact]) as database:
        row = {"unit": HUASHAN, "role": "liaison", "name": "张三", "email": "huashan@example.org"}
        import_contacts([row], OFFICE, REGISTRY)
        yield IssuingOffice(Store(service="notify"), Numbering(database), REGISTRY, FixedClock(MORNING))


@pytest.fixture
def wall() -> FixedClock:
    """Later than anything of this test becomes due."""
    return FixedClock(datetime.now(UTC) + timedelta(hours=1))


def room(url: str, wall: FixedClock) -> PostRoom:
    server = MailServer.from_url(url)
    return PostRoom(Store(service="notify"), server, REGISTRY, "总指挥部办公室", FixedClock(MORNING), wall=wall)


def states() -> set[tuple[str, int, str | None]]:
    return {(one["status"], one["attempts"], one.get("reason")) for one in Delivery._get_collection().find()}


def test_a_server_that_refuses_our_sender_makes_all_letters_wait_and_fails_none(
    office: IssuingOffice, wall: FixedClock
) -> None:
    office.issue_notices(assigned, [order(n) for n in range(5)])
    with StrictPeer() as peer:
        peer.said_to_sender = "553 5.7.1 sender not owned by user"
        room(peer.url, wall).send_due()
        assert states() == {("pending", 1, "553 5.7.1 sender not owned by user")}
        peer.said_to_sender = None
        wall.advance(timedelta(seconds=10))
        room(peer.url, wall).send_due()
        assert states() == {("sent", 2, None)}


def test_what_has_failed_is_sent_after_the_operator_said_so(office: IssuingOffice, wall: FixedClock) -> None:
    office.issue_notices(assigned, [order(n) for n in range(3)])
    again = Resending(Store(service="notify"), wall=wall)
    with StrictPeer() as peer:
        peer.answers["huashan@example.org"] = "550 no such user"
        room(peer.url, wall).send_due()
        assert (again.retry(failed=False, by=OFFICE), room(peer.url, wall).send_due()) == (0, 0)
        assert reading.totals()["by_status"]["failed"] == 3
        peer.answers.clear()
        assert again.retry(failed=True, by=OFFICE) == 3
        room(peer.url, wall).send_due()
        assert states() == {("sent", 1, None)}
        assert (again.retry(failed=True, by=OFFICE), len(peer.taken)) == (0, 3)


def test_what_waits_for_its_next_try_is_due_at_once(office: IssuingOffice, wall: FixedClock) -> None:
    office.issue_notices(assigned, [order(1)])
    with StrictPeer() as peer:
        peer.answers["huashan@example.org"] = "451 try again later"
        room(peer.url, wall).send_due()
        peer.answers.clear()
        assert Resending(Store(service="notify"), wall=wall).retry(failed=False, by=OFFICE) == 1
        room(peer.url, wall).send_due()
        assert states() == {("sent", 1, None)}


def test_only_the_office_and_the_operator_send_again(office: IssuingOffice) -> None:
    with pytest.raises(Forbidden):
        Resending(Store(service="notify")).retry(failed=True, by=Officer(Role.DISTRICT, "5301/530102", "王五"))
