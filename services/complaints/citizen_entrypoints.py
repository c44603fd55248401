"""HTTP for citizens: a page for browsers, JSON for programs, at the same addresses.

The query code is never part of an address: it comes in the header `X-Wenming-Query-Code`, or in the body. A form is
answered with a page, JSON with JSON; a GET by what the asker prefers.
"""

import logging
import uuid
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
import pymongo
from pymongo.errors import PyMongoError
from werkzeug.wrappers import Request, Response

from infra import web
from infra.messaging.rpc import rpc
from infra.problem import InvalidInput, Problem, Unauthenticated, Unavailable
from services.complaints.contracts import CitizenAnswerView, CitizenStatus, Satisfaction
from services.complaints.rooms import Rooms

CODE_HEADER = "X-Wenming-Query-Code"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LARGEST_BODY = 16 * 1024  # bytes
PATIENCE = 10.0  # seconds for the database, within one request
OTHERS = "PUT,PATCH,DELETE,OPTIONS"
S = TypeVar("S", bound="Asked")
log = logging.getLogger(__name__)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A body that asks how far it is; `receipt` where the address does not say it."""

    code: str
    receipt: str = ""


class Rated(Asked, frozen=True, kw_only=True):
    """A body with a satisfaction answer."""

    solved: bool
    satisfied: bool
    contacted: bool | None = None
    words: str = ""


class CitizenEntrypoints:
    """The entry points under /citizen."""

    rooms: Rooms

    @web.http("GET", "/citizen")
    def citizen_page(self, request: Request) -> Response:
        """The page that asks for receipt and code."""
        return self.rooms.citizen_page.ask()

    @web.http("POST", "/citizen")
    def citizen_form(self, request: Request) -> Response:
        """Receipt and code from the page."""
        return self._answer(request, "", Asked, self._look(request))

    @web.http("GET", "/citizen/<receipt>")
    def citizen_status(self, request: Request, receipt: str) -> Response:
        """How far a report is, the code in the header; without one a browser gets the page that asks for it."""
        code = request.headers.get(CODE_HEADER)
        if code is None and request.accept_mimetypes.best_match([JSON, "text/html"], JSON) == "text/html":
            return self.rooms.citizen_page.ask(receipt)
        if code is None:
            raise Unauthenticated("the query code is missing", "缺少查询码", field=CODE_HEADER)
        with pymongo.timeout(PATIENCE):
            return _json(self.rooms.citizens.look(receipt, code, self._asker(request)))

    @web.http("POST", "/citizen/<receipt>")
    def citizen_status_by_post(self, request: Request, receipt: str) -> Response:
        """How far a report is, the code in the body."""
        return self._answer(request, receipt, Asked, self._look(request))

    @web.http("POST", "/citizen/<receipt>/satisfaction")
    def citizen_satisfaction(self, request: Request, receipt: str) -> Response:
        """The satisfaction answer."""

        def rate(rated: Rated, about: str) -> CitizenStatus:
            said = Satisfaction(contacted=rated.contacted, solved=rated.solved, satisfied=rated.satisfied)
            cause = f"citizen/{uuid.uuid4().hex}"
            return self.rooms.citizens.rate(about, rated.code, self._asker(request), said, rated.words, cause)

        return self._answer(request, receipt, Rated, rate)

    @rpc(expected_exceptions=Problem)
    def citizen_answers(self, case_id: str, by: dict[str, Any]) -> list[CitizenAnswerView]:
        """See contracts."""
        return self.rooms.citizens.answers(case_id, by)

    @web.http(OTHERS, "/citizen")
    @web.http(OTHERS, "/citizen/<receipt>")
    def citizen_only(self, request: Request, receipt: str = "") -> Response:
        """Nothing else can be done there."""
        return web.only("GET", "POST")

    @web.http(f"GET,{OTHERS}", "/citizen/<receipt>/satisfaction")
    def citizen_satisfaction_only(self, request: Request, receipt: str) -> Response:
        """Answers are sent."""
        return web.only("POST")

    def _asker(self, request: Request) -> str:
        return web.client_of(request, self.rooms.proxies)

    def _look(self, request: Request) -> Callable[[Asked, str], CitizenStatus]:
        return lambda asked, about: self.rooms.citizens.look(about, asked.code, self._asker(request))

    def _answer(
        self, request: Request, receipt: str, kind: type[S], act: Callable[[S, str], CitizenStatus]
    ) -> Response:
        """What `act` finds for the body, as a page where a form was sent; so are the refusals."""
        if request.mimetype != FORM:
            return _json(self._found(_read(request, kind), receipt, act))
        try:
            said = _read(request, kind)
            receipt = receipt or said.receipt
            return self.rooms.citizen_page.show(self._found(said, receipt, act), said.code)
        except PyMongoError as error:
            log.error("the database does not answer: %s", type(error).__name__)
            return self._page_of(Unavailable("the database does not answer", "系统暂时不可用，请稍后再试"), receipt)
        except Problem as refusal:
            return self._page_of(refusal, receipt)

    def _found(self, said: S, receipt: str, act: Callable[[S, str], CitizenStatus]) -> CitizenStatus:
        with pymongo.timeout(PATIENCE):
            return act(said, receipt or said.receipt)

    def _page_of(self, refusal: Problem, receipt: str) -> Response:
        return self.rooms.citizen_page.ask(receipt, refusal.detail_zh, refusal.status, **web.retry_headers(refusal))


def _json(found: CitizenStatus) -> Response:
    return web.json(200, found, headers={"Cache-Control": "no-store"})


def _read(request: Request, kind: type[S]) -> S:
    """The body as `kind`. Raises InvalidInput, TooLarge, Unsupported."""
    body = web.read_body(request, LARGEST_BODY, (JSON, FORM))
    try:
        if request.mimetype == JSON:
            return msgspec.json.decode(body, type=kind)
        return msgspec.convert(_fields(body), kind, strict=False)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"the body cannot be read: {error}", "填写不完整或无法读取，请检查后重新提交", field="body"
        ) from error


def _fields(body: bytes) -> dict[str, Any]:
    """The fields of a form; blank ones are left out, except a text that may be blank."""
    pairs = parse_qsl(body.decode(), keep_blank_values=False, errors="strict", max_num_fields=20)
    return dict(pairs)
