"""The services that are measured beside each other: ours, and the same in plain nameko.

`python -m bench.contestants CLASS [HTTP-PORT]` serves one class until SIGTERM, in the environment of a service
(infra/settings.py): same container, same number of workers, same database for all. Producers insert items in chunks
and tell of each; targets upsert one document per event, acknowledged by a majority and journaled, and remember when
that was done.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
import time  # noqa: E402
import uuid  # noqa: E402
from collections.abc import Iterator, Sequence  # noqa: E402
from typing import Any  # noqa: E402

import pymongo  # noqa: E402
from mongoengine.connection import get_db  # noqa: E402
from nameko.events import EventDispatcher, event_handler  # noqa: E402
from nameko.rpc import rpc as plain_rpc  # noqa: E402
from nameko.web.handlers import http  # noqa: E402
from werkzeug.wrappers import Request  # noqa: E402

from bench.items import NOTE, BenchItem, ItemMade  # noqa: E402
from infra import mongo  # noqa: E402
from infra.messaging.event import Received  # noqa: E402
from infra.messaging.handler import handles  # noqa: E402
from infra.messaging.rpc import rpc  # noqa: E402
from infra.messaging.store import Store  # noqa: E402
from infra.messaging.store_provider import StoreProvider  # noqa: E402
from infra.serve import serve  # noqa: E402
from infra.settings import Settings  # noqa: E402

CHUNK = 500  # items that are inserted in one write
BATCH = 500  # events in one call of our handler

_done: dict[int, float] = {}  # number of the item → when its effect was durable


class OurSource:
    """Inserts items with their events in the outbox."""

    name = "our_source"
    store: Store = StoreProvider()  # type: ignore[assignment]

    @rpc
    def make(self, first: int, count: int, rate: float | None) -> dict[int, float]:
        """Insert so many, at `rate` a second or as fast as it goes; number → when it was about to be saved."""
        saved: dict[int, float] = {}
        for numbers in chunks(first, count, rate):
            saved |= dict.fromkeys(numbers, time.time())
            self.store.insert_many([BenchItem.made(number) for number in numbers])
        return saved


class OurTarget:
    """Hears of them by the batch."""

    name = "our_target"

    @handles(ItemMade, batch=BATCH)
    def on_items(self, batch: list[Received[ItemMade]]) -> None:
        """One bulk write for all."""
        take_effect("our_target", [(one.event.number, one.event.note) for one in batch])

    @rpc
    def effects(self) -> dict[int, float]:
        """Number → when its effect was durable; forgets them."""
        return taken()


class PlainSource:
    """The same with nameko's dispatcher."""

    name = "plain_source"
    dispatch = EventDispatcher()

    @rpc
    def make(self, first: int, count: int, rate: float | None) -> dict[int, float]:
        """See OurSource."""
        saved: dict[int, float] = {}
        items = get_db("plain_source")["items"].with_options(write_concern=mongo.DURABLE)
        for numbers in chunks(first, count, rate):
            saved |= dict.fromkeys(numbers, time.time())
            items.insert_many([{"_id": str(number), "number": number, "note": NOTE} for number in numbers])
            for number in numbers:
                self.dispatch("item_made", {"number": number, "note": NOTE})
        return saved


class PlainTarget:
    """The same with nameko's handler."""

    name = "plain_target"

    @event_handler("plain_source", "item_made")
    def on_item(self, payload: dict[str, Any]) -> None:
        """One write each."""
        take_effect("plain_target", [(payload["number"], payload["note"])])

    @rpc
    def effects(self) -> dict[int, float]:
        """See OurTarget."""
        return taken()


class OurCalls:
    """Answers with our RPC."""

    name = "our_calls"

    @rpc
    def double(self, number: int) -> int:
        """Twice the number."""
        return 2 * number


class PlainCalls:
    """Answers with nameko's RPC."""

    name = "plain_calls"

    @plain_rpc
    def double(self, number: int) -> int:
        """Twice the number."""
        return 2 * number


class EmptyIntake:
    """Takes a body and stores it, and nothing else: what any intake in nameko must do at least."""

    name = "empty_intake"

    @http("POST", "/empty")
    def take(self, request: Request) -> tuple[int, str]:
        """One insert, acknowledged by a majority and journaled."""
        get_db("empty_intake")["taken"].with_options(write_concern=mongo.DURABLE).insert_one(
            {"_id": uuid.uuid4().hex, "body": request.get_data()}
        )
        return 202, "{}"


def chunks(first: int, count: int, rate: float | None) -> Iterator[Sequence[int]]:
    """Numbers in chunks; one by one, each when its time has come, where there is a rate."""
    begun = time.monotonic()
    for start in range(first, first + count, CHUNK if rate is None else 1):
        if rate is not None:
            time.sleep(max(0.0, begun + (start - first) / rate - time.monotonic()))
        yield range(start, min(first + count, start + (CHUNK if rate is None else 1)))


def take_effect(service: str, items: list[tuple[int, str]]) -> None:
    """Upsert the items."""
    effects = get_db(service)["effects"].with_options(write_concern=mongo.DURABLE)
    if len(items) == 1:
        effects.update_one({"_id": items[0][0]}, {"$set": {"note": items[0][1]}}, upsert=True)
    else:
        writes = [pymongo.UpdateOne({"_id": number}, {"$set": {"note": note}}, upsert=True) for number, note in items]
        effects.bulk_write(writes, ordered=False)
    _done.update(dict.fromkeys((number for number, _ in items), time.time()))


def taken() -> dict[int, float]:
    """What was done since this was last asked."""
    done = dict(_done)
    _done.clear()
    return done


ALL = (OurSource, OurTarget, PlainSource, PlainTarget, OurCalls, PlainCalls, EmptyIntake)
CONTESTANTS = {kind.__name__: kind for kind in ALL}

if __name__ == "__main__":
    serve(CONTESTANTS[sys.argv[1]], Settings.from_environment(), web_port=int(sys.argv[2]) if sys.argv[2:] else 0)
