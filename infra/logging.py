"""Log lines: one event, one line, no password (kombu prints the second of several URLs in clear; here it cannot), and
nothing of what a failing handler worked on: of an exception that is not written for people only the kind is told.
"""

import logging
import re
import sys
import traceback
from types import TracebackType

from infra.messaging.reasons import reason_of

# The length of a scheme is bounded because a long word would be searched from each of its letters to its end.
_CREDENTIALS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{0,20}://[^\s:/@;]*):[^\s/@;]+@", re.IGNORECASE)
LONGEST_LINE = 20_000  # characters
REFUSED = "(expected) "  # so nameko begins what it says of an error that a method declares: an answer, not a failure

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def mask(text: str) -> str:
    """`text` with the password of every URL in it replaced by `***`."""
    return _CREDENTIALS.sub(r"\g<scheme>:***@", text)


class OneLine(logging.Formatter):
    """`time level service logger: message`, a traceback folded into the same line, every URL masked."""

    def __init__(self, service: str) -> None:
        super().__init__(f"%(asctime)s.%(msecs)03d %(levelname)s {service} %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter.format."""
        if record.name.startswith("nameko") and record.msg.startswith(REFUSED):
            record.exc_info = None
        if record.name.startswith("nameko") and isinstance(record.args, tuple):
            told = (reason_of(one) if isinstance(one, BaseException) else one for one in record.args)
            record.args = tuple(told)
        return mask(super().format(record)[: 2 * LONGEST_LINE])[:LONGEST_LINE].replace("\n", " ⏎ ")

    def formatException(self, ei: _ExcInfo) -> str:
        """Where it happened, and of the exception what `reason_of` tells."""
        _, error, trace = ei
        frames = "".join(traceback.format_tb(trace)).rstrip()
        return f"{frames}\n{reason_of(error)}" if error is not None else frames


def configure(service: str, level: str = "INFO") -> None:
    """Send everything that this process logs to standard error in the house's form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("amqp", "kombu", "pika", "pymongo", "nameko.containers"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
