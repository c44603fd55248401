"""Hotlines under test: they push signed work orders, try again with the same number until they are acknowledged, and
know which were. Every tenth says what the one before it said (it joins that case), every thirteenth is an enquiry
(it waits for a person)."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bench.orders import order
from infra.signature import signed_headers

PATH = "/intake/hotline_12345"
AGAIN_AFTER = 0.2  # seconds
ANSWER_WITHIN = 15.0  # seconds
RETRIED = (500, 502, 503)
ARRAY = 25  # items in one push of a burst


def work_order(number: int, series: str) -> dict[str, str]:
    """Work order `number` of `series`."""
    like = order(number - 1 if number % 10 == 9 else number, series)
    kind = {"诉求类型": "咨询"} if number % 13 == 0 else {}
    return like | kind | {"工单编号": f"{series}-{number:06d}"}


class Load:
    """Pushes `rate` work orders a second to the intakes at `ports` while it is entered, at most `most` of them.

    What is not answered within `patience` seconds is pushed to another intake.
    """

    def __init__(
        self,
        ports: Sequence[int],
        secret: str,
        series: str,
        *,
        rate: float = 20.0,
        most: int = 2000,
        patience: float = ANSWER_WITHIN,
    ) -> None:
        self._patience = patience
        self._ports, self._secret, self._series, self._rate = list(ports), secret.encode(), series, rate
        self._numbers = iter(range(1, most + 1))
        self._more = itertools.count(500_000)  # those of bursts
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._workers = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(6)]
        self._begin = 0.0
        self.receipts: dict[str, str] = {}
        self.contradictions: list[str] = []
        self.refused: list[str] = []
        self.retries = 0
        self.slowest = 0.0  # seconds that an accepted push took, tries included

    def __enter__(self) -> "Load":
        self._begin = time.monotonic()
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Push no more; what has begun is pushed until it is acknowledged, for at most a minute."""
        self._stopping.set()
        for worker in self._workers:
            worker.join(60)

    def burst_beside(self, count: int) -> None:
        """The same in a thread; its end is waited for with the others'."""
        thread = threading.Thread(target=self.burst, args=(count,), daemon=True)
        self._workers.append(thread)
        thread.start()

    def burst(self, count: int) -> None:
        """`count` work orders more, at once, in arrays."""
        with self._lock:
            numbers = list(itertools.islice(self._more, count))
        for start in range(0, len(numbers), ARRAY):
            self._push([work_order(number, self._series) for number in numbers[start : start + ARRAY]], start)

    def _work(self, turn: int) -> None:
        while not self._stopping.is_set():
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            pause = self._begin + number / self._rate - time.monotonic()
            if pause > 0 and self._stopping.wait(pause):
                return
            self._push([work_order(number, self._series)], turn)

    def _push(self, orders: list[dict[str, str]], turn: int) -> None:
        """Until it is acknowledged; each try at the next intake."""
        began = time.monotonic()
        deadline = began + 120
        body = json.dumps(orders, ensure_ascii=False).encode()
        for attempt in itertools.count(turn):
            status, answer = self._try(self._ports[attempt % len(self._ports)], body)
            if status == 202:
                self.slowest = max(self.slowest, time.monotonic() - began)
                self._note(answer["results"])
                return
            if status not in (0, *RETRIED) or time.monotonic() > deadline:
                self.refused.append(f"{status}: {answer}")
                return
            self.retries += 1
            time.sleep(AGAIN_AFTER)

    def _try(self, port: int, body: bytes) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self._patience)
        headers = {"Content-Type": "application/json"} | signed_headers(self._secret, int(time.time()), body)
        with suppress(OSError, http.client.HTTPException, ValueError):
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        connection.close()
        return 0, None

    def _note(self, results: list[dict[str, Any]]) -> None:
        with self._lock:
            for one in results:
                known = self.receipts.setdefault(one["external_id"], one["receipt"])
                if known != one["receipt"]:
                    self.contradictions.append(f"{one['external_id']}: {known}, then {one['receipt']}")
