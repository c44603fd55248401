"""The portal page: one static page without external parts. It asks /graphql with the officer's token, which leaves the
browser in the Authorization header only; materials are put to and got from the service of tasks by ticket."""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
SCRIPTS = tuple(sorted(script.name for script in HERE.glob("*.js")))
FILES = {"portal.css": "text/css"} | dict.fromkeys(SCRIPTS, "text/javascript")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes(materials_address: str) -> list[Route]:
    """The page and its files; materials lie at `materials_address`."""
    headers = HEADERS | {"Content-Security-Policy": _policy(materials_address)}
    return [
        _route("/", "index.html", "text/html", headers),
        *(_route(f"/portal/{name}", name, media, headers) for name, media in FILES.items()),
    ]


def _policy(materials_address: str) -> str:
    """A bulletin is shown in a sandboxed frame and brings its style inline; a frame made of text inherits it."""
    parts = urlsplit(materials_address)
    materials = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:{materials}; "
        f"connect-src 'self'{materials}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def _route(path: str, name: str, media: str, headers: dict[str, str]) -> Route:
    async def answer(request: Request) -> Response:
        return FileResponse(HERE / name, media_type=media, headers=headers)

    return Route(path, answer)
