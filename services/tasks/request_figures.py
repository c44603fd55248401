"""How often and for how long a duty may be put off, and how often it may come back: figures of data/request_rules.csv,
each with the day from which it holds (DOMAIN.md §4)."""

from datetime import datetime, timedelta
from pathlib import Path

from infra.effective import NamedRules

_FIGURES = NamedRules(Path(__file__).parent / "data" / "request_rules.csv", lambda line: int(line["value"]))


def most_extensions(at: datetime) -> int:
    """延期: how many may be granted of one task."""
    return _FIGURES.at("most_extensions", at)


def most_suspensions(at: datetime) -> int:
    """挂账: how many may be granted of one task."""
    return _FIGURES.at("most_suspensions", at)


def longest_suspension(at: datetime) -> timedelta:
    """挂账: how long one may last; natural time."""
    return timedelta(days=_FIGURES.at("longest_suspension_days", at))


def returns_until_office(at: datetime) -> int:
    """退回: the how manieth return of a task issued `at` that moment leads to the headquarters' office."""
    return _FIGURES.at("returns_until_office", at)
