"""Personal data and raw payloads: encrypted with a key per report, and that key wrapped by the master key.

AES-256-GCM throughout. Erasing a report's wrapped key erases what it sealed, also in every backup made later. A wrapped
key names the master key that wrapped it (its fingerprint), so that a rotation can tell which ones are still to be done.
"""

import hashlib
import hmac
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32


class CannotOpen(Exception):
    """Sealed data that this key does not open: another master key, another report, or damaged."""


class WrappedKey(msgspec.Struct, frozen=True):
    """A report's data key, encrypted; `master` is the fingerprint of the master key that wrapped it."""

    master: str
    sealed: bytes


class Vault:
    """Seals and opens with one master key, given as any secret text of the settings."""

    def __init__(self, master_secret: str) -> None:
        master = hashlib.sha256(b"wenming master key\0" + master_secret.encode()).digest()
        self.fingerprint = hashlib.sha256(master).hexdigest()[:16]
        self._master = AESGCM(master)

    def seal(self, about: str, *plain: bytes) -> tuple[WrappedKey, list[bytes]]:
        """Each of `plain` encrypted under a new key of its own for the thing named `about`, and that key wrapped."""
        data_key = os.urandom(KEY_BYTES)
        wrapped = WrappedKey(self.fingerprint, _encrypt(self._master, data_key, about))
        cipher = AESGCM(data_key)
        return wrapped, [_encrypt(cipher, one, about) for one in plain]

    def seal_more(self, about: str, key: WrappedKey, *plain: bytes) -> list[bytes]:
        """Each of `plain` encrypted under the key that `about` already has. Raises CannotOpen."""
        cipher = self._unwrap(about, key)
        return [_encrypt(cipher, one, about) for one in plain]

    def open(self, about: str, key: WrappedKey, sealed: bytes) -> bytes:
        """What was sealed for `about`. Raises CannotOpen."""
        return _decrypt(self._unwrap(about, key), sealed, about)

    def derive(self, about: str, key: WrappedKey, purpose: bytes) -> bytes:
        """32 bytes that nobody can guess, always the same for this key and `purpose`, also under a later master key;
        nobody gets them once the key is erased. Raises CannotOpen."""
        data_key = self._data_key(about, key)
        return hmac.new(data_key, b"wenming " + purpose + b"\0" + about.encode(), hashlib.sha256).digest()

    def _unwrap(self, about: str, key: WrappedKey) -> AESGCM:
        return AESGCM(self._data_key(about, key))

    def _data_key(self, about: str, key: WrappedKey) -> bytes:
        if key.master != self.fingerprint:
            raise CannotOpen(f"the key of {about} was wrapped by another master key")
        return _decrypt(self._master, key.sealed, about)


def _encrypt(cipher: AESGCM, plain: bytes, about: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, about.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, about: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except InvalidTag as error:
        raise CannotOpen(f"what was sealed for {about} does not open") from error
