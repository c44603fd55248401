"""Reasons: why an event failed, in words that hold nothing of its content.

The text of an exception may quote what it failed on (a database error quotes the document). Only exceptions that are
written for people, and the system's own, speak for themselves; of all others kind and place in the code are told.
"""

import traceback
from pathlib import Path

from infra.messaging.retry import FinalError
from infra.problem import Problem

ROOT = Path(__file__).resolve().parents[2]


def reason_of(error: BaseException) -> str:
    """`FinalError: its text`, or `ValueError at services/tasks/task.py:17 in accept`."""
    name = type(error).__name__
    if isinstance(error, FinalError | Problem | OSError):
        return f"{name}: {error}"
    place = _place(error)
    return f"{name} at {place}" if place else name


def _place(error: BaseException) -> str:
    """The last line of the product's own code that was reached."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(ROOT) and "site-packages" not in file.parts:
            return f"{file.relative_to(ROOT)}:{frame.lineno} in {frame.name}"
    return ""
