"""What happens to an event whose handler raised: it waits and is tried again, or it is given up."""

import msgspec
from pymongo.errors import ConnectionFailure

OUTAGE = (ConnectionFailure, OSError)  # the database or the network is away: no fault of the event, however long


class FinalError(Exception):
    """Raised by a handler for an event that no repetition can help: it goes to the dead letters at once."""


class RetryPolicy(msgspec.Struct, frozen=True):
    """`delays` in milliseconds before each repetition (None: those of the settings); `final` are not repeated."""

    delays: tuple[int, ...] | None = None
    final: tuple[type[Exception], ...] = ()

    def wait(self, failures: int, error: BaseException, delays: tuple[int, ...]) -> int | None:
        """Milliseconds of `delays` to wait after so many `failures` (this one included), None to give the event up.

        For an outage an event is never given up.
        """
        if is_outage(error):
            return delays[min(failures, len(delays)) - 1]
        if isinstance(error, (FinalError, *self.final)) or failures > len(delays):
            return None
        return delays[failures - 1]


def is_outage(error: BaseException) -> bool:
    """Whether `error` says that the database or the network is away; such a failure does not count as an attempt."""
    return isinstance(error, OUTAGE)
