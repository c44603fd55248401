"""An example of the client: publish the items of standard input, one JSON object a line, and print what became of each.

WENMING_CHANNEL_SECRET=… python -m infra.hotline_client amqp://user:password@host:5672/%2F hotline_12345 < items.ndjson
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator

from infra.hotline_client.client import HotlineClient, HotlineError, Item

SECRET = "WENMING_CHANNEL_SECRET"


def main(url: str, channel: str, secret: str) -> int:
    """0 where the city took everything, 3 where it refused some, 1 where it was not reached or a line is not JSON."""
    refused = 0
    try:
        with HotlineClient(url, channel, secret) as hotline:
            for receipt in hotline.deliver(_items()):
                print(receipt.outcome, receipt.receipt or f"{receipt.field}: {receipt.reason}")
                refused += receipt.outcome == "refused"
    except (HotlineError, json.JSONDecodeError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 3 if refused else 0


def _items() -> Iterator[Item]:
    return (json.loads(line) for line in sys.stdin if line.strip())


def _asked() -> tuple[str, str, str]:
    """Address, channel and secret as the command line and the environment say; else usage and exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.hotline_client",
        description="Publish the items of standard input, one JSON object a line; print what became of each.",
        epilog=f"The channel's secret is read from {SECRET}. Exit code 0 all taken, 3 some refused, 1 not done.",
    )
    parser.add_argument("url", help="amqp://user:password@host:port/ of the city's broker")
    parser.add_argument("channel", help="e.g. hotline_12345")
    asked = parser.parse_args()
    if not os.environ.get(SECRET):
        parser.error(f"{SECRET} is not set")
    return asked.url, asked.channel, os.environ[SECRET]


if __name__ == "__main__":
    sys.exit(main(*_asked()))
