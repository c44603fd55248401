"""Sealing: what may hold somebody's words is encrypted before it rests where operators look (AES-256-GCM).

The key is derived from the instance's master secret, for this purpose alone: it opens nothing else, and nothing else
opens what it sealed.
"""

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER_KEY = "master_key"  # the name of the master secret in the secrets file
NONCE_BYTES = 12


class CannotOpen(Exception):
    """What was sealed does not open: another master secret, or damaged."""


class Seal:
    """Seals and opens with a key that is derived from one master secret."""

    def __init__(self, master_secret: str) -> None:
        key = hashlib.sha256(b"wenming dead letters\0" + master_secret.encode()).digest()
        self.fingerprint = hashlib.sha256(key).hexdigest()[:16]
        self._cipher = AESGCM(key)

    def close(self, plain: bytes) -> bytes:
        """`plain`, encrypted."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """What `close` encrypted. Raises CannotOpen."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("it was sealed with another master key, or is damaged") from error


def sealed_text(seal: Seal | None, text: str) -> str:
    """`text` (its first 1,000 characters), sealed and in base64; empty where there is no key to seal it with."""
    return base64.b64encode(seal.close(text[:1000].encode("utf-8", "replace"))).decode() if seal else ""


def opened_text(seal: Seal, sealed: str) -> str:
    """What `sealed_text` sealed. Raises CannotOpen."""
    try:
        return seal.open(base64.b64decode(sealed)).decode()
    except binascii.Error as error:
        raise CannotOpen("it is damaged") from error


def seal_of(master_secret: str | None) -> Seal | None:
    """The seal of a process; None where it has no master secret (a service by itself, as tests run it)."""
    return Seal(master_secret) if master_secret else None
