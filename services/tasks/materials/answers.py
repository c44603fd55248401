"""How materials are asked for and told over HTTP.

A file is always sent as what its content is, never to be guessed, never to be run, and never kept by a cache that
others share. Any page may ask (CORS): there are no cookies here, the ticket in the address is the only right.
"""

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Request, Response

from infra import web
from infra.problem import Problem, Unauthenticated
from services.tasks.contracts import MaterialView
from services.tasks.materials.kinds import kinds
from services.tasks.materials.names import content_disposition
from services.tasks.materials.room import Opened
from services.tasks.materials.shelf import pieces

ANY_PAGE = {"Access-Control-Allow-Origin": "*"}
SAFE = ANY_PAGE | {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=600, immutable",
}
ALLOWED = ANY_PAGE | {
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST",
    "Access-Control-Allow-Headers": "Content-Type, Range, If-None-Match",
    "Access-Control-Max-Age": "600",
}


class BadRange(Problem):
    """A part was asked for that the file does not have."""

    status, code = 416, "bad_range"


def ticket_of(request: Request) -> str:
    """The ticket in the address. Raises Unauthenticated where there is none."""
    given = request.args.get("ticket", "")
    if not given:
        raise Unauthenticated("a ticket is needed", "请提供凭证", field="ticket")
    return given


def uploaded(view: MaterialView, new: bool) -> Response:
    """The answer to an upload."""
    return web.json(201 if new else 200, view, headers=dict(ANY_PAGE))


def preflight() -> Response:
    """What a browser asks before it sends."""
    return Response(status=204, headers=ALLOWED)


def file(request: Request, opened: Opened) -> Response:
    """The file, or the part of it that is asked for, or that it did not change."""
    material, small = opened.material, opened.thumbnail
    media_type = "image/jpeg" if small else kinds()[material.kind].media_type
    size = opened.file.seek(0, 2)
    opened.file.seek(0)
    inline = small or kinds()[material.kind].is_image or material.kind in ("pdf", "mp4")
    name = f"{material.name.rpartition('.')[0]}.jpg" if small else material.name
    headers = SAFE | {"Content-Disposition": content_disposition(name, inline=inline)}
    answer = Response(pieces(opened.file), headers=headers, content_type=media_type)
    answer.content_length = size
    answer.set_etag(f"{material.digest}-small" if small else material.digest)
    try:
        answer.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable as error:
        raise BadRange("the file has no such part", "请求的范围超出文件", field="Range") from error
    if request.method == "HEAD" or answer.status_code == 304:
        answer.response = []
    return answer
