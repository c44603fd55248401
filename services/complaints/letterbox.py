"""The letterbox: what a channel publishes to the broker, instead of pushing it over HTTP.

A letter is a body that a push could have: an item (JSON object), an array, or one item a line (`application/x-ndjson`).
Its headers bear the same signature under the channel's own secret. What is authentic is stored, or kept as a misfit
with its reason; what is not rests sealed in the dead letters. The whole table is in README.md.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from infra.messaging.letters import Letter
from infra.problem import InvalidInput, Problem, TooLarge, Unauthenticated
from infra.rotating_secrets import valid
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from services.complaints.channels import KnownChannel, channel_named, known_channels
from services.complaints.intake import Intake, Outcome

EXCHANGE = "intake"
CHANNELS = tuple(name for name in known_channels() if name.startswith("hotline_"))  # they have systems of their own
NDJSON = "application/x-ndjson"
LARGEST_LETTER = 5 * 1024 * 1024  # bytes
AT_ONCE = 1000  # items stored together
# A letter may wait while the service or the database is away; a push that was caught must not be good for ever.
WINDOW = 7 * 24 * 3600  # seconds
_BLANKS = b" \t\r\n"


class Letterbox:
    """Takes letters. `secrets` tells the entries of the secrets file, `wall` is wall time in unix seconds."""

    def __init__(
        self,
        intake: Intake,
        secrets: Callable[[], Mapping[str, str]],
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._intake, self._secrets, self._wall = intake, secrets, wall

    def take(self, letters: Sequence[Letter], cause: str) -> None:
        """Store what is in `letters`, all of one channel, and answer each; those that are not authentic are refused.
        `cause` is the id under which they were taken together.

        Where the database fails it raises and has answered none: hand them in again, nothing is stored twice.
        """
        channel = channel_named(letters[0].address)
        parts = [(letter, items_in(letter)) for letter in letters if self._is_authentic(channel, letter)]
        outcomes = iter(self._store(channel, [item for _, items in parts for item in items], cause))
        for letter, items in parts:
            letter.answer(_answer([next(outcomes) for _ in items]))

    def _store(self, channel: KnownChannel, items: list[bytes], cause: str) -> list[Outcome]:
        starts = range(0, len(items), AT_ONCE)
        return [one for n in starts for one in self._intake.take(channel, items[n : n + AT_ONCE], cause)]

    def _is_authentic(self, channel: KnownChannel, letter: Letter) -> bool:
        """Whether the channel sent it, and it is of a size that is taken; otherwise it is refused and answered."""
        try:
            self._check(channel.channel.value, letter.headers, letter.body)
        except (Unauthenticated, TooLarge) as why:
            letter.refuse(f"{why.code}: {why.detail}")
            letter.answer(msgspec.json.encode(why.as_json()))
            return False
        return True

    def _check(self, name: str, headers: Mapping[str, str], body: bytes) -> None:
        now = self._wall()
        secrets = valid(self._secrets(), name, now)
        if not secrets:
            raise Unauthenticated("this channel has no shared secret yet", "该渠道尚未配置密钥")
        timestamp, signature = headers.get(TIMESTAMP_HEADER), headers.get(SIGNATURE_HEADER)
        verify(secrets, timestamp, body, signature, now=now, window=WINDOW)
        if len(body) > LARGEST_LETTER:
            detail = f"the body is larger than {LARGEST_LETTER} bytes"
            raise TooLarge(detail, f"报文超过{LARGEST_LETTER}字节", field="body")


def items_in(letter: Letter) -> list[bytes]:
    """The items of a letter, raw; the whole body where it is neither an array nor lines: the intake says what it is."""
    if letter.content_type.partition(";")[0].strip().lower() == NDJSON:
        return [line for line in letter.body.split(b"\n") if line.strip(_BLANKS)]
    if letter.body.lstrip(_BLANKS)[:1] != b"[":
        return [letter.body]
    try:
        return [bytes(item) for item in msgspec.json.decode(letter.body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [letter.body]


def _answer(outcomes: list[Outcome]) -> bytes:
    """What became of each item, in their order (of lines: those that hold something)."""
    if not outcomes:
        return msgspec.json.encode(InvalidInput("there is nothing in the body", "报送内容为空", field="body").as_json())
    results: list[dict[str, Any]] = [
        {"index": n, **(one.as_json() if isinstance(one, Problem) else msgspec.to_builtins(one))}
        for n, one in enumerate(outcomes)
    ]
    return msgspec.json.encode({"results": results})
