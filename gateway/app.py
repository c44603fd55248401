"""The gateway as an ASGI application: `uvicorn --factory gateway.app:create_app`.

POST /graphql   questions and commands      GET /graphql   questions
*    /materials see gateway/materials.py
GET  /health    whether it runs, and which services do not answer at present
GET  /          the portal page
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway import materials, portal, token
from gateway.errors import InternalError, formatted
from gateway.execution import Plan, Question, RequestErrors, execute, plan
from gateway.graphql_http import MethodNotAllowed, cause_of, graphql_response, problem_response, question_of
from gateway.inquiry import Inquiry
from gateway.rpc import Breaker, Caller, Desk
from gateway.settings import GatewaySettings
from infra.logging import configure
from infra.messaging.rpc_client import RpcClient
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.problem import NotFound, Problem, Unavailable

log = logging.getLogger(__name__)
LEAST_SHARE = 0.1  # of the deadline: a request that waited for its turn until less is left is not begun
GRACE = 0.5  # seconds beyond the deadline before the whole answer is given up


class Gateway:
    """Everything that requests share."""

    def __init__(self, settings: GatewaySettings, client: Caller, registry: Registry) -> None:
        self._settings, self._client, self._registry = settings, client, registry
        self._slots = asyncio.Semaphore(settings.concurrent)
        self._breaker = Breaker(failures=settings.breaker_failures, rest=settings.breaker_rest)

    async def graphql(self, request: Request) -> Response:
        """POST and GET /graphql."""
        cause, began = cause_of(request), time.perf_counter()
        try:
            officer = token.officer_of(self._settings.token_secret, request.headers.get(token.HEADER))
            question = await question_of(request, body_limit=self._settings.body_limit)
            body = await self._answer(request, question, officer, cause)
            response = graphql_response(request, body, cause)
        except Problem as problem:
            response = problem_response(problem, cause)
        log.info("%s graphql %d %.0f ms", cause, response.status_code, (time.perf_counter() - began) * 1000)
        return response

    async def vouched(self, request: Request, ask: materials.Ask) -> Response:
        """What `ask` answers to the officer whose token the request has."""
        cause, limits = cause_of(request), self._settings
        desk = Desk(self._client, self._breaker, deadline=limits.deadline, rpc_timeout=limits.rpc_timeout)
        try:
            officer = token.officer_of(limits.token_secret, request.headers.get(token.HEADER))
            return await ask(request, officer, desk, cause)
        except Problem as problem:
            return problem_response(problem, cause)

    async def health(self, request: Request) -> Response:
        """GET /health."""
        return JSONResponse({"status": "up", "silent_services": self._breaker.resting()})

    async def _answer(self, request: Request, question: Question, officer: Officer, cause: str) -> dict[str, Any]:
        limits = self._settings
        try:
            planned = plan(question, depth_limit=limits.depth_limit, cost_limit=limits.cost_limit)
            if planned.changes_something and request.method == "GET":
                raise MethodNotAllowed("mutations need POST", "变更操作请使用 POST", allow="POST")
            return await self._execute(planned, officer, cause)
        except RequestErrors as refused:
            return {"errors": formatted(refused.errors, cause)}

    async def _execute(self, planned: Plan, officer: Officer, cause: str) -> dict[str, Any]:
        deadline = self._settings.deadline
        desk = Desk(self._client, self._breaker, deadline=deadline, rpc_timeout=self._settings.rpc_timeout)
        asking = Inquiry(officer, cause, self._registry, desk)
        log.info("%s %s of %s asks %s", cause, officer.role.value, officer.unit, _name(planned))
        try:
            async with asyncio.timeout(deadline + GRACE), self._slots:
                if desk.time_left < deadline * LEAST_SHARE:
                    raise Unavailable("the gateway is busy", "系统繁忙，请稍后再试")
                result = await execute(planned, asking)
        except TimeoutError as error:
            raise Unavailable(f"no answer within {deadline} s", f"{deadline:g}秒内未能完成查询，请稍后再试") from error
        finally:
            asking.loaders.stop()
        body: dict[str, Any] = {"data": result.data}
        return {"errors": formatted(result.errors, cause)} | body if result.errors else body


def create_app(
    settings: GatewaySettings | None = None, client: Caller | None = None, registry: Registry | None = None
) -> Starlette:
    """The application. Without arguments from the environment (gateway/settings.py), with a client of its own."""
    if settings is None:
        settings = GatewaySettings.from_environment()
        configure("gateway", settings.log_level)
    caller = client or RpcClient(settings.amqp_url)
    gateway = Gateway(settings, caller, registry or Registry.load(settings.city))
    return Starlette(
        routes=[
            Route("/graphql", gateway.graphql, methods=["GET", "POST"]),
            Route("/health", gateway.health),
            *materials.routes(gateway.vouched),
            *portal.routes(settings.materials_address),
        ],
        exception_handlers={HTTPException: _http_error, Exception: _server_error},
        lifespan=_lifespan(caller if isinstance(caller, RpcClient) else None),
    )


def _lifespan(own: RpcClient | None) -> Any:
    @asynccontextmanager
    async def connected(app: Starlette) -> AsyncIterator[None]:
        if own is None:
            yield
            return
        async with own:
            yield

    return connected


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allow = (error.headers or {}).get("Allow", "GET")
        problem: Problem = MethodNotAllowed(f"{request.method} is not for this", "此地址不支持该方法", allow=allow)
    else:
        problem = NotFound("there is nothing at this address", "没有这个地址", field="path")
    return problem_response(problem, cause_of(request))


async def _server_error(request: Request, error: Exception) -> Response:
    return problem_response(InternalError("an internal error", "系统内部错误"), cause_of(request))


def _name(planned: Plan) -> str:
    name = planned.operation.name
    return f"{planned.operation.operation.value} {name.value if name else '(unnamed)'}"
