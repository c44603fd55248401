"""Personal data and raw payloads: encrypted with a key per report, and that key wrapped by the master key.

AES-256-GCM throughout. Erasing a report's wrapped key erases what it sealed, also in every backup made later. A wrapped
key names the master key that wrapped it (its fingerprint): a rotation can tell which ones are still to be done, and
while it goes on keys of the current and of earlier master keys (infra/master_keys.py) open alike.
"""

import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.master_keys import MASTER_KEY, OTHER_MASTER, fingerprint, master_key, person_secret

NONCE_BYTES = 12
KEY_BYTES = 32
KEY_INDEX: dict[str, Any] = {"fields": ["key.master"], "sparse": True}  # by which a rotation finds what is left
_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?:00)?(?:86)?(\d{7,})")

Secrets = Callable[[], Mapping[str, str]]  # the same object as long as nothing has changed


class CannotOpen(Exception):
    """Sealed data that these keys do not open: another master key, another report, or damaged."""


class WrappedKey(msgspec.Struct, frozen=True):
    """A report's data key, encrypted; `master` is the fingerprint of the master key that wrapped it."""

    master: str
    sealed: bytes


class _Keys:
    """The keys of one state of the secrets."""

    def __init__(self, known: Mapping[str, str]) -> None:
        masters = [known[MASTER_KEY], *(secret for name, secret in known.items() if name.startswith(OTHER_MASTER))]
        self.current = fingerprint(masters[0])
        self.masters = {fingerprint(secret): AESGCM(master_key(secret)) for secret in masters}
        self.person = person_secret(known).encode()


class Vault:
    """Seals with the current master key, opens with all that are known.

    Given one master secret (any text), or a function that says what the secrets file says now: then a new master key is
    taken up without a restart.
    """

    def __init__(self, master: str | Secrets) -> None:
        fixed = {MASTER_KEY: master} if isinstance(master, str) else None
        self._secrets: Secrets = (lambda: fixed) if fixed is not None else master  # type: ignore[assignment]
        self._seen = self._secrets()
        self._known = _Keys(self._seen)

    @property
    def fingerprint(self) -> str:
        """Of the master key that wraps now."""
        return self._keys().current

    @property
    def fingerprints(self) -> frozenset[str]:
        """Of all master keys that are known."""
        return frozenset(self._keys().masters)

    def seal(self, about: str, *plain: bytes) -> tuple[WrappedKey, list[bytes]]:
        """Each of `plain` encrypted under a new key of its own for the thing named `about`, and that key wrapped."""
        data_key = os.urandom(KEY_BYTES)
        cipher = AESGCM(data_key)
        return self._wrap(about, data_key), [_encrypt(cipher, one, about) for one in plain]

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

    def rewrap(self, about: str, key: WrappedKey) -> WrappedKey:
        """The same data key, wrapped by the current master key. Raises CannotOpen."""
        return self._wrap(about, self._data_key(about, key))

    def person_key(self, phone_or_name: str) -> str:
        """32 hex digits that are the same for the same person, and tell nothing to who has not the key.

        Telephone numbers are the same with and without 86, blanks and hyphens; names without blanks. It outlives a
        rotation of the master key. Empty for an empty text: nobody is known.
        """
        plain = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", phone_or_name).lower())
        if not plain:
            return ""
        number = _NUMBER.fullmatch(plain)
        return hmac.new(self._keys().person, (number[1] if number else plain).encode(), "sha256").hexdigest()[:32]

    def _wrap(self, about: str, data_key: bytes) -> WrappedKey:
        keys = self._keys()
        return WrappedKey(keys.current, _encrypt(keys.masters[keys.current], data_key, about))

    def _unwrap(self, about: str, key: WrappedKey) -> AESGCM:
        return AESGCM(self._data_key(about, key))

    def _data_key(self, about: str, key: WrappedKey) -> bytes:
        master = self._keys().masters.get(key.master)
        if master is None:
            raise CannotOpen(f"the key of {about} was wrapped by another master key")
        return _decrypt(master, key.sealed, about)

    def _keys(self) -> _Keys:
        now = self._secrets()
        if now is not self._seen and now.get(MASTER_KEY):
            self._known, self._seen = _Keys(now), now
        return self._known


def _encrypt(cipher: AESGCM, plain: bytes, about: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, about.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, about: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except InvalidTag as error:
        raise CannotOpen(f"what was sealed for {about} does not open") from error
