"""Ranking by score. Pure.

Equal scores share a rank and the next rank is left out (1, 2, 2, 4). What is compared is the published score, with its
two decimals. A unit without a score has no rank and stands at the end.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from infra.organisation import unit_path
from services.assessment.contracts import Standing
from services.assessment.framework import Framework
from services.assessment.scoring import UnitScore


def ranks(scores: Sequence[Decimal]) -> list[int]:
    """The rank of each score among all: one more than the better ones. `[90, 85, 85, 80]` → `[1, 2, 2, 4]`."""
    first_place: dict[Decimal, int] = {}
    for place, score in enumerate(sorted(scores, reverse=True), start=1):
        first_place.setdefault(score, place)
    return [first_place[score] for score in scores]


def rank_units(scores: Sequence[UnitScore], framework: Framework, previous: Mapping[str, int | None]) -> list[Standing]:
    """The standings of units of one tier, best first, units of equal score in the order of their paths.

    `previous` is each unit's rank in the round published before; a unit that had none has no change.
    """
    scored = {score.unit: score.score for score in scores if score.score is not None}
    places = dict(zip(scored, ranks(list(scored.values())), strict=True))
    standings = [_standing(score, places.get(score.unit), framework, previous.get(score.unit)) for score in scores]
    return sorted(standings, key=lambda one: (one.rank is None, one.rank or 0, one.unit))


def _standing(score: UnitScore, rank: int | None, framework: Framework, before: int | None) -> Standing:
    return Standing(
        unit=score.unit,
        tier=unit_path.tier(score.unit),
        score=None if score.score is None else float(score.score),
        rank=rank,
        grade=None if score.score is None else framework.grade(score.score),
        change=None if rank is None or before is None else before - rank,
        sites=score.sites,
        deductions=score.deductions,
    )
