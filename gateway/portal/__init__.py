"""The portal page: one static page without external parts. It asks /graphql with the officer's token, which leaves the
browser in the Authorization header only."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
SCRIPTS = ("portal.js", "acts.js", "ask.js", "desk.js", "elements.js", "forms.js", "orders.js", "view.js", "words.js")
FILES = {"portal.css": "text/css"} | dict.fromkeys(SCRIPTS, "text/javascript")
HEADERS = {
    # A bulletin is shown in a sandboxed frame and brings its style inline; a frame made of text inherits this policy.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> list[Route]:
    """The page and its files."""
    return [
        Route("/", _page),
        *(Route(f"/portal/{name}", _file) for name in FILES),
    ]


async def _page(request: Request) -> Response:
    return FileResponse(HERE / "index.html", media_type="text/html", headers=HEADERS)


async def _file(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    return FileResponse(HERE / name, media_type=FILES[name], headers=HEADERS)
