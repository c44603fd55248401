"""Has a file cleaned by a process of its own (cleaning.py), a few at a time."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import msgspec

from infra.problem import Problem, Unavailable
from services.tasks.materials.kinds import Kind, refusal

PLACES = 2  # files that are cleaned at the same time
PATIENCE = 120.0  # seconds that one may take
COMMAND = (sys.executable, "-W", "ignore", "-m", "services.tasks.materials.cleaning")


class Cleaned(NamedTuple):
    """A file without what it told about itself, its thumbnail where it has one, and what is known of it."""

    path: Path
    thumbnail: Path | None
    facts: dict[str, int]


class Workshop:
    """Cleans files."""

    def __init__(self, places: int = PLACES, patience: float = PATIENCE) -> None:
        self._places, self._patience = threading.BoundedSemaphore(places), patience

    def clean(self, kind: Kind, source: Path) -> Cleaned:
        """The file in `source` cleaned, beside it. Raises InvalidInput where it is not to be taken, Unavailable where
        all places stay busy."""
        target, thumbnail = source.with_name("clean"), source.with_name("thumbnail")
        if not self._places.acquire(timeout=self._patience):
            raise Unavailable("too many files are being checked", "正在检查的文件过多，请稍后再试")
        try:
            facts = self.open(kind.name, source, target, thumbnail)
        finally:
            self._places.release()
        return Cleaned(target, thumbnail if thumbnail.exists() else None, facts)

    def open(self, kind: str, source: Path, target: Path, thumbnail: Path) -> dict[str, int]:
        """See cleaning.clean, in a process of its own. Raises InvalidInput."""
        command = (*COMMAND, kind, str(source), str(target), str(thumbnail))
        environment = {"PYTHONPATH": os.pathsep.join(sys.path)}  # no address and no secret of ours
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=self._patience
            )
        except subprocess.TimeoutExpired as error:
            raise refusal("the file takes too long to be checked", "文件检查超时") from error
        if done.returncode:
            raise refusal("the file could not be opened", "文件无法打开")
        answer = msgspec.json.decode(done.stdout)
        if "problem" in answer:
            raise Problem.from_json(answer["problem"])
        facts: dict[str, int] = answer["facts"]
        return facts
