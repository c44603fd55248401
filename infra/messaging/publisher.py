"""Publishing in batches: all messages are sent first, then every confirm is awaited (pipelined confirms).

Waiting for each confirm gave 360 messages a second where this gives more than 6,000.
"""

from collections.abc import Iterable
from typing import Any

import amqp
import msgspec
from amqp import spec

from infra.messaging.broker import in_one_piece

PERSISTENT = 2
JSON = "application/json"
CONFIRM_TIMEOUT = 30.0  # seconds without a word from the broker while confirms are due


class Parcel(msgspec.Struct, frozen=True):
    """A message and where it goes. `key` identifies it within a batch; it travels as AMQP message id.

    `reply_to` and `correlation_id` are the AMQP properties of those names, empty for none.
    """

    key: str
    exchange: str
    routing_key: str
    headers: dict[str, Any]
    body: bytes
    mandatory: bool = True
    content_type: str = JSON
    reply_to: str = ""
    correlation_id: str = ""

    def message(self) -> amqp.Message:
        """As py-amqp wants it, persistent."""
        answering = {"reply_to": self.reply_to, "correlation_id": self.correlation_id}
        return amqp.Message(
            self.body,
            application_headers=self.headers,
            content_type=self.content_type,
            delivery_mode=PERSISTENT,
            message_id=self.key,
            **{name: value for name, value in answering.items() if value},
        )


class Publisher:
    """One confirming channel. It belongs to the (green) thread that owns the connection."""

    def __init__(self, connection: amqp.Connection) -> None:
        self._channel = connection.channel()
        self._connection = self._channel.connection
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._last_tag = 0
        self._due: dict[int, str] = {}
        self._refused: dict[str, str] = {}

    def publish(self, parcels: Iterable[Parcel]) -> dict[str, str]:
        """Send all, await all confirms; returns the refused ones, key → reason. Every other one is safely in a queue.

        Raises one of broker.LOST when the connection breaks: then nothing is known of any of them.
        """
        self._due, self._refused = {}, {}
        with in_one_piece(self._connection):
            for parcel in parcels:
                self._send(parcel)
        while self._due:
            self._connection.drain_events(timeout=CONFIRM_TIMEOUT)
        return self._refused

    def declare_exchange(self, name: str) -> None:
        """Make sure that the topic exchange `name` is there."""
        self._channel.exchange_declare(name, "topic", durable=True, auto_delete=False)

    def _send(self, parcel: Parcel) -> None:
        # Channel.basic_publish polls the socket before every message; the frame itself is all that is needed.
        arguments = (0, parcel.exchange, parcel.routing_key, parcel.mandatory, False)
        self._channel.send_method(spec.Basic.Publish, "Bssbb", arguments, parcel.message())
        self._last_tag += 1
        self._due[self._last_tag] = parcel.key

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        for key in self._settle(tag, multiple):
            self._refused[key] = "the broker did not take it"

    def _on_return(self, error: Exception, exchange: str, routing_key: str, message: amqp.Message) -> None:
        self._refused[message.properties["message_id"]] = "no queue is bound"

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        # Tags are due in rising order, so those up to `tag` come first.
        tags = [due for due in self._due if due <= tag] if multiple else [tag]
        return [self._due.pop(one) for one in tags if one in self._due]
