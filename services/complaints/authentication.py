"""How a channel proves that a request is its own. A channel's module names its scheme; most name HMAC_SHA256."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from infra.problem import Unauthenticated
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify


class Authentication(Protocol):
    """A scheme: compares in constant time, and does not believe a request that was caught and is sent again later."""

    def check(self, secrets: Sequence[bytes], headers: Mapping[str, str], signed: bytes, *, now: float) -> int:
        """Pass when `headers` prove that who knows one of `secrets` sent `signed` (the body of a POST, the path of a
        GET) about `now` (wall time, unix seconds); when it says it did. Raises Unauthenticated."""


class HmacSignature(msgspec.Struct, frozen=True):
    """HMAC-SHA256 over timestamp and body (infra/signature.py), in headers of these names."""

    timestamp_header: str = TIMESTAMP_HEADER
    signature_header: str = SIGNATURE_HEADER

    def check(self, secrets: Sequence[bytes], headers: Mapping[str, str], signed: bytes, *, now: float) -> int:
        """See Authentication; the error's `field` is the header by its name here."""
        try:
            verify(secrets, headers.get(self.timestamp_header), signed, headers.get(self.signature_header), now=now)
        except Unauthenticated as refusal:
            own = self.timestamp_header if refusal.field == TIMESTAMP_HEADER else self.signature_header
            raise Unauthenticated(refusal.detail, refusal.detail_zh, field=own) from None
        return int(headers[self.timestamp_header])


HMAC_SHA256 = HmacSignature()
