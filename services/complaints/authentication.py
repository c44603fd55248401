"""How a channel proves that a request is its own. A channel's module names its scheme; most name HMAC_SHA256."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from infra.problem import Unauthenticated
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, check_form, verify


class Headers(Protocol):
    """What came with a request: a dict of them, or werkzeug's."""

    def get(self, name: str, /) -> str | None:
        """The header, None where it did not come."""

    def __getitem__(self, name: str, /) -> str:
        """The header. Raises KeyError."""


class Authentication(Protocol):
    """A scheme: compares in constant time, and does not believe a request that was caught and is sent again later."""

    def expect(self, headers: Headers, *, now: float) -> None:
        """Pass where some body could be proved by these `headers`: asked before it is read. Raises Unauthenticated."""

    def check(self, secrets: Sequence[bytes], headers: Headers, signed: bytes, *, now: float) -> int:
        """Pass when `headers` prove that who knows one of `secrets` sent `signed` (the body of a POST, the path of a
        GET) about `now` (wall time, unix seconds); when it says it did. Raises Unauthenticated."""


class HmacSignature(msgspec.Struct, frozen=True):
    """HMAC-SHA256 over timestamp and body (infra/signature.py), in headers of these names."""

    timestamp_header: str = TIMESTAMP_HEADER
    signature_header: str = SIGNATURE_HEADER

    def expect(self, headers: Headers, *, now: float) -> None:
        """See Authentication; the error's `field` is the header by its name here."""
        with self._own_names():
            check_form(headers.get(self.timestamp_header), headers.get(self.signature_header), now=now)

    def check(self, secrets: Sequence[bytes], headers: Headers, signed: bytes, *, now: float) -> int:
        """See Authentication, and `expect`."""
        with self._own_names():
            verify(secrets, headers.get(self.timestamp_header), signed, headers.get(self.signature_header), now=now)
        return int(headers[self.timestamp_header])

    @contextmanager
    def _own_names(self) -> Iterator[None]:
        try:
            yield
        except Unauthenticated as refusal:
            own = self.timestamp_header if refusal.field == TIMESTAMP_HEADER else self.signature_header
            raise Unauthenticated(refusal.detail, refusal.detail_zh, field=own) from None


HMAC_SHA256 = HmacSignature()
