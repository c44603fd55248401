"""What a row of the routing table may say: everything that it names is known. Pure rules over values."""

from datetime import date
from typing import Any

import msgspec

from infra.organisation import unit_path
from infra.organisation.registry import Registry, UnitKind
from infra.problem import InvalidInput
from services.complaints.contracts import Channel, RequestKind
from services.tasks.contracts import RoutingRow
from services.tasks.routing import DISTRICT, OFFICE_WORD, PROPOSED, TERRITORY, is_office
from services.tasks.routing_table.sheet import known_categories, known_subjects
from services.tasks.sharing_rules import NO_DUTIES

WORDS = frozenset({TERRITORY, DISTRICT, PROPOSED, OFFICE_WORD})
MOST_ASSISTS = 5
LONGEST = 200
_FIELDS = frozenset(RoutingRow.__struct_fields__) - {"effective_from"}


def read_row(body: Any, registry: Registry, day: date, at: str) -> RoutingRow:
    """The row in an RPC argument, in force from `day`. Raises InvalidInput naming the field below `at`."""
    if not isinstance(body, dict) or (unknown := set(body) - _FIELDS - {"effective_from"}):
        named = "、".join(sorted(unknown)) if isinstance(body, dict) else ""
        raise InvalidInput(f"no row of the routing table: {named or body!r}", f"路由行有误：{named}", field=at)
    try:
        row = msgspec.convert({**body, "effective_from": day}, RoutingRow)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at ")
        raise InvalidInput(
            f"no row of the routing table: {error}",
            f"路由行有误：{reason}",
            field=at + where.strip("`").removeprefix("$"),
        ) from error
    _check(row, registry, at)
    return row


def _check(row: RoutingRow, registry: Registry, at: str) -> None:
    place = registry.get(row.place) if row.place else None
    known = (
        ("category", not row.category or row.category in known_categories(), "类别"),
        ("place", not row.place or (place is not None and place.kind.is_territory), "地点"),
        ("kind", not row.kind or row.kind in set(RequestKind), "诉求类型"),
        ("channel", not row.channel or row.channel in set(Channel), "来源渠道"),
        ("subject", not row.subject or row.subject in known_subjects(), "一级分类"),
    )
    for field, fine, zh in known:
        if not fine:
            raise _unknown(f"{at}.{field}", getattr(row, field), zh)
    if not row.removed:
        _check_units(row, registry, at)


def _check_units(row: RoutingRow, registry: Registry, at: str) -> None:
    if row.goes_to not in WORDS and not is_unit(registry, row.goes_to):
        raise _unknown(f"{at}.goes_to", row.goes_to, "承办单位")
    lead = registry.get(f"{registry.city.path}/{row.lead}") if row.lead.startswith("~") else None
    if row.lead and (lead is None or lead.kind != UnitKind.DEPARTMENT or is_office(lead.path)):
        raise _unknown(f"{at}.lead", row.lead, "牵头部门")
    for n, one in enumerate(row.assists):
        if one != DISTRICT and not is_unit(registry, one):
            raise _unknown(f"{at}.assists[{n}]", one, "协办单位")
    if len(set(row.assists)) != len(row.assists) or len(row.assists) > MOST_ASSISTS or row.goes_to in row.assists:
        raise InvalidInput("assisting units: each once, at most five", "协办单位重复或过多", field=f"{at}.assists")
    for field in ("because", "name"):
        text = getattr(row, field)
        if len(text) > LONGEST or (field == "because" and not text.strip()):
            raise InvalidInput(
                f"{field} must say something, in short", "应注明依据，且不超过200字", field=f"{at}.{field}"
            )


def is_unit(registry: Registry, pattern: str) -> bool:
    """Whether `~ucb`, `district/~ucb` or a path names units that can have duties."""
    city = registry.city.path
    if pattern.startswith("~"):
        paths = [f"{city}/{pattern}"]
    elif pattern.startswith(f"{DISTRICT}/~"):
        code = pattern.removeprefix(DISTRICT)
        paths = [f"{one.path}{code}" for one in registry.second_tier() if registry.get(f"{one.path}{code}")]
    else:
        paths = [pattern] if unit_path.is_path(pattern) else []
    found = [registry.get(path) for path in paths]
    return bool(found) and all(one and one.kind not in NO_DUTIES and not is_office(one.path) for one in found)


def _unknown(field: str, said: str, zh: str) -> InvalidInput:
    return InvalidInput(f"{said!r} is not known", f"{zh}“{said}”不存在", field=field)
