"""How events leave their outboxes."""

import random
import signal
import subprocess
import sys
import threading
from collections import Counter

import amqp

from infra.clock import WallClock
from infra.messaging.relay import Relay
from infra.messaging.store import Store
from infra.settings import Settings
from tests.messaging.bakery import Loaf, Sack, SackSwept
from tests.messaging.conftest import DEADLINE, Listener, Serve, Wire, environment_of, running, wait_until

DIE_AFTER_SAVING = """
import os, signal
from infra import mongo
from infra.messaging.store import Store
from infra.settings import Settings
from tests.messaging.bakery import Sack
mongo.connect(Settings.from_environment(), "mill")
assert Store().insert_many([Sack.filled(f"s{n}", 2) for n in range(30)]) == [True] * 30
os.kill(os.getpid(), signal.SIGKILL)
"""


def waiting() -> int:
    return Sack.objects(outbox_since__exists=True).count()


def test_what_was_saved_by_a_process_that_was_killed_takes_effect_exactly_once(
    serve: Serve, settings: Settings
) -> None:
    serve("Bakery")
    killed = subprocess.run([sys.executable, "-c", DIE_AFTER_SAVING], env=environment_of(settings), timeout=DEADLINE)
    assert killed.returncode == -signal.SIGKILL
    assert waiting() == 30
    serve("Mill")
    wait_until(lambda: waiting() == 0)
    wait_until(lambda: Loaf.objects.count() == 30)
    assert {loaf.sequence for loaf in Loaf.objects} == {1}


def test_an_event_that_no_queue_wants_stays_visible_and_is_delivered_when_one_does(
    sweeping_relay: Relay, connection: amqp.Connection
) -> None:
    relay = sweeping_relay
    Store(relay, service="mill").insert(Sack.filled("s1", 2))
    wait_until(lambda: relay.figures.held == {"sack_filled": "no queue is bound"})
    assert (relay.figures.published, relay.figures.refused > 0) == (0, True)
    assert [envelope.id for envelope in Sack.objects(pk="s1").get().outbox] == ["mill/sack/s1#1"]
    listener = Listener(connection, "mill")
    wait_until(lambda: waiting() == 0)
    assert relay.figures.held == {}
    assert set(listener.heard()) == {"mill/sack/s1#1"}


def test_an_event_that_no_queue_wants_does_not_hold_up_the_others(
    sweeping_relay: Relay, connection: amqp.Connection
) -> None:
    channel = connection.channel()
    channel.exchange_declare("mill.events", "topic", durable=True, auto_delete=False)
    channel.queue_declare("weighings", exclusive=True)
    channel.queue_bind("weighings", "mill.events", routing_key="sack_weighed")
    store = Store(sweeping_relay, service="mill")
    store.insert_many([Sack.filled(f"s{n}", 2) for n in range(600)])
    wait_until(lambda: sweeping_relay.figures.refused >= 500)
    Store().change(Sack, "s599", lambda sack: sack.weigh(3))
    wait_until(lambda: channel.queue_declare("weighings", passive=True).message_count >= 1)


def test_an_event_that_nobody_hears_yet_leaves_the_outbox(relay: Relay) -> None:
    sack = Sack(name="s1")
    sack.record(SackSwept(sack="s1"), at=WallClock().now(), cause="test")
    Store(relay, service="mill").insert(sack)
    wait_until(lambda: waiting() == 0)
    assert (relay.figures.published, relay.figures.refused) == (1, 0)


def test_nothing_is_lost_while_the_broker_is_away(settings: Settings, wire: Wire, mill_events: Listener) -> None:
    relay = Relay(wire.url, [Sack], sweep_after=0.3)
    relay.start()
    store = Store(relay, service="mill")
    store.insert(Sack.filled("s0", 2))
    wait_until(lambda: waiting() == 0)
    wire.cut()
    store.insert_many([Sack.filled(f"s{n}", 2) for n in range(1, 40)])
    assert waiting() == 39
    wire.mend()
    wait_until(lambda: waiting() == 0)
    relay.stop()
    assert set(mill_events.heard()) == {f"mill/sack/s{n}#1" for n in range(40)}


def test_a_relay_that_clears_while_others_write_loses_nothing_and_brings_nothing_back(
    relay: Relay, mill_events: Listener
) -> None:
    names = [f"s{n}" for n in range(4)]
    store = Store(relay, service="mill")
    store.insert_many([Sack.filled(name, 0) for name in names])

    def weigh(seed: int) -> None:
        chance = random.Random(seed)
        for kilograms in range(40):
            store.change(Sack, chance.choice(names), lambda sack, kilograms=kilograms: sack.weigh(kilograms))

    with running(*(threading.Thread(target=weigh, args=(seed,)) for seed in range(5))):
        pass
    relay.stop()
    assert waiting() == 0
    sacks = list(Sack.objects)
    assert sum(sack.sequence for sack in sacks) == 4 + 5 * 40
    assert all(len(sack.notes) == sack.sequence - 1 for sack in sacks)
    expected = {f"mill/{sack.subject}#{n}" for sack in sacks for n in range(1, sack.sequence + 1)}
    assert Counter(mill_events.heard()) == Counter(expected)


def test_two_relays_at_one_database_lose_nothing(
    settings: Settings, sweeping_relay: Relay, mill_events: Listener
) -> None:
    other = Relay(settings.amqp_url, [Sack], sweep_after=0.0)
    other.start()
    Store(sweeping_relay, service="mill").insert_many([Sack.filled(f"s{n}", 2) for n in range(300)])
    wait_until(lambda: waiting() == 0)
    other.stop()
    assert set(mill_events.heard()) == {f"mill/sack/s{n}#1" for n in range(300)}
