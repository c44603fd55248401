"""What an officer decides about a case otherwise than it is decided, read from a command and checked."""

from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import msgspec

from infra.organisation.registry import Registry
from infra.problem import InvalidInput
from services.complaints.case import Case
from services.complaints.contracts import RequestKind, Urgency
from services.complaints.corrections import Decided
from services.complaints.triage.category import Category, Lexicon

E = TypeVar("E", bound=StrEnum)


class Wanted(NamedTuple):
    """Codes as a command gives them; None: as it was. `standard_row` "" says that it lies outside the case standard."""

    category: str | None = None
    place_path: str | None = None
    urgency: str | None = None
    request_kind: str | None = None
    standard_row: str | None = None


class Decisions:
    """Reads what is wanted by the city's categories and places."""

    def __init__(self, registry: Registry, lexicon: Lexicon) -> None:
        self._registry, self._lexicon = registry, lexicon

    def about(self, case: Case, wanted: Wanted) -> Decided:
        """How `case` is decided with what is wanted, otherwise as it was; another category leaves the row of the
        standard, unless one is named. Raises InvalidInput."""
        before, row, name = case.decided(), wanted.standard_row, self._registry.name
        leaves = row is None and wanted.category not in (None, before.category)
        now = msgspec.structs.replace(before, **self._given(wanted) | ({"standard_row": None} if leaves else {}))
        return msgspec.structs.replace(now, places=(name(before.place_path), name(now.place_path)))

    def _given(self, wanted: Wanted) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if wanted.category is not None:
            chosen = self._category(wanted.category)
            given |= {"category": chosen.code, "category_name": chosen.name, "subject": chosen.level1}
        if wanted.place_path is not None:
            given["place_path"] = self._territory(wanted.place_path)
        if wanted.urgency is not None:
            given["urgency"] = _one_of(Urgency, wanted.urgency, "urgency", "紧急程度")
        if wanted.request_kind is not None:
            given["request_kind"] = _one_of(RequestKind, wanted.request_kind, "request_kind", "诉求类型")
        if wanted.standard_row is not None:
            given["standard_row"] = wanted.standard_row
        return given

    def _category(self, code: str) -> Category:
        found = self._lexicon.categories.get(code)
        if found is None:
            raise InvalidInput(f"no category {code!r}", f"没有这个类别：{code}", field="category")
        return found

    def _territory(self, path: str) -> str:
        unit = self._registry.get(path)
        if unit is None or not unit.kind.is_territory:
            raise InvalidInput(f"{path!r} is no place of this city", f"不是本市的地点：{path}", field="place_path")
        return path


def _one_of(kind: type[E], word: str, field: str, zh: str) -> E:
    try:
        return kind(word)
    except ValueError as error:
        raise InvalidInput(f"no {field} {word!r}", f"没有这个{zh}：{word}", field=field) from error
