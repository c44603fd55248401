"""An upload on its way to the disk: piece by piece, its hash taken as it passes, then told by its content."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from infra.problem import InvalidInput
from services.tasks.materials.kinds import Kind, check_size, kind_of


class Received(NamedTuple):
    """A file as it came: where it lies, what it is, and the SHA-256 of its bytes."""

    path: Path
    kind: Kind
    sha256: str


def receive(pieces: Iterable[bytes], size: int, path: Path) -> Received:
    """Write what comes to `path`. Raises InvalidInput where it is not the announced `size` or of no kind that is taken,
    TooLarge where its kind may not be so large."""
    digest, came = hashlib.sha256(), 0
    with path.open("wb") as file:
        for piece in pieces:
            came += len(piece)
            digest.update(piece)
            file.write(piece)
    if came != size:
        raise InvalidInput(f"{size} bytes were announced, {came} came", "文件大小与申报的不符", field="size")
    with path.open("rb") as file:
        kind = kind_of(file)
    check_size(kind, size)
    return Received(path, kind, digest.hexdigest())


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
