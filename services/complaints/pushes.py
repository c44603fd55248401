"""Pushes: what a channel sends over HTTP, answered when everything in it is stored or kept.

202  everything is stored (or was stored before); each item has its receipt
207  some items are, some are not understood: one result per index or line
400  nothing in it                401  signature missing, wrong or too old: nothing is stored
404  no such channel              413  too large: nothing is stored
415  neither JSON nor NDJSON      422  authentic but not understood: kept, with the id under which it is
429  too fast: nothing is stored  409  understood, but its report takes no more revisions: kept likewise
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from infra.problem import InvalidInput, NotUnderstood, Problem, Unauthenticated
from infra.rotating_secrets import valid
from services.complaints.authentication import Headers
from services.complaints.channel_limits import Turnstile
from services.complaints.channels import KnownChannel
from services.complaints.intake import Intake, Outcome, no_json, said_in_order

JSON, NDJSON = "application/json", "application/x-ndjson"
_ARRAY = b"["
_BLANKS = b" \t\r\n"


class Pushes:
    """Takes pushes. `secrets` are the entries of the secrets file as they are now, `wall` is wall time in unix seconds,
    `seconds` a clock that never runs back."""

    def __init__(
        self,
        intake: Intake,
        turnstile: Turnstile,
        secrets: Callable[[], Mapping[str, str]],
        *,
        wall: Callable[[], float] = time.time,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._intake, self._turnstile, self._secrets = intake, turnstile, secrets
        self._wall, self._seconds = wall, seconds

    def largest_body(self, channel: KnownChannel) -> int:
        """How many bytes one push of the channel may have."""
        return self._turnstile.of(channel.name).body_bytes

    def expect(self, channel: KnownChannel, headers: Headers) -> None:
        """Pass where `headers` could be those of an authentic push: asked before its body is read, so that nobody has
        bodies read who has nothing to show. Raises Unauthenticated."""
        now = self._wall()
        self._secrets_of(channel, now)
        channel.authentication.expect(headers, now=now)

    def authenticate(self, channel: KnownChannel, headers: Headers, signed: bytes) -> int:
        """Pass when `headers` prove, in the channel's own way and with its own secret, that it sent `signed`; when.

        Raises Unauthenticated.
        """
        now = self._wall()
        return channel.authentication.check(self._secrets_of(channel, now), headers, signed, now=now)

    def let_ask(self, channel: KnownChannel) -> None:
        """Let the channel ask one question. Raises TooMany."""
        self._turnstile.let_ask(channel.name, self._seconds())

    def take(
        self, channel: KnownChannel, body: bytes, cause: str, kind: str = JSON, at: int | None = None
    ) -> tuple[int, Any]:
        """Store what an authentic `body` of the media type `kind`, signed `at`, holds; HTTP status and JSON to answer.

        Raises InvalidInput, TooLarge, TooMany (nothing is stored), NotUnderstood (a single item, a body that is no
        JSON, or nothing in it was understood: kept), Refused (kept).
        """
        if kind == NDJSON:
            lines = {n: line for n, line in enumerate(body.split(b"\n"), 1) if line.strip(_BLANKS)}
            return self._take_all(channel, "line", lines, cause, at)
        if body.lstrip(_BLANKS)[:1] == _ARRAY:
            return self._take_array(channel, body, cause, at)
        (outcome,) = self._take(channel, [body], cause, at)
        if isinstance(outcome, Problem):
            raise outcome
        return 202, outcome

    def _secrets_of(self, channel: KnownChannel, now: float) -> list[bytes]:
        found = valid(self._secrets(), channel.name, now)
        if not found:
            raise Unauthenticated("this channel has no shared secret yet", "该渠道尚未配置密钥")
        return found

    def _take_array(self, channel: KnownChannel, body: bytes, cause: str, at: int | None) -> tuple[int, Any]:
        try:
            items = [bytes(item) for item in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._turnstile.let_items(channel.name, 1, self._seconds())
            raise self._intake.keep(channel, [(body, no_json(error))])[0] from error
        return self._take_all(channel, "index", dict(enumerate(items)), cause, at)

    def _take_all(
        self, channel: KnownChannel, where: str, items: dict[int, bytes], cause: str, at: int | None
    ) -> tuple[int, Any]:
        """`items` by their index or line; the answer names it as `where`."""
        if not items:
            raise InvalidInput("there is nothing in the body", "报送内容为空", field="body")
        return _answer(where, items, self._take(channel, list(items.values()), cause, at))

    def _take(self, channel: KnownChannel, items: Sequence[bytes], cause: str, at: int | None) -> list[Outcome]:
        self._turnstile.let_items(channel.name, len(items), self._seconds())
        return self._intake.take(channel, items, cause, said_in_order(at, len(items)))


def _answer(where: str, places: dict[int, bytes], outcomes: list[Outcome]) -> tuple[int, Any]:
    """Status and body for many: 202 where all are stored, 207 where some are. Raises NotUnderstood where none."""
    results = [
        {where: place, **(one.as_json() if isinstance(one, Problem) else msgspec.to_builtins(one))}
        for place, one in zip(places, outcomes, strict=True)
    ]
    refused = sum(isinstance(one, Problem) for one in outcomes)
    if refused == len(outcomes):
        kept = all("kept_as" in one.extra for one in outcomes if isinstance(one, Problem))
        each, each_zh = ("each is kept", "均已留存") if kept else ("kept is what has kept_as", "仅注明留存编号的已留存")
        raise NotUnderstood(f"no item was taken in; {each}", f"全部未能收下，{each_zh}", results=results)
    return (207 if refused else 202), {"results": results}
