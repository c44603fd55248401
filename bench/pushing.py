"""Pushing signed bodies at the intake as fast as it takes them: a few threads with kept-alive connections."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from typing import Any

from bench.system import system
from infra.signature import signed_headers

PATH = "/intake/hotline_12345"


def push_all(
    payloads: Sequence[Any], *, threads: int, accepted: int = 202, port: int | None = None, path: str = PATH
) -> list[tuple[float, float]]:
    """Push every payload (one request each) from `threads` connections; when each was (sent, answered), monotonic.

    To the intake, where `port` and `path` do not say otherwise. Raises RuntimeError at the first answer that is not
    `accepted`.
    """
    secret = system().secrets["hotline_12345"].encode()
    times: list[tuple[float, float]] = [(0.0, 0.0)] * len(payloads)
    failures: list[str] = []

    def work(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port or system().ports.intake, timeout=60)
        for index in range(first, len(payloads), threads):
            body = json.dumps(payloads[index], ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"} | signed_headers(secret, int(time.time()), body)
            sent = time.monotonic()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            times[index] = (sent, time.monotonic())
            if answer.status != accepted:
                failures.append(f"{answer.status}: {text[:300]!r}")
                return
        connection.close()

    workers = [threading.Thread(target=work, args=(first,)) for first in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise RuntimeError(f"the intake refused: {failures[0]}")
    return times


def span(times: Sequence[tuple[float, float]]) -> float:
    """Seconds from the first request to the last answer."""
    return max(answered for _, answered in times) - min(sent for sent, _ in times)
