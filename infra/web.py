"""HTTP for machines: JSON in and out, and every error as `application/problem+json` (infra/problem.py)."""

import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar, cast

import msgspec
from nameko.web.handlers import HttpRequestHandler
from pymongo.errors import PyMongoError
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response

from infra.problem import InvalidInput, NotFound, Problem, TooLarge, Unavailable

F = TypeVar("F", bound=Callable[..., Any])
RETRY_AFTER = "5"  # seconds
PIECE = 64 * 1024  # bytes of a body that are read at a time
log = logging.getLogger(__name__)


class NotAllowed(Problem):
    """The address exists, but not for this method; `extra["allow"]` names those that it has."""

    status, code = 405, "method_not_allowed"


class Unsupported(Problem):
    """The body is of a kind that is not read here."""

    status, code = 415, "unsupported_media_type"


class JsonEntrypoint(HttpRequestHandler):
    """A service method that answers an HTTP request with a Response. What it raises is told without details."""

    def response_from_exception(self, exc: Exception) -> Response:
        """See nameko's HttpRequestHandler; nameko has logged the exception."""
        return problem(Problem("something went wrong here; send it again later", "系统内部错误，请稍后重发"))


def http(methods: str, url: str, headers: Mapping[str, str] | None = None) -> Callable[[F], F]:
    """Have the decorated method answer these `methods` (comma-separated) at `url`; the Problems that it raises are
    answers too, and no failures of the service. Refusals bear the `headers` besides."""

    def register(method: F) -> F:
        @functools.wraps(method)
        def answer(*args: Any, **kwargs: Any) -> Response:
            try:
                return method(*args, **kwargs)
            except Problem as refusal:
                return problem(refusal, headers)
            except PyMongoError as error:
                log.error("the database does not answer: %s", type(error).__name__)
                silent = Unavailable("the database does not answer; send it again", "系统暂时不可用，请稍后重发")
                return problem(silent, headers)

        JsonEntrypoint.decorator(methods, url)(answer)
        return cast(F, answer)

    return register


def json(status: int, body: Any, kind: str = "application/json", headers: dict[str, str] | None = None) -> Response:
    """A response with `body` as JSON."""
    return Response(msgspec.json.encode(body), status=status, content_type=kind, headers=headers)


def problem(error: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that tells of `error`, with `headers` besides."""
    allow = {"Allow": error.extra["allow"]} if isinstance(error, NotAllowed) else {}
    told = allow | retry_headers(error) | dict(headers or {})
    return json(error.status, error.as_json(), "application/problem+json", told)


def retry_headers(error: Problem) -> dict[str, str]:
    """When trying again may help, where `error` knows it (its `retry_after`, in seconds)."""
    default = RETRY_AFTER if isinstance(error, Unavailable) else None
    after = error.extra.get("retry_after", default)
    return {} if after is None else {"Retry-After": str(after)}


def client_of(request: Request, proxies: int) -> str:
    """The address that asks, of IPv6 its network of 64 bits (of IPv4 written as IPv6 the address); "" where it is not
    known.

    `proxies` is how many proxies of ours stand in front: each adds whom it heard to X-Forwarded-For. Without any, who
    sends that header is either behind a proxy that nobody told us of, or pretends to be: that is not believed.
    """
    heard = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies:
        said = heard[-proxies] if proxies <= len(heard) else ""
    else:
        said = "" if any(heard) else request.remote_addr or ""
    try:
        address = ip_address(said)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def only(*methods: str) -> Response:
    """Raises NotAllowed, for an address that has these methods only."""
    allowed = ", ".join(methods)
    raise NotAllowed(f"this address takes {allowed} only", f"该地址仅支持 {allowed}", field="method", allow=allowed)


def nothing_here(request: Request) -> Response:
    """Raises NotFound for a path that no other entrypoint has."""
    raise NotFound(f"there is nothing at {request.path}", "没有这个地址", field="path")


def read_json_body(request: Request, limit: int) -> bytes:
    """The raw body of a request that says it is JSON, at most `limit` bytes of it. Raises as `read_body` does."""
    return read_body(request, limit, ("application/json",))


def read_body(request: Request, limit: int, kinds: tuple[str, ...]) -> bytes:
    """The raw body of a request that says it is of one of these media types, at most `limit` bytes of it.

    Raises Unsupported, TooLarge, InvalidInput where the sender broke off.
    """
    if request.mimetype not in kinds:
        wanted, wanted_zh = " or ".join(kinds), " 或 ".join(kinds)
        raise Unsupported(f"send {wanted} (UTF-8)", f"请以 {wanted_zh}（UTF-8）报送", field="Content-Type")
    _prepare(request, limit)
    try:
        body = request.get_data(cache=False)
    except (ClientDisconnected, OSError) as error:
        raise InvalidInput("the body is shorter than announced", "请求体不完整", field="Content-Length") from error
    if len(body) > limit:
        raise _too_large(limit)
    return body


def stream(request: Request, limit: int) -> Iterator[bytes]:
    """The raw body of a request, at most `limit` bytes of it, in pieces as they come.

    Raises Unsupported, TooLarge, InvalidInput where the sender broke off.
    """
    _prepare(request, limit)
    seen = 0
    try:
        while piece := request.stream.read(PIECE):
            seen += len(piece)
            if seen > limit:
                raise _too_large(limit)
            yield piece
    except (ClientDisconnected, OSError, ValueError) as error:
        raise InvalidInput("the body is shorter than announced", "请求体不完整", field="Content-Length") from error


def _prepare(request: Request, limit: int) -> None:
    """Before its body is read. Raises Unsupported, TooLarge where that is announced."""
    if request.content_encoding not in {None, "", "identity"}:
        raise Unsupported("send it without compression", "请勿压缩", field="Content-Encoding")
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    if request.headers.get("Transfer-Encoding", "").lower() == "chunked":
        request.environ["wsgi.input_terminated"] = True  # eventlet ends such a body itself and does not say so
    request.max_content_length = limit + 1  # at the limit a stream merely ends


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes", f"请求体超过{limit / 2**20:.3g}MB", field="body")
