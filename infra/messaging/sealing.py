"""Sealing: what may hold somebody's words is encrypted before it rests where operators look (AES-256-GCM).

The key is derived from `dead_letter_key` of the secrets file (where there is none, from `master_key`), for this purpose
alone: it opens nothing else, and nothing else opens what it sealed. A rotation of the master key leaves it as it is.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER_KEY = "master_key"  # the name of the master secret in the secrets file; earlier ones: master_key.<fingerprint>
SEAL_KEY = "dead_letter_key"
NONCE_BYTES = 12


class CannotOpen(Exception):
    """What was sealed does not open: another master secret, or damaged."""


class Seal:
    """Seals with a key that is derived from one secret; opens what was sealed with it or with one of `earlier`."""

    def __init__(self, secret: str, *earlier: str) -> None:
        key, *others = (hashlib.sha256(b"wenming dead letters\0" + one.encode()).digest() for one in (secret, *earlier))
        self.fingerprint = hashlib.sha256(key).hexdigest()[:16]
        self._cipher = AESGCM(key)
        self._ciphers = [self._cipher, *map(AESGCM, others)]

    def close(self, plain: bytes) -> bytes:
        """`plain`, encrypted."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """What `close` encrypted. Raises CannotOpen."""
        for cipher in self._ciphers:
            with suppress(InvalidTag, ValueError):
                return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        raise CannotOpen("it was sealed with another key, or is damaged")


def sealed_text(seal: Seal | None, text: str) -> str:
    """`text` (its first 1,000 characters), sealed and in base64; empty where there is no key to seal it with."""
    return base64.b64encode(seal.close(text[:1000].encode("utf-8", "replace"))).decode() if seal else ""


def opened_text(seal: Seal, sealed: str) -> str:
    """What `sealed_text` sealed. Raises CannotOpen."""
    try:
        return seal.open(base64.b64decode(sealed)).decode()
    except binascii.Error as error:
        raise CannotOpen("it is damaged") from error


def seal_of(secret_of: Callable[[str], str | None]) -> Seal | None:
    """The seal of a process; None where it has no secret for it (a service by itself, as tests run it)."""
    secret = secret_of(SEAL_KEY) or secret_of(MASTER_KEY)
    return Seal(secret) if secret else None
