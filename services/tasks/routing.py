"""Whose duty a case is, and why, decided without asking anybody; the rules are data (routing_table/).

Routine work stays with the territory; what the table gives a department goes to the department while the place stays,
and what is key and difficult goes to the lead department of its row (昆办发〔2017〕30号 三(十)2, 市、区、街道三级联动).
Given back once, it goes to the unit above; given back twice, to the headquarters' office, where it stays decided
(DOMAIN.md §4).
"""

from datetime import date, datetime
from typing import NamedTuple

from infra.organisation import unit_path
from infra.organisation.registry import Registry, UnitKind
from infra.organisation.unit_path import office_of
from services.complaints.contracts import CaseState
from services.tasks.contracts import RoutingRow
from services.tasks.request_figures import returns_until_office
from services.tasks.routing_table.rows import Matter, RoutingTable

TERRITORY = "territory"
DISTRICT = "district"
PROPOSED = "proposed"
OFFICE_WORD = "office"


class Route(NamedTuple):
    """A unit and the reason for which it is responsible; the `lead` department (牵头) and the `assists` (协办), and the
    number of the row that decided, where one did."""

    unit: str
    because: str
    lead: str | None = None
    assists: tuple[str, ...] = ()
    row: int | None = None


def matter_of(case: CaseState) -> Matter:
    """What routing asks of a case. Its channel is the one on which it came in first."""
    return Matter(
        category=case.category,
        place_path=case.place_path,
        kind=case.request_kind.value,
        subject=case.subject or "",
        channel=case.channels[0].value if case.channels else "",
        difficult=case.difficult,
        default_unit=case.default_unit,
    )


def is_office(path: str) -> bool:
    """Whether `path` is a headquarters' office."""
    return path == office_of(path)


def is_municipal(path: str) -> bool:
    """Whether it is a department of the city itself."""
    return unit_path.is_department(path) and unit_path.parent(path) == unit_path.ancestors(path)[0]


def route(table: RoutingTable, registry: Registry, matter: Matter, on: date) -> Route:
    """Who gets a new case about `matter` on that day."""
    entry = table.first_match(matter, on)
    if entry is None:
        return _territory(registry, matter.place_path, "属地管理")
    row = entry.row
    found = _difficult(registry, row, matter) or _responsible(registry, row, matter)
    lead = found.unit if is_municipal(found.unit) and not is_office(found.unit) else _lead(registry, row)
    named = (unit_of(registry, one, matter.place_path) for one in row.assists)
    assists = tuple(dict.fromkeys(one for one in named if one and is_beside(found.unit, one)))
    return found._replace(lead=lead, assists=assists, row=entry.number)


def is_beside(unit: str, other: str) -> bool:
    """Whether `other` is neither the unit itself nor above or below it: then it can assist."""
    return not unit_path.contains(unit, other) and not unit_path.contains(other, unit)


def unit_of(registry: Registry, pattern: str, place_path: str) -> str | None:
    """The path of the unit that the pattern of a row names for that place; None where the place is not known so
    exactly."""
    if pattern.startswith(unit_path.DEPARTMENT_MARK):
        return f"{registry.city.path}{unit_path.SEPARATOR}{pattern}"
    if pattern.partition(unit_path.SEPARATOR)[0] != DISTRICT:
        return pattern
    above = unit_path.cut_to_tier(place_path, 2)
    path = above + pattern.removeprefix(DISTRICT)
    return path if above != registry.city.path and registry.get(path) else None


def _lead(registry: Registry, row: RoutingRow) -> str | None:
    return unit_of(registry, row.lead, registry.city.path) if row.lead else None


def _difficult(registry: Registry, row: RoutingRow, matter: Matter) -> Route | None:
    """The lead department of what is key and difficult, else the office; None where the row says it itself."""
    plain = row.goes_to in (TERRITORY, DISTRICT, PROPOSED) or row.goes_to.startswith(f"{DISTRICT}/")
    if not matter.difficult or row.difficult is not None or not plain:
        return None
    lead = _lead(registry, row)
    if lead is None:
        return Route(office_of(registry.city.path), "属疑难问题，路由表未列牵头部门，由总指挥部办公室指定承办单位")
    return Route(lead, f"属疑难问题，由牵头部门{registry.name(lead)}协调解决，地点不变")


def _responsible(registry: Registry, row: RoutingRow, matter: Matter) -> Route:
    if row.goes_to == TERRITORY:
        return _territory(registry, matter.place_path, row.because)
    if row.goes_to == OFFICE_WORD:
        return Route(office_of(registry.city.path), f"{row.because}，由总指挥部办公室指定承办单位")
    if row.goes_to == PROPOSED:
        return _proposed(registry, row, matter)
    unit = unit_of(registry, row.goes_to, matter.place_path)
    if unit is None:
        return _territory(registry, matter.place_path, row.because)
    leads = "牵头负责" if is_municipal(unit) else "承办"
    return Route(unit, f"{row.because}，由{registry.name(unit)}{leads}")


def _proposed(registry: Registry, row: RoutingRow, matter: Matter) -> Route:
    """The unit that the complaints' tables propose, where it is a department; else the territory."""
    found = registry.get(matter.default_unit) if matter.default_unit else None
    if found is None or found.kind != UnitKind.DEPARTMENT or is_office(found.path):
        return _territory(registry, matter.place_path, row.because)
    return Route(found.path, f"路由表未列的类别，按案件标准建议由{found.short_name}承办")


def _territory(registry: Registry, place_path: str, because: str) -> Route:
    unit = registry.get(registry.street_of(place_path))
    if unit is None or unit.kind == UnitKind.CITY:
        return Route(office_of(registry.city.path), "地点未明确到县(市)区，由总指挥部办公室指定承办单位")
    return Route(unit.path, f"{because}；地点在{unit.short_name}")


def unit_above(path: str) -> str:
    """Whom a unit answers to: the unit that contains it, of the second tier and the departments the headquarters'
    office."""
    above = unit_path.parent(path)
    return office_of(path) if above is None or unit_path.parent(above) is None else above


def route_after_return(registry: Registry, returned_by: str, returns: int, issued_at: datetime) -> Route:
    """Who gets a case that `returned_by`, to which it was issued at that moment, gives back the `returns`-th time: the
    unit above; from the second on (data/request_rules.csv) the office."""
    above = unit_path.parent(returned_by)
    if returns >= returns_until_office(issued_at):
        return Route(office_of(returned_by), f"已退回{returns}次，由总指挥部办公室裁定")
    if above is None or above == registry.city.path:
        return Route(office_of(returned_by), f"{registry.name(returned_by)}退回，由总指挥部办公室裁定")
    return Route(above, f"{registry.name(returned_by)}退回，由上级单位{registry.name(above)}承办")
