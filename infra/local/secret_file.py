"""Secrets of one machine: generated once, kept in a file that only its owner can read.

token            signs the tokens of portals and officers (HS256)
master_key       enciphers personal data in documents (32 bytes, base64); earlier ones: master_key.<fingerprint>
person_key       tells people apart without naming them; it outlives the master keys
dead_letter_key  seals what rests at the broker and may quote somebody
broker_password  of the private broker's own user
hotline_12345 …  shared with the channel of that name, which signs its pushes
hotline_12345_callback …  shared likewise; with it we sign what we call back
"""

import base64
import os
import secrets
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
        "broker_password": secrets.token_urlsafe(24),
        **{name: secrets.token_urlsafe(32) for channel in CHANNELS for name in (channel, f"{channel}_callback")},
    }


def load_or_create(path: Path) -> dict[str, str]:
    """The secrets in `path` (JSON, mode 0600); those that are not there yet are generated and added."""
    known = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}
    complete = generated() | known
    if complete != known:
        write_private(path, msgspec.json.format(msgspec.json.encode(complete), indent=2).decode() + "\n")
    return complete


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Write `text` to `path`, which is never readable by others, not even for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    fresh.replace(path)
