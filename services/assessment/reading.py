"""What assessment answers when it is asked for rounds and standings. Writes nothing."""

from collections.abc import Sequence
from typing import Any

from infra.problem import InvalidInput, NotFound
from services.assessment.contracts import RoundStatus, RoundView
from services.assessment.recording import count_sites
from services.assessment.round import Round

MOST = 100
NEWEST_FIRST = [("published_at", -1), ("_id", 1)]


def round_view(round_id: str) -> RoundView:
    """One round. Raises NotFound."""
    found = Round.objects(pk=round_id).first()
    if found is None:
        raise NotFound(f"no round {round_id!r}", f"没有这个测评轮次：{round_id}", field="round_id")
    return _view(found)


def rounds(first: int) -> list[RoundView]:
    """The `first` rounds that were opened last, newest first."""
    if not 1 <= first <= MOST:
        raise InvalidInput(f"first is outside 1..{MOST}", f"数量应在1至{MOST}之间", field="first")
    return [_view(found) for found in Round.objects.order_by("-opened_at", "pk").limit(first)]


def _view(found: Round) -> RoundView:
    return found.view(count_sites(found.pk) if found.status == RoundStatus.OPEN else None)


def ranks_before(framework: str, round_id: str) -> dict[str, int | None]:
    """Each unit's rank in the round on `framework` (any version) that was published last, but for `round_id`."""
    query = {"status": RoundStatus.PUBLISHED, "framework": framework, "_id": {"$ne": round_id}}
    found = Round._get_collection().find_one(query, {"standings": 1}, sort=NEWEST_FIRST)
    return {standing["unit"]: standing["rank"] for standing in found["standings"]} if found else {}


def latest_standings(units: Sequence[str]) -> dict[str, dict[str, Any] | None]:
    """For each of `units` its standing in the round published last, with the round's id, title and time; else None."""
    fields = {"title": 1, "published_at": 1, "standings": 1}
    found = Round._get_collection().find_one({"status": RoundStatus.PUBLISHED}, fields, sort=NEWEST_FIRST)
    if found is None:
        return dict.fromkeys(units)
    of_round = {"round_id": found["_id"], "title": found["title"], "published_at": found["published_at"].isoformat()}
    standings = {standing["unit"]: standing | of_round for standing in found["standings"]}
    return {unit: standings.get(unit) for unit in units}
