"""Materials of tasks: the gateway says who asks, the service answers with a ticket, the bytes go past the gateway.

POST /materials/<task id>        {"name", "size", "attach"} -> 201 {"url", "expires_at"}: PUT the bytes there
GET  /materials?task=<task id>   the materials of a task; a task's id is the global one or its own
GET  /materials/<id>             307 to where the file can be got for ten minutes
GET  /materials/<id>/thumbnail   the same for its thumbnail
"""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.ids import local_id
from gateway.permissions import DO_TASK, OPEN_WORK, enforce
from gateway.rpc import Desk
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, NotFound, TooLarge
from services.tasks.contracts import DownloadTicket

Ask = Callable[[Request, Officer, Desk, str], Awaitable[Response]]
Vouched = Callable[[Request, Ask], Awaitable[Response]]
LONGEST_BODY = 4_096  # bytes
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class _Wish(msgspec.Struct):
    name: str
    size: int
    attach: bool = False


def routes(vouched: Vouched) -> list[Route]:
    """Its addresses; `vouched` finds out who asks and tells of problems."""

    def route(path: str, method: str, ask: Ask) -> Route:
        async def answer(request: Request) -> Response:
            return await vouched(request, ask)

        return Route(path, answer, methods=[method])

    return [
        route("/materials", "GET", _list),
        route("/materials/{id}/thumbnail", "GET", _thumbnail),
        route("/materials/{id}", "GET", _file),
        route("/materials/{id:path}", "POST", _upload),
    ]


async def _upload(request: Request, officer: Officer, desk: Desk, cause: str) -> Response:
    enforce(DO_TASK, officer)
    wish = _wish(await _body(request))
    by = msgspec.to_builtins(officer)
    task_id = local_id("Task", request.path_params["id"])
    ticket = await desk.command("tasks", "upload_ticket", task_id, wish.name, wish.size, by, cause, wish.attach)
    return _json(201, ticket)


async def _list(request: Request, officer: Officer, desk: Desk, cause: str) -> Response:
    enforce(OPEN_WORK, officer)
    task_id = local_id("Task", request.query_params.get("task", ""))
    return _json(200, await desk.ask("tasks", "materials_of_task", task_id, msgspec.to_builtins(officer)))


async def _file(request: Request, officer: Officer, desk: Desk, cause: str) -> Response:
    return _led((await _ticket(request, officer, desk)).url)


async def _thumbnail(request: Request, officer: Officer, desk: Desk, cause: str) -> Response:
    url = (await _ticket(request, officer, desk)).thumbnail_url
    if url is None:
        raise NotFound("this material has no thumbnail", "该材料没有缩略图")
    return _led(url)


async def _ticket(request: Request, officer: Officer, desk: Desk) -> DownloadTicket:
    enforce(OPEN_WORK, officer)
    answer = await desk.ask("tasks", "download_ticket", request.path_params["id"], msgspec.to_builtins(officer))
    return msgspec.convert(answer, DownloadTicket)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            raise TooLarge(f"the body is larger than {LONGEST_BODY} bytes", f"请求体超过{LONGEST_BODY // 1024}KB")
    return bytes(body)


def _wish(body: bytes) -> _Wish:
    try:
        return msgspec.json.decode(body, type=_Wish)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"name and size of the file are needed: {error}", "应说明文件名和大小", field="body"
        ) from error


def _led(url: str) -> Response:
    return Response(status_code=307, headers=NO_STORE | {"Location": url})


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json", headers=NO_STORE)
