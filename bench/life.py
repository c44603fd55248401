"""Cases led through their whole life by officers who act at once: accept, submit and close as soon as it can be done.

One listener hears of every step on the broker; the commands go through the client that the gateway uses.
"""

import asyncio
import json
import threading
import time
import uuid
from typing import Any

import kombu

from bench.system import system
from infra.messaging.event import HEADER_PREFIX
from infra.messaging.rpc_client import RpcClient
from infra.organisation.officer import Officer, Role
from infra.problem import Stale

OFFICE = {"role": Role.CITY_OFFICE.value, "unit": "5301", "name": "bench"}
DESK = {"role": Role.HOTLINE_DESK.value, "unit": "5301", "name": "bench"}
HEARD = {"tasks.events": ("task_assigned",), "complaints.events": ("case_revised", "case_closed")}
OFFICERS = 24  # commands in flight

Step = tuple[str, int, dict[str, Any]]  # event type, version of the aggregate, its public state


class Officers:
    """Leads every case that gets a task to its end, from construction until `stop`."""

    def __init__(self) -> None:
        Officer.from_json(OFFICE), Officer.from_json(DESK)
        self.closed: dict[str, float] = {}  # case id → monotonic moment at which its closing was heard
        self.failures: list[str] = []
        self._listening, self._stopping = threading.Event(), threading.Event()
        self._loop = asyncio.new_event_loop()
        self._steps: asyncio.Queue[Step] = asyncio.Queue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._act, self._listen)]
        for thread in self._threads:
            thread.start()
        if not self._listening.wait(30):
            raise RuntimeError("the listener could not reach the broker")

    def await_closed(self, count: int, patience: float) -> None:
        """Return when `count` cases are closed. Raises RuntimeError after `patience` seconds or at a refusal."""
        deadline = time.monotonic() + patience
        while len(self.closed) < count:
            if self.failures:
                raise RuntimeError(self.failures[0])
            if time.monotonic() > deadline:
                raise RuntimeError(f"{count - len(self.closed)} of {count} cases are not closed after {patience} s")
            time.sleep(0.02)

    def stop(self) -> None:
        """Act no more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        with kombu.Connection(system().amqp_url) as connection, connection.channel() as channel:
            queues = [
                kombu.Queue(
                    uuid.uuid4().hex, kombu.Exchange(name, "topic", durable=True), routing_key=key, exclusive=True
                )
                for name, keys in HEARD.items()
                for key in keys
            ]
            with kombu.Consumer(channel, queues, callbacks=[self._note], no_ack=True, accept=["json"]):
                self._listening.set()
                while not self._stopping.is_set():
                    try:
                        connection.drain_events(timeout=0.5)
                    except TimeoutError:
                        continue

    def _note(self, body: object, message: kombu.Message) -> None:
        kind, version = (message.headers[HEADER_PREFIX + name] for name in ("type", "sequence"))
        state = json.loads(message.body)["task" if kind.startswith("task") else "case"]
        if kind == "case_closed":
            self.closed[state["case_id"]] = time.monotonic()
        elif kind == "task_assigned" or state["status"] == "checking":
            self._loop.call_soon_threadsafe(self._steps.put_nowait, (kind, version, state))

    def _act(self) -> None:
        self._loop.run_until_complete(self._work())
        self._loop.close()

    async def _work(self) -> None:
        async with RpcClient(system().amqp_url) as client:
            officers = [asyncio.create_task(self._officer(client)) for _ in range(OFFICERS)]
            while not self._stopping.is_set():
                await asyncio.sleep(0.1)
            for officer in officers:
                officer.cancel()
            await asyncio.gather(*officers, return_exceptions=True)

    async def _officer(self, client: RpcClient) -> None:
        while True:
            kind, version, state = await self._steps.get()
            try:
                await (_handle if kind == "task_assigned" else _close)(client, version, state)
            except Stale:
                continue  # somebody did it: the event of that is on its way
            except Exception as error:
                self.failures.append(f"{kind}: {error!r}")


async def _handle(client: RpcClient, version: int, task: dict[str, Any]) -> None:
    taken = await client.call("tasks", "accept_task", task["task_id"], version, OFFICE, "bench")
    await client.call("tasks", "submit_task", task["task_id"], taken["version"], OFFICE, "已处置完毕", "bench")


async def _close(client: RpcClient, version: int, case: dict[str, Any]) -> None:
    words = ("现场核查问题已消除", "您反映的问题已处置完毕，感谢您的监督。")
    await client.call("complaints", "close_case", case["case_id"], version, DESK, *words, "bench", why="压力测试")
