"""Which matters are hot: cases ranked by their heat, and the hotspots of late.

The index holds only cases with heat (several reports, or likes), per week of the last report in the order of their
heat: a ranking reads the best of each week of the range, whatever the number of cases.
"""

from datetime import datetime, timedelta
from typing import Any

from infra.organisation.registry import Registry
from infra.problem import InvalidInput
from services.complaints.case import Case
from services.complaints.case_views import said_in
from services.complaints.contracts import CaseStatus, HotMatter, HotspotView
from services.complaints.heat import heat_of, week_of
from services.complaints.hotspots import Hotspot
from services.complaints.triage.category import Lexicon

INDEX = "hot_matters"  # named, because the planner takes any index that begins with the place
MOST = 100
LONGEST = timedelta(days=731)


class HotMatters:
    """Reads what is hot inside a place."""

    def __init__(self, registry: Registry, lexicon: Lexicon) -> None:
        self._registry, self._lexicon = registry, lexicon

    def rank(self, place: str, since: str, until: str, first: int = 20) -> list[HotMatter]:
        """The hottest cases inside `place` whose last report came from `since` on and before `until`. Raises
        InvalidInput."""
        start, end, length = _moment(since, "since"), _moment(until, "until"), _length(first)
        if not start < end <= start + LONGEST:
            raise InvalidInput(
                "until must be after since, at most 2 years", "截止时间须晚于起始时间，且不超过两年", field="until"
            )
        query = self.query(self._inside(place), start, end)
        found = Case.objects(__raw__=query).exclude("outbox", "text").order_by("-heat", "-id").hint(INDEX)
        return [_hot(case) for case in found.limit(length)]

    @staticmethod
    def query(place: str, start: datetime, end: datetime) -> dict[str, Any]:
        """What the ranking asks: each week of the range is one run of the index."""
        weeks = list(range(week_of(start), week_of(end) + 1))
        return {
            "inside_places": place,
            "heat_week": {"$in": weeks},
            "heat": {"$exists": True},
            "last_report_at": {"$gte": start, "$lt": end},
        }

    def hotspots(self, place: str, since: str, first: int = 20) -> list[HotspotView]:
        """What was unusual inside `place` since that moment, the latest first. Raises InvalidInput."""
        query = {"inside_places": self._inside(place), "until": {"$gte": _moment(since, "since")}}
        found = Hotspot.objects(__raw__=query).order_by("-until").limit(_length(first))
        return [_spot(hotspot, self._lexicon.name_of(hotspot.category)) for hotspot in found]

    def _inside(self, place: str) -> str:
        unit = self._registry.get(place) if isinstance(place, str) else None
        if unit is None or not unit.kind.is_territory:
            raise InvalidInput(f"{place!r} is no place of this city", f"不是本市的地点：{place}", field="place")
        return place


def _hot(case: Case) -> HotMatter:
    heat = heat_of(case.joined)
    return HotMatter(
        case_id=case.id,
        number=case.number,
        status=CaseStatus(case.status),
        title=said_in(case, "title"),
        category=case.category,
        category_name=case.category_name,
        place_path=case.place_path,
        heat=case.heat,
        reports=heat.reports,
        people=heat.people,
        likes=heat.likes,
        first_at=heat.first_at,
        last_at=heat.last_at,
    )


def _spot(hotspot: Hotspot, category_name: str) -> HotspotView:
    return HotspotView(
        category=hotspot.category,
        category_name=category_name,
        place_path=hotspot.place_path,
        reports=hotspot.reports,
        usual=hotspot.usual,
        since=hotspot.since,
        until=hotspot.until,
        episodes=hotspot.episodes,
    )


def _moment(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{field} is no moment: {text!r}", f"时间格式有误：{text}", field=field) from error
    if moment.tzinfo is None:
        raise InvalidInput(f"{field} must name its time zone", "时间须注明时区", field=field)
    return moment


def _length(first: int) -> int:
    if not isinstance(first, int) or isinstance(first, bool) or not 1 <= first <= MOST:
        raise InvalidInput(f"first must be 1 to {MOST}", f"条数应为1至{MOST}", field="first")
    return first
