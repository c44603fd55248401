"""Scores from deductions. Pure: results and a framework in, exact decimals out.

* A site's score is 100 minus what it lost; an item that nobody wrote down lost nothing.
* A unit's score is the mean over **all sites inside it**, each weighing what its type weighs in the framework. A
  district's score is therefore not the mean of its streets' scores: a street with many sites counts for more.
* A unit without sites has no score; that is neither 0 nor 100.

Scores are rounded once, at the end, to two decimals, halves up (四舍五入).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from infra.organisation import unit_path
from services.assessment.framework import FULL_SCORE, Framework

TWO_PLACES = Decimal("0.01")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What was found for one item on one site; `deduction` of 0 means: looked at, nothing lost."""

    site_id: str
    site_type: str
    place: str
    item: str
    deduction: Decimal


class SiteScore(msgspec.Struct, frozen=True, kw_only=True):
    """One site: its score 0..100, its weight, and how many of its items lost points."""

    site_id: str
    place: str
    score: Decimal
    weight: Decimal
    deductions: int


class UnitScore(msgspec.Struct, frozen=True, kw_only=True):
    """One unit: its score with two decimals (None without sites), the sites inside it, the items that lost points."""

    unit: str
    score: Decimal | None
    sites: int
    deductions: int


def score_sites(results: Iterable[Result], framework: Framework) -> list[SiteScore]:
    """One score per site. Every result must name a site type of `framework`, all results of a site the same one."""
    by_site: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_site[result.site_id].append(result)
    return [_score_site(site, framework) for site in by_site.values()]


def _score_site(results: Sequence[Result], framework: Framework) -> SiteScore:
    first = results[0]
    lost = sum((result.deduction for result in results), Decimal(0))
    return SiteScore(
        site_id=first.site_id,
        place=first.place,
        score=max(Decimal(0), FULL_SCORE - lost),
        weight=framework.site_types[first.site_type].weight,
        deductions=sum(result.deduction > 0 for result in results),
    )


def score_units(sites: Iterable[SiteScore], units: Iterable[str]) -> list[UnitScore]:
    """The score of each of `units` (paths), in their order."""
    inside: dict[str, list[SiteScore]] = defaultdict(list)
    for site in sites:
        for unit in unit_path.ancestors(site.place):
            inside[unit].append(site)
    return [_score_unit(unit, inside[unit]) for unit in units]


def _score_unit(unit: str, sites: Sequence[SiteScore]) -> UnitScore:
    deductions = sum(site.deductions for site in sites)
    return UnitScore(unit=unit, score=weighted_mean(sites), sites=len(sites), deductions=deductions)


def weighted_mean(sites: Sequence[SiteScore]) -> Decimal | None:
    """The mean of the sites' scores by weight, to two decimals, halves up; None where there is no site."""
    weight = sum((site.weight for site in sites), Decimal(0))
    if not weight:
        return None
    total = sum((site.score * site.weight for site in sites), Decimal(0))
    return (total / weight).quantize(TWO_PLACES, ROUND_HALF_UP)
