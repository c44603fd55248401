"""响应率, 解决率, 满意率: counted from the answers of 回访 (DOMAIN.md §5). Pure; without an answer there is no value.

response = contacted / followed up, resolution = solved / followed up, satisfaction = satisfied / followed up.
"""

from collections.abc import Iterable
from typing import NamedTuple

from services.complaints.contracts import Rating, RatingSource


class FollowUpRates(NamedTuple):
    """How many closings were followed up, and of these which share (0..1) was reached, solved, satisfied; None where
    nothing was followed up: no value, never 0 % or 100 %."""

    followed_up: int
    response: float | None
    resolution: float | None
    satisfaction: float | None


def follow_up_rates(ratings: Iterable[Rating]) -> FollowUpRates:
    """The rates over what officers heard; what citizens said by themselves counts elsewhere."""
    heard = [one for one in ratings if one.rated_by == RatingSource.FOLLOW_UP]
    return FollowUpRates(
        followed_up=len(heard),
        response=_share(sum(one.contacted is True for one in heard), len(heard)),
        resolution=_share(sum(one.solved is True for one in heard), len(heard)),
        satisfaction=_share(sum(one.satisfied is True for one in heard), len(heard)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
