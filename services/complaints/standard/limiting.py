"""Limits for reports and cases, by the tables in force on the day on which they are filed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from infra.clock import CITY_ZONE
from infra.organisation.registry import Registry
from services.complaints.contracts import LimitGiven
from services.complaints.corrections import Decided
from services.complaints.joined_reports import SORT
from services.complaints.limits import Limit
from services.complaints.standard.choosing import declared_of
from services.complaints.standard.giving import Matter, as_limit, hastened, limit_of, moved
from services.complaints.standard.tables import Tables
from services.complaints.triage.category import OTHER, Lexicon
from services.complaints.triage.decide import TriageDecision
from services.complaints.work_order import Content


class Limited(Protocol):
    """What of a case decides its limit."""

    title: str
    text: str
    declared_category: str | None
    declared_sort: str | None
    filed_at: datetime | None
    limit_given: LimitGiven | None

    def decided(self) -> Decided:
        """What triage or an officer decided."""


class Limits:
    """Which limit a matter gets; `tables` gives the newest state of both tables, cheaply."""

    def __init__(self, registry: Registry, lexicon: Lexicon, tables: Callable[[], Tables]) -> None:
        self._registry, self._lexicon, self._tables = registry, lexicon, tables

    def for_report(self, content: Content, decision: TriageDecision, at: datetime) -> Limit:
        """The limit of a case that `content` opens, decided like that, at that moment."""
        decided = Decided(
            category=decision.category,
            category_name=decision.category_name,
            place_path=decision.place_path,
            urgency=decision.urgency,
            request_kind=decision.request_kind,
        )
        declared = (content.declared_category, content.facts.get(SORT, ""))
        matter = self._matter(content.title, content.text, declared, decided, None)
        return self._given(matter, at)

    def for_case(self, case: Limited, decided: Decided, now: datetime) -> Limit:
        """The limit of `case` once it is decided like that. A filed case keeps its row, as it read when it was filed,
        unless category, kind of request or row are decided anew; then the tables of its filing day count. Raises
        InvalidInput."""
        before = case.decided()
        row = decided.standard_row if decided.standard_row != before.standard_row else None
        same, same_kind = decided.category == before.category, decided.request_kind == before.request_kind
        kept = row is None and same and same_kind and case.limit_given is not None
        if case.filed_at is not None and not kept:
            words_decide = same and not same_kind  # an enquiry has no row of the standard, what it turns out to be may
            row = decided.standard_row or (row if words_decide else "")
        declared = (case.declared_category or "", case.declared_sort or "")
        matter = self._matter(case.title, case.text, declared, decided, row)
        at = case.filed_at or now
        if case.filed_at is None or not kept:
            return self._given(matter, at)
        assert case.limit_given is not None
        return as_limit(moved(hastened(case.limit_given, decided.urgency, _day(at)), matter))

    def about(self, case: Limited, now: datetime) -> Callable[[Decided], Limit]:
        """`for_case` of this case at this moment, for whom what it will be decided like is still to be seen."""
        return lambda decided: self.for_case(case, decided, now)

    def _given(self, matter: Matter, at: datetime) -> Limit:
        return as_limit(limit_of(matter, self._tables(), _day(at)))

    def _matter(
        self,
        title: str,
        text: str,
        declared: tuple[str, str],
        decided: Decided,
        row: str | None,
    ) -> Matter:
        known = self._lexicon.categories
        street = self._registry.street_of(decided.place_path)
        return Matter(
            category=known.get(decided.category) or known[OTHER],
            request_kind=decided.request_kind,
            urgency=decided.urgency,
            title=title,
            text=text,
            declared=declared_of(*declared),
            row=row,
            city=self._registry.city.path,
            street=street if street != self._registry.city.path else None,
        )


def _day(at: datetime) -> date:
    return at.astimezone(CITY_ZONE).date()
