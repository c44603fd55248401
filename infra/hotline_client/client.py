"""Publish work orders to the city's broker, signed, and know what became of each. Needs Python ≥ 3.11 and pika ≥ 1.3.

    with HotlineClient(url, "hotline_12345", secret) as hotline:
        hotline.send(items)                       # returns when the broker holds every item durably
        for receipt in hotline.deliver(items):    # … or when the city has stored, or refused, each of them
            print(receipt)

An item is a dict in the channel's own fields. Items travel in letters of up to `batch`, each published with
`mandatory` and confirmed by the broker. When the connection breaks, it is opened again and what was not confirmed (by
`deliver`: not answered) is published again: the city stores an item once per number, however often it comes.

HotlineError
├── Unreachable    the broker did not answer for `patience` seconds; what was not confirmed must be sent again
├── Rejected       the broker does not let us in (user, password, rights), or refuses the message
├── NoSuchChannel  nobody takes letters of this channel there: its name is wrong, or the city's system never started
├── NotAuthentic   the city refused the signature: another secret, or a clock that is wrong
└── Unanswered     confirmed, but no answer within `patience` seconds: it waits in the queue, or the secret is wrong
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

EXCHANGE = "intake"
BATCH = 100  # items in a letter; 1,000, 5 MB in all and 128 KB per item are the city's limits
LARGEST = 4 * 1024 * 1024  # bytes in a letter
PATIENCE = 300.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds between attempts to connect
ANSWERS = "amq.rabbitmq.reply-to"  # the broker's own short way back; it needs no queue and no rights
LOST = (pika.exceptions.AMQPConnectionError, pika.exceptions.ChannelWrongStateError, pika.exceptions.StreamLostError)

Item = dict[str, Any]


class HotlineError(Exception):
    """Base of what this client raises; see the module."""


class Unreachable(HotlineError):
    """The broker did not answer for as long as we are patient."""


class Rejected(HotlineError):
    """The broker does not let us in, or refuses the message."""


class NoSuchChannel(HotlineError):
    """Nobody takes letters of this channel there."""


class NotAuthentic(HotlineError):
    """The city refused the signature."""


class Unanswered(HotlineError):
    """The broker holds it, the city has not answered."""


@dataclass(frozen=True)
class Receipt:
    """What became of an item. `outcome` is received, already_received or revised, with the city's `receipt`; or
    refused, with `reason` (Chinese), `field` where one is to blame, and `kept_as`, under which the city keeps it."""

    item: Item
    outcome: str
    receipt: str = ""
    reason: str = ""
    field: str = ""
    kept_as: str = ""


class HotlineClient:
    """Publishes to one channel, whose shared `secret` it signs with. It belongs to one thread.

    `url` is the broker's, e.g. amqps://user:password@broker.city.example:5671/%2F. `wall` is wall time in unix seconds;
    the signature bears it, so the machine's clock must be right.
    """

    def __init__(
        self,
        url: str,
        channel: str,
        secret: str,
        *,
        batch: int = BATCH,
        patience: float = PATIENCE,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.client_properties = {"connection_name": f"{channel} client"}
        self._name, self._secret, self._batch, self._patience, self._wall = channel, secret, batch, patience, wall
        self._connection: pika.BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._answers: dict[str, Any] = {}  # by correlation id

    def send(self, items: Iterable[Item]) -> int:
        """Publish all; how many. Every one is safely in the city's queue then. Raises HotlineError."""
        sent = 0
        for letter in _letters(items, self._batch):
            self._insist(lambda letter=letter: self._publish(_body(letter), reply=""))  # type: ignore[misc]
            sent += len(letter)
        return sent

    def deliver(self, items: Iterable[Item]) -> Iterator[Receipt]:
        """Publish all, a letter at a time, and tell of each item what the city did with it. Raises HotlineError."""
        for letter in _letters(items, self._batch):
            answer = self._insist(lambda letter=letter: self._ask(_body(letter)))  # type: ignore[misc]
            if answer.get("code") == "unauthenticated":
                raise NotAuthentic(f"{answer.get('detail')} ({answer.get('detail_zh')})")
            results = answer.get("results", [answer] * len(letter))
            yield from (_receipt(item, result) for item, result in zip(letter, results, strict=True))

    def publish(self, body: bytes, content_type: str = "application/json") -> None:
        """Publish a letter that is ready: an item, an array, or one item a line (application/x-ndjson)."""
        self._insist(lambda: self._publish(body, reply="", content_type=content_type))

    def close(self) -> None:
        """Close the connection; one that is already lost is forgotten."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            connection.close()

    def __enter__(self) -> "HotlineClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _insist(self, attempt: Callable[[], Any]) -> Any:
        """Connect where necessary and do `attempt`; again, as long as the connection breaks and patience lasts."""
        end, pause = time.monotonic() + self._patience, FIRST_PAUSE
        while True:
            try:
                self._connect()
                return attempt()
            except (pika.exceptions.ProbableAuthenticationError, pika.exceptions.ProbableAccessDeniedError) as error:
                raise Rejected("the broker does not know this user, password or virtual host") from error
            except pika.exceptions.ChannelClosedByBroker as error:
                self.close()
                raise _refusal(error) from error
            except (pika.exceptions.NackError, *LOST) as error:
                self._forget()
                if time.monotonic() + pause > end:
                    raise Unreachable(f"the broker does not answer: {type(error).__name__}") from error
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _connect(self) -> None:
        if self._channel is not None and self._channel.is_open:
            return
        self._connection = pika.BlockingConnection(self._parameters)
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._channel.basic_consume(ANSWERS, self._hear, auto_ack=True)

    def _forget(self) -> None:
        """Close what is left of the connection."""
        try:
            self.close()
        except pika.exceptions.AMQPError:
            self._connection = None

    def _publish(self, body: bytes, reply: str, content_type: str = "application/json") -> None:
        """Publish one letter and wait for the broker's confirm; `reply` is its correlation id, empty for no answer."""
        assert self._channel is not None
        timestamp = int(self._wall())
        properties = pika.BasicProperties(
            content_type=content_type,
            delivery_mode=2,
            headers={"X-Wenming-Timestamp": str(timestamp), "X-Wenming-Signature": sign(self._secret, timestamp, body)},
            reply_to=ANSWERS if reply else None,
            correlation_id=reply or None,
        )
        try:
            self._channel.basic_publish(EXCHANGE, self._name, body, properties, mandatory=True)
        except pika.exceptions.UnroutableError as error:
            raise NoSuchChannel(f"nobody takes letters of {self._name} there") from error

    def _ask(self, body: bytes) -> Any:
        """Publish one letter and wait for the city's answer. Raises Unanswered, or one of LOST."""
        assert self._connection is not None
        reply = uuid4().hex
        self._answers.clear()  # those to letters that were published again have no reader any more
        self._publish(body, reply)
        end = time.monotonic() + self._patience
        while reply not in self._answers:
            if time.monotonic() > end:
                raise Unanswered(f"no answer for {self._patience:.0f} s; the city has it in its queue")
            self._connection.process_data_events(time_limit=1.0)
        return self._answers.pop(reply)

    def _hear(self, _: object, __: object, properties: pika.BasicProperties, body: bytes) -> None:
        if properties.correlation_id:
            self._answers[properties.correlation_id] = json.loads(body)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256, in lower-case hex, of `<timestamp>.<body>`; `timestamp` in whole unix seconds."""
    return hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def _letters(items: Iterable[Item], batch: int) -> Iterator[list[Item]]:
    """At most `batch` items, and LARGEST bytes, in a letter. One item that is larger travels alone, and is refused."""
    letter: list[Item] = []
    size = 0
    for item in items:
        more = len(_body([item]))
        if letter and (len(letter) == batch or size + more > LARGEST):
            yield letter
            letter, size = [], 0
        letter.append(item)
        size += more
    if letter:
        yield letter


def _body(items: list[Item]) -> bytes:
    return json.dumps(items, ensure_ascii=False).encode()


def _receipt(item: Item, result: dict[str, Any]) -> Receipt:
    if "outcome" in result:
        return Receipt(item, result["outcome"], receipt=result.get("receipt", ""))
    told = {name: str(result.get(name) or "") for name in ("field", "kept_as")}
    return Receipt(item, "refused", reason=str(result.get("detail_zh", "")), **told)


def _refusal(error: pika.exceptions.ChannelClosedByBroker) -> HotlineError:
    if error.reply_code == 404:
        return NoSuchChannel(f"the broker has no exchange {EXCHANGE!r}: the city's system never started there")
    return Rejected(f"the broker refuses: {error.reply_code} {error.reply_text}")
