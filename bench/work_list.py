"""The work list of a street, with 10⁵ tasks in the system, beside a bare call of the same service.

The bare call is one that the service answers without asking its database. Both are asked in turns over one connection,
so that both meet the same machine; what counts is the ratio of their 95th percentiles.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from bench.measurement import Measurement, percentile
from bench.seeding import seed_to
from bench.system import system
from infra.messaging.rpc_client import RpcClient
from infra.organisation.registry import Registry, UnitKind

SIZE = 100_000
CALLS, WARM = 1_000, 100
LINES = 20


async def compared(amqp_url: str, unit: str) -> tuple[list[float], list[float]]:
    """Milliseconds of the calls for the work list, and of the bare ones. Raises RuntimeError where the list is
    empty."""
    lists, bare = [], []
    async with RpcClient(amqp_url) as client:
        page = await client.call("tasks", "work_list", unit, LINES)
        if len(page["items"]) < LINES:
            raise RuntimeError(f"the work list of {unit} has {len(page['items'])} lines")
        for _ in range(WARM + CALLS):
            lists.append(await taken(client, "work_list", unit, LINES))
            bare.append(await taken(client, "task_counts", [], "place"))
    return lists[WARM:], bare[WARM:]


async def taken(client: RpcClient, method: str, *args: Any) -> float:
    """Milliseconds from question to answer."""
    begun = time.perf_counter()
    await client.call("tasks", method, *args)
    return (time.perf_counter() - begun) * 1000


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    seed_to(SIZE)
    street = Registry.load("5301").all(kind=UnitKind.STREET)[0].path
    lists, bare = asyncio.run(compared(system().amqp_url, street))
    say(f"a bare call: p50 {percentile(bare, 0.5):.2f} ms, p95 {percentile(bare, 0.95):.2f} ms")
    say(f"p50 beside p50: {percentile(lists, 0.5) / percentile(bare, 0.5):.2f}")
    return {
        "work_list_ms_p50": percentile(lists, 0.5),
        "work_list_ms_p95": percentile(lists, 0.95),
        "work_list_vs_bare_rpc_p95": percentile(lists, 0.95) / percentile(bare, 0.95),
    }


NAMES = ("work_list_ms_p50", "work_list_ms_p95", "work_list_vs_bare_rpc_p95")
MEASUREMENTS = [Measurement("work_list", NAMES, run)]
