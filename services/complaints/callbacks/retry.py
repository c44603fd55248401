"""When a callback that was not taken is tried again. Pure: moment and chance are passed in."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=1)
LONGEST_ASKED = timedelta(days=1)  # a hotline that asks for more is tried once a day
GIVE_UP_AFTER = timedelta(days=7)


def wait(failures: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many `failures` (this one included).

    Twice as long each time, from 10 s to an hour, of which `chance` (0 to 1) takes away up to a half, so that what
    failed together does not come back together. Never sooner than the hotline `asked` for; then `chance` adds up to a
    tenth.
    """
    doubled = min(FIRST * 2 ** min(failures - 1, 30), LONGEST)
    backed_off = doubled * (1 - chance / 2)
    if asked is None:
        return backed_off
    return max(backed_off, min(asked, LONGEST_ASKED) * (1 + chance / 10))


def asked_for(retry_after: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for at `now` (seconds, or a date of HTTP); None where it says nothing we can
    read. A moment that has passed is no wait at all."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # also what is no date at all
        return None
    return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
