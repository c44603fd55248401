"""What the broker's samples of a queue tell: for how long its head waits, how fast its events are finished.

A quorum queue does not tell the age of its head, and to look at it would count as a delivery.
"""

from collections.abc import Mapping, Sequence

PRESENT = 60_000  # milliseconds: what was finished in them is the present rate

Samples = Sequence[Mapping[str, int]]  # the newest first: how many (`sample`) there had been by a `timestamp` (ms)


def age_of_head(samples: Samples, depth: int) -> float | None:
    """Seconds since the event was published behind which `depth` - 1 others came, by `samples` of how many events were
    published; None where they do not reach back so far."""
    if not samples:
        return None
    now, before = samples[0]["timestamp"], samples[0]["sample"] - depth
    found = next((one["timestamp"] for one in samples if one["sample"] <= before), None)
    return None if found is None else (now - found) / 1000


def rate_of(samples: Samples) -> float | None:
    """Events per second that were finished in the last minute, by `samples` of how many there had been: since the first
    of them, so that what waited for a reader, or an idle time before, makes nothing look slower than it is.

    None where nothing was finished, and where the samples are too few to tell.
    """
    recent = [one for one in samples if samples[0]["timestamp"] - one["timestamp"] <= PRESENT]
    while len(recent) > 1 and recent[-1]["sample"] == recent[-2]["sample"]:
        recent.pop()
    if len(recent) < 2:
        return None
    done = recent[0]["sample"] - recent[-1]["sample"]
    return done * 1000 / (recent[0]["timestamp"] - recent[-1]["timestamp"]) if done > 0 else None
