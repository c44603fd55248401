"""One HTTP request to a hotline: certificates checked, redirects not followed, never longer than it has to be."""

import logging
import ssl
import time

import httpx
import msgspec

CONNECT, READ = 5.0, 10.0  # seconds
WHOLE_ANSWER = 20.0  # seconds for the body of an answer, of which nothing is used
LARGEST_ANSWER = 64 * 1024  # bytes
log = logging.getLogger(__name__)


class Unreachable(Exception):
    """No answer: no connection, no certificate that we know, or no answer in time. The text has no URL in it."""


class Answer(msgspec.Struct, frozen=True):
    """Status and the header `Retry-After` of the hotline's answer."""

    status: int
    retry_after: str | None


class Wire:
    """Connections to one hotline. Certificates are checked against those of the system (or SSL_CERT_FILE)."""

    def __init__(self, *, connect: float = CONNECT, read: float = READ) -> None:
        self._client = httpx.Client(
            verify=ssl.create_default_context(),
            timeout=httpx.Timeout(read, connect=connect),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "wenming"},
        )

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Send `body`; the answer. Raises Unreachable."""
        try:
            with self._client.stream("POST", url, content=body, headers=headers) as response:
                answer = Answer(response.status_code, response.headers.get("Retry-After"))
                _read_to_its_end(response)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _read_to_its_end(response: httpx.Response) -> None:
    """So that the connection can be used again; the answer counts also where its body breaks off or is too much."""
    until, size = time.monotonic() + WHOLE_ANSWER, 0
    try:
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > LARGEST_ANSWER or time.monotonic() > until:
                return
    except (httpx.HTTPError, OSError) as error:
        log.info("the body of an answer broke off: %s", type(error).__name__)
