"""Secrets of one machine: generated once, kept in a file that only its owner can read.

token            signs the tokens of portals and officers (HS256)
master_key       enciphers personal data in documents (32 bytes, base64); earlier ones: master_key.<fingerprint>
person_key       tells people apart without naming them; it outlives the master keys
dead_letter_key  seals what rests at the broker and may quote somebody
ticket_key       signs the tickets with which materials of tasks are uploaded and fetched
broker_password  of the private broker's own user
hotline_12345 …  shared with the channel of that name, which signs its pushes
hotline_12345_callback …  shared likewise; with it we sign what we call back
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

CHANNELS = ("hotline_12345", "hotline_12319")


def generated() -> dict[str, str]:
    """A fresh set of secrets."""
    return {
        "token": secrets.token_urlsafe(48),
        "master_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "person_key": secrets.token_urlsafe(32),
        "dead_letter_key": secrets.token_urlsafe(32),
        "ticket_key": secrets.token_urlsafe(32),
        "broker_password": secrets.token_urlsafe(24),
        **{name: secrets.token_urlsafe(32) for channel in CHANNELS for name in (channel, f"{channel}_callback")},
    }


def load_or_create(path: Path) -> dict[str, str]:
    """The secrets in `path` (JSON, mode 0600); those that are not there yet are generated and added."""
    known = _known(path)
    return known if generated().keys() <= known.keys() else change_secrets(path, lambda found: generated() | found)


def change_secrets(path: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
    """Write what `change` makes of the secrets in `path`, and return it. Two who change it at once take turns: a master
    key that one of them has just added must not be lost because the other had read the file before."""
    with _turn(path):
        known = _known(path)
        changed = change(dict(known))
        if changed != known:
            write_private(path, msgspec.json.format(msgspec.json.encode(changed), indent=2).decode() + "\n")
    return changed


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Write `text` to `path`, which is never readable by others, not even for a moment; on return it is on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _known(path: Path) -> dict[str, str]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """The lock is a file of its own beside `path`, because that one is replaced; it ends with the process."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
