"""What can go wrong on one machine, told to the person at the terminal.

Trouble
├── Missing      a server is not installed
├── BusyPort     another program listens on a port that is needed
├── NotReady     a process died or did not answer in time
└── NotUp        the instance is asked for something that only a running one has
"""

from pathlib import Path

WIDTH = 240  # characters of a log line that are shown


class Trouble(Exception):
    """One line that says what is wrong and what to do; never a password."""


class Missing(Trouble):
    """A server is not installed."""


class BusyPort(Trouble):
    """Another program listens on a port that is needed."""


class NotReady(Trouble):
    """A process died or did not answer in time; the message ends with the last lines of its log."""


class NotUp(Trouble):
    """The instance is not running."""


def last_lines(log: Path, count: int = 15) -> str:
    """The last `count` lines of `log`, indented, or a word that there are none."""
    if not log.exists():
        return f"    (no log at {log})"
    lines = log.read_text(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line[:WIDTH]}" for line in lines) or f"    ({log} is empty)"
