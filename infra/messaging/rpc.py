"""`@rpc`: a service method that others may call, in nameko's RPC protocol but faster than nameko's own.

    from infra.messaging.rpc import rpc          instead of   from nameko.rpc import rpc

nameko spends its time on a connection object for every reply, on waiting for the reply's confirm, and on a system call
for every frame (infra/decisions/0007). Here a service has one connection with two green threads: one only reads, the
other only writes, and sends the answers to all calls that have ended meanwhile at once. A reply is not confirmed: one
that is lost is a call without an answer, which its caller must bear anyway. A call is acknowledged together with its
reply, so a call whose service dies is done by another replica.

On the wire it is nameko's: exchange `nameko-rpc`, queue `rpc-<service>`, routing key `<service>.<method>`, bodies
{"args", "kwargs"} and {"result", "error"}, as JSON. A method returns what it has, structs too, and msgspec writes it: a
struct as an object, a moment as ISO text. A call that expires in the queue is dropped by the broker; no more are taken
out than there are workers.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

import amqp
import msgspec
from kombu.utils import json as kombu_json
from nameko import exceptions
from nameko.constants import CALL_ID_STACK_CONTEXT_KEY, RPC_EXCHANGE_CONFIG_KEY
from nameko.containers import WorkerContext
from nameko.extensions import Entrypoint, SharedExtension

from infra.messaging import broker
from infra.messaging.rpc_arguments import Arguments
from infra.messaging.rpc_line import Line
from infra.problem import Problem

EXCHANGE = "nameko-rpc"
HEADER_PREFIX = "nameko."
TYPED = b'"__type__"'  # kombu's mark of a value that JSON does not know

log = logging.getLogger(__name__)


class _Request(msgspec.Struct):
    args: list[Any]
    kwargs: dict[str, Any]


class Rpc(Entrypoint):
    """The entrypoint behind `@rpc`; options as those of nameko's."""

    server: "RpcServer"  # one for all methods of a service
    _arguments: Arguments

    def setup(self) -> None:
        """See nameko's Extension.setup."""
        self._arguments = Arguments(getattr(self.container.service_cls, self.method_name))
        self.server.offer(self)

    def stop(self) -> None:
        """Begin no further call; nameko then waits for those that have begun."""
        self.server.hold()

    def begin(self, request: _Request, headers: dict[str, Any], answer: Callable[[bytes], None]) -> None:
        """Call the method in a worker. Raises IncorrectSignature, InvalidInput, ContainerBeingKilled."""
        self._arguments.check(request.args, request.kwargs)

        def handle_result(_: WorkerContext, result: Any, exc_info: Any) -> tuple[Any, Any]:
            answer(_failure(exc_info[1]) if exc_info else _success(result))
            return result, exc_info

        context = {name.removeprefix(HEADER_PREFIX): value for name, value in headers.items()}
        if not isinstance(context.get(CALL_ID_STACK_CONTEXT_KEY), list):
            context.pop(CALL_ID_STACK_CONTEXT_KEY, None)  # nameko would die of it
        self.container.spawn_worker(
            self, request.args, request.kwargs, context_data=context, handle_result=handle_result
        )


class RpcServer(SharedExtension):
    """Takes the calls of a service from its queue and has them answered; one for all its methods."""

    def __init__(self) -> None:
        super().__init__()
        self._methods: dict[str, Rpc] = {}
        self._line: Line | None = None
        self._holding, self._listening, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._ended.set()

    def offer(self, method: Rpc) -> None:
        """From now on `method` can be called."""
        self._methods[f"{self.container.service_name}.{method.method_name}"] = method

    def start(self) -> None:
        """See nameko's Extension.start. Returns when calls can come; waits for the broker as long as it takes."""
        self._ended.clear()
        self.container.spawn_managed_thread(self._run, identifier=self._queue)
        self._listening.wait()

    def hold(self) -> None:
        """Begin no further call; those that still come go back to the queue."""
        if not self._holding.is_set():
            self._holding.set()
            if self._line is not None:
                self._line.hold()

    def stop(self) -> None:
        """Send the last answers and close; nameko calls this after the last worker has ended."""
        self.hold()
        if self._line is not None:
            self._line.hang_up()
        if not self._ended.wait(broker.CLOSE_TIMEOUT) and self._line is not None:
            self._line.cut()
        self._ended.wait()

    @property
    def _queue(self) -> str:
        return f"rpc-{self.container.service_name}"

    def _run(self) -> None:
        try:
            while not self._holding.is_set():
                connection = broker.connect(self.container.config["AMQP_URI"], self._queue, self._holding)
                try:
                    if connection is not None:
                        self._serve(connection)
                except broker.LOST as error:
                    broker.say_lost(self._queue, error)
                    self._holding.wait(0.2)
                finally:
                    self._line = None
                    broker.close(connection)
        finally:
            self._listening.set()
            self._ended.set()

    def _serve(self, connection: amqp.Connection) -> None:
        """Answer calls until the line ends. Raises one of broker.LOST; what was in hand then comes back."""
        config = self.container.config
        line = Line(connection, config.get(RPC_EXCHANGE_CONFIG_KEY, EXCHANGE))
        writer = self.container.spawn_managed_thread(line.write, identifier=f"{self._queue} answers")
        self._line = line  # before it listens: a broker that stalls meanwhile must not keep the service from ending
        try:
            if self._holding.is_set():
                return
            line.listen(self._queue, f"{self.container.service_name}.*", self.container.max_workers, self._begin)
            self._listening.set()
            line.read()
        finally:
            line.hang_up()
            writer.wait()

    def _begin(self, call: amqp.Message) -> None:
        """Start a worker for the call, or answer at once where it cannot be one."""
        line = self._line
        assert line is not None
        if self._holding.is_set():
            line.send_back(call)
            return
        try:
            self._method(call).begin(_request(call), call.headers or {}, lambda body: line.answer(call, body))
        except (exceptions.BadRequest, Problem) as error:
            line.answer(call, _failure(error))
        except exceptions.ContainerBeingKilled:
            line.send_back(call)

    def _method(self, call: amqp.Message) -> Rpc:
        routing_key = call.delivery_info["routing_key"]
        if routing_key not in self._methods:
            raise exceptions.MethodNotFound(routing_key.rpartition(".")[2])
        return self._methods[routing_key]


Rpc.server = RpcServer()
rpc = Rpc.decorator


def _request(call: amqp.Message) -> _Request:
    """Raises MalformedRequest."""
    body = call.body.encode() if isinstance(call.body, str) else bytes(call.body)
    try:
        if TYPED in body:
            return msgspec.convert(kombu_json.loads(body), _Request)
        return msgspec.json.decode(body, type=_Request)
    except Exception as error:  # kombu's decoders of typed values raise whatever they meet; no body may end a service
        raise exceptions.MalformedRequest("Message missing `args` or `kwargs`") from error


def _success(result: Any) -> bytes:
    try:
        return msgspec.json.encode({"result": result, "error": None})
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        log.exception("a result cannot be sent")
        return _failure(exceptions.UnserializableValueError(result))


def _failure(error: BaseException) -> bytes:
    told = exceptions.serialize(error)
    try:
        return msgspec.json.encode({"result": None, "error": told})
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        log.exception("an error cannot be sent as it is")
        plain = told | {"exc_args": [], "value": ascii(told.get("value"))}
        return msgspec.json.encode({"result": None, "error": plain})
