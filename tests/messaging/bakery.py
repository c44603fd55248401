"""Two small services to try the messaging layer on: the mill fills sacks, the bakery bakes loaves of them."""

import json
import os
import pathlib
import signal
import time
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from mongoengine import IntField, ListField, StringField
from nameko.rpc import rpc as plain_rpc

from infra.clock import WallClock
from infra.messaging.event import Event, Received
from infra.messaging.handler import handles
from infra.messaging.letters import Letter, takes_in
from infra.messaging.outbox import Aggregate
from infra.messaging.retry import FinalError
from infra.messaging.rpc import rpc
from infra.messaging.store import Store
from infra.messaging.store_provider import StoreProvider
from infra.problem import Refused


class SackFilled(Event, frozen=True, kw_only=True):
    """A sack holds so many kilograms; `fate` tells the bakery how to fail."""

    source: ClassVar[str] = "mill"
    sack: str
    kilograms: int
    fate: str = ""


class SackWeighed(Event, frozen=True, kw_only=True):
    """Weighed again."""

    source: ClassVar[str] = "mill"
    sack: str
    kilograms: int


class SackSwept(Event, frozen=True, kw_only=True):
    """Nobody hears it."""

    source: ClassVar[str] = "mill"
    unheard: ClassVar[bool] = True
    sack: str


class LoafBaked(Event, frozen=True, kw_only=True):
    """The bakery baked."""

    source: ClassVar[str] = "bakery"
    unheard: ClassVar[bool] = True
    loaf: str


class Sack(Aggregate):
    """A sack of the mill."""

    noun = "sack"
    meta = {"db_alias": "mill", "collection": "sacks"}  # noqa: RUF012

    name = StringField(primary_key=True)
    kilograms = IntField(default=0)
    label = StringField()
    notes = ListField(StringField())

    @staticmethod
    def filled(name: str, kilograms: int, fate: str = "") -> "Sack":
        """A new sack."""
        sack = Sack(name=name, kilograms=kilograms)
        event = SackFilled(sack=name, kilograms=kilograms, fate=fate)
        sack.record(event, at=WallClock().now(), cause="test")
        return sack

    def weigh(self, kilograms: int) -> None:
        """Say anew how much is in it."""
        self.kilograms = kilograms
        self.notes.append(str(kilograms))
        event = SackWeighed(sack=self.name, kilograms=kilograms)
        self.record(event, at=WallClock().now(), cause="test")

    def last_change(self) -> dict[str, Any]:
        """Shown to those whose view is stale."""
        return {"changed_what": "weighed"}


class Loaf(Aggregate):
    """What the bakery made of one sack: one loaf, however often it is told."""

    noun = "loaf"
    meta = {"db_alias": "bakery", "collection": "loaves"}  # noqa: RUF012

    name = StringField(primary_key=True)
    grams = IntField(default=0)


class SackShown(msgspec.Struct, frozen=True, kw_only=True):
    """How a sack is shown."""

    name: str
    filled_at: datetime
    by_size: dict[int, tuple[str, None]]


