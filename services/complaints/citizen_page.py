"""The citizen's page: one page in Chinese, made here and complete in itself: no script, nothing from elsewhere."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response

from infra.clock import CITY_ZONE
from services.complaints.citizen_window import MOST_WORDS
from services.complaints.contracts import CitizenStatus

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "citizen.css").read_text("utf-8")
QUESTIONS = (
    ("contacted", "工作人员联系过您吗？", "联系过", "没有"),
    ("solved", "您反映的问题解决了吗？", "已解决", "未解决"),
    ("satisfied", "您对办理过程满意吗？", "满意", "不满意"),
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class CitizenPage:
    """The page of the city called `city`."""

    def __init__(self, city: str) -> None:
        environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
        environment.filters["moment"] = _moment
        environment.globals.update(city=city, css=Markup(STYLE), questions=QUESTIONS, most_words=MOST_WORDS)
        self._template = environment.get_template("citizen.html")

    def ask(self, receipt: str = "", problem: str = "", status: int = 200, **headers: str) -> Response:
        """The page that asks for receipt and code, with what was wrong the last time (Chinese), if anything."""
        return self._response(status, headers, status=None, receipt=receipt, problem=problem, code="")

    def show(self, found: CitizenStatus, code: str) -> Response:
        """How far it is, and the questions where an answer is awaited; `code` goes back with that answer."""
        return self._response(200, {}, status=found, receipt=found.receipt, problem="", code=code)

    def _response(self, http_status: int, headers: dict[str, str], **facts: Any) -> Response:
        text = self._template.render(**facts)
        return Response(text, status=http_status, content_type="text/html; charset=utf-8", headers=HEADERS | headers)


def _moment(at: datetime) -> str:
    """In the city's time, to the minute."""
    return f"{at.astimezone(CITY_ZONE):%Y-%m-%d %H:%M}"
