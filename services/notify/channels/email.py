"""Mail by SMTP: one connection for many messages, and the server's answers sorted into "later" and "never".

The server is named by a URL: `smtp://host:port`, `smtps://user:password@host` (TLS from the start),
`smtp+starttls://…`; `?from=address` says who sends, `&ca=file` who vouches for the server (PEM) where the system's
authorities do not. The server's certificate and name are always checked before a password or a letter goes out.
"""

import hashlib
import logging
import re
import smtplib
import ssl
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from services.notify.channels.failures import DeliveryFailure, Final, Retryable

DEFAULT_SENDER = "wenming@localhost"
DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
SERVICE_CLOSING = 421
TOO_LARGE = 552
# Servers put off what they have against the sender until they know a recipient; then only their words tell (Postfix).
SENDER_REFUSED = re.compile(rb"sender address rejected|client host rejected|authentication required", re.IGNORECASE)
RELAY_REFUSED = re.compile(rb"relay", re.IGNORECASE)
LONGEST_REASON = 300
WITH_CRLF = compat32.clone(linesep="\r\n")

log = logging.getLogger(__name__)


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed in. `timeout` in seconds holds for connecting and for every answer; `ca` is a PEM file."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None
    sender: str
    ca: str | None = None
    timeout: float = 8.0

    @staticmethod
    def from_url(url: str) -> "MailServer":
        """The server that `url` names. Raises ValueError, which never repeats the URL: it may hold a password."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"a mail server's URL begins with one of {sorted(DEFAULT_PORTS)} and names a host")
        more = parse_qs(parts.query)
        return MailServer(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or DEFAULT_PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            sender=more.get("from", [DEFAULT_SENDER])[0],
            ca=more.get("ca", [None])[0],
        )

    def trust(self) -> ssl.SSLContext:
        """Who is believed to be the server: certificate and name are checked. Raises OSError where `ca` is no file of
        certificates."""
        return ssl.create_default_context(cafile=self.ca)


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person; the same `key` always makes the same Message-ID: a receiver can drop a double."""

    key: str
    to_name: str
    to_address: str
    from_name: str
    subject: str
    text: str
    html: str

    def message_id(self) -> str:
        """The Message-ID header."""
        return f"<{hashlib.sha256(self.key.encode()).hexdigest()[:32]}@wenming>"

    def as_bytes(self, sender: str) -> bytes:
        """The message as it is sent. Raises Final where an address cannot be written.

        Made with the older half of Python's `email`: the newer one folds a Chinese header in 4 ms, this in 0.1 ms.
        """
        if not (self.to_address.isascii() and self.to_address.isprintable()):
            raise Final(f"an address that mail cannot carry: {self.to_address!r}")
        message = MIMEMultipart("alternative", None, [MIMEText(self.text), MIMEText(self.html, "html")])
        message["From"] = f"{_words('From', self.from_name)} <{sender}>"
        message["To"] = f"{_words('To', self.to_name)} <{self.to_address}>"
        message["Subject"] = _words("Subject", self.subject)
        message["Date"] = formatdate()
        message["Message-ID"] = self.message_id()
        message["Auto-Submitted"] = "auto-generated"
        return message.as_bytes(policy=WITH_CRLF)


def _words(header: str, text: str) -> str:
    """Any text as encoded words, which no line break in it can leave."""
    return Header(text, "utf-8", header_name=header).encode()


class MailSession:
    """One connection, opened with the first letter and again after it broke.

    Where the server cannot be reached at all, or takes nothing from our sender, every further letter of the session
    fails at once with the same reason.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self._unreachable: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            self._quit(self._smtp)

    def send(self, letter: Letter) -> None:
        """Hand `letter` to the server. Raises Retryable or Final."""
        message = letter.as_bytes(self._server.sender)
        smtp = self._connected()
        try:
            smtp.sendmail(self._server.sender, [letter.to_address], message)
        except (smtplib.SMTPException, OSError) as error:
            failure = as_failure(error)
            if refuses_sender(error):
                self._unreachable = str(failure)
            if self._unreachable or not isinstance(error, smtplib.SMTPException) or _ends_the_connection(error):
                self._drop()
            raise failure from error

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            if self._unreachable is not None:
                raise Retryable(self._unreachable)
            try:
                self._smtp = _connect(self._server)
            except (smtplib.SMTPException, OSError) as error:
                self._unreachable = f"{self._server.host}:{self._server.port} {as_failure(error)}"
                raise Retryable(self._unreachable) from error
        return self._smtp

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    @staticmethod
    def _quit(smtp: smtplib.SMTP) -> None:
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError) as error:
            log.info("the mail server did not take our goodbye: %s", error)


def _connect(server: MailServer) -> smtplib.SMTP:
    where: dict[str, Any] = {"host": server.host, "port": server.port, "timeout": server.timeout}
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(**where, local_hostname="localhost", context=server.trust())
    else:
        smtp = smtplib.SMTP(**where, local_hostname="localhost")
    try:
        if server.scheme == "smtp+starttls":
            smtp.starttls(context=server.trust())
        if server.user is not None:
            smtp.login(server.user, server.password or "")
    except (smtplib.SMTPException, OSError):
        smtp.close()
        raise
    return smtp


def as_failure(error: Exception) -> DeliveryFailure:
    """What the server's answer means: 5xx about a letter or its recipient is final; 4xx, a lost connection, a timeout,
    and a refusal of our sender or of relaying (an operator can mend it) are not."""
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))  # one letter, one recipient
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        return Final(str(error))
    else:
        return Retryable(f"{type(error).__name__}: {error}"[:LONGEST_REASON])
    final = code >= 500 and not refuses_sender(error) and not _refuses_relaying(error)
    return (Final if final else Retryable)(f"{code} {_said(said)}"[:LONGEST_REASON])


def refuses_sender(error: Exception) -> bool:
    """Whether the server takes nothing at all from our sender, whoever the recipient is."""
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code != TOO_LARGE  # said to the sender too, but about this letter
    return _answered(error, SENDER_REFUSED)


def _refuses_relaying(error: Exception) -> bool:
    return _answered(error, RELAY_REFUSED)


def _answered(error: Exception, words: re.Pattern[bytes]) -> bool:
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return any(words.search(said) for _, said in error.recipients.values())


def _said(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _ends_the_connection(error: smtplib.SMTPException) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == SERVICE_CLOSING for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == SERVICE_CLOSING
    return isinstance(error, smtplib.SMTPServerDisconnected)