class Mill:
    """Fills sacks on request."""

    name = "mill"
    store: Store = StoreProvider()  # type: ignore[assignment]

    @rpc
    def fill(self, sack: str, kilograms: int, fate: str = "") -> bool:
        """Whether the sack is new."""
        return self.store.insert(Sack.filled(sack, kilograms, fate))

    @rpc
    def refuse(self) -> None:
        """Say no."""
        raise Refused("the mill is closed", "磨坊已关闭", field="sack", until="morning")

    @rpc
    def break_down(self) -> None:
        """Fail."""
        raise ValueError("a stone broke")

    @rpc
    def grind_for(self, seconds: float) -> str:
        """Take long."""
        time.sleep(seconds)
        return "ground"

    @rpc
    def meet(self, hall: str, guests: int) -> str:
        """Come into the directory `hall`, and stay until there are so many."""
        (pathlib.Path(hall) / uuid.uuid4().hex).touch()
        while len(os.listdir(hall)) < guests:
            time.sleep(0.05)
        return "met"

    @rpc(expected_exceptions=Refused, sensitive_arguments="key")
    def unlock(self, key: str, *, twice: bool = False) -> list[object]:
        """What was given, and what JSON has to carry."""
        return [key, twice, None, 1.5, {"面粉": ["特一粉"]}]

    @rpc
    def show_sack(self) -> list[SackShown]:
        """A struct with what JSON does not have."""
        return [SackShown(name="s1", filled_at=datetime(2026, 7, 1, 8, tzinfo=UTC), by_size={50: ("小麦", None)})]

    @rpc
    def mumble(self) -> None:
        """Fail with words that no encoding has."""
        raise ValueError("half a character: \ud83d")

    @rpc
    def lend_stone(self) -> object:
        """What cannot be sent."""
        return object()

    @rpc
    def die_once(self, marker: str) -> str:
        """Kill the process that is called first."""
        if pathlib.Path(marker).exists():
            return "alive"
        pathlib.Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
        return "dead"


class PlainMill:
    """A mill that is called in nameko's own way."""

    name = "plain_mill"

    @plain_rpc
    def greet(self, name: str) -> str:
        """Say hello."""
        return f"hello {name}"

    @plain_rpc
    def refuse_plainly(self) -> None:
        """Say no."""
        raise Refused("the mill is closed", "磨坊已关闭")


class Bakery:
    """Bakes a loaf of every sack."""

    name = "bakery"
    store: Store = StoreProvider()  # type: ignore[assignment]

    @handles(SackFilled)
    def on_sack(self, received: Received[SackFilled]) -> None:
        """Bake."""
        self.store.insert(loaf_of(received))


def loaf_of(received: Received[SackFilled]) -> Loaf:
    """The loaf of a sack; raises, or kills the process, where that is the sack's fate."""
    event = received.event
    if event.fate == "fail":
        raise ValueError("burnt")
    if event.fate == "final":
        raise FinalError("spoilt")
    if event.fate == "fail loudly":
        raise FinalError("oh" * 200_000)
    if event.fate == "fail once" and _first_time(event.sack):
        raise ValueError("burnt once")
    if event.fate == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    loaf = Loaf(name=event.sack, grams=event.kilograms * 1000)
    loaf.record(LoafBaked(loaf=event.sack), at=WallClock().now(), cause=received.envelope.id)
    return loaf


class BatchBakery(Bakery):
    """The same by the batch."""

    on_sack = None  # type: ignore[assignment]

    @handles(SackFilled, batch=200)
    def on_sacks(self, batch: list[Received[SackFilled]]) -> None:
        """Bake many."""
        self.store.insert_many([loaf_of(received) for received in batch])


_tried: set[str] = set()


def _first_time(sack: str) -> bool:
    new = sack not in _tried
    _tried.add(sack)
    return new


class Counter:
    """The bakery's counter: orders come as letters, from two gates, each with a password of its own."""

    name = "bakery"
    store: Store = StoreProvider()  # type: ignore[assignment]

    @takes_in("north", "south", exchange="orders", batch=10)
    def on_orders(self, letters: list[Letter]) -> None:
        """One loaf per order."""
        for letter in letters:
            if letter.headers.get("password") == f"bread of {letter.address}":
                self.bake(letter)
            else:
                letter.refuse("not authentic: the password is wrong")

    def bake(self, letter: Letter) -> None:
        """Bake, fail or die, as is ordered."""
        order = json.loads(letter.body)
        if order["fate"] == "fail":
            raise ValueError(f"burnt: {order}")
        if order["fate"] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        new = self.store.insert(Loaf(name=order["name"], grams=len(order["words"])))
        letter.answer(json.dumps({"baked": order["name"], "new": new}).encode())
