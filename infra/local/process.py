"""One detached process: started in its own session, remembered in a file, recognised by pid *and* start time.

A pid alone is not enough: after a crash or a reboot it may belong to somebody else, whom we must not stop.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import psutil

from infra.local.trouble import NotReady, last_lines
from infra.local.waiting import holds_within

SAME_START = 1.0  # seconds; the start time is computed from the boot time, which the clock's corrections move a little
LOG_BYTES = 20_000_000  # a log longer than this is put aside at the next start


class Record(msgspec.Struct, frozen=True):
    """What is remembered of a process that we started; `started` is in seconds since 1970."""

    name: str
    pid: int
    started: float
    command: list[str]
    log: str


class Process:
    """The process called `name` of an instance; `record` is the file that remembers it, `log` takes what it prints."""

    def __init__(self, name: str, *, record: Path, log: Path) -> None:
        self.name, self._file, self.log = name, record, log
        self._asked = False

    @property
    def record(self) -> Record | None:
        """What is remembered, whether or not the process still lives."""
        return msgspec.json.decode(self._file.read_bytes(), type=Record) if self._file.exists() else None

    def start(self, command: Sequence[str], environment: Mapping[str, str], *, directory: Path) -> None:
        """Start `command` in `directory`, detached from this terminal and from this process."""
        for needed in (self.log.parent, self._file.parent, directory):
            needed.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            started = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._asked = False
        self._remember(Record(self.name, started.pid, _start_time(started.pid), list(command), str(self.log)))

    def found(self) -> psutil.Process | None:
        """The living process that we started, or None: it ended, or its pid is somebody else's now."""
        record = self.record
        if record is None:
            return None
        try:
            process = psutil.Process(record.pid)
            if process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - record.started) > SAME_START:
                return None
        except psutil.NoSuchProcess:
            return None
        return process

    def alive(self) -> bool:
        """Whether the process that we started lives."""
        return self.found() is not None

    def wait_ready(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`. Raises NotReady, with the log's last lines, when the process dies or time runs out."""
        died = False

        def settled() -> bool:
            nonlocal died
            died = not self.alive()
            return died or ready()

        if not holds_within(seconds, settled):
            raise NotReady(f"{self.name} is not ready after {seconds:.0f} s; its log ends:\n{last_lines(self.log)}")
        if died:
            raise NotReady(f"{self.name} died while starting; its log ends:\n{last_lines(self.log)}")

    def ask_to_end(self) -> None:
        """Send SIGTERM, once, and do not wait: many programs take a second one as impatience, or stumble over it."""
        process = self.found()
        if process is not None and not self._asked:
            process.terminate()
            self._asked = True

    def stop(self, *, seconds: float) -> bool:
        """Ask it to end (SIGTERM), wait up to `seconds`, then end it and its session by force.

        Returns whether it went by itself; True also when there was nothing to stop. Forgets the process.
        """
        process = self.found()
        gentle = True
        if process is not None:
            self.ask_to_end()
            gentle = _gone(process, seconds)
            if not gentle:
                _kill_group(process.pid)
                _gone(process, seconds=10)
        self.forget()
        return gentle

    def kill(self) -> None:
        """End it at once, as a crash would (for tests of what a crash leaves behind)."""
        if process := self.found():
            process.kill()
            _gone(process, seconds=10)

    def forget(self) -> None:
        """Remove the record."""
        self._file.unlink(missing_ok=True)

    def _remember(self, record: Record) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(record))
        fresh.replace(self._file)


def _start_time(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0  # it died at once; `found` will say so


def _gone(process: psutil.Process, seconds: float) -> bool:
    """Wait for the end of `process` (and reap it, if it is our child)."""
    try:
        process.wait(seconds)
    except psutil.TimeoutExpired:
        return False
    return True


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
