"""How much may come in how fast: a token bucket, in the form that needs one number (generic cell rate algorithm).

One process counts for itself: with n replicas behind one address, n times as much passes. The clock is passed in.
"""

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """`per_second` for ever, and up to `burst` at once after a pause."""

    per_second: float
    burst: int


class Bucket:
    """A bucket that fills with `rate`. It remembers when it will be full again, in seconds of the caller's clock."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._full_at = 0.0

    def take(self, count: int, now: float) -> float:
        """Take `count` at the moment `now` (seconds, never running back); 0.0, or the seconds to wait: none taken.

        What is more than the burst never passes; the wait is then the time in which the bucket fills.
        """
        full_at = max(self._full_at, now) + count / self.rate.per_second
        wait = full_at - now - self.rate.burst / self.rate.per_second
        if wait > 1e-9:
            return wait
        self._full_at = full_at
        return 0.0
