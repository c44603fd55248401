"""One step in the life of a task or of a supervision order."""

from datetime import datetime

import msgspec


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Which version it made, what was done, by whom (for which unit, where that is known), when, and in what words."""

    version: int
    what: str
    by: str
    at: datetime
    note: str | None = None
    by_unit: str | None = None
