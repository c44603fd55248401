"""Messages whose headers cannot be read: they arrive all the same, and say so.

py-amqp raises while it reads the frame (a date in the year 56000, a short text that is not UTF-8): the connection would
end, the message come back, and the connection end again. Here such a message has one header, UNREADABLE, with the raw
bytes of all of them.
"""

import struct

import amqp
import amqp.method_framing

UNREADABLE = "unreadable"
_CANNOT_READ = (ValueError, OverflowError, OSError, IndexError, TypeError, struct.error, amqp.exceptions.AMQPError)


class IncomingMessage(amqp.Message):
    """A message as py-amqp builds it from its frames."""

    def _load_properties(self, class_id: int, buf: bytes, offset: int) -> int:
        try:
            return super()._load_properties(class_id, buf, offset)
        except _CANNOT_READ:
            self.properties = {"application_headers": {UNREADABLE: bytes(buf[offset:])}}
            return len(buf)


def read_whatever_comes() -> None:
    """Have every connection of this process read messages as above."""
    amqp.method_framing.Message = IncomingMessage
