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
from services.complaints.channel_limits import Turnstile
from services.complaints.channels import KnownChannel, channel_named, known_channels
from services.complaints.intake import Intake, Outcome, said_in_order
from services.complaints.report import Said

EXCHANGE = "intake"
CHANNELS = tuple(name for name in known_channels() if name.startswith("hotline_"))  # they have systems of their own
NDJSON = "application/x-ndjson"
LONGEST_PAUSE = 5.0  # seconds between two looks
# A letter may wait while the service or the database is away; a push that was caught must not be good for ever.
WINDOW = 7 * 24 * 3600  # seconds
_BLANKS = b" \t\r\n"

Signed = tuple[bytes, Said | None]  # an item, and when it was said


class Letterbox:
    """Takes letters. `secrets` tells the entries of the secrets file, `wall` is wall time in unix seconds, `seconds` a
    clock that never runs back, and `pause` lets so many seconds pass.

    What comes faster than the channel may is waited for, not refused: nobody is there who would send it again. Its
    letters meanwhile stay in the queue of that channel, and no other channel waits."""

    def __init__(
        self,
        intake: Intake,
        turnstile: Turnstile,
        secrets: Callable[[], Mapping[str, str]],
        *,
        wall: Callable[[], float] = time.time,
        seconds: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._intake, self._turnstile, self._secrets = intake, turnstile, secrets
        self._wall, self._seconds, self._pause = wall, seconds, pause

    def take(self, letters: Sequence[Letter], cause: str) -> None:
        """Store what is in `letters`, all of one channel, and answer each; those that are not authentic are refused.
        `cause` is the id under which they were taken together.

        Where the database fails it raises and has answered none: hand them in again, nothing is stored twice.
        """
        channel = channel_named(letters[0].address)
        parts = [(letter, items) for letter in letters if (items := self._items_of(channel, letter)) is not None]
        outcomes = iter(self._store(channel, [one for _, items in parts for one in items], cause))
        for letter, items in parts:
            letter.answer(_answer([next(outcomes) for _ in items]))

    def _store(self, channel: KnownChannel, items: list[Signed], cause: str) -> list[Outcome]:
        at_once, outcomes = self._turnstile.of(channel.name).items_per_body, list[Outcome]()
        for n in range(0, len(items), at_once):
            some = items[n : n + at_once]
            self._wait_for(channel, len(some))
            outcomes += self._intake.take(channel, [raw for raw, _ in some], cause, [said for _, said in some])
        return outcomes

    def _wait_for(self, channel: KnownChannel, count: int) -> None:
        while wait := self._turnstile.wait_for_items(channel.name, count, self._seconds()):
            self._pause(min(wait, LONGEST_PAUSE))

    def _items_of(self, channel: KnownChannel, letter: Letter) -> list[Signed] | None:
        """The items of a letter that the channel sent, of a size that is taken; else it is refused and answered."""
        try:
            at = self._check(channel, letter.headers, letter.body)
            items = items_in(letter)
            if len(items) > (most := self._turnstile.of(channel.name).items_per_body):
                raise TooLarge(f"more than {most} items in one body", f"一次最多{most}条", field="body")
        except (Unauthenticated, TooLarge) as why:
            letter.refuse(f"{why.code}: {why.detail}")
            letter.answer(msgspec.json.encode(why.as_json()))
            return None
        return list(zip(items, said_in_order(at, len(items)), strict=True))

    def _check(self, channel: KnownChannel, headers: Mapping[str, str], body: bytes) -> int:
        """When the letter was signed."""
        now, most = self._wall(), self._turnstile.of(channel.name).body_bytes
        secrets = valid(self._secrets(), channel.name, now)
        if not secrets:
            raise Unauthenticated("this channel has no shared secret yet", "该渠道尚未配置密钥")
        timestamp, signature = headers.get(TIMESTAMP_HEADER), headers.get(SIGNATURE_HEADER)
        verify(secrets, timestamp, body, signature, now=now, window=WINDOW)
        if len(body) > most:
            raise TooLarge(f"the body is larger than {most} bytes", f"报文超过{most}字节", field="body")
        return int(timestamp or 0)


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
