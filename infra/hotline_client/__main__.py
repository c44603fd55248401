"""An example of the client: publish the items of standard input, one JSON object a line, and print what became of each.

WENMING_CHANNEL_SECRET=… python -m infra.hotline_client amqp://user:password@host:5672/%2F hotline_12345 < items.ndjson
"""

import json
import os
import sys
from collections.abc import Iterator

from infra.hotline_client.client import HotlineClient, HotlineError, Item


def main(url: str, channel: str) -> int:
    """0 where the city took everything, 3 where it refused some, 1 where it could not be reached."""
    refused = 0
    try:
        with HotlineClient(url, channel, os.environ["WENMING_CHANNEL_SECRET"]) as hotline:
            for receipt in hotline.deliver(_items()):
                print(receipt.outcome, receipt.receipt or f"{receipt.field}: {receipt.reason}")
                refused += receipt.outcome == "refused"
    except HotlineError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 3 if refused else 0


def _items() -> Iterator[Item]:
    return (json.loads(line) for line in sys.stdin if line.strip())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
