"""Calls of services from programs that run on asyncio."""

import asyncio
import time

import pytest
from pika.channel import Channel

from infra.messaging.rpc_client import RemoteFailure, RpcClient, call_once
from infra.problem import Refused, Unavailable
from infra.settings import Settings
from tests.messaging.bakery import Sack
from tests.messaging.conftest import DEADLINE, Serve, Wire


def test_a_call_reaches_a_nameko_service_and_brings_back_its_result(serve: Serve, settings: Settings) -> None:
    serve("Mill")
    assert call_once(settings.amqp_url, "mill", "fill", "s1", kilograms=4) is True
    assert call_once(settings.amqp_url, "mill", "fill", "s1", kilograms=5) is False
    assert Sack.objects(pk="s1").get().kilograms == 4


def test_many_calls_share_one_connection(mill: Settings) -> None:
    async def fill() -> list[bool]:
        async with RpcClient(mill.amqp_url) as client:
            return await asyncio.gather(*(client.call("mill", "fill", f"s{n}", 1) for n in range(50)))

    assert asyncio.run(fill()) == [True] * 50


def test_a_problem_crosses_unharmed(mill: Settings) -> None:
    with pytest.raises(Refused) as refused:
        call_once(mill.amqp_url, "mill", "refuse")
    problem = refused.value
    assert (problem.detail, problem.detail_zh, problem.field, problem.extra) == (
        "the mill is closed",
        "磨坊已关闭",
        "sack",
        {"until": "morning"},
    )


def test_any_other_error_says_what_kind_it_was(mill: Settings) -> None:
    with pytest.raises(RemoteFailure, match="ValueError: a stone broke"):
        call_once(mill.amqp_url, "mill", "break_down")
    with pytest.raises(RemoteFailure, match="MethodNotFound: sing"):
        call_once(mill.amqp_url, "mill", "sing")


def test_a_service_that_does_not_exist_is_unavailable_at_once(settings: Settings) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="no service smithy is running"):
        call_once(settings.amqp_url, "smithy", "forge", timeout=2 * DEADLINE)
    assert time.monotonic() - begun < DEADLINE


def test_a_call_that_takes_too_long_is_given_up(mill: Settings) -> None:
    with pytest.raises(Unavailable, match=r"no answer from mill within 0\.5 s"):
        call_once(mill.amqp_url, "mill", "grind_for", 3, timeout=0.5)


def test_a_call_that_was_given_up_is_not_done_later(serve: Serve, settings: Settings) -> None:
    assert serve("Mill").stop() == 0
    with pytest.raises(Unavailable):
        call_once(settings.amqp_url, "mill", "fill", "late", 1, timeout=0.3)
    serve("Mill")
    assert call_once(settings.amqp_url, "mill", "fill", "next", 1) is True
    assert [sack.name for sack in Sack.objects] == ["next"]


def test_a_client_that_lost_the_broker_finds_it_again(serve: Serve, settings: Settings, wire: Wire) -> None:
    serve("Mill")

    async def story() -> tuple[str, bool]:
        async with RpcClient(wire.url) as client:
            assert await client.call("mill", "fill", "s1", 1) is True
            pending = asyncio.create_task(client.call("mill", "grind_for", 10))
            await asyncio.sleep(0)
            wire.cut()
            with pytest.raises(Unavailable) as lost:
                await pending
            wire.mend()
            return lost.value.detail, await client.call("mill", "fill", "s2", 1)

    assert asyncio.run(story()) == ("the connection to the broker was lost", True)


def test_a_client_that_loses_the_broker_while_it_connects_connects_again(
    serve: Serve, settings: Settings, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("Mill")
    listen, losses = RpcClient._listen, []

    async def lose_the_first(client: RpcClient, channel: Channel) -> None:
        if not losses:
            losses.append("lost")
            wire.cut()
        else:
            wire.mend()
        await listen(client, channel)

    async def story() -> bool:
        async with RpcClient(f"{wire.url};{settings.amqp_url}") as client:
            return bool(await client.call("mill", "fill", "s1", 1))

    monkeypatch.setattr(RpcClient, "_listen", lose_the_first)
    assert asyncio.run(story()) is True
    assert losses == ["lost"]


def test_a_client_takes_the_broker_that_answers(serve: Serve, settings: Settings, wire: Wire) -> None:
    serve("Mill")
    wire.cut()
    assert call_once(f"{wire.url};{settings.amqp_url}", "mill", "fill", "s1", 1) is True


def test_without_a_broker_a_call_is_unavailable_within_its_deadline(wire: Wire) -> None:
    wire.cut()
    with pytest.raises(Unavailable):
        call_once(wire.url, "mill", "fill", "s1", 1, timeout=1)
