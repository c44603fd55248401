"""How the gateway asks the services: one desk per request, one breaker per process.

The rule of the house: one request makes at most one RPC per service and kind of data. `Desk.ask` enforces it: a second
question of the same kind is refused rather than asked (loaders.py sees to it that this does not happen to people).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from infra.problem import Problem, Refused, Unavailable

log = logging.getLogger(__name__)

SERVICE_NAMES = {"complaints": "诉求", "tasks": "任务", "assessment": "测评", "notify": "通知"}
FAIR_SHARE = 0.5  # of the usual time: who waited less was told at once that nobody is there, and may ask again at once
LATE = (
    0.25  # seconds; a timeout that comes this much too late says that this process is busy, not that a service is dead
)


class Caller(Protocol):
    """What infra/messaging/rpc_client.py offers."""

    async def call(self, service: str, method: str, *args: Any, timeout: float, **kwargs: Any) -> Any:
        """The answer, as JSON builtins. Raises Problem; Unavailable when nothing comes within `timeout` seconds."""
        ...


class Breaker:
    """Remembers services that do not answer, so that nobody waits for a dead one.

    After `failures` silences in a row a service rests for `rest` seconds: questions fail at once. Then one question is
    let through; its answer closes the breaker, its silence starts another rest.
    """

    def __init__(self, *, failures: int, rest: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._rest, self._now = failures, rest, now
        self._silences: dict[str, int] = {}
        self._resting_until: dict[str, float] = {}

    def admit(self, service: str) -> bool:
        """Whether a question to `service` may be sent now."""
        if self._silences.get(service, 0) < self._limit:
            return True
        if self._now() < self._resting_until[service]:
            return False
        self._resting_until[service] = self._now() + self._rest
        return True

    def resting(self) -> list[str]:
        """The services that are not asked at present."""
        return sorted(s for s, n in self._silences.items() if n >= self._limit and self._now() < self._resting_until[s])

    def answered(self, service: str) -> None:
        """`service` lives (an error is an answer too)."""
        self._silences.pop(service, None)

    def silent(self, service: str) -> None:
        """`service` did not answer."""
        self._silences[service] = self._silences.get(service, 0) + 1
        self._resting_until[service] = self._now() + self._rest


class Desk:
    """The RPC of one GraphQL request: keeps its deadline, and who was asked what."""

    def __init__(self, client: Caller, breaker: Breaker, *, deadline: float, rpc_timeout: float) -> None:
        """`deadline` and `rpc_timeout` in seconds from now."""
        self._client, self._breaker, self._rpc_timeout = client, breaker, rpc_timeout
        self._ends = time.monotonic() + deadline
        self._asked: set[tuple[str, str, str]] = set()
        self._silent: set[str] = set()

    @property
    def time_left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self._ends - time.monotonic()

    def forget(self) -> None:
        """Start anew after a command changed something: what was asked before may be asked again."""
        self._asked.clear()

    async def ask(self, service: str, method: str, *args: Any, kind: str = "") -> Any:
        """The answer to a question. `kind` tells apart what one method is asked for (the two coordinates of a count).

        Raises Refused on the second question of one kind, Unavailable when the service is silent, and its problems.
        """
        if (service, method, kind) in self._asked:
            raise Refused(
                f"this request needs {service}.{method} twice; ask in two requests",
                "一次查询只能取一次同类数据，请分两次查询",
                service=service,
            )
        self._asked.add((service, method, kind))
        return await self._call(service, method, args, {})

    async def command(self, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Have `service` do something; its answer. Raises Unavailable and the service's problems.

        A silence leaves open whether it was done; the version that every command names makes it safe to try again.
        """
        try:
            return await self._call(service, method, args, kwargs)
        except Unavailable as silence:
            name = SERVICE_NAMES.get(service, service)
            raise Unavailable(
                f"the service {service} did not answer; look whether it was done before you try again",
                f"{name}服务没有应答，操作是否完成尚不确定，请刷新查看后再试",
                service=service,
            ) from silence

    async def _call(self, service: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        timeout = min(self._rpc_timeout, self.time_left)
        if timeout <= 0 or service in self._silent or not self._breaker.admit(service):
            raise _silence(service)
        began = time.monotonic()
        try:
            async with asyncio.timeout(timeout):
                answer = await self._client.call(service, method, *args, timeout=timeout, **kwargs)
        except (Unavailable, TimeoutError) as error:
            log.warning("%s.%s: no answer (%.1f s were allowed)", service, method, timeout)
            self._note_silence(service, timeout, waited=time.monotonic() - began)
            raise _silence(service) from error
        except Exception:
            self._breaker.answered(service)
            raise
        self._breaker.answered(service)
        return answer

    def _note_silence(self, service: str, timeout: float, waited: float) -> None:
        self._silent.add(service)
        if self._rpc_timeout * FAIR_SHARE <= waited < timeout + LATE:
            self._breaker.silent(service)


def _silence(service: str) -> Problem:
    name = SERVICE_NAMES.get(service, service)
    return Unavailable(f"the service {service} does not answer", f"{name}服务暂时没有应答，请稍后再试", service=service)
