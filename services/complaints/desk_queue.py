"""The desk's queue: what needs a person, what hurts first first. A page is a walk along an index, whatever there is."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from infra.problem import InvalidInput
from services.complaints.case import Case
from services.complaints.case_views import views_of
from services.complaints.contracts import CaseView, DeskItem, DeskKind, DeskPage
from services.complaints.desk_items import due_of
from services.complaints.newest_first import page_length

_CURSOR = re.compile(r"[0-9]\|[0-9]{14}\|[0-9a-f]+\Z")


class DeskScope(msgspec.Struct, frozen=True):
    """Which cases: inside the place (None: the city), for one of these reasons as the most pressing (None: any)."""

    place: str | None = None
    kinds: list[DeskKind] | None = None


class DeskQueue:
    """The queue of the city whose unit has the path `city`."""

    def __init__(self, city: str) -> None:
        self._city = city

    def page(self, scope: Mapping[str, Any], first: int, after: str | None) -> DeskPage:
        """The `first` items of `scope` after the cursor `after`. Raises InvalidInput."""
        query, first = self.query(_scope(scope), after), page_length(first)
        found = list(Case.objects(__raw__=query).exclude("outbox").order_by("desk_key").limit(first + 1))
        shown = found[:first]
        items = [_item(case, view) for case, view in zip(shown, views_of(shown), strict=True)]
        end = found[len(items) - 1].desk_key if items else None
        return DeskPage(items=items, end_cursor=end, has_next=len(found) > first)

    def query(self, asked: DeskScope, after: str | None) -> dict[str, Any]:
        """Equality on the place and a set of reasons: the index then yields them in the order of the queue."""
        kinds = list(DeskKind) if asked.kinds is None else asked.kinds
        query: dict[str, Any] = {
            "inside_places": asked.place or self._city,
            "desk_kind": {"$in": [kind.value for kind in kinds]},
        }
        if after is not None:
            if not isinstance(after, str) or not _CURSOR.match(after):
                raise InvalidInput("not a cursor of this list", "分页游标无效", field="after")
            query["desk_key"] = {"$gt": after}
        return query


def _item(case: Case, view: CaseView) -> DeskItem:
    return DeskItem(
        case=view,
        kind=DeskKind(case.desk_kind),
        kinds=view.life.desk,
        since=case.desk[case.desk_kind],
        due_at=due_of(case.desk_key),
    )


def _scope(scope: Mapping[str, Any]) -> DeskScope:
    try:
        return msgspec.convert(scope, DeskScope)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not a scope: {error}", f"查询范围有误：{error}", field="scope") from error
