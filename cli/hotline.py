"""A hotline's end of the push: signed HTTP in batches, several at a time, patient while the intake is busy.

    wenming replay [FILE]

Every attempt is signed anew (infra/signature.py). An answer 429 or 503, or a broken connection is tried again after
what `Retry-After` asks, else after twice the last pause; an answer that says no (401, 404, 413 …) ends the replay.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
from rich.console import Console
from rich.progress import Progress

from cli import feed
from cli.feed import Item
from cli.main import Town
from infra.local.instance import Instance
from infra.organisation.registry import Registry
from infra.problem import Problem, Unauthenticated, Unavailable
from infra.signature import signed_headers

BATCH = 50  # items in one request
SIDE_BY_SIDE = 4  # requests at a time
ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds
BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
NOT_UNDERSTOOD = "not_understood"
WORDS = {"received": "受理", "already_received": "重复", "revised": "更新", NOT_UNDERSTOOD: "未能识别"}

Tick = Callable[[int], None]


class Batch(NamedTuple):
    """Payloads for one request to one channel."""

    channel: str
    payloads: list[dict[str, Any]]


class Hotline:
    """Pushes to the intake at `url` (…/intake), with each channel's shared secret from `secrets`."""

    def __init__(
        self,
        url: str,
        secrets: Mapping[str, str],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        wall: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url, self._secrets, self._transport = url.rstrip("/"), secrets, transport
        self._wall, self._pause = wall, pause

    async def push(self, items: Iterable[Item], tick: Tick) -> Counter[str]:
        """Push all items; how many were received, already_received, revised, not_understood. `tick` is told how many
        more are done. Raises the Problem with which the intake refused, Unavailable where it does not answer."""
        counts: Counter[str] = Counter()
        places = asyncio.Semaphore(SIDE_BY_SIDE)
        async with self.client() as client:
            for wave in waves(items):
                async with asyncio.TaskGroup() as group:
                    for batch in batches(wave):
                        group.create_task(self._deliver(client, batch, places, counts, tick))
        return counts

    def client(self) -> httpx.AsyncClient:
        """The HTTP client for `send`."""
        return httpx.AsyncClient(transport=self._transport, timeout=60, trust_env=False)

    async def _deliver(
        self, client: httpx.AsyncClient, batch: Batch, places: asyncio.Semaphore, counts: Counter[str], tick: Tick
    ) -> None:
        async with places:
            counts.update(outcomes(await self.send(client, batch)))
        tick(len(batch.payloads))

    async def send(self, client: httpx.AsyncClient, batch: Batch) -> httpx.Response:
        """Push one batch, again while the intake is busy; its answer. Raises Unavailable, Unauthenticated."""
        body = json.dumps(batch.payloads, ensure_ascii=False).encode()
        pause, trouble = FIRST_PAUSE, ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._pause(pause)
            try:
                answer = await client.post(
                    f"{self._url}/{batch.channel}", content=body, headers=self._headers(batch, body)
                )
            except httpx.TransportError as error:
                pause, trouble = min(2 * pause, LONGEST_PAUSE), type(error).__name__
                continue
            if answer.status_code not in BUSY:
                return answer
            pause, trouble = _asked_pause(answer, 2 * pause), str(answer.status_code)
        raise Unavailable(
            f"the intake does not take {batch.channel} after {ATTEMPTS} attempts: {trouble}",
            f"受理接口暂不可用：{trouble}",
        )

    def _headers(self, batch: Batch, body: bytes) -> dict[str, str]:
        secret = self._secrets.get(batch.channel)
        if secret is None:
            raise Unauthenticated(f"no secret of {batch.channel} is known here", f"没有渠道{batch.channel}的密钥")
        return {"Content-Type": "application/json"} | signed_headers(secret.encode(), int(self._wall()), body)


def waves(items: Iterable[Item]) -> list[list[Item]]:
    """The items so that no number comes twice in a wave: what is sent again must find what was sent before."""
    seen: Counter[tuple[str, str]] = Counter()
    found: list[list[Item]] = []
    for item in items:
        number = item.external_id
        wave = seen[item.channel, number] if number else 0
        if number:
            seen[item.channel, number] += 1
        if wave == len(found):
            found.append([])
        found[wave].append(item)
    return found


def batches(items: Sequence[Item]) -> Iterator[Batch]:
    """The items of each channel in their order, at most BATCH at a time."""
    for channel in dict.fromkeys(item.channel for item in items):
        payloads = [item.payload for item in items if item.channel == channel]
        yield from (Batch(channel, payloads[start : start + BATCH]) for start in range(0, len(payloads), BATCH))


def outcomes(answer: httpx.Response) -> list[str]:
    """What became of each item of a batch. Raises the Problem that the answer is, where nothing was even kept."""
    return [str(result.get("outcome", NOT_UNDERSTOOD)) for result in results(answer)]


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    """What the intake says of each item of a batch. Raises the Problem that the answer is, where it kept nothing."""
    body = answer.json()
    if isinstance(body, dict) and "results" in body:
        return body["results"]
    raise Problem.from_json(body)


def push(instance: Instance, items: Iterable[Item], tick: Tick) -> dict[str, int]:
    """Push all items to the intake of `instance`; how many came to which result, by its word for people."""
    url = f"http://127.0.0.1:{instance.ports.intake}/intake"
    try:
        counts = asyncio.run(Hotline(url, instance.secrets).push(items, tick))
    except* Problem as refusals:
        raise _first(refusals) from None
    return {word: counts[outcome] for outcome, word in WORDS.items() if counts[outcome]}


def _first(refusals: BaseExceptionGroup[Problem]) -> Problem:
    one = refusals.exceptions[0]
    return _first(one) if isinstance(one, BaseExceptionGroup) else one


def _asked_pause(answer: httpx.Response, otherwise: float) -> float:
    """The seconds that `Retry-After` asks for; `otherwise` where it is missing or a date."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked) if asked.isdigit() else otherwise, LONGEST_PAUSE)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=feed.DEFAULT)
@click.pass_obj
def replay(town: Town, file: Path) -> None:
    """Push the feed FILE (.jsonl, or .csv of citizen messages; default: the small one in the package)."""
    found = list(feed.items(file, Registry.load()))
    console = Console(stderr=True)
    with Progress(console=console) as progress:
        bar = progress.add_task("来件", total=len(found))
        counts = push(town.instance, found, lambda n: progress.advance(bar, n))
    click.echo(f"来件 {len(found)} 件：" + "、".join(f"{word} {count}" for word, count in counts.items()))


COMMANDS = (replay,)
