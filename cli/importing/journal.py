"""How far an import is: a small file per channel and content, so that the same command goes on where it stopped.

It holds numbers and names, no content. A file that changed has another content, and is another import.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from infra.problem import Refused

CHUNK = 1024 * 1024


class Journal(msgspec.Struct, kw_only=True):
    """`rows` of the file are done; `counts` of them by outcome; of the report `report_bytes` are theirs."""

    file: str
    channel: str
    sha256: str
    report: str
    rows: int = 0
    report_bytes: int = 0
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    finished: bool = False

    def add(self, outcome: str) -> None:
        """Count one row."""
        self.rows += 1
        self.counts[outcome] = self.counts.get(outcome, 0) + 1


class JournalFile(msgspec.Struct, frozen=True):
    """Where the journal of one import is kept."""

    path: Path

    @staticmethod
    def of(directory: Path, channel: str, sha256: str) -> "JournalFile":
        """That of the import of this content to `channel`, in `directory`."""
        return JournalFile(directory / f"{channel}-{sha256[:24]}.json")

    def read(self) -> Journal | None:
        """What was kept; None where nothing was, or it is damaged (then the import begins anew: nothing is doubled)."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Journal)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside the block nobody else on this machine imports this content. Raises Refused where somebody does."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock(handle, self.path.name)
            yield
        finally:
            os.close(handle)  # a process that was killed has let go, too

    def keep(self, journal: Journal) -> None:
        """Keep it; a reader sees the old or the new one, never half of one."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(journal)))
        fresh.replace(self.path)


def lock(handle: int, what: str) -> None:
    """Hold `handle` alone until it is closed. Raises Refused where another import holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        detail = f"another import is at work on {what}; wait until it has ended"
        raise Refused(detail, "同一文件正在由另一个导入命令处理，请等它结束", field="file") from error


def sha256_of(path: Path) -> str:
    """The file's content, as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
