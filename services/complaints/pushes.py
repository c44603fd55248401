"""Pushes: what a channel sends over HTTP, answered when everything in it is stored or kept.

202  everything is stored (or was stored before); each item has its receipt
207  some items are, some are not understood: one result per index
400  an empty array               401  signature missing, wrong or too old: nothing is stored
404  no such channel              413  too large: nothing is stored
415  not JSON                     422  authentic but not understood: kept, with the id under which it is
409  understood, but its report takes no more revisions: kept likewise
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from infra.problem import InvalidInput, NotUnderstood, Problem, TooLarge, Unauthenticated
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from services.complaints.channels import KnownChannel
from services.complaints.intake import Intake, Outcome, no_json

MOST_ITEMS = 1000
_ARRAY = b"["
_BLANKS = b" \t\r\n"


class Pushes:
    """Takes pushes. `secret_of` knows the channels' shared secrets, `wall` is wall time in unix seconds."""

    def __init__(self, intake: Intake, *, secret_of: Callable[[str], str | None], wall: Callable[[], float]) -> None:
        self._intake, self._secret_of, self._wall = intake, secret_of, wall

    def authenticate(self, channel: KnownChannel, headers: Mapping[str, str], signed: bytes) -> None:
        """Pass when the signature in `headers` fits `signed` under the channel's own secret. Raises Unauthenticated."""
        secret = self._secret_of(channel.channel.value)
        if not secret:
            raise Unauthenticated("this channel has no shared secret yet", "该渠道尚未配置密钥")
        timestamp, signature = headers.get(TIMESTAMP_HEADER), headers.get(SIGNATURE_HEADER)
        verify(secret.encode(), timestamp, signed, signature, now=self._wall())

    def take(self, channel: KnownChannel, body: bytes, cause: str) -> tuple[int, Any]:
        """Store what an authentic `body` holds; HTTP status and the JSON to answer.

        Raises InvalidInput, TooLarge, NotUnderstood (a single item, or a body that is no JSON: kept), Refused (kept).
        """
        if body.lstrip(_BLANKS)[:1] != _ARRAY:
            (outcome,) = self._intake.take(channel, [body], cause)
            if isinstance(outcome, Problem):
                raise outcome
            return 202, outcome
        try:
            items = [bytes(item) for item in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._intake.keep(channel, [(body, no_json(error))])[0] from error
        if not items:
            raise InvalidInput("the array is empty", "数组为空", field="body")
        if len(items) > MOST_ITEMS:
            raise TooLarge(f"more than {MOST_ITEMS} items in one array", f"一次最多{MOST_ITEMS}条", field="body")
        return _answer(self._intake.take(channel, items, cause))


def _answer(outcomes: list[Outcome]) -> tuple[int, Any]:
    """Status and body for an array: 202 where all are stored, 207 where some are. Raises NotUnderstood where none."""
    results = [
        {"index": n, **(one.as_json() if isinstance(one, Problem) else msgspec.to_builtins(one))}
        for n, one in enumerate(outcomes)
    ]
    refused = sum(isinstance(one, Problem) for one in outcomes)
    if refused == len(outcomes):
        raise NotUnderstood("no item was taken in; each is kept", "全部未能收下，均已留存", results=results)
    return (207 if refused else 202), {"results": results}
