"""Reading cases: by id, and as lists that are turned page by page along an index, the same at any number of cases."""

from collections.abc import Iterable
from typing import Any

import msgspec

from infra.problem import InvalidInput
from infra.tally import Tally
from services.complaints.case import Case
from services.complaints.case_counts import by_status
from services.complaints.case_views import views_of
from services.complaints.contracts import CasePage, CaseStatus, CaseView
from services.complaints.newest_first import beyond, cursor_of, page_length

MOST_IDS = 1000
MOST_LISTS = 200  # in one call: a city's districts and streets
COUNTED_AT_MOST = 10_000  # where no counter knows the total (both coordinates asked at once)


class Scope(msgspec.Struct, frozen=True):
    """Which cases: inside the place, with a responsible unit inside the unit, in one of the statuses; None for any."""

    place: str | None = None
    unit: str | None = None
    statuses: list[CaseStatus] | None = None


class CaseLists:
    """The cases of the city whose unit has the path `city`; `tally` knows how many there are."""

    def __init__(self, city: str, tally: Tally) -> None:
        self._city, self._tally = city, tally

    def by_id(self, case_ids: list[str]) -> list[CaseView]:
        """The cases with these ids, in any order; unknown ids are left out. Raises InvalidInput."""
        if len(case_ids) > MOST_IDS:
            raise InvalidInput(f"more than {MOST_IDS} ids", f"编号超过{MOST_IDS}个", field="case_ids")
        return views_of(Case.objects(id__in=list(case_ids)).exclude("outbox"))

    def page(self, scope: dict[str, Any], first: int, after: str | None) -> CasePage:
        """The `first` cases of `scope` after the cursor `after`, newest first. Raises InvalidInput."""
        asked = _scope(scope)
        first = page_length(first)
        query = self._query(asked) | beyond(after)
        found = list(Case.objects(__raw__=query).exclude("outbox").order_by("-received_at", "-id").limit(first + 1))
        items = found[:first]
        return CasePage(
            items=views_of(items),
            end_cursor=cursor_of(items[-1].received_at, items[-1].id) if items else None,
            has_next=len(found) > first,
            total=self._total(asked),
        )

    def pages(self, requests: list[dict[str, Any]]) -> list[CasePage]:
        """One page for each request {"scope", "first", "after"}, in their order. Raises InvalidInput."""
        if len(requests) > MOST_LISTS:
            raise InvalidInput(f"more than {MOST_LISTS} lists", f"一次最多查询{MOST_LISTS}个列表", field="requests")
        return [self.page(one.get("scope", {}), one.get("first", 50), one.get("after")) for one in requests]

    def _query(self, asked: Scope) -> dict[str, Any]:
        """Equality on the coordinate and a set of statuses: the index then yields them in the order of the list."""
        statuses = list(CaseStatus) if asked.statuses is None else asked.statuses
        query: dict[str, Any] = {"status": {"$in": [status.value for status in statuses]}}
        if asked.unit is not None:
            query["inside_units"] = asked.unit
        if asked.place is not None or asked.unit is None:
            query["inside_places"] = asked.place or self._city
        return query

    def _total(self, asked: Scope) -> int:
        if asked.unit is not None and asked.place is not None:
            return Case.objects(__raw__=self._query(asked)).limit(COUNTED_AT_MOST).count(with_limit_and_skip=True)
        where, path = ("unit", asked.unit) if asked.unit is not None else ("place", asked.place or self._city)
        assert path is not None
        counts = by_status(self._tally.sum_under(where, [path])[path])
        return sum(n for status, n in counts.items() if asked.statuses is None or status in asked.statuses)


def counts_by_status(tally: Tally, places: Iterable[str]) -> dict[str, dict[str, int]]:
    """For each of `places` how many cases lie inside it, by status; statuses without any are left out."""
    return {place: by_status(counts) for place, counts in tally.sum_under("place", places).items()}


def _scope(scope: dict[str, Any]) -> Scope:
    try:
        return msgspec.convert(scope, Scope)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a scope: {error}", f"查询范围有误：{error}", field="scope") from error
