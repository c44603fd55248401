"""Calls a second: the same trivial method behind our RPC and behind nameko's, from the same client (the gateway's).

Both services run all the time; they are asked in turns, several times, so that both meet the same machine.
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


async def compared(amqp_url: str) -> dict[tuple[str, int], float]:
    """(Service, calls in flight) → the median of the rounds."""
    found: dict[tuple[str, int], list[float]] = {
        (service, n): [] for service in ("our_calls", "plain_calls") for n in CALLS
    }
    async with RpcClient(amqp_url) as client:
        for _ in range(ROUNDS):
            for service, in_flight in found:
                found[service, in_flight].append(await rate(client, service, in_flight))
    return {key: median(rates) for key, rates in found.items()}


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    with running("OurCalls", "PlainCalls") as amqp_url:
        rates = asyncio.run(compared(amqp_url))
    plain = {in_flight: rates["plain_calls", in_flight] for in_flight in CALLS}
    say(f"plain nameko {plain[1]:.0f}/s one after the other, {plain[32]:.0f}/s with 32 in flight")
    return {
        "rpc_per_s_sequential": rates["our_calls", 1],
        "rpc_per_s_32": rates["our_calls", 32],
        "rpc_vs_nameko_sequential": rates["our_calls", 1] / plain[1],
        "rpc_vs_nameko_32": rates["our_calls", 32] / plain[32],
    }


NAMES = ("rpc_per_s_sequential", "rpc_per_s_32", "rpc_vs_nameko_sequential", "rpc_vs_nameko_32")
MEASUREMENTS = [Measurement("rpc_calls", NAMES, run)]
