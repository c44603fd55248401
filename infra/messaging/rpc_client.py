"""Calling a service: nameko's RPC protocol spoken by an asyncio client (pika).

A call is one message to exchange `nameko-rpc` with routing key `<service>.<method>`; the answer comes to a queue of
this client's own, bound under the client's id. Every call has a deadline, and its message expires with it. A Problem
that the service raised is raised again as that Problem.

    RemoteFailure   the service failed in a way that is not a Problem
    Unavailable     no such service is running, or no answer came in time (infra/problem.py)
"""

import asyncio
import itertools
import json
import logging
import uuid
from collections.abc import Coroutine
from typing import Any

import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel
from pika.exceptions import AMQPConnectionError, AMQPError

from infra.logging import mask
from infra.messaging.broker import CONNECT_TIMEOUT, HEARTBEAT, back_off
from infra.problem import Problem, Unavailable

EXCHANGE = "nameko-rpc"
TIMEOUT = 10.0  # seconds, of a call that does not say

log = logging.getLogger(__name__)


class RemoteFailure(Exception):
    """The service raised something that is not a Problem: `kind` is its class name, the text its message."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


class RpcClient:
    """Calls services through the broker at `amqp_url` (several URLs separated by ';'). Belongs to one event loop."""

    def __init__(self, amqp_url: str) -> None:
        self._urls = amqp_url.split(";")
        self._id = ""
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._channel: Channel | None = None
        self._ready = asyncio.Event()
        self._connection: AsyncioConnection | None = None
        self._lost: asyncio.Future[None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RpcClient":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to connect; returns at once. Calls wait for the connection, as long as their deadline allows."""
        self._keeper = asyncio.create_task(self._keep_connected())

    async def stop(self) -> None:
        """Close. Calls that are waiting fail with Unavailable."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._connection is not None and self._lost is not None and not self._connection.is_closed:
            await asyncio.wait([self._lost], timeout=1.0)

    async def call(self, service: str, method: str, *args: Any, timeout: float = TIMEOUT, **kwargs: Any) -> Any:
        """What `service`'s method returns for these arguments (JSON builtins), within `timeout` seconds.

        Raises the Problem that it raised, RemoteFailure, or Unavailable.
        """
        correlation = str(uuid.uuid4())
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._ready.wait()
                self._waiting[correlation] = answer
                self._publish(f"{service}.{method}", {"args": args, "kwargs": kwargs}, correlation, timeout)
                return _result(await answer)
        except TimeoutError as error:
            raise Unavailable(f"no answer from {service} within {timeout} s", "服务未及时响应，请稍后再试") from error
        finally:
            self._waiting.pop(correlation, None)

    def _publish(self, routing_key: str, body: dict[str, Any], correlation: str, timeout: float) -> None:
        assert self._channel is not None
        properties = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            reply_to=self._id,
            correlation_id=correlation,
            expiration=str(max(1, int(timeout * 1000))),
            headers={"nameko.call_id_stack": [f"client.{correlation}"]},
        )
        try:
            self._channel.basic_publish(EXCHANGE, routing_key, json.dumps(body).encode(), properties, mandatory=True)
        except AMQPError as error:
            raise Unavailable("the connection to the broker was lost", "与消息系统的连接已断开，请稍后再试") from error

    async def _keep_connected(self) -> None:
        """Connect, wait until the connection is lost, connect again."""
        waits = back_off(5.0)
        for url in itertools.cycle(self._urls):
            try:
                self._lost = await self._connect(url)
                waits = back_off(5.0)
                await asyncio.shield(self._lost)
                log.warning("lost the broker at %s", mask(url))
            except (AMQPError, OSError) as error:
                log.warning("waiting for the broker at %s: %s", mask(url), type(error).__name__)
            finally:
                self._forget_connection()
            await asyncio.sleep(next(waits))

    async def _connect(self, url: str) -> "asyncio.Future[None]":
        """Open connection, channel and reply queue; a future that ends when they are lost."""
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[Channel] = loop.create_future()
        lost: asyncio.Future[None] = loop.create_future()
        parameters = pika.URLParameters(url)
        parameters.heartbeat, parameters.socket_timeout = HEARTBEAT, CONNECT_TIMEOUT

        def closed(_: AsyncioConnection, error: BaseException) -> None:
            _fail(opened, error)
            _set(lost, None)

        self._connection = AsyncioConnection(
            parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=lambda c: _set(opened, c)),
            on_open_error_callback=lambda _, error: _fail(opened, error),
            on_close_callback=closed,
        )
        channel = await opened
        channel.add_on_close_callback(lambda *_: self._close())
        channel.add_on_return_callback(self._on_return)
        await _unless(lost, self._listen(channel))
        self._channel = channel
        self._ready.set()
        return lost

    async def _listen(self, channel: Channel) -> None:
        # A fresh name each time: the broker may still hold the queue of a connection that only we know to be lost.
        self._id = str(uuid.uuid4())
        await _done(channel.exchange_declare, EXCHANGE, "topic", durable=True)
        queue = f"rpc.reply-client-{self._id}"
        await _done(channel.queue_declare, queue, exclusive=True, auto_delete=True)
        await _done(channel.queue_bind, queue, EXCHANGE, routing_key=self._id)
        await _done(channel.basic_consume, queue, self._on_answer, auto_ack=True)

    def _on_answer(self, _channel: Channel, _method: object, properties: pika.BasicProperties, body: bytes) -> None:
        self._answer(properties.correlation_id, json.loads(body))

    def _on_return(self, _channel: Channel, method: Any, properties: pika.BasicProperties, _body: bytes) -> None:
        service = method.routing_key.partition(".")[0]
        problem = Unavailable(f"no service {service} is running", "所需服务未运行，请稍后再试")
        if (waiting := self._waiting.get(properties.correlation_id)) is not None:
            _fail(waiting, problem)

    def _answer(self, correlation: str, body: dict[str, Any]) -> None:
        if (waiting := self._waiting.get(correlation)) is not None:
            _set(waiting, body)

    def _forget_connection(self) -> None:
        self._ready.clear()
        self._channel = None
        for waiting in self._waiting.values():
            _fail(waiting, Unavailable("the connection to the broker was lost", "与消息系统的连接已断开，请稍后再试"))
        self._close()

    def _close(self) -> None:
        if self._connection is not None and self._connection.is_open:
            self._connection.close()


def call_once(amqp_url: str, service: str, method: str, *args: Any, timeout: float = TIMEOUT, **kwargs: Any) -> Any:
    """`RpcClient.call` for programs without an event loop: connects, calls, closes. Raises what it raises."""

    async def once() -> Any:
        async with RpcClient(amqp_url) as client:
            return await client.call(service, method, *args, timeout=timeout, **kwargs)

    return asyncio.run(once())


def _result(body: dict[str, Any]) -> Any:
    error = body.get("error")
    if not error:
        return body["result"]
    details = error.get("exc_args") or []
    if details and (problem := Problem.parse(details[0])):
        raise problem
    raise RemoteFailure(error.get("exc_type", "Exception"), str(error.get("value", "")))


async def _unless(lost: "asyncio.Future[None]", work: Coroutine[Any, Any, None]) -> None:
    """Await `work`. Raises AMQPConnectionError where the connection is lost before: its answers never come then."""
    working = asyncio.ensure_future(work)
    await asyncio.wait([working, lost], return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        working.cancel()
        raise AMQPConnectionError("lost while it was opened")
    await working


async def _done(method: Any, *args: Any, **kwargs: Any) -> None:
    """Await pika's callback of a channel method."""
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    method(*args, callback=lambda frame: _set(done, frame), **kwargs)
    await done


def _set(future: "asyncio.Future[Any]", value: Any) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
