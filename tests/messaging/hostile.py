"""Messages that no handler should ever get: a generator of everything that can be wrong with one."""

import struct
from collections.abc import Iterator

import amqp
import msgspec

from infra.messaging.event import Envelope

MARK = "绝密标记QX7"  # in every one of them that has room for words: it must be found nowhere in clear


class Hostile(msgspec.Struct, frozen=True):
    """A message to be put into a queue; `header_frame` is its raw property list, where it cannot be said otherwise."""

    name: str
    body: bytes
    properties: dict
    reason: str = "not understood: "


def hostile(good: Envelope) -> Iterator[Hostile]:
    """What is wrong in many ways, some of them made from a `good` event of the queue."""
    headers = good.headers()
    words = MARK.encode()
    plain = {"application_headers": headers, "content_type": "application/json"}
    yield Hostile("random bytes", bytes(range(256)) + words, plain)
    yield Hostile("empty body", b"", plain)
    yield Hostile("words for a body", words, {"content_type": "text/plain"})
    yield Hostile("no headers", good.data, {})
    yield Hostile("only foreign headers", good.data, {"application_headers": {"name": MARK}})
    for missing in headers.keys() - {"cloudEvents_specversion"}:
        yield Hostile(f"without {missing}", good.data, {"application_headers": _without(headers, missing)})
    yield Hostile("unknown version", good.data, _with(headers, dataversion=99))
    yield Hostile("unknown type", good.data, _with(headers, type=MARK))
    yield Hostile("sequence in words", good.data, _with(headers, sequence=MARK))
    yield Hostile("no time", good.data, _with(headers, time=MARK))
    yield Hostile("utf-16", good.data.decode().encode("utf-16"), plain | {"content_encoding": "utf-16"})
    yield Hostile("gbk", (f'{{"来电人":"{MARK}"}}').encode("gbk", "replace"), plain | {"content_encoding": "gbk"})
    yield Hostile("half a character", good.data[:-2] + b"\xe7\xbb", plain | {"content_encoding": "utf-8"})
    yield Hostile("surrogates", b'{"x":"\\ud800"}', plain | {"content_encoding": "unicode_escape"})
    yield Hostile("a list", b"[" + good.data + b"]", plain)
    yield Hostile("nested", b'{"a":' * 100_000, plain)
    yield Hostile("huge", b'{"words":"' + words * 400_000 + b'"}', plain)
    yield Hostile("huge bytes", bytes(8 * 1024 * 1024), {"content_type": "application/octet-stream"})
    yield Hostile("an id that says who", good.data[:-1], plain | {"message_id": MARK})
    yield Hostile(
        "odd headers", b"?", {"application_headers": {"a": None, "b": [1, {"c": MARK}], "d": 1.5, "e": b"\xff"}}
    )
    yield Hostile("bytes for an id", good.data, _with(headers, id=b"\xff\xfe"))


def unreadable() -> Iterator[tuple[str, bytes]]:
    """Raw property lists that py-amqp cannot read: a name and the bytes after the flags of `headers`."""
    far = _table("when", b"T" + struct.pack(">Q", 2**40 * 1000))
    yield "a moment in the year 34,000,000", struct.pack(">H", 0x2000) + far
    yield (
        "a moment in milliseconds",
        struct.pack(">H", 0x2000) + _table("when", b"T" + struct.pack(">Q", 1770000000000)),
    )
    yield "a content type that is no text", struct.pack(">H", 0x8000) + bytes([3]) + b"\xff\xfe\xfd"


class RawMessage(amqp.Message):
    """A message with a raw property list."""

    def __init__(self, body: bytes, raw: bytes) -> None:
        super().__init__(body)
        self.raw = raw

    def _serialize_properties(self) -> bytes:
        return self.raw


def _table(key: str, item: bytes) -> bytes:
    entry = bytes([len(key)]) + key.encode() + item
    return struct.pack(">I", len(entry)) + entry


def _without(headers: dict, name: str) -> dict:
    return {key: value for key, value in headers.items() if key != name}


def _with(headers: dict, **changes: object) -> dict:
    return {"application_headers": headers | {f"cloudEvents_{name}": value for name, value in changes.items()}}
