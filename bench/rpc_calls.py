"""Calls a second: the same trivial method behind our RPC and behind nameko's, from the same client (the gateway's).

Both services run all the time and are asked in turns, so that both meet the same machine; a ratio is the median of the
ratios of neighbours.
"""

import asyncio
import time
from collections.abc import Callable
from statistics import median

from bench.arena import running
from bench.measurement import Measurement
from infra.messaging.rpc_client import RpcClient

ROUNDS = 5
CALLS = {1: 300, 32: 1500}  # calls in flight → calls of one round


async def rate(client: RpcClient, service: str, in_flight: int) -> float:
    """Calls a second. Raises RuntimeError where an answer is wrong."""
    numbers = iter(range(CALLS[in_flight]))

    async def caller() -> None:
        for number in numbers:
            if await client.call(service, "double", number) != 2 * number:
                raise RuntimeError("a wrong answer")

    begun = time.monotonic()
    await asyncio.gather(*(caller() for _ in range(in_flight)))
    return CALLS[in_flight] / (time.monotonic() - begun)


async def compared(amqp_url: str, in_flight: int) -> list[tuple[float, float]]:
    """Our rate and nameko's in each round."""
    async with RpcClient(amqp_url) as client:
        return [
            (await rate(client, "our_calls", in_flight), await rate(client, "plain_calls", in_flight))
            for _ in range(ROUNDS)
        ]


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    figures: dict[str, float] = {}
    with running("OurCalls", "PlainCalls") as amqp_url:
        for in_flight, name in ((1, "sequential"), (32, "32")):
            rates = asyncio.run(compared(amqp_url, in_flight))
            say(f"plain nameko {median(plain for _, plain in rates):.0f}/s with {in_flight} in flight")
            figures[f"rpc_per_s_{name}"] = median(ours for ours, _ in rates)
            figures[f"rpc_vs_nameko_{name}"] = median(ours / plain for ours, plain in rates)
    return figures


NAMES = ("rpc_per_s_sequential", "rpc_per_s_32", "rpc_vs_nameko_sequential", "rpc_vs_nameko_32")
MEASUREMENTS = [Measurement("rpc_calls", NAMES, run)]
