"""Whatever is sent to the running service, it answers without a 5xx, and what was authentic is stored or kept."""

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.signature import signed_headers
from services.complaints.channels import known_channels
from tests.integration.complaints_running import SECRETS, Complaints, complaints_running, order
from tests.integration.one_service import DEADLINE

CHANNELS = [name for name in sorted(known_channels()) if name != "patrol"]  # the tests give patrol narrow limits
KINDS = [
    "application/json",
    "application/x-ndjson",
    "application/json; charset=gbk",
    "text/plain",
    "",
    "application/json\x00",
]
PATHS = [
    *("/", "/intake", "/intake/", "/intake/hotline_12345", "/intake/hotline_12345/", "/intake/hotline_12345/A/B"),
    *(
        "/intake/%00",
        "/intake/hotline_12345/%ff%fe",
        "/intake/hotline_12345/%ed%a0%80",
        "/intake/..%2f..%2fetc",
        "//",
        "/?",
    ),
    *("/intake/hotline_12345/$where", "/intake/" + "a" * 3000, "/intake/hotline_12345/" + "%e5" * 900, "/health?x=%00"),
    *("/query", "/citizen", "*", "http://elsewhere/intake/hotline_12345", "/intake/hotline_12345;a=b", "/metrics"),
]
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "A" * 40]
HEADERS = [
    *(
        "Content-Length: -1",
        "Content-Length: 0",
        "Content-Length: 99999999999999999999",
        "Content-Length: x",
        "Content-Length: 3",
    ),
    *(
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Content-Encoding: gzip",
        "Expect: 100-continue",
    ),
    *("X-Wenming-Timestamp: 9999999999999999", "X-Wenming-Timestamp: \u0661", "X-Wenming-Signature: " + "0" * 64),
    *(
        "Content-Type: application/json",
        "Content-Type: multipart/form-data; boundary=",
        "Content-Type: \xff",
        "Cookie: a" * 50,
    ),
    *(
        "Host: ",
        "X: " + "y" * 9000,
        "No colon",
        ": no name",
        "Connection: upgrade",
        "Upgrade: websocket",
        "Range: bytes=0-",
    ),
]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b"[{}]",
    b"\xff",
    b"5\r\n{}\r\n",
    b"zz\r\n",
    b"-1\r\n\r\n",
    b"0\r\n\r\n",
    b"{" * 5000,
    b"\n" * 99,
]

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
junk = st.binary(max_size=40) | st.sampled_from(
    [b'{"a":"\\ud800"}', b"[" * 2000, b"1" * 500, b"[{},", b"\xef\xbb\xbf[]"]
)


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


def exchange(complaints: Complaints, request: bytes) -> bytes:
    """The first bytes that the service answers to the raw bytes of a request; none where it hangs up."""
    with connection(complaints) as line:
        try:
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
            return line.recv(4096)
        except OSError:
            return b""


@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS) | st.text(max_size=30).map(lambda text: "/" + text),
    headers=st.lists(st.sampled_from(HEADERS), max_size=4),
    body=st.sampled_from(BODIES) | st.binary(max_size=60),
    version=st.sampled_from(["HTTP/1.1", "HTTP/1.0"]),
)
@settings(
    max_examples=150, derandomize=True, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
def test_no_request_however_odd_is_a_5xx(
    complaints: Complaints, method: str, path: str, headers: list[str], body: bytes, version: str
) -> None:
    head = "\r\n".join([f"{method} {path} {version}", "Connection: close", *headers, "", ""])

    answer = exchange(complaints, head.encode("utf-8", "surrogatepass") + body)

    first = answer.partition(b"\r\n")[0]
    assert first == b"" or first.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.0 4")), first


@given(
    channel=st.sampled_from(CHANNELS),
    kind=st.sampled_from(KINDS),
    items=st.lists(st.tuples(st.text(max_size=6), plain), max_size=4).map(dict) | plain,
    raw=st.none() | junk,
)
@settings(
    max_examples=80, derandomize=True, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
def test_what_is_authentic_is_stored_or_kept_with_its_reason(
    complaints: Complaints, channel: str, kind: str, items: Any, raw: bytes | None
) -> None:
    sample = known_channels()[channel].sample
    body = raw if raw is not None else json.dumps(sample | items if isinstance(items, dict) else items).encode()

    status, told = answered(complaints, signed_request(channel, kind, body))

    assert status in (202, 207, 400, 409, 415, 422)
    if status == 400:
        assert body.strip(b" \t\r\n[]") == b""
    for one in told.get("results", [told]) if status in (207, 409, 422) else []:
        assert one["status"] == 202 or complaints.db.misfits.find_one({"_id": one["kept_as"]})["problem"]["detail_zh"]


def answered(complaints: Complaints, request: bytes) -> tuple[int, Any]:
    """Status and JSON of the answer to the raw bytes of a request."""
    with connection(complaints) as line:
        line.sendall(request)
        answer = HTTPResponse(line)
        answer.begin()
        return answer.status, json.loads(answer.read())


def connection(complaints: Complaints) -> socket.socket:
    """A line to the service."""
    address = (complaints.client.base_url.host, complaints.client.base_url.port or 80)
    return socket.create_connection(address, timeout=DEADLINE)


def signed_request(channel: str, kind: str, body: bytes) -> bytes:
    """A push as its channel would sign it."""
    headers = signed_headers(SECRETS[channel].encode(), int(time.time()), body)
    lines = [f"POST /intake/{channel} HTTP/1.1", "Host: x", "Connection: close", f"Content-Type: {kind}"]
    lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def test_after_all_that_the_service_goes_on(complaints: Complaints) -> None:
    assert complaints.push(order("LAST")).json()["outcome"] == "received"
    assert complaints.case_of("LAST")["status"] == "filed"
