"""What makes matters hot, and which are: views of its RPC methods."""

from datetime import datetime

import msgspec

from services.complaints.contracts.words import CaseStatus


class HotMatter(msgspec.Struct, frozen=True, kw_only=True):
    """A case that many speak of. `heat` is 2 × people + their further reports + log2(1 + likes) (data/heat.csv);
    `people` are distinct as far as their numbers tell, `likes` less dislikes; `title` is masked."""

    case_id: str
    number: str
    status: CaseStatus
    title: str
    category: str
    category_name: str
    place_path: str
    heat: float
    reports: int
    people: int
    likes: int
    first_at: datetime
    last_at: datetime


class HotspotView(msgspec.Struct, frozen=True, kw_only=True):
    """A category at a place that grew unusually: `reports` were the most within the window, `usual` was expected when
    it began at `since`; `until` is when it was last unusual, `episodes` how often it has been."""

    category: str
    category_name: str
    place_path: str
    reports: int
    usual: float
    since: datetime
    until: datetime
    episodes: int


# RPC of complaints:
#   hot_matters(place, since, until, first=20) -> list[HotMatter]     cases inside the place whose last report came at
#         `since` or later and before `until` (ISO 8601), the hottest first; at most 100, and at most 2 years
#   hotspots(place, since, first=20) -> list[HotspotView]             unusual since that moment, the latest first
