"""GraphQL over HTTP (the specification of that name): how a question comes in and an answer goes out.

A client that takes `application/graphql-response+json` (or anything) gets that, with status 400 where the question
cannot be executed; one that asks for `application/json` only gets 200 for every well-formed request, as the
specification says. What is not a well-formed request is refused with problem details (RFC 9457).
"""

import re
import uuid
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.execution import Question
from infra.problem import InvalidInput, Problem, TooLarge

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
PROBLEM = "application/problem+json"
REQUEST_ID = "X-Request-Id"
_CAUSE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Body(msgspec.Struct, rename="camel"):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


def cause_of(request: Request) -> str:
    """The id under which everything that the request leads to can be found: the client's own, or a new one."""
    given = request.headers.get(REQUEST_ID, "")
    return given if _CAUSE.fullmatch(given) else f"request-{uuid.uuid4()}"


async def question_of(request: Request, *, body_limit: int) -> Question:
    """The question in a GET or POST. Raises UnsupportedMediaType, TooLarge, InvalidInput."""
    if request.method == "GET":
        return _decoded(_query_string(request), "query string")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise UnsupportedMediaType(f"the body must be {JSON}", f"请求体应为 {JSON}", field="Content-Type")
    return _decoded(await _body(request, body_limit), "body")


class UnsupportedMediaType(Problem):
    """The body is of a kind that is not read here."""

    status, code = 415, "unsupported_media_type"


class MethodNotAllowed(Problem):
    """A mutation by GET, or a method that means nothing here."""

    status, code = 405, "method_not_allowed"


def problem_response(problem: Problem, cause: str) -> Response:
    """`problem` as the whole answer."""
    headers = _NO_STORE | {REQUEST_ID: cause}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="wenming"'
    if isinstance(problem, MethodNotAllowed):
        headers["Allow"] = str(problem.extra.get("allow", "GET, POST"))
    content = msgspec.json.encode(problem.as_json() | {"cause": cause})
    return Response(content, status_code=problem.status, media_type=PROBLEM, headers=headers)


def graphql_response(request: Request, body: dict[str, Any], cause: str) -> Response:
    """An answer with `data` or, without it, an answer to a question that could not be executed."""
    media = media_type_of(request.headers.get("accept", ""))
    status = 400 if "data" not in body and media == GRAPHQL_RESPONSE else 200
    headers = _NO_STORE | {REQUEST_ID: cause, "Vary": "Accept"}
    content = msgspec.json.encode(body)
    return Response(content, status_code=status, media_type=f"{media}; charset=utf-8", headers=headers)


def media_type_of(accept: str) -> str:
    """Which of the two media types an Accept header prefers; the newer where both will do."""
    offers = {}
    for place, part in enumerate(accept.lower().split(",")):
        name, _, parameters = part.partition(";")
        quality = re.search(r"q=([0-9.]+)", parameters)
        offers[name.strip()] = (float(quality[1]) if quality else 1.0, -place)
    if JSON in offers and offers[JSON] > offers.get(GRAPHQL_RESPONSE, (0.0, 0)) and offers[JSON][0] > 0:
        return JSON
    return GRAPHQL_RESPONSE


def _query_string(request: Request) -> bytes:
    given: dict[str, Any] = dict(request.query_params)
    parts = [f'"{name}":{given.pop(name)}' for name in ("variables", "extensions") if given.get(name)]
    parts += [f'"{name}":{msgspec.json.encode(value).decode()}' for name, value in given.items()]
    return ("{" + ",".join(parts) + "}").encode()


async def _body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"the body is larger than {limit} bytes", f"请求体超过{limit // 1024}KB", limit=limit)
    return bytes(body)


def _decoded(text: bytes, where: str) -> Question:
    try:
        body = msgspec.json.decode(text, type=_Body)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a GraphQL request: {error}", f"请求格式有误：{error}", field=_field(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the {where} is not JSON: {error}", "请求不是有效的JSON", field=where) from error
    return Question(body.query, body.variables or {}, body.operation_name or None)


def _field(error: msgspec.ValidationError) -> str:
    """The member of the body that msgspec complains about."""
    named = re.search(r"field `(\w+)`|`\$\.(\w+)", str(error))
    return next((name for name in named.groups() if name), "body") if named else "body"
