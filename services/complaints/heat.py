"""How hot a matter is, and when a place and matter grow unusually. Pure rules; their numbers stand in data/heat.csv."""

import csv
import functools
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from infra.clock import CITY_ZONE
from services.complaints.joined_reports import Joined

FILE = Path(__file__).parent / "data" / "heat.csv"


class HeatRules(msgspec.Struct, frozen=True, kw_only=True):
    """`window_days` with today are compared with the `usual_days` before them."""

    per_person: float
    per_report: float
    window_days: int
    usual_days: int
    least_reports: int
    chance: float


@functools.cache
def heat_rules(file: Path = FILE) -> HeatRules:
    """The rules of `file`, read once per process. Raises msgspec.ValidationError where one is missing."""
    with file.open(encoding="utf-8", newline="") as rows:
        return msgspec.convert({row["name"]: row["value"] for row in csv.DictReader(rows)}, HeatRules, strict=False)


class Heat(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a matter hot: reports, distinct people behind them (a report of nobody known counts as one of its
    own), likes less dislikes, and when the first and the last report came."""

    reports: int
    people: int
    likes: int
    first_at: datetime
    last_at: datetime

    def score(self, rules: HeatRules) -> float:
        """`per_person` × people + `per_report` × their further reports + log2(1 + likes), to two decimals.

        People weigh most: who calls every day makes a matter no hotter than its neighbours who call as well. Likes are
        cheap and come by the hundred: their logarithm.
        """
        further = max(self.reports - self.people, 0)
        liked = math.log2(1 + max(self.likes, 0))
        return round(rules.per_person * self.people + rules.per_report * further + liked, 2)


def heat_of(joined: Iterable[Joined]) -> Heat:
    """The heat of a case that holds these reports, at least one."""
    reports = list(joined)
    known = {one.person for one in reports if one.person}
    moments = [one.received_at for one in reports]
    return Heat(
        reports=len(reports),
        people=len(known) + sum(not one.person for one in reports),
        likes=sum(one.likes for one in reports),
        first_at=min(moments),
        last_at=max(moments),
    )


def week_of(moment: datetime) -> int:
    """The week in which a moment lies, counted from 1970-01-05, a Monday, in the city's time."""
    return (moment.astimezone(CITY_ZONE).date() - date(1970, 1, 5)).days // 7


def day_of(moment: datetime) -> date:
    """The city's day on which a moment lies."""
    return moment.astimezone(CITY_ZONE).date()


class Unusual(msgspec.Struct, frozen=True, kw_only=True):
    """So many reports since that moment, where `usual` would be expected in as many days."""

    reports: int
    usual: float
    since: datetime


def unusual(by_day: Mapping[date, int], today: date, rules: HeatRules) -> Unusual | None:
    """Whether the reports of the last days on one category at one place are more than chance explains.

    Usual is the mean of the days before, times the days of the window. If reports came independently at that rate,
    their number would follow Poisson's law: it is unusual where so many or more had a probability of at most `chance`,
    and there are at least `least_reports`. With nothing before, usual is what one report in all these days would give.
    """
    window = [today - timedelta(days=n) for n in range(rules.window_days)]
    before = [window[-1] - timedelta(days=n) for n in range(1, rules.usual_days + 1)]
    reports = sum(by_day.get(day, 0) for day in window)
    if reports < rules.least_reports:
        return None
    usual = max(sum(by_day.get(day, 0) for day in before), 1) / rules.usual_days * rules.window_days
    if at_least(reports, usual) > rules.chance:
        return None
    begun = min(day for day in window if by_day.get(day, 0))
    since = datetime(begun.year, begun.month, begun.day, tzinfo=CITY_ZONE).astimezone(UTC)
    return Unusual(reports=reports, usual=round(usual, 2), since=since)


def at_least(count: int, mean: float) -> float:
    """The probability that a Poisson-distributed number with this mean (> 0) is at least `count`."""
    if count <= mean:
        return 1.0 - sum(_poisson(n, mean) for n in range(count))
    term = total = _poisson(count, mean)
    while term > total * 1e-12:
        count += 1
        term *= mean / count
        total += term
    return total


def _poisson(count: int, mean: float) -> float:
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
