"""What kombu does without us and without a database: pipelined confirmed publishing into a quorum queue, and consuming.

`python -m bench.raw_kombu COUNT` publishes so many messages to the queue of this module at AMQP_URL; they have body and
headers like those of our events.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import kombu

from bench.items import BenchItem

QUEUE = kombu.Queue("raw", kombu.Exchange("raw", "topic"), "item_made", queue_arguments={"x-queue-type": "quorum"})
WINDOW = 500  # messages published before their confirms are awaited
PREFETCH = 1_000
TOGETHER = 100  # messages acknowledged together


def publish(amqp_url: str, count: int) -> None:
    """Publish `count` messages; returns when all are confirmed."""
    envelope = BenchItem.made(1).outbox[0]
    with kombu.Connection(amqp_url) as connection, connection.channel() as channel:
        confirmed = 0

        def on_ack(tag: int, multiple: bool) -> None:
            nonlocal confirmed
            confirmed = tag if multiple else confirmed + 1

        channel.confirm_select()
        channel.events["basic_ack"].add(on_ack)
        producer = kombu.Producer(channel, QUEUE.exchange, auto_declare=False)
        options = {"content_type": "application/json", "content_encoding": "utf-8", "headers": envelope.headers()}
        for number in range(1, count + 1):
            producer.publish(envelope.data, routing_key="item_made", mandatory=True, **options)
            while number - confirmed >= WINDOW or (number == count and confirmed < count):
                connection.drain_events(timeout=30)


def rate(amqp_url: str, count: int) -> float:
    """Messages a second, published by another process and consumed by this one, both at once."""
    with kombu.Connection(amqp_url) as connection, connection.channel() as channel:
        QUEUE(channel).declare()
        arrived: list[float] = []

        def note(message: kombu.Message) -> None:
            arrived.append(time.monotonic())
            if len(arrived) % TOGETHER == 0 or len(arrived) == count:
                message.ack(multiple=True)

        consumer = kombu.Consumer(channel, [QUEUE], on_message=note, prefetch_count=PREFETCH)
        with consumer, _publisher(amqp_url, count):
            while len(arrived) < count:
                connection.drain_events(timeout=30)
        return (count - 1) / (arrived[-1] - arrived[0])


def _publisher(amqp_url: str, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "ignore", "-m", "bench.raw_kombu", str(count)]
    environment = os.environ | {"AMQP_URL": amqp_url}
    return subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1])


if __name__ == "__main__":
    publish(os.environ["AMQP_URL"], int(sys.argv[1]))
