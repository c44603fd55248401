"""The secrets file, followed while a process runs: who asks gets what it says now, without a restart.

A file that is gone for a moment, or half written, changes nothing: what it said before stays good, and the log says so.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)
Stamp = tuple[int, int, int]


class ChangingSecrets:
    """The secrets in `path` (JSON: {name: secret}); None stands for a process without any."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._known: Mapping[str, str] = {}

    def all(self) -> Mapping[str, str]:
        """What the file says now; the very same object as long as it does not change."""
        stamp = self._look()
        if stamp is not None and stamp != self._stamp:
            self._read(stamp)
        return self._known

    def get(self, name: str) -> str | None:
        """The secret `name` as it is now, None where there is none."""
        return self.all().get(name)

    def _look(self) -> Stamp | None:
        try:
            found = self._path.stat() if self._path else None
        except OSError as error:
            log.warning("the secrets file cannot be looked at: %s", type(error).__name__)
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None

    def _read(self, stamp: Stamp) -> None:
        assert self._path is not None
        try:
            self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
            self._stamp = stamp
        except OSError as error:  # it may be readable at the next look, without having changed
            log.error("the secrets file cannot be read: %s; what it said before stays good", type(error).__name__)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.error("the secrets file is no JSON {name: secret}: %s; the old one stays good", type(error).__name__)
            self._stamp = stamp
