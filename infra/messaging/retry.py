"""What happens to an event whose handler raised: it waits and is tried again, or it is given up."""

import msgspec


class FinalError(Exception):
    """Raised by a handler for an event that no repetition can help: it goes to the dead letters at once."""


class RetryPolicy(msgspec.Struct, frozen=True):
    """`delays` in milliseconds before each repetition (None: those of the settings); `final` are not repeated."""

    delays: tuple[int, ...] | None = None
    final: tuple[type[Exception], ...] = ()

    def wait(self, failures: int, error: BaseException, delays: tuple[int, ...]) -> int | None:
        """Milliseconds of `delays` to wait after so many `failures` (this one included), None to give the event up."""
        if isinstance(error, (FinalError, *self.final)) or failures > len(delays):
            return None
        return delays[failures - 1]
